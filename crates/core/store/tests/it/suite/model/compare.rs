//! Asks a store everything and compares with the model.

use super::office::{Office, Place, Thing, Tree, invalid};
use super::verbs::{Dice, NAMES};
use crate::suite::world;
use kontor_model::{
    AccountId, Actor, CollectionId, Error, Item, ItemMeta, ItemName, Origin, Range, Result, Version,
};
use kontor_store::{Select, Source, Store, Trashed};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Without texts for people.
pub(super) fn plain<T>(answer: Result<T>) -> Result<T> {
    answer.map_err(|error| match error {
        Error::Invalid { rule, .. } => invalid(rule),
        other => other,
    })
}

pub(super) async fn everything(store: &Arc<dyn Store>, office: &Office, dice: &mut Dice, context: &str) {
    for (&account, grants) in &office.accounts {
        let shelf = store.shelf(account).await.unwrap();
        assert_eq!(&shelf.root_grants, grants, "{context}");
        let locks: Vec<_> = office.locks.iter().filter(|((of, _), _)| *of == account).collect();
        assert!(shelf.locks.iter().eq(locks.into_iter().map(|(_, lock)| lock)), "{context}");
        let places: Vec<_> = office.collections.values().filter(|one| one.about.account == account).collect();
        assert_eq!(shelf.collections.len(), places.len(), "{context}");
        let mut versions: Vec<_> = places.iter().map(|one| (one.about.id, Version(one.version))).collect();
        let mut told = store.versions(account).await.unwrap();
        versions.sort();
        told.sort();
        assert_eq!(told, versions, "{context}");
        let sizes = places.iter().flat_map(|one| one.items.values()).map(|thing| thing.body.content.size());
        assert_eq!(store.used(account).await, Ok(sizes.sum()), "{context}");
        for place in places {
            let about = &place.about;
            assert_eq!(shelf.collection(about.id).map(|one| &**one), Some(about), "{context}");
            assert_eq!(shelf.grants_on(about.id), place.grants.as_deref(), "{context}");
            collection(store, place, dice, &format!("{context}, {:?}", about.id)).await;
            past(store, office, place, context).await;
        }
        let depths: Vec<_> = shelf.collections.iter().map(|one| position_of_parent(&shelf, one)).collect();
        trash(store, office, account, context).await;
        assert!(depths.iter().enumerate().all(|(at, parent)| parent.is_none_or(|p| p < at)), "{context}");
    }
}

/// The trash, in two ways, and that nobody finds what is in it.
async fn trash(store: &Arc<dyn Store>, office: &Office, account: AccountId, context: &str) {
    let trees = office.trash.iter().filter(|((of, _), _)| *of == account);
    let mut expected: Vec<_> = trees.map(|((_, root), tree)| trashed(*root, tree)).collect();
    expected.sort_by_key(|one| std::cmp::Reverse((one.at, one.root)));
    let (mut told, mut before) = (Vec::new(), None);
    loop {
        let some = store.trash(account, before, 3).await.unwrap();
        let Some(last) = some.last() else { break };
        before = Some((last.at, last.root));
        told.extend(some);
    }
    assert_eq!(told, expected, "{context}");
    for one in &expected {
        assert_eq!(store.trashed(account, one.root).await, Ok(Some(one.clone())), "{context}");
    }
    let places = office.trash.iter().filter(|((of, _), _)| *of == account).flat_map(|(_, tree)| &tree.places);
    for place in places {
        let id = place.about.id;
        assert_eq!(
            store.trashed(account, id).await.unwrap().is_some(),
            expected.iter().any(|one| one.root == id)
        );
        assert_eq!(store.version(account, id).await, Err(Error::NotFound), "{context}");
        assert!(store.page(account, id, None, 9, Select::Meta).await.is_err(), "{context}");
        assert!(store.changes(account, id, Version::ZERO, 9, Select::Meta).await.is_err(), "{context}");
        for (name, thing) in &place.items {
            assert_eq!(store.item(account, id, name).await, Ok(None), "{context}");
            let named = store.items_named(account, id, std::slice::from_ref(name), Select::Meta).await;
            assert_eq!(named, Ok(vec![None]), "{context}");
            if let Some(uid) = &thing.body.facets.uid {
                assert_eq!(store.by_uid(account, id, uid).await, Ok(None), "{context}");
            }
        }
    }
    let next = office.trash.keys().map(|(of, _)| *of).find(|of| *of >= account);
    let before = AccountId(account.0 - 1);
    assert_eq!(store.next_trash(Some(before)).await, Ok(next), "{context}");
}

fn trashed(root: CollectionId, tree: &Tree) -> Trashed {
    let about = &tree.places[0].about;
    let depth = |place: &Place| {
        let mut at = &place.about;
        let mut depth = 1;
        while let Some(up) = tree.places.iter().find(|up| at.id != root && Some(up.about.id) == at.parent) {
            (at, depth) = (&up.about, depth + 1);
        }
        depth
    };
    let bytes = |place: &Place| place.items.values().map(|thing| thing.body.content.size()).sum::<u64>();
    Trashed {
        root,
        parent: about.parent,
        kind: about.kind,
        name: about.name.clone(),
        at: tree.at,
        actor: Actor::System,
        origin: Origin::Job,
        collections: tree.places.len() as u64,
        deep: tree.places.iter().map(depth).max().unwrap(),
        items: tree.places.iter().map(|place| place.items.len() as u64).sum(),
        bytes: tree.places.iter().map(bytes).sum(),
    }
}

fn position_of_parent(shelf: &kontor_store::Shelf, one: &kontor_model::Collection) -> Option<usize> {
    one.parent.map(|parent| shelf.collections.iter().position(|other| other.id == parent).unwrap())
}

fn meta(name: &ItemName, thing: &Thing) -> ItemMeta {
    ItemMeta {
        id: thing.id,
        name: name.clone(),
        version: Version(thing.version),
        revision: Version(thing.revision),
        size: thing.body.content.size(),
        media_type: thing.body.media_type.clone(),
        created: thing.created,
        modified: thing.modified,
        has_properties: !thing.properties.is_empty(),
        // All is done by the server here.
        creator: None,
        folder: thing.folder,
    }
}

fn item(name: &ItemName, thing: &Thing) -> Item {
    Item { meta: meta(name, thing), body: thing.body.content.here().clone() }
}

async fn collection(store: &Arc<dyn Store>, place: &Place, dice: &mut Dice, context: &str) {
    let (account, id) = (place.about.account, place.about.id);
    assert_eq!(store.version(account, id).await, Ok(Version(place.version)), "{context}");
    let bytes = place.items.values().map(|thing| thing.body.content.size()).sum();
    assert_eq!(store.usage(account, id).await, Ok((place.items.len() as u64, bytes)), "{context}");
    let all: Vec<_> = place.items.iter().map(|(name, thing)| item(name, thing)).collect();
    assert_eq!(store.page(account, id, None, 200, Select::Body).await.unwrap().items, all, "{context}");
    let names: Vec<_> = place.items.keys().cloned().collect();
    let named = store.items_named(account, id, &names, Select::Body).await.unwrap();
    assert_eq!(named.into_iter().flatten().collect::<Vec<_>>(), all, "{context}");
    let mut properties = Vec::new();
    for (name, thing) in &place.items {
        assert_eq!(store.item(account, id, name).await, Ok(Some(item(name, thing))), "{context}");
        properties
            .extend(thing.properties.iter().map(|(key, value)| (name.clone(), key.clone(), value.clone())));
        if let Some(uid) = &thing.body.facets.uid {
            assert_eq!(store.by_uid(account, id, uid).await, Ok(Some(name.clone())), "{context}");
        }
    }
    assert_eq!(store.item_properties(account, id, None).await, Ok(properties), "{context}");
    texts(store, place, context).await;
    for _ in 0..5 {
        times(store, place, dice, context).await;
    }
    for since in 0..=place.version + 1 {
        changes(store, place, since, dice, context).await;
    }
}

/// What was said under each name.
async fn past(store: &Arc<dyn Store>, office: &Office, place: &Place, context: &str) {
    for name in NAMES.map(world::item_name) {
        let living = place.items.get(&name).map(|thing| thing.id);
        let at = Source { account: place.about.account, collection: place.about.id, name };
        office.past.compare(store, &at, living, context).await;
    }
}

async fn texts(store: &Arc<dyn Store>, place: &Place, context: &str) {
    let (account, id) = (place.about.account, place.about.id);
    let with = place.items.iter().filter(|(_, thing)| !thing.body.facets.folded.is_empty());
    let expected: Vec<_> =
        with.map(|(name, thing)| (meta(name, thing), thing.body.facets.folded.clone())).collect();
    assert_eq!(world::texts(store, account, id).await.unwrap(), expected, "{context}");
    let odd = |text: &[u8]| text.len() % 2 == 1;
    let page = store.matching(account, id, Box::new(odd), None, 100, Select::Meta).await.unwrap();
    let told: Vec<_> = page.items.into_iter().map(|one| one.meta).collect();
    let expected: Vec<_> = expected.into_iter().filter(|(_, text)| odd(text)).map(|(meta, _)| meta).collect();
    assert_eq!(told, expected, "{context}");
}

async fn times(store: &Arc<dyn Store>, place: &Place, dice: &mut Dice, context: &str) {
    let start = i64::try_from(dice.below(150)).unwrap() * 7_000;
    let range = Range { start, end: start + [1, 86_400, 3_000_000][dice.below(3)] };
    let expected: BTreeMap<_, _> = place
        .items
        .iter()
        .filter(|(_, thing)| {
            thing.body.facets.span.is_some_and(|span| span.first < range.end && span.last >= range.start)
        })
        .map(|(name, thing)| (name.clone(), thing.body.facets.timeline.clone()))
        .collect();
    let told = store.timings(place.about.account, place.about.id, range).await.unwrap();
    assert_eq!(told.len(), expected.len(), "{context}: {range:?}");
    let told: BTreeMap<_, _> = told.into_iter().map(|hit| (hit.name, hit.timeline)).collect();
    assert_eq!(told, expected, "{context}: {range:?}");
}

/// Follows the changes from a number on, page by page.
async fn changes(store: &Arc<dyn Store>, place: &Place, since: i64, dice: &mut Dice, context: &str) {
    let (account, id) = (place.about.account, place.about.id);
    let limit = 1 + dice.below(12);
    let (mut changed, mut removed) = (BTreeMap::new(), BTreeMap::new());
    let mut from = Version(since);
    loop {
        let part = store.changes(account, id, from, limit, Select::Body).await;
        if since > place.version || (since < place.floor && since != 0) {
            assert_eq!(part.unwrap_err(), Error::GoneVersion, "{context}: since {since}");
            return;
        }
        let part = part.unwrap_or_else(|error| panic!("{context}: since {since}, from {from:?}: {error:?}"));
        let told = part.changed.len() + part.removed.len();
        assert!(told <= limit || (from == Version::ZERO && place.floor > 0), "{context}: {told} of {limit}");
        assert!(part.changed.is_sorted_by_key(|item| item.meta.version), "{context}");
        changed.extend(part.changed.into_iter().map(|item| (item.meta.name.clone(), item)));
        removed.extend(part.removed);
        if !part.more {
            assert_eq!(part.upto, Version(place.version), "{context}");
            break;
        }
        assert!(part.upto > from, "{context}");
        from = part.upto;
    }
    let living = place.items.iter().filter(|(_, thing)| thing.version > since);
    let living: BTreeMap<_, _> = living.map(|(name, thing)| (name.clone(), item(name, thing))).collect();
    assert_eq!(changed, living, "{context}: since {since}");
    // From the very first only later pages may tell of deaths, of names that nobody was told.
    if since > 0 {
        let last = place.log.iter().filter(|(version, ..)| *version > since);
        let last: BTreeMap<_, _> =
            last.map(|(version, name, gone, _)| (name.clone(), (*version, *gone))).collect();
        let dead = last.into_iter().filter(|(_, (_, gone))| *gone);
        let dead: BTreeMap<_, _> = dead.map(|(name, (version, _))| (name, Version(version))).collect();
        assert_eq!(removed, dead, "{context}: since {since}");
    }
}
