//! Backups: of either engine into either, whole or not at all.

use super::furnished::at;
use super::{Place, database, folder, runtime};
use crate::suite::world::{WORK, World};
use kontor_model::{Error, Result, Timestamp};
use kontor_store::moving::archive::{Archive, Label, Packed, pack};
use kontor_store::moving::{Carried, Event, LEAP, carry};
use std::io::{Cursor, Read};

fn label() -> Label {
    Label { made: Timestamp::from_secs(1_800_000_000), program: "0.1.0".into(), from: "a test".into() }
}

fn backup(place: &Place) -> (Vec<u8>, Packed) {
    let mut out = Vec::new();
    let packed = pack(&mut *place.rows().unwrap(), &label(), &mut out, &mut |_| {}).unwrap();
    (out, packed)
}

fn restore(from: impl Read + Send + 'static, to: &Place, tell: &mut dyn FnMut(Event)) -> Result<Carried> {
    let mut archive = Archive::open(Box::new(from))?;
    let now = Some(Timestamp::from_secs(1_800_000_100));
    carry(&mut archive, "a backup", &mut *to.fill().unwrap(), now, tell)
}

#[test]
fn a_backup_of_one_engine_restores_into_the_other() {
    for (from, to) in [(folder(), database()), (database(), folder())] {
        let (from, to) = (at(from, 1_500), to.made());
        let (bytes, packed) = backup(&from);
        assert_eq!((packed.sums.clone(), packed.written), (from.sums(), bytes.len() as u64));
        assert!(packed.written < packed.bytes / 2 + packed.laid.bytes, "{packed:?}");
        assert_eq!((packed.laid.bodies, packed.laid.bytes), (1, 3_000_000));
        let carried = restore(Cursor::new(bytes), &to, &mut |_| {}).unwrap();
        assert_eq!(carried.sums, from.sums());
        runtime().block_on(async {
            let store = to.open().unwrap();
            let world = World::again(store.clone());
            assert!(world.version(WORK).await.0 > LEAP, "it goes on from an older state");
            world.put(WORK, "after", "the restore").await;
            store.close().await.unwrap();
        });
        let refused = restore(Cursor::new(backup(&from).0), &to, &mut |_| {});
        assert!(
            matches!(&refused, Err(Error::Unsupported { detail }) if detail.contains("holds something")),
            "{refused:?}"
        );
    }
}

#[test]
fn the_label_can_be_read_alone() {
    let (bytes, _) = backup(&at(folder(), 60));
    let archive = Archive::open(Box::new(Cursor::new(bytes[..3_000].to_vec()))).unwrap();
    assert_eq!(archive.label(), &label());
    let Err(Error::Unsupported { detail }) =
        Archive::open(Box::new(Cursor::new(b"PK something else".to_vec()))).map(drop)
    else {
        panic!("something else was read");
    };
    assert_eq!(detail, "it is not a backup");
    let Err(Error::Unsupported { detail }) =
        Archive::open(Box::new(Cursor::new(b"KONTOR BACKUP 2\n".to_vec()))).map(drop)
    else {
        panic!("a later form was read");
    };
    assert!(detail.contains("newer program"));
}

#[test]
fn a_damaged_backup_is_never_taken_for_a_whole_one() {
    let from = at(folder(), 3_000);
    let ((bytes, _), to) = (backup(&from), folder());
    let spoilt: [(&str, Vec<u8>); 4] = [
        ("cut off", bytes[..bytes.len() / 2].to_vec()),
        ("its end is missing", bytes[..bytes.len() - 1_000].to_vec()),
        ("a byte changed", {
            let mut bad = bytes.clone();
            bad[bytes.len() * 2 / 3] ^= 4;
            bad
        }),
        ("something after it", [bytes.as_slice(), b"x"].concat()),
    ];
    for (what, bad) in spoilt {
        let failed = restore(Cursor::new(bad), &to, &mut |_| {});
        assert!(
            matches!(&failed, Err(Error::Internal(why)) if why.contains("damaged")),
            "{what}: {failed:?}"
        );
        let Err(Error::Unsupported { detail }) = to.open().map(drop) else { panic!("{what}: it was opened") };
        assert!(detail.contains("not whole"), "{detail}");
    }
    // The place that a damaged one began to fill is taken by the good one: it is the same backup.
    restore(Cursor::new(bytes), &to, &mut |_| {}).unwrap();
    assert!(to.open().is_ok());
}

/// Ends after so many bytes, as a cable does that is pulled.
struct Pulled(Cursor<Vec<u8>>, u64);

impl Read for Pulled {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let left = self.1.saturating_sub(self.0.position());
        if left == 0 {
            return Err(std::io::Error::other("pulled"));
        }
        let most = into.len().min(left as usize);
        self.0.read(&mut into[..most])
    }
}

#[test]
fn an_interrupted_restore_goes_on() {
    let from = at(folder(), 20_000);
    let (bytes, packed) = backup(&from);
    for to in [folder(), database()] {
        let to = to.made();
        for part in [3, 6, 9] {
            let end = bytes.len() as u64 * part / 10;
            assert!(restore(Pulled(Cursor::new(bytes.clone()), end), &to, &mut |_| {}).is_err());
        }
        let (mut resumed, mut rows) = (false, 0);
        restore(Cursor::new(bytes.clone()), &to, &mut |event| match event {
            Event::Begins { resumed: true, .. } => resumed = true,
            Event::Carried { rows: more, .. } => rows += more,
            _ => {}
        })
        .unwrap();
        let all: u64 = packed.sums.iter().map(|sum| sum.rows).sum();
        assert!(resumed && rows < all * 2 / 3, "{rows} of {all} rows came again");
        runtime().block_on(async { to.open().unwrap().close().await.unwrap() });
    }
}

/// Count of the rows of a table.
fn rows(packed: &Packed, table: &str) -> u64 {
    packed.sums.iter().find(|sum| sum.table == table).unwrap().rows
}

#[test]
fn a_store_in_use_is_backed_up_as_it_is_at_one_moment() {
    for place in [folder(), database()] {
        let place = at(place, 400);
        runtime().block_on(async {
            let store = place.open().unwrap();
            let world = World::again(store.clone());
            // Housekeeping drops what is left of a collection.
            while rows(&packed(store.whole().await.unwrap()).await, "doomed") > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            let (items, version) =
                (rows(&packed(store.whole().await.unwrap()).await, "body"), world.version(WORK).await);
            let view = store.whole().await.unwrap();
            assert!(matches!(store.whole().await.map(drop), Err(Error::Locked)), "one at a time");
            for n in 0..50 {
                world.put(WORK, &format!("later {n}"), "x").await;
            }
            assert_eq!(world.version(WORK).await.0, version.0 + 50, "writes go on");
            assert_eq!(rows(&packed(view).await, "body"), items, "and do not show");
            assert_eq!(rows(&packed(store.whole().await.unwrap()).await, "body"), items + 50);
            store.close().await.unwrap();
        });
        if let Place::Folder(folder) = &place {
            let left: Vec<_> =
                std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
            assert!(left.iter().all(|name| !name.to_string_lossy().contains("snapshot")), "{left:?}");
        }
    }
}

async fn packed(mut view: Box<dyn kontor_store::moving::RowSource>) -> Packed {
    let task =
        tokio::task::spawn_blocking(move || pack(&mut *view, &label(), &mut std::io::sink(), &mut |_| {}));
    task.await.unwrap().unwrap()
}

#[test]
fn a_snapshot_that_a_crash_left_is_cleared_away() {
    let Place::Folder(folder) = at(folder(), 50) else { panic!() };
    let left = folder.path().join("kontor.snapshot");
    std::fs::write(&left, "half of it").unwrap();
    let place = Place::Folder(folder);
    runtime().block_on(async {
        let store = place.open().unwrap();
        assert!(!left.exists());
        std::fs::write(&left, "half of it").unwrap();
        assert!(rows(&packed(store.whole().await.unwrap()).await, "item") > 40);
        store.close().await.unwrap();
    });
    assert!(!left.exists());
}
