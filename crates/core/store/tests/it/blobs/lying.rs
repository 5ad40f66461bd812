//! What lies where, and comes back by every way of reading.

use super::bed::{Bed, HERE, LARGE, noise, of, on_every_engine, whose};
use crate::suite::world::{ANNA, BERT, BERTS, HOME, item_name, source};
use kontor_model::{Error, Version};
use kontor_store::{Expect, INLINE_BYTES, Op, READ_BYTES, Select};

#[test]
fn large_bodies_lie_outside_and_come_back_by_every_way() {
    on_every_engine(async |bed| {
        let sizes = [0, 1, INLINE_BYTES, LARGE, 1 << 20, (1 << 20) + 1, (3 << 20) + 7];
        for (n, size) in sizes.into_iter().enumerate() {
            let mut body = of(noise(n as u64, size));
            body.facets.folded = vec![1];
            let put = bed.world.put_op(source(HERE, &format!("{n}")), Expect::Absent, body);
            bed.world.act(put).await.unwrap();
        }
        bed.is_in_order(4).await;
        let usage = bed.world.store.usage(ANNA, HERE).await.unwrap();
        assert_eq!(usage, (7, sizes.iter().sum::<usize>() as u64));
        comes_back(&bed, &sizes).await;
        bed.world.store.close().await.unwrap();
        let again = bed.engine.open();
        let bed = Bed { world: crate::suite::world::World::again(again), ..bed };
        comes_back(&bed, &sizes).await;
    });
}

async fn comes_back(bed: &Bed, sizes: &[usize]) {
    let store = &bed.world.store;
    let names: Vec<_> = (0..sizes.len()).map(|n| item_name(&format!("{n}"))).collect();
    let right = |n: usize, body: &[u8]| assert!(body == noise(n as u64, sizes[n]), "{n}: {}", body.len());
    for (n, name) in names.iter().enumerate() {
        right(n, &store.item(ANNA, HERE, name).await.unwrap().unwrap().body);
        let opened = store.open(ANNA, HERE, name).await.unwrap().unwrap();
        right(n, &super::streams::read(opened.read_all()).await.unwrap());
    }
    let named = store.items_named(ANNA, HERE, &names, Select::Body).await.unwrap();
    assert!(named.len() >= 6);
    named.iter().enumerate().for_each(|(n, item)| right(n, &item.as_ref().unwrap().body));
    let page = store.page(ANNA, HERE, None, 6, Select::Body).await.unwrap();
    page.items.iter().enumerate().for_each(|(n, item)| right(n, &item.body));
    let meta = store.page(ANNA, HERE, None, 10, Select::Meta).await.unwrap();
    assert!(meta.items.iter().all(|item| item.body.is_empty()) && meta.items.len() == 7);
    let changes = store.changes(ANNA, HERE, Version::ZERO, 6, Select::Body).await.unwrap();
    changes.changed.iter().enumerate().for_each(|(n, item)| right(n, &item.body));
    let all = Box::new(|_: &[u8]| true);
    let matching = store.matching(ANNA, HERE, all, None, 6, Select::Body).await.unwrap();
    matching.items.iter().enumerate().for_each(|(n, item)| right(n, &item.body));
    assert_eq!((page.items.len(), changes.changed.len(), matching.items.len()), (6, 6, 6));
}

/// However many large ones there are, an answer holds few.
#[test]
fn an_answer_of_large_bodies_ends_early() {
    on_every_engine(async |bed| {
        let size = 400_000;
        for n in 0..30 {
            bed.put(HERE, &format!("{n:02}"), &noise(n, size)).await.unwrap();
        }
        let store = &bed.world.store;
        let most = READ_BYTES.div_ceil(size);
        let page = store.page(ANNA, HERE, None, 100, Select::Body).await.unwrap();
        assert_eq!((page.items.len(), page.more), (most, true));
        let changes = store.changes(ANNA, HERE, Version::ZERO, 100, Select::Body).await.unwrap();
        assert_eq!((changes.changed.len(), changes.more), (most, true));
        let names: Vec<_> = (0..30).map(|n| item_name(&format!("{n:02}"))).collect();
        assert_eq!(store.items_named(ANNA, HERE, &names, Select::Body).await.unwrap().len(), most);
        assert_eq!(store.page(ANNA, HERE, None, 100, Select::Meta).await.unwrap().items.len(), 30);
    });
}

#[test]
fn the_same_bytes_lie_once_in_an_account() {
    on_every_engine(async |bed| {
        let text = noise(1, LARGE);
        bed.put(HERE, "a", &text).await.unwrap();
        bed.put(HERE, "b", &text).await.unwrap();
        bed.put(HOME, "c", &text).await.unwrap();
        bed.put(HERE, "a", &text).await.unwrap();
        let (from, to, new_id) = (source(HERE, "a"), source(HOME, "d"), bed.world.id());
        bed.world.act(Op::Copy { from, expect: Expect::Any, to, target: Expect::Any, new_id }).await.unwrap();
        bed.is_in_order(1).await;
        // Nobody learns from it what others have.
        bed.put(BERTS, "a", &text).await.unwrap();
        bed.is_in_order(2).await;
        for gone in ["a", "b"] {
            bed.world.remove(HERE, gone).await;
        }
        assert_eq!(bed.collect_later().await, 0, "others refer to it");
        for (collection, name) in [(HOME, "c"), (HOME, "d"), (BERTS, "a")] {
            assert_eq!(bed.read(collection, name).await.as_deref(), Some(&text[..]));
        }
    });
}

#[test]
fn large_bodies_go_along_to_other_accounts() {
    on_every_engine(async |bed| {
        let (one, other) = (noise(1, LARGE), noise(2, 2 << 20));
        bed.put(HERE, "one", &one).await.unwrap();
        bed.put(HERE, "other", &other).await.unwrap();
        let transfer = |copy: bool, from, to| {
            let (expect, target, new_id) = (Expect::Any, Expect::Any, bed.world.id());
            if copy {
                Op::Copy { from, expect, to, target, new_id }
            } else {
                Op::Relocate { from, expect, to, target, new_id }
            }
        };
        // One write: put, copy what was just put, and move it on and back.
        let third = noise(3, LARGE + 5);
        let ops = vec![
            transfer(true, source(HERE, "one"), source(BERTS, "one")),
            bed.world.put_op(source(HERE, "third"), Expect::Absent, of(third.clone())),
            transfer(false, source(HERE, "third"), source(BERTS, "third")),
            transfer(true, source(BERTS, "third"), source(HOME, "third")),
            transfer(false, source(HERE, "other"), source(BERTS, "other")),
        ];
        let done = bed.world.write(ops).await.unwrap().done;
        assert_eq!(done.len(), 5);
        for (collection, name, text) in [
            (HERE, "one", &one),
            (BERTS, "one", &one),
            (BERTS, "third", &third),
            (HOME, "third", &third),
            (BERTS, "other", &other),
        ] {
            assert_eq!(bed.read(collection, name).await.as_deref(), Some(&text[..]), "{name}");
        }
        assert_eq!(bed.read(HERE, "other").await, None);
        bed.collect_later().await;
        bed.is_in_order(5).await;
        let objects = bed.objects().await;
        assert_eq!(objects.iter().filter(|name| name.starts_with(&format!("{:016x}/", BERT.0))).count(), 3);
    });
}

#[test]
fn what_one_account_laid_down_another_cannot_put() {
    on_every_engine(async |bed| {
        let mut writer = bed.blobs().writer(whose(HERE));
        writer.append(&noise(1, LARGE)).await.unwrap();
        let content = writer.finish().await.unwrap();
        let put = bed.world.put_op(source(BERTS, "x"), Expect::Any, of(content.clone()));
        assert!(matches!(bed.world.act(put).await, Err(Error::Internal(_))));
        let put = || bed.world.put_op(source(HERE, "x"), Expect::Any, of(content.clone()));
        bed.world.act(put()).await.unwrap();
        bed.world.act(put()).await.unwrap();
        assert_eq!(bed.read(HERE, "x").await, Some(noise(1, LARGE)));
        bed.is_in_order(1).await;
    });
}

#[test]
fn a_place_that_is_another_stores_is_refused() {
    on_every_engine(async |bed| {
        bed.put(HERE, "x", &noise(1, LARGE)).await.unwrap();
        bed.world.store.close().await.unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let place = kontor_store::BlobPlace::Folder(elsewhere.path().join("blobs"));
        let wrong = kontor_store::BlobOptions { place, ..bed.engine.blobs() };
        let Err(Error::Unsupported { detail }) = bed.engine.open_with(wrong) else { panic!("it opened") };
        assert!(detail.contains("holds nothing of this store") && detail.contains("--blobs"), "{detail}");
        // One that belongs to somebody else.
        let mine = bed.engine.object("kontor-store").unwrap();
        let folder = bed.engine.folder.path().join("other");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("kontor-store"), "0123").unwrap();
        let place = kontor_store::BlobPlace::Folder(folder.clone());
        let wrong = kontor_store::BlobOptions { place, ..bed.engine.blobs() };
        let Err(Error::Unsupported { detail }) = bed.engine.open_with(wrong.clone()) else {
            panic!("it opened")
        };
        assert!(detail.contains("belongs to another store"), "{detail}");
        std::fs::write(folder.join("kontor-store"), mine).unwrap();
        bed.engine.open_with(wrong).unwrap();
    });
}
