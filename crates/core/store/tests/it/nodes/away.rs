//! The database goes away and comes back; it is never there; it refuses more connections; a node is killed.

use super::{database, node, runtime};
use crate::suite::world::{ANNA, WORK, World, body, source};
use kontor_model::{Error, News, Version};
use kontor_store::postgres::{PostgresOptions, open};
use kontor_store::{Expect, Select};
use kontor_testkit::Postgres;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn a_database_that_comes_back_is_used_again_and_lost_nothing() {
    let server = Postgres::start("away");
    let url = server.create("away");
    runtime().block_on(async {
        let world = Arc::new(World::new(node(&url)).await);
        let tasks: Vec<_> = (0..16).map(|task| tokio::spawn(write(Arc::clone(&world), task))).collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.stop();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let begun = Instant::now();
        assert!(matches!(world.store.version(ANNA, WORK).await, Err(Error::Busy { .. })));
        assert!(matches!(
            world.store.page(ANNA, WORK, None, 10, Select::Meta).await,
            Err(Error::Busy { .. })
        ));
        assert!(begun.elapsed() < Duration::from_secs(5), "nobody waits for what is not there");
        server.run();
        let mut acknowledged = BTreeSet::new();
        let mut busy = 0;
        for task in tasks {
            let (names, refused) = task.await.unwrap();
            acknowledged.extend(names);
            busy += refused;
        }
        assert!(busy > 0, "somebody was refused meanwhile");
        // It is looked for again a moment after the last attempt.
        let begun = Instant::now();
        let page = loop {
            match world.store.page(ANNA, WORK, None, 1_000_000, Select::Meta).await {
                Err(Error::Busy { .. }) if begun.elapsed() < Duration::from_secs(60) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => break other.unwrap(),
            }
        };
        let there: BTreeSet<_> = page.items.iter().map(|item| item.meta.name.as_str().to_owned()).collect();
        assert!(acknowledged.is_subset(&there), "something acknowledged is lost");
        assert_eq!(world.version(WORK).await, Version(i64::try_from(there.len()).unwrap()), "or done twice");
    });
}

/// Puts one item after the other, trying again while the store is busy, for two seconds after that ended.
async fn write(world: Arc<World>, task: usize) -> (Vec<String>, usize) {
    let (mut names, mut busy) = (Vec::new(), 0);
    let begun = Instant::now();
    for n in 0.. {
        let name = format!("{task}-{n}");
        loop {
            let op = world.put_op(source(WORK, &name), Expect::Absent, body(&name, Some(&name)));
            match world.act(op).await {
                Ok(_) => break,
                Err(Error::Busy { .. }) => {
                    busy += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                // Its first attempt was committed, but the answer was lost.
                Err(Error::Stale { have: Some(_) }) => break,
                Err(other) => panic!("{other:?}"),
            }
        }
        names.push(name);
        if begun.elapsed() > Duration::from_secs(4) {
            break;
        }
    }
    (names, busy)
}

#[test]
fn a_database_that_is_not_there_is_told_in_one_line() {
    let told = |url: &str| match open(url, &PostgresOptions::default()) {
        Err(Error::Unsupported { detail }) => detail,
        other => panic!("{:?}", other.map(drop)),
    };
    let line = told("postgres://anna:secret@127.0.0.1:1/kontor");
    assert!(line.starts_with("no database listens at 127.0.0.1:1") && !line.contains('\n'), "{line}");
    assert!(!line.contains("secret"));
    assert!(told(&format!("{}no", database("x"))).contains("there is no database"));
    assert!(told("nonsense").starts_with("cannot use store.url"));
}

/// More readers than connections: they wait, and when that takes too long they are told.
#[test]
fn many_readers_share_few_connections() {
    let url = database("crowd");
    let few = PostgresOptions { writers: 1, readers: 1, scanners: 1, ..PostgresOptions::default() };
    runtime().block_on(async {
        let world = Arc::new(World::new(open(&url, &few).unwrap()).await);
        world.put(WORK, "a", "a").await;
        let tasks: Vec<_> = (0..500)
            .map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move {
                    let page = world.store.page(ANNA, WORK, None, 10, Select::Body).await.unwrap();
                    let text = world.text(WORK, "a").await;
                    (page.items.len(), text)
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), (1, Some("a".to_owned())));
        }
    });
}

/// Readers that nobody waits for any more leave nothing behind.
#[test]
fn readers_that_give_up_leave_a_clean_connection() {
    let url = database("quitters");
    let few = PostgresOptions { scanners: 1, ..PostgresOptions::default() };
    runtime().block_on(async {
        let world = World::new(open(&url, &few).unwrap()).await;
        for n in 0..200_u64 {
            let name = format!("{n}");
            world.put(WORK, &name, &name).await;
            let page = world.store.page(ANNA, WORK, None, 1_000, Select::Body);
            let _ = tokio::time::timeout(Duration::from_micros(n * 10), page).await;
        }
        let page = world.store.page(ANNA, WORK, None, 1_000, Select::Body).await.unwrap();
        assert_eq!(page.items.len(), 200, "an old view is not seen again");
    });
}

/// What goes wrong in the midst of a write costs that write its answer, and nobody else anything.
#[test]
fn a_panic_costs_one_batch() {
    let url = database("panic");
    runtime().block_on(async {
        let world = World::new(node(&url)).await;
        let done = std::sync::atomic::AtomicBool::new(false);
        world.store.watch(Box::new(move |news| {
            // What made the world may be told late, by another task.
            if matches!(news, News::Change(one) if one.collection == Some(WORK)) {
                assert!(done.swap(true, std::sync::atomic::Ordering::SeqCst), "a watcher that fails once");
            }
        }));
        world.store.follow(vec![ANNA]).await.unwrap();
        let put = |name: &str| world.put_op(source(WORK, name), Expect::Any, body("x", Some(name)));
        assert!(matches!(world.act(put("first")).await, Err(Error::Busy { .. })), "nobody can tell");
        for n in 0..20 {
            world.act(put(&format!("{n}"))).await.unwrap();
        }
        assert_eq!(world.version(WORK).await, Version(21));
    });
}
