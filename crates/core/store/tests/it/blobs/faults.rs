//! A bucket that fails, is slow, or is away: whoever needs it is told to come back, everybody else notices nothing.

use super::bed::{Bed, HERE, LARGE, collect, noise, of};
use super::streams;
use crate::suite::world::{ANNA, World, item_name, source};
use crate::suite::{Engine, at_server, engines_and_places};
use kontor_model::{Error, FixedClock, Result, Timestamp};
use kontor_store::{BlobOptions, BlobPlace, Expect, Select};
use kontor_testkit::{Fault, Proxy, s3, until};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So long the place is given where it shall not be waited for, and where it shall, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(5);
pub(super) const LONG: Duration = Duration::from_secs(120);
/// An answer that must not wait for the place: much less than [`PATIENCE`] on a machine that is not busy, and bounded on
/// one that is.
const BOUND: Duration = Duration::from_secs(60);

/// Runs `test` on every engine with a bucket behind a proxy, which is given so long.
pub(super) fn behind_a_proxy<F: Future<Output = ()>>(
    patience: Duration,
    test: impl Fn(Bed, Arc<Proxy>) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for engine in engines_and_places().into_iter().filter(|engine| engine.bucket().is_some()) {
        let proxy = Arc::new(Proxy::http(s3().address()));
        let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_000_000)));
        let options = BlobOptions { patience, ..super::bed::options(&engine, &clock) };
        let options = through(&engine, &proxy, options);
        let store = until("the bucket", LONG, || engine.open_with(options.clone()).ok());
        runtime.block_on(async {
            let world = World::new(Arc::clone(&store)).await;
            test(Bed { world, engine, clock }, Arc::clone(&proxy)).await;
            store.close().await.unwrap();
        });
    }
}

fn through(engine: &Engine, proxy: &Proxy, options: BlobOptions) -> BlobOptions {
    let bucket = at_server(engine.bucket().unwrap(), &format!("http://{}", proxy.address()));
    BlobOptions { place: BlobPlace::Bucket(Box::new(bucket)), ..options }
}

/// Puts a large body, when the bucket is well again: on a busy machine it may take longer than it is given.
async fn put(bed: &Bed, name: &str, text: &[u8]) {
    while is_busy(bed.put(HERE, name, text).await) {}
}

async fn found(bed: &Bed, name: &str) -> Vec<u8> {
    loop {
        match bed.world.store.item(ANNA, HERE, &item_name(name)).await {
            Err(Error::Busy { .. }) => {}
            item => return item.unwrap().unwrap().body.to_vec(),
        }
    }
}

fn is_busy<T>(answer: Result<T>) -> bool {
    matches!(answer, Err(Error::Busy { retry_after: 5 }))
}

/// Small items are read and written as if nothing were wrong.
async fn small_ones_go_on(bed: &Bed) {
    for n in 0..20 {
        bed.put(HERE, "small", format!("small {n}").as_bytes()).await.unwrap();
        assert_eq!(bed.read(HERE, "small").await, Some(format!("small {n}").into_bytes()));
    }
    let page = bed.world.store.page(ANNA, HERE, None, 100, Select::Meta).await.unwrap();
    assert!(page.items.len() >= 2);
}

#[test]
fn now_and_then_a_failure_is_not_noticed() {
    behind_a_proxy(LONG, async |bed, proxy| {
        bed.put(HERE, "first", &noise(0, LARGE)).await.unwrap();
        proxy.set(Fault::Answer { status: 500, of: 3 });
        for n in 1..6 {
            bed.put(HERE, &format!("{n}"), &noise(n, LARGE)).await.unwrap();
            assert!(bed.read(HERE, &format!("{n}")).await == Some(noise(n, LARGE)));
        }
        proxy.set(Fault::Answer { status: 503, of: 2 });
        let mut writer = bed.blobs().writer(ANNA);
        writer.append(&noise(9, 9 << 20)).await.unwrap();
        let content = writer.finish().await.unwrap();
        bed.world.act(bed.world.put_op(source(HERE, "parts"), Expect::Any, of(content))).await.unwrap();
        proxy.set(Fault::None);
        assert!(bed.read(HERE, "parts").await == Some(noise(9, 9 << 20)));
    });
}

#[test]
fn whoever_needs_what_is_away_is_told_to_come_back() {
    for fault in [Fault::Answer { status: 500, of: 1 }, Fault::Stall, Fault::Cut] {
        behind_a_proxy(PATIENCE, async |bed, proxy| {
            put(&bed, "large", &noise(1, LARGE)).await;
            bed.put(HERE, "small", b"small").await.unwrap();
            proxy.set(fault);
            let begun = Instant::now();
            let large = async { bed.put(HERE, "new", &noise(2, LARGE)).await };
            let read = async { bed.world.store.item(ANNA, HERE, &item_name("large")).await };
            let page = async { bed.world.store.page(ANNA, HERE, None, 10, Select::Body).await };
            let opened = async {
                let body = bed.world.store.open(ANNA, HERE, &item_name("large")).await?;
                streams::read(body.unwrap().read_all()).await
            };
            // All at once: nobody waits for the others.
            let ((large, read, page, opened), ()) =
                tokio::join!(async { tokio::join!(large, read, page, opened) }, small_ones_go_on(&bed));
            let told = [large.map(drop), read.map(drop), page.map(drop), opened.map(drop)];
            assert!(told.iter().all(|told| is_busy(told.clone())), "{fault:?}: {told:?}");
            assert!(begun.elapsed() < BOUND, "{fault:?} took {:?}", begun.elapsed());
            assert_eq!(bed.world.item(HERE, "new").await, None);
            proxy.set(Fault::None);
            // What was held back may arrive now; it is found and removed.
            put(&bed, "new", &noise(2, LARGE)).await;
            assert!(found(&bed, "new").await == noise(2, LARGE));
            assert!(found(&bed, "large").await == noise(1, LARGE));
            bed.collect_later().await;
            bed.is_in_order(2).await;
        });
    }
}

#[test]
fn a_stream_goes_on_where_it_was_cut() {
    behind_a_proxy(LONG, async |bed, proxy| {
        let text = noise(3, (6 << 20) + 1_000);
        bed.put(HERE, "large", &text).await.unwrap();
        let body = bed.world.store.open(ANNA, HERE, &item_name("large")).await.unwrap().unwrap();
        let before = proxy.requests();
        proxy.set(Fault::CutAfter(2_500_000));
        assert!(streams::read(body.read_all()).await.unwrap() == text);
        assert!(proxy.requests() - before >= 3, "it was cut");
        proxy.set(Fault::Slow(Duration::from_micros(200)));
        assert!(streams::read(body.read(1_000_000..3_000_000)).await.unwrap() == text[1_000_000..3_000_000]);
    });
}

#[test]
fn an_upload_whose_end_was_not_heard_has_ended() {
    behind_a_proxy(LONG, async |bed, proxy| {
        let bucket = bed.engine.bucket().unwrap();
        let before = s3().objects(bucket).len();
        let text = noise(6, (9 << 20) + 3);
        let mut writer = bed.blobs().writer(ANNA);
        writer.append(&text).await.unwrap();
        proxy.set(Fault::StallAfter("<CompleteMultipartUpload"));
        let cut = async {
            while s3().objects(bucket).len() == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            proxy.set(Fault::Cut);
            proxy.set(Fault::None);
        };
        let (content, ()) = tokio::join!(writer.finish(), cut);
        let put = bed.world.put_op(source(HERE, "x"), Expect::Any, of(content.unwrap()));
        bed.world.act(put).await.unwrap();
        assert!(bed.read(HERE, "x").await == Some(text));
        assert!(bed.engine.unfinished().is_empty());
    });
}

/// What is to be collected while the place is away stays, and goes later.
#[test]
fn collecting_waits_for_the_place() {
    behind_a_proxy(PATIENCE, async |bed, proxy| {
        for n in 0..3 {
            put(&bed, "x", &noise(n, LARGE)).await;
        }
        bed.clock.advance_millis(super::bed::HOUR * 2);
        proxy.set(Fault::Cut);
        assert!(is_busy(bed.blobs().collect().await));
        proxy.set(Fault::None);
        assert_eq!(collect(&bed.blobs()).await, 2);
        bed.is_in_order(1).await;
    });
}

#[test]
fn a_place_that_cannot_be_reached_ends_the_start() {
    let engine = engines_and_places().into_iter().find(|engine| engine.bucket().is_some()).unwrap();
    let refused = |place: kontor_store::blob::Bucket| {
        let place = BlobPlace::Bucket(Box::new(place));
        let options = BlobOptions { place, patience: PATIENCE, ..engine.blobs() };
        match engine.open_with(options) {
            Err(Error::Internal(why) | Error::Unsupported { detail: why }) => why,
            Ok(_) => panic!("it opened"),
            Err(other) => panic!("{other:?}"),
        }
    };
    let bucket = |endpoint: &str| at_server(engine.bucket().unwrap(), endpoint);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let why = refused(bucket(&format!("http://{nobody}")));
    assert!(why.contains("cannot reach the blob store s3://") && why.contains("refused"), "{why}");
    let why = refused(at_server("no-such-bucket", &s3().endpoint()));
    assert!(why.contains("s3://no-such-bucket") && why.contains("NoSuchBucket"), "{why}");
    let why = refused(bucket("http://192.0.2.1"));
    assert!(why.contains("blobs.allow_plain_http"), "{why}");
    let why = refused(bucket("here"));
    assert!(why.contains("blobs.endpoint"), "{why}");
    let proxy = Proxy::http(s3().address());
    proxy.set(Fault::Answer { status: 403, of: 1 });
    let why = refused(bucket(&format!("http://{}", proxy.address())));
    assert!(why.contains("refuses us") && why.contains("403"), "{why}");
    assert!(!why.contains("anything"), "{why}");
}
