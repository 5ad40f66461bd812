//! Numbers that stand for all collections of an account at once, and what logs tell.

use super::on_every_engine;
use super::world::{ANNA, BERT, HOME, WORK, World, collection, source};
use kontor_model::{CollectionId, CollectionName, Error, Kind, Version};
use kontor_store::{Deed, Done, Expect, LogKey, Op, Remains};

impl World {
    async fn tide(&self) -> i64 {
        let shelf = self.store.shelf(ANNA).await.unwrap().version;
        let marks = self.store.tides(ANNA, i64::MAX).await.unwrap().marks;
        let marks = marks.iter().filter(|mark| mark.marked != Some(mark.version));
        let marks = marks.map(|mark| (mark.collection, mark.version)).collect();
        match self.act(Op::Tide { account: ANNA, shelf, marks }).await.unwrap() {
            Done::Tide { number } => number,
            other => panic!("a tide was answered with {other:?}"),
        }
    }

    /// What was noted of a collection at a tide or before it.
    async fn marked(&self, number: i64, of: CollectionId) -> Option<i64> {
        let tides = self.store.tides(ANNA, number).await.unwrap();
        let mark = tides.marks.into_iter().find(|mark| mark.collection == of);
        mark.and_then(|mark| mark.marked).map(|version| version.0)
    }

    async fn deeds(&self, of: Option<CollectionId>, since: i64) -> Vec<(i64, i64, String, Deed)> {
        let key = LogKey { account: ANNA, collection: of, since, limit: 100 };
        let log = self.store.log(key).await.unwrap();
        log.into_iter().map(|entry| (entry.number, entry.about, entry.name, entry.deed)).collect()
    }
}

#[test]
fn a_tide_stands_for_all_collections() {
    on_every_engine(|world| async move {
        assert_eq!(world.store.tides(ANNA, i64::MAX).await.unwrap().tide, None);
        world.put(WORK, "a", "1").await;
        let shelf = world.store.shelf(ANNA).await.unwrap();
        let first = world.tide().await;
        world.put(WORK, "a", "2").await;
        world.put(HOME, "b", "1").await;
        let second = world.tide().await;
        assert!(second > first);
        let third = world.tide().await;
        for (number, work, home) in [(first, 1, 0), (second, 2, 1), (third, 2, 1)] {
            assert_eq!(world.marked(number, WORK).await, Some(work), "{number}");
            assert_eq!(world.marked(number, HOME).await, Some(home), "{number}");
            assert_eq!(world.store.tides(ANNA, number).await.unwrap().tide.unwrap().number, number);
        }
        assert_eq!(world.marked(first - 1, WORK).await, None);
        assert_eq!(*world.store.shelf(ANNA).await.unwrap(), *shelf, "nothing of the office changed");
        assert_eq!(world.store.tides(BERT, i64::MAX).await.unwrap().tide, None, "each account for itself");
    });
}

#[test]
fn a_tide_belongs_to_the_shelf_that_it_was_decided_on() {
    on_every_engine(|world| async move {
        let shelf = world.store.shelf(ANNA).await.unwrap().version;
        let grants = Op::SetGrants { account: ANNA, collection: None, grants: Some(Vec::new()) };
        world.act(grants).await.unwrap();
        let late = Op::Tide { account: ANNA, shelf, marks: vec![(WORK, Version(7))] };
        assert_eq!(world.act(late).await, Err(Error::Busy { retry_after: 0 }));
        assert_eq!(world.marked(i64::MAX, WORK).await, None, "nothing is left of it");
    });
}

#[test]
fn logs_tell_what_was_done() {
    on_every_engine(|world| async move {
        let top = CollectionId(301);
        let inner = CollectionId(302);
        let before = world.tide().await;
        let make = |id, parent, name| {
            let mut new = collection(ANNA, id, name, Kind::Files);
            new.parent = parent;
            Op::CreateCollection(Box::new(new))
        };
        world.act(make(top, None, "top")).await.unwrap();
        world.act(make(inner, Some(top), "inner")).await.unwrap();
        let (item, _) = world.put(top, "a", "1").await;
        let name = CollectionName::new("other").unwrap();
        let rename = Op::RenameCollection { account: ANNA, collection: inner, parent: Some(top), name };
        world.act(rename).await.unwrap();
        world.act(Op::Remove { at: source(top, "a"), expect: Expect::Any }).await.unwrap();
        world
            .act(Op::RemoveCollection { account: ANNA, collection: inner, remains: Remains::Nothing })
            .await
            .unwrap();
        let entry = |number, about, name: &str, deed| (number, about, name.to_owned(), deed);
        let told = [
            entry(1, inner.0, "inner", Deed::Make),
            entry(2, item.0, "a", Deed::Make),
            entry(3, inner.0, "inner", Deed::Remove),
            entry(4, inner.0, "other", Deed::Move),
            entry(5, item.0, "a", Deed::Remove),
            entry(6, inner.0, "other", Deed::Remove),
        ];
        assert_eq!(world.deeds(Some(top), 0).await, told);
        assert_eq!(world.deeds(Some(top), 4).await, told[4..]);
        let grants = Op::SetGrants { account: ANNA, collection: Some(top), grants: Some(Vec::new()) };
        world
            .write(vec![
                grants,
                Op::RemoveCollection { account: ANNA, collection: top, remains: Remains::Trash },
            ])
            .await
            .unwrap();
        let about: Vec<_> = world
            .deeds(None, before - 1)
            .await
            .into_iter()
            .map(|(_, about, _, deed)| (about, deed))
            .collect();
        assert_eq!(
            about,
            [
                (0, Deed::Aside),
                (top.0, Deed::Make),
                (inner.0, Deed::Make),
                (inner.0, Deed::Move),
                (inner.0, Deed::Remove),
                (top.0, Deed::Grants),
                (top.0, Deed::RemoveKept),
            ]
        );
    });
}
