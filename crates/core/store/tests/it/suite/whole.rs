//! The store as a whole: watching, many at once, closing.

use super::world::{ANNA, HOME, WORK, World, body, item_name, source, texts};
use super::{engines, on_every_engine};
use kontor_model::{Error, Notice, PropertyKey, Version};
use kontor_store::{Expect, Op};
use std::sync::{Arc, Mutex};

#[test]
fn watchers_hear_of_every_commit() {
    on_every_engine(|world| async move {
        let heard: Arc<Mutex<Vec<Notice>>> = Arc::default();
        let ear = Arc::clone(&heard);
        world.store.watch(Box::new(move |notice| ear.lock().unwrap().push(notice.clone())));
        world.put(WORK, "a", "a").await;
        let _ = world.act(world.put_op(source(WORK, "a"), Expect::Absent, body("x", None))).await;
        let to_home = Op::Relocate {
            from: source(WORK, "a"),
            expect: Expect::Any,
            to: source(HOME, "a"),
            target: Expect::Any,
            new_id: world.id(),
        };
        world.act(to_home).await.unwrap();
        let changes = vec![(PropertyKey::new("color"), Some(Vec::new()))];
        world.act(Op::SetCollectionProperties { account: ANNA, collection: WORK, changes }).await.unwrap();
        let shelf = world.store.shelf(ANNA).await.unwrap().version;
        world.store.close().await.unwrap();
        let notice = |collection, version| Notice { account: ANNA, collection, version: Version(version) };
        let expected =
            [notice(Some(WORK), 1), notice(Some(WORK), 2), notice(Some(HOME), 1), notice(None, shelf)];
        assert_eq!(*heard.lock().unwrap(), expected);
    });
}

#[test]
fn what_was_written_is_seen_by_whoever_reads_next() {
    on_every_engine(|world| async move {
        let world = Arc::new(world);
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    for n in 0..50 {
                        let key = PropertyKey::new(format!("{task}"));
                        let value = format!("{n}").into_bytes();
                        let changes = vec![(key.clone(), Some(value.clone()))];
                        let set = Op::SetCollectionProperties { account: ANNA, collection: WORK, changes };
                        world.act(set).await.unwrap();
                        let shelf = world.store.shelf(ANNA).await.unwrap();
                        assert_eq!(shelf.collection(WORK).unwrap().properties.get(&key), Some(&value));
                        let name = format!("{task}-{n}");
                        world.put(WORK, &name, &name).await;
                        assert_eq!(world.text(WORK, &name).await, Some(name));
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(world.version(WORK).await, Version(400));
        assert_eq!(world.store.usage(ANNA, WORK).await.unwrap().0, 400);
    });
}

#[test]
fn one_failing_write_does_not_take_its_neighbours_along() {
    on_every_engine(|world| async move {
        world.put(WORK, "taken", "x").await;
        let writes: Vec<_> = (0..200)
            .map(|n| {
                let (name, fails) = (format!("{n}"), n % 3 == 0);
                let name = if fails { "taken" } else { &name };
                world.write(vec![world.put_op(source(WORK, name), Expect::Absent, body("x", None))])
            })
            .collect();
        let mut running: Vec<_> = writes.into_iter().map(Box::pin).collect();
        let mut good = 0;
        // All are queued before the first is waited for.
        std::future::poll_fn(|context| {
            for one in &mut running {
                let _ = one.as_mut().poll(context).map(|done| good += i64::from(done.is_ok()));
            }
            std::task::Poll::Ready(())
        })
        .await;
        assert!(good <= 133);
        tokio::time::timeout(std::time::Duration::from_secs(20), async {
            while world.version(WORK).await < Version(134) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(world.store.usage(ANNA, WORK).await.unwrap().0, 134);
        assert_eq!(world.text(WORK, "taken").await.as_deref(), Some("x"));
    });
}

#[test]
fn a_closed_store_answers_busy_and_opens_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for engine in engines() {
        let store = engine.open();
        let world = runtime.block_on(World::new(store));
        runtime.block_on(async {
            world.put(WORK, "a", "kept").await;
            world.store.close().await.unwrap();
            world.store.close().await.unwrap();
            let busy = Error::Busy { retry_after: 1 };
            let put = world.put_op(source(WORK, "b"), Expect::Any, body("x", None));
            assert_eq!(world.act(put).await, Err(busy.clone()));
            assert_eq!(world.store.item(ANNA, WORK, &item_name("a")).await, Err(busy.clone()));
            assert_eq!(texts(&world.store, ANNA, WORK).await.unwrap_err(), busy);
        });
        let store = engine.open();
        let item = runtime.block_on(store.item(ANNA, WORK, &item_name("a"))).unwrap().unwrap();
        assert_eq!(&item.body[..], b"kept");
    }
}
