//! A store that goes on from an older state: what clients know of the lost course of events is not taken for knowledge
//! of the new one.

use super::furnished::furnish;
use super::{Place, database, folder, keeper, runtime};
use crate::suite::world::{ANNA, BERT, BERTS, CARDS, WORK, World, source};
use kontor_model::{CollectionId, CollectionName, Error, Timestamp, Version};
use kontor_store::moving::{LEAP, carry};
use kontor_store::{Changes, Expect, Op, Remains, Select, Store};
use std::sync::Arc;

async fn since(store: &Arc<dyn Store>, version: i64) -> kontor_model::Result<Changes> {
    store.changes(ANNA, WORK, Version(version), 100_000, Select::Meta).await
}

fn told(changes: &Changes) -> String {
    let names: Vec<_> = changes.changed.iter().map(|item| (&item.meta.name, item.meta.revision)).collect();
    format!("{names:?} {:?} {}", changes.removed, changes.more)
}

/// Restores what `from` holds at this moment into `to`.
fn restore(from: &Place, to: &Place) {
    let leap = Some(Timestamp::from_secs(77));
    carry(&mut *from.rows().unwrap(), "a backup", &mut *to.fill().unwrap(), leap, &mut |_| {}).unwrap();
}

/// The course of events that will be lost: changes of what is there, and new items.
fn go_on(place: &Place) -> i64 {
    runtime().block_on(async {
        let store = place.open().unwrap();
        let world = World::again(store.clone());
        for n in 0..30 {
            world.put(WORK, &format!("lost {n}"), "will be lost").await;
        }
        world.put(WORK, "stays", "another text").await;
        let last = world.version(WORK).await.0;
        store.close().await.unwrap();
        last
    })
}

#[test]
fn a_restored_store_never_gives_a_number_twice() {
    for (from, to) in [(folder(), database()), (database(), folder())] {
        let (from, to) = (from.made(), to.made());
        let (known, before) = runtime().block_on(async {
            let store = from.open().unwrap();
            furnish(store.clone(), 120).await;
            World::again(store.clone()).put(WORK, "stays", "text").await;
            let version = World::again(store.clone()).version(WORK).await.0;
            let before = told(&since(&store, 50).await.unwrap());
            store.close().await.unwrap();
            (version, before)
        });
        restore(&from, &to);
        let lost = go_on(&from);
        assert!(lost > known + 30);
        runtime().block_on(check(to.open().unwrap(), known, lost, &before));
    }
}

async fn check(store: Arc<dyn Store>, known: i64, lost: i64, before: &str) {
    let world = World::again(store.clone());
    assert_eq!(world.version(WORK).await.0, known + LEAP);
    // Who was told of it before the backup goes on as if nothing had happened.
    assert_eq!(told(&since(&store, 50).await.unwrap()), before);
    assert_eq!(told(&since(&store, known).await.unwrap()), "[] [] false");
    // Who was told of what is lost is sent to start afresh, also when the new course has gone as far.
    let stays = world.item(WORK, "stays").await.unwrap().meta;
    for n in 0..40 {
        world.put(WORK, &format!("new {n}"), "since the restore").await;
    }
    for number in [known + 1, known + 15, lost, lost + 1, known + LEAP - 1] {
        assert_eq!(since(&store, number).await.map(drop), Err(Error::GoneVersion), "{number}");
    }
    // Whoever comes from then on is told everything once.
    let fresh = since(&store, known + LEAP).await.unwrap();
    assert_eq!((fresh.changed.len(), fresh.upto.0), (40, known + LEAP + 40));
    assert_eq!(since(&store, known).await.unwrap().changed.len(), 40);
    assert_eq!(
        since(&store, 0).await.unwrap().changed.len() as u64,
        store.usage(ANNA, WORK).await.unwrap().0
    );
    // A condition on a text of the lost course does not hold for any text of the new one.
    let expect = Expect::Exactly(stays.id, Version(lost));
    let text = crate::suite::world::body("from the lost course", Some("uid-stays"));
    let stale = world.act(world.put_op(source(WORK, "stays"), expect, text.clone())).await;
    assert_eq!(stale, Err(Error::Stale { have: Some(stays.revision) }));
    let expect = Expect::Exactly(stays.id, stays.revision);
    assert!(
        world.act(world.put_op(source(WORK, "stays"), expect, text)).await.is_ok(),
        "the text of the backup"
    );
    // Accounts, and collections in which nothing was, leap too.
    assert!(
        store.shelf(ANNA).await.unwrap().version > LEAP && store.secrets(ANNA).await.unwrap().version > LEAP
    );
    assert_eq!(store.version(BERT, BERTS).await.unwrap().0, LEAP + 1);
    assert!(store.version(ANNA, CARDS).await.unwrap().0 > LEAP);
    store.close().await.unwrap();
}

#[test]
fn numbers_leap_again_and_again() {
    for place in [folder(), database()] {
        let place = super::furnished::at(place, 60);
        for round in 1..4 {
            keeper(&place.name()).unwrap().leap(Timestamp::from_secs(round)).unwrap();
            runtime().block_on(async {
                let store = place.open().unwrap();
                let world = World::again(store.clone());
                let number = world.version(WORK).await.0;
                assert_eq!(number / LEAP, round);
                assert_eq!(told(&since(&store, number).await.unwrap()), "[] [] false");
                world.put(WORK, &format!("round {round}"), "x").await;
                assert_eq!(since(&store, number).await.unwrap().changed.len(), 1);
                assert!(since(&store, 40).await.is_ok());
                assert_eq!(since(&store, number - 1).await.map(drop), Err(Error::GoneVersion));
                store.close().await.unwrap();
            });
        }
    }
}

#[test]
fn what_was_trimmed_stays_unknown_and_what_is_up_to_date_stays_known() {
    for place in [folder(), database()] {
        let place = place.made();
        let number = runtime().block_on(async {
            let store = place.open().unwrap();
            let world = World::new(store.clone()).await;
            for n in 0..20 {
                world.put(WORK, &format!("{n}"), "x").await;
            }
            world.act(Op::Remove { at: source(WORK, "3"), expect: Expect::Any }).await.unwrap();
            while store.trim(Timestamp::from_secs(1_000_000)).await.unwrap().more {}
            let number = world.version(WORK).await.0;
            store.close().await.unwrap();
            number
        });
        keeper(&place.name()).unwrap().leap(Timestamp::from_secs(1)).unwrap();
        runtime().block_on(async {
            let store = place.open().unwrap();
            assert_eq!(told(&since(&store, number).await.unwrap()), "[] [] false");
            assert_eq!(since(&store, number - 1).await.map(drop), Err(Error::GoneVersion));
            assert_eq!(since(&store, number + 1).await.map(drop), Err(Error::GoneVersion));
            while store.trim(Timestamp::from_secs(2_000_000)).await.unwrap().more {}
            assert_eq!(since(&store, number).await.map(drop), Err(Error::GoneVersion));
            assert_eq!(told(&since(&store, number + LEAP).await.unwrap()), "[] [] false");
            store.close().await.unwrap();
        });
    }
}

#[test]
fn small_numbers_leap_too() {
    for place in [folder(), database()] {
        let place = super::furnished::at(place, 20);
        keeper(&place.name()).unwrap().leap(Timestamp::from_secs(5)).unwrap();
        runtime().block_on(async {
            let world = World::again(place.open().unwrap());
            let part = |item| kontor_store::Numbered {
                item: kontor_model::ItemId(item),
                part: String::new(),
                name: "x.ics".to_owned(),
                digest: 0,
                version: Version::ZERO,
            };
            let op = Op::Number { account: ANNA, collection: WORK, parts: vec![part(1)] };
            let done = world.act(op).await.unwrap();
            // Two were given before.
            assert_eq!(done, kontor_store::Done::Numbers(vec![(1 << 20) + 3]));
            world.store.close().await.unwrap();
        });
    }
}

/// What was in the trash when the backup was made may have been restored and changed in the course of events that is
/// lost.
#[test]
fn numbers_of_what_is_in_the_trash_leap_too() {
    for place in [folder(), database()] {
        let place = super::furnished::at(place, 60);
        let restore = |world: World| async move {
            let number = world.store.trash(ANNA, None, 9).await.unwrap();
            assert_eq!(number.len(), 1);
            let name = CollectionName::new("work").unwrap();
            let back = Op::RestoreCollection { account: ANNA, root: WORK, parent: None, name };
            assert!(world.act(back).await.is_ok());
            world
        };
        let remove = Op::RemoveCollection { account: ANNA, collection: WORK, remains: Remains::Trash };
        let known = runtime().block_on(async {
            let world = World::again(place.open().unwrap());
            let ops = vec![Op::PurgeCollection { account: ANNA, root: CollectionId(604) }, remove.clone()];
            let known = world.version(WORK).await.0;
            world.write(ops).await.unwrap();
            world.store.close().await.unwrap();
            known
        });
        keeper(&place.name()).unwrap().leap(Timestamp::from_secs(5)).unwrap();
        runtime().block_on(async {
            let world = restore(World::again(place.open().unwrap())).await;
            assert_eq!(world.version(WORK).await.0, known + LEAP);
            assert_eq!(told(&since(&world.store, known).await.unwrap()), "[] [] false");
            assert_eq!(since(&world.store, known + 1).await.map(drop), Err(Error::GoneVersion));
            world.put(WORK, "after", "x").await;
            assert_eq!(since(&world.store, known + LEAP).await.unwrap().changed.len(), 1);
            crate::moving::is_as_it_should_be(&world.store).await;
            world.store.close().await.unwrap();
        });
    }
}
