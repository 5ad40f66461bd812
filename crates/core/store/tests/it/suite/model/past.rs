//! What things said before.

use super::office::Thing;
use kontor_model::{AccountId, CollectionId, Error, ItemId, ItemName, PropertyKey, Result, Timestamp};
use kontor_store::{Done, End, History, Past, Source, Store};
use std::sync::Arc;

pub(super) const KEPT: History = History { texts: 3, bytes: 1 << 40 };

/// A text that was replaced or removed.
#[derive(Clone, Debug)]
pub(super) struct Old {
    pub(super) account: AccountId,
    pub(super) collection: CollectionId,
    pub(super) name: ItemName,
    /// As it was.
    pub(super) thing: Thing,
    pub(super) number: i64,
    pub(super) removed: bool,
    pub(super) until: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Pasts(Vec<Old>);

impl Pasts {
    pub(super) fn all(&self) -> Vec<Old> {
        self.0.clone()
    }

    fn add(&mut self, at: &Source, thing: Thing, removed: bool, until: Timestamp) -> i64 {
        let (account, item) = (at.account, thing.id);
        let of_item = self.0.iter().filter(|old| (old.account, old.thing.id) == (account, item));
        let last = thing.texts.unwrap_or_else(|| of_item.map(|old| old.number).max().unwrap_or(0));
        let number = last + 1;
        let gone = number - i64::from(KEPT.texts);
        self.0.retain(|old| (old.account, old.thing.id, old.number) != (account, item, gone));
        let (collection, name) = (at.collection, at.name.clone());
        self.0.push(Old { account, collection, name, thing, number, removed, until });
        number
    }

    /// How many were replaced then.
    pub(super) fn replaced(&mut self, at: &Source, thing: Thing, until: Timestamp) -> i64 {
        self.add(at, thing, false, until)
    }

    pub(super) fn removed(&mut self, at: &Source, thing: Option<Thing>, until: Timestamp) {
        if let Some(thing) = thing {
            self.add(at, thing, true, until);
        }
    }

    /// A collection went, with these items and all that was removed from it.
    pub(super) fn gone(&mut self, place: (AccountId, CollectionId), items: impl Iterator<Item = ItemId>) {
        let from_here = |old: &&Old| old.removed && (old.account, old.collection) == place;
        let mut gone: Vec<ItemId> = self.0.iter().filter(from_here).map(|old| old.thing.id).collect();
        gone.extend(items);
        self.0.retain(|old| old.account != place.0 || !gone.contains(&old.thing.id));
    }

    pub(super) fn taken_back(
        &mut self,
        (account, item): (AccountId, ItemId),
        number: i64,
        now: ItemId,
    ) -> Result<Done> {
        let of_item = |old: &Old| (old.account, old.thing.id) == (account, item);
        if !self.0.iter().any(|old| of_item(old) && old.removed) {
            return Err(Error::NotFound);
        }
        self.0.retain(|old| !of_item(old) || old.number != number);
        for old in self.0.iter_mut().filter(|old| of_item(old)) {
            (old.thing.id, old.removed) = (now, false);
        }
        Ok(Done::Other)
    }

    pub(super) fn forget(&mut self, before: Timestamp) {
        self.0.retain(|old| old.until >= before);
    }

    /// What is told of a name, which `living` has.
    fn of_name(&self, at: &Source, living: Option<ItemId>) -> Vec<Old> {
        let here = |old: &&Old| {
            old.removed && (old.account, old.collection, &old.name) == (at.account, at.collection, &at.name)
        };
        let mut lives: Vec<ItemId> = self.0.iter().filter(here).map(|old| old.thing.id).collect();
        lives.extend(living);
        let told = |old: &&Old| old.account == at.account && lives.contains(&old.thing.id);
        let mut all: Vec<Old> = self.0.iter().filter(told).cloned().collect();
        all.sort_by_key(|old| (old.until, old.thing.id, old.number));
        all
    }

    /// Asks a store for all that was said under a name.
    pub(super) async fn compare(
        &self,
        store: &Arc<dyn Store>,
        at: &Source,
        living: Option<ItemId>,
        context: &str,
    ) {
        let told = store.past(at.account, at.collection, &at.name).await.unwrap();
        let expected = self.of_name(at, living);
        assert_eq!(told.len(), expected.len(), "{context}, {at:?}: {told:#?}\n{expected:#?}");
        for (told, expected) in told.iter().zip(expected) {
            same(store, told, expected, &format!("{context}, {at:?}")).await;
        }
    }
}

async fn same(store: &Arc<dyn Store>, told: &Past, expected: Old, context: &str) {
    let Old { account, collection, name, thing, number, removed, until } = expected;
    let end = if removed { End::Removed } else { End::Replaced };
    assert_eq!(
        (told.collection, told.number, told.until, told.end),
        (collection, number, until, end),
        "{context}"
    );
    let meta = &told.meta;
    assert_eq!((meta.id, &meta.name, meta.revision.0), (thing.id, &name, thing.revision), "{context}");
    assert_eq!((meta.created, meta.modified), (thing.created, thing.modified), "{context}");
    assert_eq!(meta.media_type, thing.body.media_type, "{context}");
    let open = store.open_past(account, meta.id, number).await.unwrap().unwrap();
    let (mut bytes, mut reader) = (Vec::new(), open.body.read_all());
    while let Some(piece) = reader.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert!(bytes == *thing.body.content.here(), "{context}: another text");
    let properties: Vec<(PropertyKey, Vec<u8>)> = thing.properties.into_iter().collect();
    assert_eq!(open.properties, if removed { properties } else { Vec::new() }, "{context}");
}
