//! From every engine to every engine, with nothing lost and nothing changed.

use super::furnished::at;
use super::{Place, database, folder, runtime};
use crate::suite::world::{ANNA, CARDS, WORK, World, item_name};
use kontor_model::{Error, Version};
use kontor_store::Select;
use kontor_store::moving::{Event, carry};
use std::sync::Arc;

/// Copies; what was told.
pub(super) fn copy(from: &Place, to: &Place) -> Vec<Event> {
    let mut told = Vec::new();
    let (mut source, mut sink) = (from.rows().unwrap(), to.fill().unwrap());
    carry(&mut *source, &from.name(), &mut *sink, None, &mut |event| told.push(event)).unwrap();
    told
}

/// What a client with an old token is told, and what it finds.
fn seen(place: &Place) -> String {
    runtime().block_on(async {
        let store = place.open().unwrap();
        let since = store.changes(ANNA, WORK, Version(20), 100_000, Select::Body).await.unwrap();
        let item = store.item(ANNA, WORK, &item_name("000003-\u{e4}\u{1f4c5}.ics")).await.unwrap();
        let large = store.item(ANNA, CARDS, &item_name("large.vcf")).await.unwrap().unwrap();
        let secrets = store.secrets(ANNA).await.unwrap();
        let shelf = store.shelf(ANNA).await.unwrap();
        let told = format!(
            "{since:?} {item:?} {large:?} {:?} {:?} {shelf:?}",
            secrets.password,
            secrets.app_passwords.len()
        );
        store.close().await.unwrap();
        told
    })
}

#[test]
fn every_row_goes_every_way() {
    // A chain, so that each engine is filled by each and read by each.
    let first = &at(folder(), 900);
    let (sums, told) = (first.sums(), seen(first));
    assert!(sums.iter().filter(|sum| sum.rows == 0).all(|sum| sum.table == "doomed"), "{sums:?}");
    let mut chain: Vec<Place> = Vec::new();
    for to in [folder(), database(), database(), folder()] {
        let (from, to) = (chain.last().unwrap_or(first), to.made());
        let before = from.sums();
        let events = copy(from, &to);
        assert!(matches!(events.first(), Some(Event::Begins { resumed: false, .. })), "{:?}", events.first());
        assert_eq!(to.sums(), before);
        assert_eq!(seen(&to), told);
        chain.push(to);
    }
}

#[test]
fn the_other_engine_is_as_good_a_source() {
    let first = at(database(), 300);
    let second = folder();
    copy(&first, &second);
    assert_eq!(second.sums(), first.sums());
    assert_eq!(seen(&second), seen(&first));
}

#[test]
fn a_copy_goes_on_living() {
    for to in [folder(), database()] {
        let (from, to) = (at(folder(), 50), to.made());
        copy(&from, &to);
        runtime().block_on(async {
            let store = to.open().unwrap();
            let world = World::again(Arc::clone(&store));
            let before = world.version(WORK).await;
            world.put(WORK, "after", "the move").await;
            assert_eq!(world.version(WORK).await, Version(before.0 + 1));
            let told = store.changes(ANNA, WORK, before, 10, Select::Meta).await.unwrap();
            assert_eq!(told.changed.len(), 1);
            store.close().await.unwrap();
        });
    }
}

fn refusal(from: &Place, to: &Place) -> String {
    let mut sink = to.fill().unwrap();
    match carry(&mut *from.rows().unwrap(), "elsewhere", &mut *sink, None, &mut |_| {}) {
        Err(Error::Unsupported { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_holds_something_is_not_filled() {
    let from = at(folder(), 50);
    for to in [at(folder(), 50), at(database(), 50)] {
        let before = to.sums();
        assert!(refusal(&from, &to).contains("holds something already"));
        assert_eq!(to.sums(), before, "nothing was done to it");
    }
    let Place::Folder(other) = folder() else { panic!() };
    std::fs::write(
        other.path().join("kontor.db"),
        b"something else, longer than a header of SQLite would be........................................",
    )
    .unwrap();
    let strange = Place::Folder(other);
    assert!(
        carry(&mut *from.rows().unwrap(), "x", &mut *strange.fill().unwrap(), None, &mut |_| {}).is_err()
    );
    let strange = database().made();
    let Place::Database(name) = &strange else { panic!() };
    kontor_testkit::postgres().sql(name, "CREATE TABLE item (x BIGINT)");
    let why = refusal(&from, &strange);
    assert!(why.contains("item"), "{why}");
}

#[test]
fn what_is_in_use_or_not_there_is_no_source() {
    let from = at(folder(), 50);
    let store = from.open().unwrap();
    assert!(matches!(super::rows(&from.name()).map(drop), Err(Error::Locked)));
    drop(store);
    assert!(from.rows().is_ok());
    assert!(matches!(folder().rows().map(drop), Err(Error::NotFound)));
    assert!(matches!(database().made().rows().map(drop), Err(Error::NotFound)));
}
