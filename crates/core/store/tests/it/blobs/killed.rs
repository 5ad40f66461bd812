//! A process that is killed when an object lies there, or a part of it, and no row refers to it.

use super::bed::{HERE, HOUR, collect, names, noise, of};
use crate::moving::open_in;
use crate::suite::world::{ANNA, World, item_name, source};
use crate::suite::{Engine, at_server, engines_and_places};
use kontor_model::{Clock, FixedClock, SystemClock};
use kontor_store::{BlobOptions, BlobPlace, Expect};
use kontor_testkit::{Fault, Proxy, s3, until};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const DATA: &str = "KONTOR_STORE_TEST_KILLED_DATA";
const BUCKET: &str = "KONTOR_STORE_TEST_KILLED_BUCKET";
const ENDPOINT: &str = "KONTOR_STORE_TEST_KILLED_ENDPOINT";
const BYTES: &str = "KONTOR_STORE_TEST_KILLED_BYTES";

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The child: puts a body in pieces, and hears no answer. Does nothing when run as a test.
#[test]
fn puts_a_body_until_it_is_killed() {
    let say = |name| std::env::var(name).ok();
    let (Some(data), Some(bucket), Some(endpoint)) = (say(DATA), say(BUCKET), say(ENDPOINT)) else { return };
    let place = BlobPlace::Bucket(Box::new(at_server(&bucket, &endpoint)));
    let patience = Duration::from_secs(300);
    let store = open_in(&data, BlobOptions { patience, ..BlobOptions::at(place) }).unwrap();
    runtime().block_on(async {
        let world = World::again(Arc::clone(&store));
        let mut writer = store.blobs().unwrap().writer(ANNA);
        writer.append(&noise(1, say(BYTES).unwrap().parse().unwrap())).await.unwrap();
        let content = writer.finish().await.unwrap();
        world.act(world.put_op(source(HERE, "x"), Expect::Any, of(content))).await.unwrap();
    });
}

/// What lies in the bucket then: names of objects, and of uploads that were begun.
fn killed(engine: &Engine, bytes: usize, when: &'static str, there: impl Fn() -> bool) {
    let proxy = Proxy::http(s3().address());
    proxy.set(Fault::StallAfter(when));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "blobs::killed::puts_a_body_until_it_is_killed", "--test-threads=1"])
        .envs([(DATA, engine.data()), (BUCKET, engine.bucket().unwrap().to_owned())])
        .envs([(ENDPOINT, format!("http://{}", proxy.address())), (BYTES, bytes.to_string())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the object to be there", Duration::from_secs(120), || {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        there().then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_a_killed_process_laid_down_is_found_and_removed() {
    for engine in engines_and_places().into_iter().filter(|engine| engine.bucket().is_some()) {
        let bucket = engine.bucket().unwrap();
        runtime().block_on(async {
            let store = engine.open();
            World::new(Arc::clone(&store)).await;
            store.close().await.unwrap();
        });
        let objects = || s3().objects(bucket).iter().filter(|name| !name.ends_with("kontor-store")).count();
        // A whole object; a part of one; all parts, and the object made of them.
        killed(&engine, 100_000, "PUT /", || objects() == 1);
        killed(&engine, 20 << 20, "partNumber=2", || s3().unfinished(bucket).len() == 1);
        killed(&engine, 20 << 20, "<CompleteMultipartUpload", || objects() == 2);

        let clock = Arc::new(FixedClock::at(SystemClock.now().plus_millis(HOUR / 2)));
        runtime().block_on(async {
            let options = super::bed::options(&engine, &clock);
            let store = until("the lock of the dead", Duration::from_secs(60), || {
                engine.open_with(options.clone()).ok()
            });
            assert_eq!(store.item(ANNA, HERE, &item_name("x")).await.unwrap(), None);
            let blobs = store.blobs().unwrap();
            assert_eq!(names(&blobs).await.len(), 2, "each is known to a row");
            assert_eq!(collect(&blobs).await, 0, "all are young");
            clock.advance_millis(HOUR);
            assert_eq!(collect(&blobs).await, 3);
            assert!(names(&blobs).await.is_empty());
            store.close().await.unwrap();
        });
        assert!(s3().unfinished(bucket).is_empty());
    }
}
