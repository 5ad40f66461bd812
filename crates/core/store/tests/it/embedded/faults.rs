//! A full disk.

use super::{open_at, runtime};
use crate::suite::world::{ANNA, WORK, World, body, item_name, source};
use kontor_model::Error;
use kontor_store::Expect;
use kontor_store::sqlite::{SqliteOptions, open};

const FULL_AT: u64 = 1 << 20;

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let options = SqliteOptions { max_bytes: Some(FULL_AT), ..SqliteOptions::default() };
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
