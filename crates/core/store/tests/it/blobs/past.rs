//! Large bodies that only past texts refer to.

use super::bed::{Bed, HERE, HOUR, LARGE, collect, noise, of, on_every_engine_keeping};
use crate::suite::world::{ANNA, HOME, item_name, source};
use kontor_model::Timestamp;
use kontor_store::{Expect, History, Op, OpenPast, Past, Remains};

const KEPT: History = History { texts: 3, bytes: 1 << 30 };

impl Bed {
    async fn past(&self, name: &str) -> Vec<Past> {
        self.world.store.past(ANNA, HERE, &item_name(name)).await.unwrap()
    }

    async fn open_past(&self, past: &Past) -> OpenPast {
        self.world.store.open_past(ANNA, past.item(), past.number).await.unwrap().unwrap()
    }

    /// The bytes of a past text.
    async fn read_past(&self, past: &Past) -> Vec<u8> {
        let (open, mut bytes) = (self.open_past(past).await, Vec::new());
        let mut reader = open.body.read_all();
        while let Some(piece) = reader.next().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        bytes
    }
}

#[test]
fn bodies_stay_for_as_long_as_they_are_past() {
    on_every_engine_keeping(KEPT, async |bed| {
        for n in 0..5 {
            bed.put(HERE, "x", &noise(n, LARGE)).await.unwrap();
        }
        // Three of them are kept, and what is there.
        assert_eq!(bed.collect_later().await, 1);
        bed.is_in_order(4).await;
        let past = bed.past("x").await;
        for (n, past) in (1..).zip(&past) {
            assert_eq!(bed.read_past(past).await, noise(n, LARGE));
        }
        bed.world.remove(HERE, "x").await;
        assert_eq!(bed.collect_later().await, 1);
        let past = bed.past("x").await;
        assert_eq!((past.len(), bed.read_past(past.last().unwrap()).await), (3, noise(4, LARGE)));
        while bed.world.store.forget_past(Timestamp::from_secs(i64::from(u32::MAX))).await.unwrap().more {}
        // Housekeeping goes by the real clock.
        bed.clock.advance_millis(i64::from(u32::MAX) * 1_000);
        assert_eq!((bed.past("x").await, collect(&bed.blobs()).await), (vec![], 3));
        bed.is_in_order(0).await;
    });
}

/// A body that is past for one item and there for another, and put again.
#[test]
fn the_same_body_is_laid_down_once() {
    on_every_engine_keeping(KEPT, async |bed| {
        let (one, other) = (noise(1, LARGE), noise(2, LARGE));
        bed.put(HERE, "x", &one).await.unwrap();
        bed.put(HERE, "x", &other).await.unwrap();
        bed.put(HERE, "x", &one).await.unwrap();
        bed.put(HERE, "y", &other).await.unwrap();
        bed.world.remove(HERE, "y").await;
        assert_eq!(bed.collect_later().await, 0);
        bed.is_in_order(2).await;
        assert_eq!(bed.past("x").await.len(), 2);
        // The same once more is no past.
        bed.put(HERE, "x", &one).await.unwrap();
        assert_eq!(bed.past("x").await.len(), 2);
    });
}

#[test]
fn a_removed_body_comes_back_without_a_byte_moved() {
    on_every_engine_keeping(KEPT, async |bed| {
        let (one, other) = (noise(1, LARGE), noise(2, LARGE));
        bed.put(HERE, "x", &one).await.unwrap();
        bed.put(HERE, "x", &other).await.unwrap();
        bed.world.remove(HERE, "x").await;
        let objects = bed.objects().await;
        let removed = bed.past("x").await.pop().unwrap();
        let open = bed.open_past(&removed).await;
        let put = bed.world.put_op(source(HERE, "z"), Expect::Absent, of(open.body.content()));
        let back = || Op::TakeBack { item: removed.item(), number: removed.number, at: source(HERE, "z") };
        bed.world.write(vec![put, back()]).await.unwrap();
        assert_eq!((bed.read(HERE, "z").await, bed.objects().await), (Some(other), objects));
        assert_eq!(bed.past("x").await, []);
        let past = bed.past("z").await;
        assert_eq!((past.len(), bed.read_past(&past[0]).await), (1, one));
        assert!(bed.world.act(back()).await.is_err(), "only once");
        bed.clock.advance_millis(2 * HOUR);
        assert_eq!(collect(&bed.blobs()).await, 0);
        bed.is_in_order(2).await;
    });
}

#[test]
fn past_bodies_go_with_their_collection() {
    on_every_engine_keeping(KEPT, async |bed| {
        for n in 0..3 {
            bed.put(HOME, "stays", &noise(n, LARGE)).await.unwrap();
            bed.put(HOME, "goes", &noise(10 + n, LARGE)).await.unwrap();
        }
        bed.world.remove(HOME, "goes").await;
        bed.world
            .act(Op::RemoveCollection { account: ANNA, collection: HOME, remains: Remains::Nothing })
            .await
            .unwrap();
        let begun = std::time::Instant::now();
        while !bed.objects().await.is_empty() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", bed.objects().await);
            bed.clock.advance_millis(i64::from(u32::MAX) * 1_000);
            collect(&bed.blobs()).await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bed.is_in_order(0).await;
    });
}

/// Whoever has too much loses the oldest soon, without being asked.
#[test]
fn an_account_keeps_no_more_than_it_may() {
    let history = History { texts: 100, bytes: 10 * 100_000 };
    on_every_engine_keeping(history, async |bed| {
        for n in 0..40 {
            bed.put(HERE, "x", &noise(n, 90_000)).await.unwrap();
            bed.put(HERE, "y", &noise(100 + n, 90_000)).await.unwrap();
            bed.world.remove(HERE, "y").await;
        }
        let bytes = async || {
            let (x, y) = (bed.past("x").await, bed.past("y").await);
            x.iter().chain(&y).map(|past| past.meta.size).sum::<u64>()
        };
        let begun = std::time::Instant::now();
        while bytes().await > history.bytes {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{}", bytes().await);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        // The latest are there.
        assert_eq!(bed.read_past(bed.past("y").await.last().unwrap()).await, noise(139, 90_000));
        bed.clock.advance_millis(i64::from(u32::MAX) * 1_000);
        collect(&bed.blobs()).await;
        assert!(bed.objects().await.len() <= 12, "{:?}", bed.objects().await.len());
    });
}
