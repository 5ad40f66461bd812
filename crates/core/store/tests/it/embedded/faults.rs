//! A full disk.

use super::{open_at, runtime};
use crate::suite::world::{ANNA, WORK, World, body, item_name, source};
use kontor_model::Error;
use kontor_store::sqlite::{SqliteOptions, open};
use kontor_store::{Expect, History};

const FULL_AT: u64 = 1 << 20;

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    fills_up(History::default());
    fills_up(History { texts: 10, bytes: 1 << 40 });
}

fn fills_up(history: History) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let options = SqliteOptions { max_bytes: Some(FULL_AT), history, ..SqliteOptions::default() };
    let world = runtime.block_on(World::new(open(folder.path(), &options).unwrap()));
    let mut kept = 0;
    runtime.block_on(async {
        loop {
            match world.put_sized(&format!("{kept:04}"), 10_000).await {
                Ok(_) => kept += 1,
                Err(error) => {
                    assert_eq!(error, Error::NoSpace);
                    break;
                }
            }
        }
        assert!(kept > 50 && kept < 105, "{kept} of 10,000 bytes in 1 MiB");
        assert_eq!(world.all().await.len(), kept, "reads go on");
        assert_eq!(world.store.usage(ANNA, WORK).await, Ok((kept as u64, kept as u64 * 10_000)));
        assert_eq!(world.put_sized("large", 10_000).await, Err(Error::NoSpace));
        world.remove(WORK, "0000").await;
        world.remove(WORK, "0001").await;
        assert!(world.put_sized("again", 10_000).await.is_ok(), "what was given back can be used");
        world.store.close().await.unwrap();
    });
    let store = open_at(folder.path());
    let found = runtime.block_on(store.usage(ANNA, WORK)).unwrap();
    assert_eq!(found.0, kept as u64 - 1);
    assert!(runtime.block_on(store.item(ANNA, WORK, &item_name("again"))).unwrap().is_some());
}

/// What is past is worth less than what is to be written.
#[test]
fn what_is_past_goes_when_there_is_no_space() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let history = History { texts: 1_000, bytes: 1 << 40 };
    let options = SqliteOptions { max_bytes: Some(FULL_AT), history, ..SqliteOptions::default() };
    let world = runtime.block_on(World::new(open(folder.path(), &options).unwrap()));
    runtime.block_on(async {
        for n in 0..500 {
            let mut text = body(&format!("{n:010}").repeat(1_000), Some("u"));
            text.facets.folded = Vec::new();
            world.act(world.put_op(source(WORK, "x"), Expect::Any, text)).await.unwrap();
        }
        let past = world.store.past(ANNA, WORK, &item_name("x")).await.unwrap();
        assert!(!past.is_empty() && past.len() < 105, "{}", past.len());
        assert_eq!(world.text(WORK, "x").await, Some("0000000499".repeat(1_000)));
        crate::moving::is_as_it_should_be(&world.store).await;
        world.store.close().await.unwrap();
    });
}

/// Writes that are committed together: those that fit succeed, whatever happens to those that do not.
#[test]
fn a_write_that_does_not_fit_does_not_take_its_neighbours_along() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let options = SqliteOptions { max_bytes: Some(FULL_AT), ..SqliteOptions::default() };
    let world = runtime.block_on(World::new(open(folder.path(), &options).unwrap()));
    runtime.block_on(async {
        let size = |n: usize| if n.is_multiple_of(4) { 2_000_000 } else { 1_000 };
        let writes: Vec<_> = (0..100)
            .map(|n| {
                let mut new = body("", Some(&format!("u{n}")));
                // What it is found by lies in the database, however large.
                new.facets.folded = vec![b'x'; size(n)];
                let op = world.put_op(source(WORK, &format!("{n}")), Expect::Absent, new);
                let (actor, origin) = (kontor_model::Actor::System, kontor_model::Origin::Job);
                let write =
                    kontor_store::Write { actor, origin, at: world.now(), guards: Vec::new(), ops: vec![op] };
                world.store.write(write)
            })
            .collect();
        for (n, write) in writes.into_iter().enumerate() {
            let answer = write.await;
            // The queue is bounded in bytes too.
            let fits =
                !answer.as_ref().is_err_and(|error| matches!(error, Error::NoSpace | Error::Busy { .. }));
            assert_eq!(fits, n % 4 != 0, "{n}: {answer:?}");
            assert_eq!(answer.is_ok(), fits, "{answer:?}");
        }
        assert_eq!(world.all().await.len(), 75);
    });
}
