//! What nothing refers to goes, after a while, and nothing else.

use super::bed::{HERE, HOUR, LARGE, collect, noise, of, on_every_engine};
use crate::suite::world::{ANNA, BERTS, HOME, source};
use kontor_store::{Expect, Op, Remains};

#[test]
fn what_nothing_refers_to_goes_after_a_while() {
    on_every_engine(async |bed| {
        let transfer = |from, to| Op::Relocate {
            from,
            expect: Expect::Any,
            to,
            target: Expect::Any,
            new_id: bed.world.id(),
        };
        for (n, name) in ["replaced", "shrunk", "removed", "moved", "away", "stays"].into_iter().enumerate() {
            bed.put(HERE, name, &noise(n as u64, LARGE)).await.unwrap();
        }
        bed.put(HOME, "overwritten", &noise(10, LARGE)).await.unwrap();
        bed.is_in_order(7).await;
        bed.put(HERE, "replaced", &noise(11, LARGE)).await.unwrap();
        bed.put(HERE, "shrunk", b"small").await.unwrap();
        bed.world.remove(HERE, "removed").await;
        bed.world.act(transfer(source(HERE, "moved"), source(HOME, "overwritten"))).await.unwrap();
        bed.world.act(transfer(source(HERE, "away"), source(BERTS, "away"))).await.unwrap();
        assert_eq!(bed.objects().await.len(), 9);
        bed.clock.advance_millis(HOUR - 1_000);
        assert_eq!(collect(&bed.blobs()).await, 0, "too young");
        assert_eq!(bed.collect_later().await, 5);
        // replaced, moved, stays, and away in the other account
        bed.is_in_order(4).await;
        assert_eq!(collect(&bed.blobs()).await, 0);
        assert_eq!(bed.read(HOME, "overwritten").await, Some(noise(3, LARGE)));
        assert_eq!(bed.read(BERTS, "away").await, Some(noise(4, LARGE)));
    });
}

#[test]
fn bodies_of_removed_collections_go() {
    on_every_engine(async |bed| {
        for n in 0..5 {
            bed.put(HOME, &format!("{n}"), &noise(n, LARGE)).await.unwrap();
        }
        bed.put(HERE, "same", &noise(0, LARGE)).await.unwrap();
        bed.world
            .act(Op::RemoveCollection { account: ANNA, collection: HOME, remains: Remains::Nothing })
            .await
            .unwrap();
        // Its rows are dropped by housekeeping, by the real clock; whoever reads is told by the objects.
        let begun = std::time::Instant::now();
        while bed.objects().await.len() > 1 {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", bed.objects().await);
            bed.clock.advance_millis(i64::from(u32::MAX) * 1_000);
            collect(&bed.blobs()).await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        bed.is_in_order(1).await;
        assert_eq!(bed.read(HERE, "same").await, Some(noise(0, LARGE)));
    });
}

/// The same bytes come again while the old ones are about to go.
#[test]
fn what_is_put_again_stays() {
    on_every_engine(async |bed| {
        let text = noise(1, LARGE);
        for round in 0..6 {
            bed.put(HERE, "x", &text).await.unwrap();
            bed.world.remove(HERE, "x").await;
            if round % 2 == 0 {
                bed.clock.advance_millis(2 * HOUR);
            } else {
                bed.collect_later().await;
                bed.is_in_order(0).await;
            }
        }
        bed.put(HERE, "x", &text).await.unwrap();
        bed.put(HERE, "y", &text).await.unwrap();
        bed.world.remove(HERE, "x").await;
        assert_eq!(bed.collect_later().await, 0);
        assert_eq!(bed.read(HERE, "y").await, Some(text));
        bed.is_in_order(1).await;
    });
}

/// More than one round of collecting takes.
#[test]
fn many_go_round_by_round() {
    on_every_engine(async |bed| {
        let mut text = noise(1, LARGE);
        for n in 0..300_u32 {
            text[..4].copy_from_slice(&n.to_le_bytes());
            let put = bed.world.put_op(source(HERE, "x"), Expect::Any, of(text.clone()));
            bed.world.act(put).await.unwrap();
        }
        assert_eq!(bed.collect_later().await, 299);
        bed.is_in_order(1).await;
        assert_eq!(bed.read(HERE, "x").await, Some(text));
    });
}
