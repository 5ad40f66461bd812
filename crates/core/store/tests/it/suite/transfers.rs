//! Move and copy.

use super::on_every_engine;
use super::world::{ANNA, BERT, BERTS, HOME, WORK, World, body_at, item_name, source, texts};
use kontor_model::{Error, ItemId, PropertyKey, Result, Rule, Version};
use kontor_store::{Done, Expect, Op, Source};

impl World {
    async fn relocate(&self, from: Source, to: Source, target: Expect) -> Result<Done> {
        self.act(Op::Relocate { from, expect: Expect::Any, to, target, new_id: self.id() }).await
    }

    async fn copy(&self, from: Source, to: Source, target: Expect) -> Result<Done> {
        self.act(Op::Copy { from, expect: Expect::Any, to, target, new_id: self.id() }).await
    }

    /// An item with every belonging: UID, span, folded text, property.
    async fn laden(&self, at: Source, uid: &str) -> ItemId {
        let mut body = body_at(1_000, 2_000);
        body.facets.uid = Some(uid.to_owned());
        body.facets.folded = b"laden".to_vec();
        let put = Op::Put { at: at.clone(), expect: Expect::Any, new_id: self.id(), body, part: false };
        let set =
            Op::SetItemProperties { at, changes: vec![(PropertyKey::new("{x}p"), Some(b"v".to_vec()))] };
        match self.write(vec![put, set]).await.unwrap().done[..] {
            [Done::Item { id, .. }, _] => id,
            ref other => panic!("{other:?}"),
        }
    }

    /// Whether all belongings are at a place, or none.
    async fn has_all(&self, at: &Source) -> bool {
        let (account, collection) = (at.account, at.collection);
        let range = kontor_model::Range { start: 1_500, end: 1_501 };
        let timed = self.store.timings(account, collection, range).await.unwrap();
        let folded = texts(&self.store, account, collection).await.unwrap();
        let properties = self.store.item_properties(account, collection, Some(&at.name)).await.unwrap();
        let item = self.store.item(account, collection, &at.name).await.unwrap();
        let found = [
            timed.iter().any(|hit| hit.name == at.name && hit.timeline == b"1000..2000"),
            folded.iter().any(|(meta, text)| meta.name == at.name && text == b"laden"),
            properties.len() == 1 && properties[0].2 == b"v",
            item.is_some_and(|item| item.meta.has_properties && &item.body[..] == b"timed"),
        ];
        assert!(found.iter().all(|one| *one == found[0]), "{found:?} at {at:?}");
        found[0]
    }
}

#[test]
fn a_move_takes_everything_along() {
    on_every_engine(|world| async move {
        let id = world.laden(source(WORK, "a"), "u").await;
        let before = world.item(WORK, "a").await.unwrap();
        let done = world.relocate(source(WORK, "a"), source(WORK, "b"), Expect::Absent).await.unwrap();
        let expected = Done::Item { id, version: Version(4), revision: Version(4), created: true };
        assert_eq!(done, expected, "one number for the leaving, one for the arrival");
        let item = world.item(WORK, "b").await.unwrap();
        assert_eq!((item.meta.created, item.meta.modified), (before.meta.created, before.meta.modified));
        assert!(!world.has_all(&source(WORK, "a")).await && world.has_all(&source(WORK, "b")).await);

        let done = world.relocate(source(WORK, "b"), source(HOME, "b"), Expect::Absent).await.unwrap();
        assert_eq!(done, Done::Item { id, version: Version(1), revision: Version(1), created: true });
        assert!(!world.has_all(&source(WORK, "b")).await && world.has_all(&source(HOME, "b")).await);

        let done = world.relocate(source(HOME, "b"), source(BERTS, "c"), Expect::Absent).await.unwrap();
        assert!(matches!(done, Done::Item { id: other, .. } if other != id), "another store, another id");
        assert!(!world.has_all(&source(HOME, "b")).await && world.has_all(&source(BERTS, "c")).await);
        assert_eq!(world.store.by_uid(BERT, BERTS, "u").await, Ok(Some(item_name("c"))));
        assert_eq!(world.store.usage(ANNA, HOME).await, Ok((0, 0)));
        assert_eq!(world.store.usage(BERT, BERTS).await, Ok((1, 5)));
    });
}

#[test]
fn a_copy_leaves_the_source_alone() {
    on_every_engine(|world| async move {
        let id = world.laden(source(WORK, "a"), "u").await;
        for to in [source(HOME, "b"), source(BERTS, "b")] {
            let done = world.copy(source(WORK, "a"), to.clone(), Expect::Absent).await.unwrap();
            assert!(matches!(done, Done::Item { id: other, created: true, .. } if other != id));
            assert!(world.has_all(&source(WORK, "a")).await && world.has_all(&to).await);
        }
        assert_eq!(world.version(WORK).await, Version(2));
    });
}

#[test]
fn what_is_in_the_way_is_respected_or_replaced() {
    on_every_engine(|world| async move {
        world.put(WORK, "a", "a").await;
        world.put(HOME, "plain", "plain").await;
        world.laden(source(HOME, "taken"), "uid-a").await;
        let to = |name| source(HOME, name);
        assert_eq!(world.relocate(source(WORK, "a"), to("taken"), Expect::Absent).await, Err(Error::Exists));
        assert_eq!(world.copy(source(WORK, "a"), to("taken"), Expect::Absent).await, Err(Error::Exists));
        let stale = world.copy(source(WORK, "a"), to("taken"), Expect::Exactly(ItemId(1), Version(1))).await;
        assert!(matches!(stale, Err(Error::Stale { have: Some(_) })), "{stale:?}");
        let gone = world.copy(source(WORK, "a"), to("none"), Expect::Present).await;
        assert_eq!(gone, Err(Error::Stale { have: None }));

        let change = world.copy(source(WORK, "a"), to("plain"), Expect::Any).await;
        assert!(matches!(change, Err(Error::Invalid { rule: Rule::UidChange, .. })), "{change:?}");
        let conflict = world.relocate(source(WORK, "a"), to("new"), Expect::Any).await;
        let Err(Error::Invalid { rule: Rule::UidConflict { name }, .. }) = conflict else {
            panic!("{conflict:?}")
        };
        assert_eq!(name, "taken");

        let done = world.relocate(source(WORK, "a"), to("taken"), Expect::Any).await.unwrap();
        assert!(matches!(done, Done::Item { created: false, .. }), "{done:?}");
        assert!(!world.has_all(&to("taken")).await, "nothing of the old one stays");
        assert_eq!(world.text(HOME, "taken").await.as_deref(), Some("a"));
        assert_eq!(world.store.usage(ANNA, HOME).await, Ok((2, 6)));
    });
}

#[test]
fn onto_itself_or_from_nowhere_is_refused() {
    on_every_engine(|world| async move {
        world.put(WORK, "a", "a").await;
        let same = world.relocate(source(WORK, "a"), source(WORK, "a"), Expect::Any).await;
        assert!(matches!(same, Err(Error::Invalid { rule: Rule::Location, .. })), "{same:?}");
        let same = world.copy(source(WORK, "a"), source(WORK, "b"), Expect::Any).await;
        assert!(matches!(same, Err(Error::Invalid { rule: Rule::UidConflict { .. }, .. })), "{same:?}");
        let none = world.relocate(source(WORK, "x"), source(HOME, "x"), Expect::Any).await;
        assert_eq!(none, Err(Error::NotFound));
        assert_eq!(world.version(WORK).await, Version(1));
    });
}
