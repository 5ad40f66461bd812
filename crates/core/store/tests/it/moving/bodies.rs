//! Large bodies on their way: from every place to every place, compared at both ends.

use super::copying::copy;
use super::interrupted::copied;
use super::{Place, blobs, database, folder, open_in, runtime};
use crate::blobs::bed::{collect, names, noise, of};
use crate::suite::at_server;
use crate::suite::world::{ANNA, BERT, BERTS, CARDS, World, item_name, source};
use bytes::Bytes;
use kontor_model::{Error, Result, Timestamp};
use kontor_store::blob::Depot;
use kontor_store::moving::archive::{Archive, Label, Packed, pack};
use kontor_store::moving::{Carried, Event, carry};
use kontor_store::sqlite::{self, SqliteOptions};
use kontor_store::{BlobOptions, BlobPlace, Expect, Op, Verdict};
use kontor_testkit::{Proxy, s3};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sizes of bodies: just too large for a row, of several pieces, of several parts.
const SIZES: [usize; 4] = [(64 << 10) + 1, 300_000, (2 << 20) + 7, (17 << 20) + 5];

/// A store with bodies of all those sizes, one of them in two items, and some that are gone.
fn laden(place: Place) -> Place {
    let place = place.made();
    runtime().block_on(async {
        let store = place.open().unwrap();
        let world = World::new(Arc::clone(&store)).await;
        for (n, size) in SIZES.into_iter().enumerate() {
            put(&world, &format!("{n}.vcf"), noise(n as u64, size)).await;
        }
        put(&world, "again.vcf", noise(1, SIZES[1])).await;
        put(&world, "gone.vcf", noise(77, SIZES[0])).await;
        put(&world, "gone.vcf", b"small now".to_vec()).await;
        while store.forget_past(world.now().plus_millis(1)).await.unwrap().more {}
        let op = world.put_op(source(BERTS, "bert.vcf"), Expect::Any, of(noise(9, SIZES[1])));
        world.act(op).await.unwrap();
        store.close().await.unwrap();
    });
    place
}

async fn put(world: &World, name: &str, text: Vec<u8>) {
    let op = world.put_op(source(CARDS, name), Expect::Any, of(text));
    world.act(op).await.unwrap();
}

/// All bodies; each object is what was put, and there is no object that a row does not know.
fn bodies(place: &Place) -> BTreeMap<String, Bytes> {
    runtime().block_on(async {
        let store = place.open().unwrap();
        let mut all = BTreeMap::new();
        for n in 0..SIZES.len() {
            let name = format!("{n}.vcf");
            let item = store.item(ANNA, CARDS, &item_name(&name)).await.unwrap().unwrap();
            all.insert(name, item.body);
        }
        let item = store.item(BERT, BERTS, &item_name("bert.vcf")).await.unwrap().unwrap();
        all.insert("bert.vcf".to_owned(), item.body);
        let blobs = store.blobs().unwrap();
        let mut kept = blobs.kept();
        while let Some(blob) = kept.next().await {
            let blob = blob.unwrap();
            assert_eq!(blobs.verify(&blob).await, Ok(Verdict::Good), "{blob:?}");
        }
        names(&blobs).await;
        store.close().await.unwrap();
        all
    })
}

/// Makes a place.
type Makes = fn() -> Place;

fn ways() -> [(Makes, Makes); 4] {
    [(folder, folder), (folder, database), (database, database), (database, folder)]
}

#[test]
fn bodies_go_every_way() {
    for (from, to) in ways() {
        let (from, to) = (laden(from()), to().made());
        let told = copy(&from, &to);
        let count = told.iter().filter(|event| matches!(event, Event::Body { .. })).count();
        assert_eq!(count, SIZES.len() + 2, "and the one that nothing refers to, while it is there");
        assert!(bodies(&to) == bodies(&from));
        // It is the new store's own place: what nothing refers to goes, and nothing else.
        runtime().block_on(async {
            let options = BlobOptions { keep_unused: std::time::Duration::ZERO, ..blobs(&to.name()) };
            let store = open_in(&to.name(), options).unwrap();
            assert_eq!(collect(&store.blobs().unwrap()).await, 1);
            store.close().await.unwrap();
        });
        bodies(&to);
    }
}

fn packed(from: &Place) -> Result<(Vec<u8>, Packed)> {
    let label = Label { made: Timestamp::from_secs(1), program: "x".into(), from: "a test".into() };
    let mut out = Vec::new();
    let packed = pack(&mut *from.rows().unwrap(), &label, &mut out, &mut |_| {})?;
    Ok((out, packed))
}

fn restored(bytes: Vec<u8>, to: &Place) -> Result<Carried> {
    let mut archive = Archive::open(Box::new(Cursor::new(bytes)))?;
    carry(&mut archive, "a backup", &mut *to.fill().unwrap(), None, &mut |_| {})
}

#[test]
fn a_backup_holds_bodies_and_restores_them_anywhere() {
    for (from, to) in ways() {
        let (from, to) = (laden(from()), to().made());
        let (bytes, packed) = packed(&from).unwrap();
        let sizes = SIZES.iter().sum::<usize>() + SIZES[0] + SIZES[1];
        assert_eq!((packed.laid.bodies, packed.laid.bytes), (6, sizes as u64));
        // In the middle of the bodies, and with one byte changed there.
        for bad in [bytes[..bytes.len() / 2].to_vec(), flipped(&bytes, bytes.len() * 2 / 3)] {
            let failed = restored(bad, &to);
            assert!(matches!(&failed, Err(Error::Internal(why)) if why.contains("damaged")), "{failed:?}");
            let Err(Error::Unsupported { detail }) = to.open().map(drop) else { panic!("it was opened") };
            assert!(detail.contains("not whole"), "{detail}");
        }
        assert_eq!(restored(bytes, &to).unwrap().laid, packed.laid);
        assert!(bodies(&to) == bodies(&from));
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bad = bytes.to_vec();
    bad[at] ^= 1;
    bad
}

#[test]
fn a_copy_that_is_killed_among_the_bodies_goes_on() {
    for (from, to) in [(folder as Makes, database as Makes), (database, folder)] {
        let (from, to) = (laden(from()), to().made());
        // Among the rows; when all of those are there; among the bodies.
        for chunks in [3, 0, 1, 2, 4, 6] {
            assert!(!copied(&from, &to, chunks), "it was killed after {chunks}");
            let Err(Error::Unsupported { detail }) = to.open().map(drop) else { panic!("it was opened") };
            assert!(detail.contains("not whole"), "{detail}");
        }
        let told = copy(&from, &to);
        assert!(matches!(told.first(), Some(Event::Begins { resumed: true, .. })), "{:?}", told.first());
        assert!(bodies(&to) == bodies(&from));
        assert_eq!(to.sums(), from.sums());
    }
}

/// The objects of a store whose bodies lie in its folder.
fn files(place: &Place) -> Vec<std::path::PathBuf> {
    let Place::Folder(folder) = place else { panic!("a folder") };
    let accounts = std::fs::read_dir(folder.path().join("blobs")).unwrap().map(|one| one.unwrap().path());
    let mut all: Vec<_> = accounts
        .filter(|path| path.is_dir())
        .flat_map(|path| std::fs::read_dir(path).unwrap().map(|one| one.unwrap().path()))
        .collect();
    all.sort_by_key(|path| path.metadata().unwrap().len());
    all
}

#[test]
fn what_is_spoilt_in_the_source_is_told_by_the_name_of_its_item() {
    for to in [folder, database] {
        let (from, to) = (laden(folder()), to().made());
        let files = files(&from);
        let largest = files.last().unwrap();
        let good = std::fs::read(largest).unwrap();
        for spoil in [None, Some(flipped(&good, good.len() / 2)), Some(good[..good.len() - 1].to_vec())] {
            std::fs::remove_file(largest).unwrap();
            let missing = spoil.is_none();
            if let Some(bytes) = spoil {
                std::fs::write(largest, bytes).unwrap();
            }
            let copied =
                carry(&mut *from.rows().unwrap(), "there", &mut *to.fill().unwrap(), None, &mut |_| {});
            for failed in [copied.map(drop), packed(&from).map(drop)] {
                let Err(Error::Internal(why)) = failed else { panic!("{failed:?}") };
                assert!(
                    why.contains("account anna (b), collection ") && why.contains("item \"3.vcf\""),
                    "{why}"
                );
                assert!(why.contains(if missing { "not there" } else { "is damaged" }), "{why}");
            }
            let Err(Error::Unsupported { detail }) = to.open().map(drop) else { panic!("it was opened") };
            assert!(detail.contains("not whole"), "{detail}");
            std::fs::write(largest, &good).unwrap();
        }
        // With the object back the same command goes on.
        copy_again(&from, &to);
        assert!(bodies(&to) == bodies(&from));
    }
}

fn copy_again(from: &Place, to: &Place) {
    carry(&mut *from.rows().unwrap(), "there", &mut *to.fill().unwrap(), None, &mut |_| {}).unwrap();
}

/// What nothing refers to may be collected while a backup is taken.
#[test]
fn what_nothing_refers_to_is_not_missed() {
    let (from, to) = (laden(folder()), folder());
    // Of the smallest size are `0.vcf` and the one that is gone.
    let small: Vec<_> = files(&from).into_iter().take(2).collect();
    let gone = small.iter().find(|file| std::fs::read(file).unwrap() == noise(77, SIZES[0])).unwrap();
    std::fs::remove_file(gone).unwrap();
    let (bytes, packed) = packed(&from).unwrap();
    assert_eq!(packed.laid.bodies, 5);
    restored(bytes, &to).unwrap();
    bodies_without_objects(&to);
    copy(&from, &folder());
}

/// As [`bodies`], for a store of which an object that nothing refers to is missing.
fn bodies_without_objects(place: &Place) {
    runtime().block_on(async {
        let store = place.open().unwrap();
        for (n, size) in SIZES.into_iter().enumerate() {
            let item = store.item(ANNA, CARDS, &item_name(&format!("{n}.vcf"))).await.unwrap().unwrap();
            assert!(item.body == noise(n as u64, size));
        }
        store.close().await.unwrap();
    });
}

/// What an earlier attempt laid down is taken if it is right, and laid down again if it is not.
#[test]
fn what_is_there_already_is_compared_too() {
    let (from, to) = (laden(folder()), folder());
    let (Place::Folder(one), Place::Folder(other)) = (&from, &to) else { panic!() };
    for (n, file) in files(&from).into_iter().enumerate() {
        let beside = other.path().join(file.strip_prefix(one.path()).unwrap());
        std::fs::create_dir_all(beside.parent().unwrap()).unwrap();
        let bytes = std::fs::read(file).unwrap();
        std::fs::write(beside, if n.is_multiple_of(2) { flipped(&bytes, 1_000) } else { bytes }).unwrap();
    }
    copy(&from, &to);
    assert!(bodies(&to) == bodies(&from));
}

#[test]
fn the_place_of_another_store_is_not_filled() {
    for other in [folder, database] {
        let (from, other, to) = (laden(folder()), laden(other()), folder());
        let mut sink = to.fill().unwrap();
        sink.lay_in(other.depot());
        let failed = carry(&mut *from.rows().unwrap(), "x", &mut *sink, None, &mut |_| {});
        let Err(Error::Unsupported { detail }) = failed else { panic!("{failed:?}") };
        assert!(detail.contains("belongs to another store"), "{detail}");
        drop(sink);
        bodies(&other);
    }
}

/// Both stores have the same place: nothing is carried, and it is seen whether everything is there.
#[test]
fn a_place_is_handed_on() {
    let (from, to) = (laden(folder()), folder());
    let files = files(&from);
    let changed =
        || files.iter().map(|file| file.metadata().unwrap().modified().unwrap()).collect::<Vec<_>>();
    let before = changed();
    let hand_on = || {
        let mut sink = to.fill().unwrap();
        sink.lay_in(from.depot());
        carry(&mut *from.rows().unwrap(), "x", &mut *sink, None, &mut |_| {})
    };
    let lost = std::fs::read(&files[3]).unwrap();
    std::fs::remove_file(&files[3]).unwrap();
    assert!(matches!(hand_on(), Err(Error::Internal(why)) if why.contains("item \"")));
    std::fs::write(&files[3], lost).unwrap();
    assert_eq!(hand_on().unwrap().laid.bodies, 6);
    assert_eq!(changed()[4..], before[4..]);
    runtime().block_on(async {
        let store = open_in(&to.name(), blobs(&from.name())).unwrap();
        let item = store.item(ANNA, CARDS, &item_name("3.vcf")).await.unwrap().unwrap();
        assert!(item.body == noise(3, SIZES[3]));
        store.close().await.unwrap();
    });
}

/// Bytes that were read at one end and are not yet given to the other are bounded, however much there is.
#[test]
fn bodies_pass_through_little_memory() {
    const EACH: usize = 50 << 20;
    const MOST: u64 = 84 << 20;
    let (from, to) = (database().made(), database().made());
    runtime().block_on(async {
        let store = open_in(&from.name(), patient(&from, &s3().endpoint())).unwrap();
        let world = World::new(Arc::clone(&store)).await;
        for n in 0..3 {
            let mut writer = store.blobs().unwrap().writer(ANNA);
            writer.append(&noise(n, EACH)).await.unwrap();
            let content = writer.finish().await.unwrap();
            let op = world.put_op(source(CARDS, &format!("{n}")), Expect::Any, of(content));
            world.act(op).await.unwrap();
        }
        store.close().await.unwrap();
    });
    let [out, into] = [(); 2].map(|()| Arc::new(Proxy::http(s3().address())));
    let depot = |place: &Place, proxy: &Proxy| {
        Depot::open(&patient(place, &format!("http://{}", proxy.address()))).unwrap()
    };
    let (mut rows, mut sink) = (from.rows().unwrap(), to.fill().unwrap());
    rows.lie_in(depot(&from, &out));
    sink.lay_in(depot(&to, &into));
    let ended = AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = 0;
            while !ended.load(Ordering::SeqCst) {
                most = most.max(out.answered().saturating_sub(into.asked()));
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            most
        });
        let carried = carry(&mut *rows, "there", &mut *sink, None, &mut |_| {});
        ended.store(true, Ordering::SeqCst);
        assert_eq!(carried.unwrap().laid.bodies, 3);
        watching.join().unwrap()
    });
    assert!(out.answered() >= 3 * EACH as u64 && into.asked() >= 3 * EACH as u64);
    assert!(most > 0 && most <= MOST, "{most} bytes were on their way");
}

/// The bucket of a database, at that endpoint, given much time.
fn patient(place: &Place, endpoint: &str) -> BlobOptions {
    let Place::Database(name) = place else { panic!("a database") };
    let place = BlobPlace::Bucket(Box::new(at_server(name, endpoint)));
    BlobOptions { patience: std::time::Duration::from_secs(120), ..BlobOptions::at(place) }
}

/// Rows that hold large bodies themselves, as those of before there were places, stay what they are.
#[test]
fn bodies_in_rows_stay_in_rows() {
    for to in [folder, database] {
        let (from, to) = (database().made(), to().made());
        let text = noise(5, 200_000);
        runtime().block_on(async {
            let options = kontor_store::postgres::PostgresOptions::default();
            let store = kontor_store::postgres::open(&from.name(), &options).unwrap();
            put(&World::new(Arc::clone(&store)).await, "inline.vcf", text.clone()).await;
            store.close().await.unwrap();
        });
        let told = copy(&from, &to);
        assert!(told.iter().all(|event| !matches!(event, Event::Body { .. })));
        runtime().block_on(async {
            let store = to.open().unwrap();
            let item = store.item(ANNA, CARDS, &item_name("inline.vcf")).await.unwrap().unwrap();
            assert!(item.body == text);
            let world = World::again(Arc::clone(&store));
            world.act(Op::Remove { at: source(CARDS, "inline.vcf"), expect: Expect::Any }).await.unwrap();
            store.close().await.unwrap();
        });
    }
}

/// It has to be said where bodies are and shall be, if there are any.
#[test]
fn a_place_that_was_not_named_is_asked_for() {
    let (from, to) = (laden(folder()), folder());
    let Place::Folder(path) = &from else { panic!() };
    let (mut rows, mut sink) = (sqlite::rows(path.path()).unwrap(), to.fill().unwrap());
    let failed = carry(&mut *rows, "x", &mut *sink, None, &mut |_| {});
    assert!(
        matches!(&failed, Err(Error::Unsupported { detail }) if detail.contains("where they lie")),
        "{failed:?}"
    );
    drop((rows, sink));
    let Place::Folder(path) = &to else { panic!() };
    let (mut rows, mut sink) = (from.rows().unwrap(), sqlite::fill(path.path()).unwrap());
    let failed = carry(&mut *rows, "x", &mut *sink, None, &mut |_| {});
    assert!(
        matches!(&failed, Err(Error::Unsupported { detail }) if detail.contains("shall lie")),
        "{failed:?}"
    );
    let elsewhere = BlobOptions::at(BlobPlace::Folder(path.path().join("blobs")));
    assert!(
        sqlite::open(path.path(), &SqliteOptions { blobs: Some(elsewhere), ..SqliteOptions::default() })
            .is_err()
    );
}
