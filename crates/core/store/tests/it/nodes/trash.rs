//! One node removes a calendar and another one brings it back.

use super::{databases, node, runtime};
use crate::suite::world::{ANNA, WORK, World};
use kontor_model::{CollectionName, Error, Version};
use kontor_store::{Op, Remains, Select};
use std::sync::Arc;

fn remove() -> Op {
    Op::RemoveCollection { account: ANNA, collection: WORK, remains: Remains::Trash }
}

fn restore() -> Op {
    let name = CollectionName::new("work").unwrap();
    Op::RestoreCollection { account: ANNA, root: WORK, parent: None, name }
}

#[test]
fn a_calendar_goes_on_one_node_and_comes_back_on_the_other() {
    for url in databases("trash") {
        runtime().block_on(async {
            let one = World::new(node(&url)).await;
            let other = World::again(node(&url));
            one.put(WORK, "a", "a").await;
            for round in 0..3_u8 {
                let shelf = other.store.shelf(ANNA).await.unwrap();
                assert!(shelf.collection(WORK).is_some());
                one.act(remove()).await.unwrap();
                assert!(other.store.shelf(ANNA).await.unwrap().collection(WORK).is_none());
                assert_eq!(other.store.version(ANNA, WORK).await, Err(Error::NotFound));
                assert_eq!(other.item(WORK, "a").await, None);
                other.act(restore()).await.unwrap();
                assert_eq!(one.version(WORK).await, Version(1 + i64::from(round)));
                // Its number goes on, whoever counts.
                one.put(WORK, &format!("{round}"), "x").await;
                assert_eq!(other.version(WORK).await, Version(2 + i64::from(round)));
            }
            let all = other.store.page(ANNA, WORK, None, 9, Select::Meta).await.unwrap();
            assert_eq!(all.items.len(), 4);
        });
    }
}

/// While both remove it, restore it and write to it, nothing that was acknowledged is lost, and nothing is there twice.
#[test]
fn nodes_that_meet_lose_nothing() {
    for url in databases("trashmeet") {
        runtime().block_on(async {
            let one = Arc::new(World::new(node(&url)).await);
            let other = Arc::new(World::again(node(&url)));
            let mut tasks = Vec::new();
            for (n, world) in [&one, &other, &one, &other].into_iter().enumerate() {
                let world = Arc::clone(world);
                tasks.push(tokio::spawn(async move {
                    let mut put = Vec::new();
                    for round in 0..12 {
                        let name = format!("{n}-{round}");
                        let at = crate::suite::world::source(WORK, &name);
                        let text = crate::suite::world::body(&name, None);
                        let wrote = world.act(world.put_op(at, kontor_store::Expect::Any, text)).await;
                        put.extend(wrote.is_ok().then_some(name));
                        let op = if (round + n) % 2 == 0 { remove() } else { restore() };
                        match world.act(op).await {
                            Ok(_) | Err(Error::NotFound | Error::Exists | Error::Busy { .. }) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    put
                }));
            }
            let mut acknowledged = Vec::new();
            for task in tasks {
                acknowledged.extend(task.await.unwrap());
            }
            if one.store.shelf(ANNA).await.unwrap().collection(WORK).is_none() {
                one.act(restore()).await.unwrap();
            }
            assert!(other.store.trash(ANNA, None, 9).await.unwrap().is_empty());
            let all = other.store.page(ANNA, WORK, None, 99, Select::Meta).await.unwrap();
            let mut names: Vec<_> = all.items.iter().map(|one| one.meta.name.as_str().to_owned()).collect();
            names.sort();
            acknowledged.sort();
            assert!(!names.is_empty());
            assert_eq!(names, acknowledged);
            crate::moving::is_as_it_should_be(&one.store).await;
        });
    }
}
