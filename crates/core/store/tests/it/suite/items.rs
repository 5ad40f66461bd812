//! Items: what is put is there, under the conditions stated.

use super::on_every_engine;
use super::world::{ANNA, BERTS, HOME, WORK, World, body, item_name, source};
use kontor_model::{Actor, CollectionId, Error, ItemId, Origin, Rule, Timestamp, Version};
use kontor_store::{Done, Expect, Op, READ_BYTES, Select, Write};

#[test]
fn what_is_put_is_there() {
    on_every_engine(|world| async move {
        let (id, revision) = world.put(WORK, "a.ics", "one").await;
        assert_eq!(revision, Version(1));
        let item = world.item(WORK, "a.ics").await.unwrap();
        assert_eq!((item.meta.id, item.meta.version, item.meta.revision), (id, Version(1), Version(1)));
        assert_eq!((&item.body[..], item.meta.size, item.meta.has_properties), (&b"one"[..], 3, false));
        assert_eq!((item.meta.created, item.meta.modified), (world.now(), world.now()));
        let created = item.meta.created;

        assert_eq!(world.put(WORK, "a.ics", "another").await, (id, Version(2)), "the id stays");
        let item = world.item(WORK, "a.ics").await.unwrap();
        assert_eq!((item.meta.created, item.meta.modified), (created, world.now()));
        assert_eq!(world.store.usage(ANNA, WORK).await, Ok((1, 7)));

        assert_eq!(world.remove(WORK, "a.ics").await, Version(3));
        assert_eq!(world.item(WORK, "a.ics").await, None);
        assert_eq!(world.store.usage(ANNA, WORK).await, Ok((0, 0)));

        let (again, revision) = world.put(WORK, "a.ics", "third").await;
        assert_ne!(again, id, "what is made anew is another item");
        assert_eq!(revision, Version(4));
    });
}

#[test]
fn expectations_are_kept() {
    on_every_engine(|world| async move {
        let at = || source(WORK, "a.ics");
        let put = async |expect| world.act(world.put_op(at(), expect, body("x", None))).await;
        let gone = Err(Error::Stale { have: None });
        assert_eq!(put(Expect::Present).await, gone);
        assert_eq!(put(Expect::Exactly(ItemId(1), Version(1))).await, gone);
        let Ok(Done::Item { id, revision, created: true, .. }) = put(Expect::Absent).await else { panic!() };
        let stale = Err(Error::Stale { have: Some(revision) });
        assert_eq!(put(Expect::Absent).await, stale);
        assert_eq!(put(Expect::Exactly(id, Version(9))).await, stale);
        assert_eq!(put(Expect::Exactly(ItemId(9), revision)).await, stale);
        assert!(put(Expect::Exactly(id, revision)).await.is_ok());
        assert!(put(Expect::Present).await.is_ok());
        let remove = async |expect| world.act(Op::Remove { at: at(), expect }).await;
        assert_eq!(remove(Expect::Exactly(id, revision)).await, Err(Error::Stale { have: Some(Version(3)) }));
        assert_eq!(remove(Expect::Exactly(id, Version(3))).await, Ok(Done::Removed { version: Version(4) }));
        assert_eq!(remove(Expect::Any).await, Err(Error::NotFound));
        assert_eq!(remove(Expect::Present).await, gone);
        assert_eq!(world.version(WORK).await, Version(4), "what was refused left no trace");
    });
}

#[test]
fn a_uid_is_unique_among_the_living() {
    on_every_engine(|world| async move {
        let put = async |at, uid| world.act(world.put_op(at, Expect::Any, body("x", uid))).await;
        assert!(put(source(WORK, "a"), Some("u1")).await.is_ok());
        let conflict = |answer: Result<Done, Error>| match answer {
            Err(Error::Invalid { rule: Rule::UidConflict { name }, .. }) => assert_eq!(name, "a"),
            other => panic!("{other:?}"),
        };
        conflict(put(source(WORK, "b"), Some("u1")).await);
        assert!(put(source(HOME, "b"), Some("u1")).await.is_ok(), "another collection is another matter");
        let change = put(source(WORK, "a"), Some("u2")).await;
        assert!(matches!(change, Err(Error::Invalid { rule: Rule::UidChange, .. })), "{change:?}");
        assert_eq!(world.store.by_uid(ANNA, WORK, "u1").await, Ok(Some(item_name("a"))));
        world.remove(WORK, "a").await;
        assert_eq!(world.store.by_uid(ANNA, WORK, "u1").await, Ok(None));
        assert!(put(source(WORK, "b"), Some("u1")).await.is_ok());
        assert!(put(source(WORK, "a"), Some("u2")).await.is_ok(), "a tombstone has no UID");
    });
}

#[test]
fn pages_go_by_name() {
    on_every_engine(|world| async move {
        for name in ["c", "a", "é", "B", "b", "dead"] {
            world.put(WORK, name, name).await;
        }
        world.remove(WORK, "dead").await;
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = world.store.page(ANNA, WORK, after.as_ref(), 2, Select::Body).await.unwrap();
            assert!(page.items.len() <= 2);
            for item in page.items {
                assert_eq!(item.meta.name.as_str().as_bytes(), &item.body[..]);
                seen.push(item.meta.name.as_str().to_owned());
                after = Some(item.meta.name);
            }
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, ["B", "a", "b", "c", "é"], "by bytes");
        let page = world.store.page(ANNA, WORK, None, 1000, Select::Meta).await.unwrap();
        assert!(page.items.iter().all(|item| item.body.is_empty()) && page.items.len() == 5 && !page.more);
        assert_eq!(page.items[4].meta.size, 2, "the size is known without the body");
        let page = world.store.page(ANNA, WORK, None, 5, Select::Meta).await.unwrap();
        assert!(!page.more, "exactly all is not more");
    });
}

#[test]
fn items_named_keep_the_order_asked() {
    on_every_engine(|world| async move {
        for name in ["a", "b"] {
            world.put(WORK, name, name).await;
        }
        let mut names: Vec<_> = ["b", "x", "a", "b"].map(item_name).to_vec();
        for _ in 0..2 {
            let found = world.store.items_named(ANNA, WORK, &names, Select::Body).await.unwrap();
            let texts: Vec<_> =
                found.iter().take(4).map(|one| one.as_ref().map(|item| item.body.to_vec())).collect();
            assert_eq!(texts, [Some(b"b".to_vec()), None, Some(b"a".to_vec()), Some(b"b".to_vec())]);
            names.extend((0..500).map(|n| item_name(&format!("none-{n}"))));
        }
    });
}

#[test]
fn all_ops_of_a_write_or_none() {
    on_every_engine(|world| async move {
        let put = |name| world.put_op(source(WORK, name), Expect::Absent, body("x", Some(name)));
        let failed = world.write(vec![put("a"), put("b"), put("a")]).await;
        assert!(matches!(failed, Err(Error::Stale { .. })), "{failed:?}");
        assert_eq!(world.item(WORK, "a").await, None);
        assert_eq!(world.version(WORK).await, Version::ZERO);
        let done = world.write(vec![put("a"), put("b")]).await.unwrap().done;
        assert!(matches!(
            done[..],
            [Done::Item { version: Version(1), .. }, Done::Item { version: Version(2), .. }]
        ));
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    on_every_engine(|world| async move {
        let (nowhere, name) = (CollectionId(9), item_name("a"));
        let World { store, .. } = &world;
        assert_eq!(
            world.act(world.put_op(source(nowhere, "a"), Expect::Any, body("x", None))).await,
            Err(Error::NotFound)
        );
        assert_eq!(store.item(ANNA, nowhere, &name).await, Ok(None));
        assert_eq!(store.item(ANNA, BERTS, &name).await, Ok(None));
        assert_eq!(store.version(ANNA, nowhere).await, Err(Error::NotFound));
        assert_eq!(store.version(ANNA, BERTS).await, Err(Error::NotFound), "each account by itself");
        assert_eq!(store.usage(ANNA, nowhere).await, Err(Error::NotFound));
        assert!(store.page(ANNA, nowhere, None, 1, Select::Meta).await.is_err());
        assert!(store.page(ANNA, nowhere, None, 1000, Select::Meta).await.is_err());
        assert!(store.changes(ANNA, nowhere, Version::ZERO, 1, Select::Meta).await.is_err());
    });
}

#[test]
fn bodies_of_any_size_come_back_as_they_were() {
    on_every_engine(|world| async move {
        for size in [0, 1, 4_095, 4_096, 100_000, 5_000_000] {
            let bytes: Vec<u8> = (0..size).map(|n: usize| u8::try_from(n * 7 % 256).unwrap()).collect();
            let mut new = body("", None);
            new.content = bytes.clone().into();
            world.act(world.put_op(source(WORK, "a"), Expect::Any, new)).await.unwrap();
            let item = world.item(WORK, "a").await.unwrap();
            assert!(item.body[..] == bytes[..] && item.meta.size == size as u64, "{size}");
        }
    });
}

#[test]
fn large_bodies_come_a_few_at_a_time() {
    on_every_engine(|world| async move {
        let large = "x".repeat(READ_BYTES / 2);
        let names = ["a", "b", "c", "d", "e"];
        for name in names {
            world.put(WORK, name, &large).await;
        }
        let page = world.store.page(ANNA, WORK, None, 100, Select::Body).await.unwrap();
        assert_eq!((page.items.len(), page.more), (2, true));
        let page = world.store.page(ANNA, WORK, Some(&item_name("c")), 100, Select::Body).await.unwrap();
        assert_eq!((page.items.len(), page.more), (2, false), "exactly all is not more");
        let page = world.store.page(ANNA, WORK, None, 100, Select::Meta).await.unwrap();
        assert_eq!((page.items.len(), page.more), (5, false));
        let since = world.store.changes(ANNA, WORK, Version(1), 100, Select::Body).await.unwrap();
        assert_eq!((since.changed.len(), since.upto, since.more), (2, Version(3), true));
        let since = world.store.changes(ANNA, WORK, Version(3), 100, Select::Body).await.unwrap();
        assert_eq!((since.changed.len(), since.upto, since.more), (2, Version(5), false));
        let named = world.store.items_named(ANNA, WORK, &names.map(item_name), Select::Body).await.unwrap();
        assert_eq!(named.iter().flatten().count(), 2);
        let named = world.store.items_named(ANNA, WORK, &names.map(item_name), Select::Meta).await.unwrap();
        assert_eq!(named.iter().flatten().count(), 5);
    });
}

/// Nodes' clocks differ, and may be set back: a new text is never older than the one before, nor as old to the second.
#[test]
fn a_change_is_later_than_what_it_changes_whatever_the_clock_says() {
    on_every_engine(|world| async move {
        let mut last = 0;
        for (at_s, expect_ms) in [(1_000, 1_000_000), (700, 1_001_000), (700, 1_002_000), (1_003, 1_003_000)]
        {
            let op = world.put_op(source(WORK, "a"), Expect::Any, body(&format!("{at_s}"), None));
            let (actor, at) = (Actor::Account(ANNA), Timestamp::from_secs(at_s));
            let write = Write { actor, origin: Origin::Dav, at, guards: Vec::new(), ops: vec![op] };
            world.store.write(write).await.unwrap();
            let meta = world.item(WORK, "a").await.unwrap().meta;
            assert_eq!((meta.created.secs(), meta.modified.millis()), (1_000, expect_ms));
            assert!(meta.modified.secs() > last);
            last = meta.modified.secs();
        }
    });
}
