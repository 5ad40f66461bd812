//! Two nodes that write, read and listen at once.

use super::{database, databases, node, runtime};
use crate::suite::world::{ANNA, HOME, WORK, World, body, source};
use kontor_model::{Error, PropertyKey, Version};
use kontor_store::postgres::{PostgresOptions, open};
use kontor_store::{Done, Expect, Op, Select};
use kontor_testkit::postgres;
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn numbers_are_given_once_and_become_visible_in_order() {
    for url in databases("numbers") {
        runtime().block_on(async {
            let one = Arc::new(World::new(node(&url)).await);
            let other = Arc::new(World::again(node(&url)));
            let reader = tokio::spawn(follow(World::again(node(&url)), 800));
            let mut tasks = Vec::new();
            for task in 0..16 {
                let world = Arc::clone(if task % 2 == 0 { &one } else { &other });
                tasks.push(tokio::spawn(async move {
                    let mut numbers = Vec::new();
                    for n in 0..50 {
                        let name = format!("{task}-{n}");
                        let put =
                            || world.put_op(source(WORK, &name), Expect::Absent, body(&name, Some(&name)));
                        match patient(|| world.act(put())).await.unwrap() {
                            Done::Item { version, .. } => numbers.push(version),
                            other => panic!("{other:?}"),
                        }
                    }
                    numbers
                }));
            }
            let mut all = BTreeSet::new();
            for task in tasks {
                for number in task.await.unwrap() {
                    assert!(all.insert(number), "{number:?} was given twice");
                }
            }
            assert_eq!(all, (1..=800).map(Version).collect());
            assert_eq!(reader.await.unwrap(), 800, "a follower missed some");
            assert_eq!(one.store.usage(ANNA, WORK).await.unwrap().0, 800);
        });
    }
}

/// Each node puts into a collection of its own, but what the account may hold is one.
#[test]
fn two_nodes_do_not_exceed_a_limit_together() {
    for url in databases("limits") {
        runtime().block_on(async {
            let one = Arc::new(World::new(node(&url)).await);
            let other = Arc::new(World::again(node(&url)));
            one.limit(Some(205)).await;
            let mut tasks = Vec::new();
            for task in 0..8 {
                let (world, place) = if task % 2 == 0 { (&one, WORK) } else { (&other, HOME) };
                let world = Arc::clone(world);
                tasks.push(tokio::spawn(async move {
                    let mut refused = 0;
                    for n in 0..10 {
                        let at = || source(place, &format!("{task}-{n}"));
                        match patient(|| world.within(vec![world.sized(at(), 10)])).await {
                            Err(Error::Quota) => refused += 1,
                            done => drop(done.unwrap()),
                        }
                    }
                    refused
                }));
            }
            let mut refused = 0;
            for task in tasks {
                refused += task.await.unwrap();
            }
            assert_eq!((one.store.used(ANNA).await, refused), (Ok(200), 60));
        });
    }
}

/// Asks again while the store is busy, as clients do: on a machine with much else to do so many may meet that one gives
/// up for now.
async fn patient<T, F: Future<Output = kontor_model::Result<T>>>(
    ask: impl Fn() -> F,
) -> kontor_model::Result<T> {
    loop {
        match ask().await {
            Err(Error::Busy { .. }) => {}
            done => return done,
        }
    }
}

/// Follows the changes until number `upto`; how many members it was told of.
async fn follow(world: World, upto: i64) -> usize {
    let (mut since, mut told) = (Version::ZERO, 0);
    while since.0 < upto {
        let ask = || world.store.changes(ANNA, WORK, since, 100, Select::Meta);
        let part = patient(ask).await.unwrap();
        told += part.changed.len();
        since = part.upto;
    }
    told
}

/// The same item and the same name from both sides: one of each pair wins.
#[test]
fn of_two_that_want_the_same_one_wins() {
    for url in databases("rivals") {
        runtime().block_on(async {
            let one = World::new(node(&url)).await;
            let other = World::again(node(&url));
            for n in 0..100 {
                let name = format!("{n}");
                let put =
                    |world: &World| world.put_op(source(WORK, &name), Expect::Absent, body("x", Some(&name)));
                let (a, b) = tokio::join!(patient(|| one.act(put(&one))), patient(|| other.act(put(&other))));
                assert!(a.is_ok() != b.is_ok(), "{n}: {a:?} {b:?}");
                let lost = if a.is_ok() { b } else { a };
                assert!(matches!(lost, Err(Error::Stale { have: Some(_) })), "{lost:?}");
            }
            assert_eq!(one.version(WORK).await, Version(100));
        });
    }
}

#[test]
fn what_one_node_decides_the_other_knows() {
    for url in databases("caches") {
        runtime().block_on(async {
            let one = World::new(node(&url)).await;
            let other = World::again(node(&url));
            for n in 0..20_u8 {
                let changes = vec![(PropertyKey::new("color"), Some(vec![n]))];
                one.act(Op::SetCollectionProperties { account: ANNA, collection: WORK, changes })
                    .await
                    .unwrap();
                let shelf = other.store.shelf(ANNA).await.unwrap();
                let color = shelf.collection(WORK).unwrap().properties.get(&PropertyKey::new("color"));
                assert_eq!(color, Some(&vec![n]));
                let digest = Some(format!("digest {n}"));
                one.act(Op::SetPassword { id: ANNA, digest: digest.clone() }).await.unwrap();
                assert_eq!(other.store.secrets(ANNA).await.unwrap().password, digest);
            }
        });
    }
}

#[test]
fn one_node_makes_the_tables_and_the_others_wait() {
    let url = database("tables");
    let nodes: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || node(&url))
        })
        .collect();
    let nodes: Vec<_> = nodes.into_iter().map(|one| one.join().unwrap()).collect();
    runtime().block_on(async {
        World::new(Arc::clone(&nodes[0])).await;
        for node in nodes {
            assert_eq!(World::again(node).version(WORK).await, Version::ZERO);
        }
    });
}

#[test]
fn data_of_a_newer_program_and_of_others_are_refused() {
    let url = database("newer");
    let name = url.rsplit('/').next().unwrap();
    drop(node(&url));
    postgres().sql(name, "UPDATE kontor_schema SET version = 1000");
    let refused = |url: &str| match open(url, &PostgresOptions::default()) {
        Err(Error::Unsupported { detail }) => detail,
        other => panic!("{:?}", other.map(drop)),
    };
    assert!(refused(&url).contains("use a newer one"));
    let url = database("foreign");
    postgres().sql(url.rsplit('/').next().unwrap(), "CREATE TABLE item (x BIGINT)");
    assert!(refused(&url).contains("belongs to something else"));
}
