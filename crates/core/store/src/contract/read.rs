//! What reads give back.

use kontor_model::{
    AccountId, AccountName, Collection, CollectionId, CollectionName, Grant, Item, ItemName, Kind, Lock,
    QuotaSettings, Timestamp, Version,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether bodies are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// Only what is about the item; the body of what is returned is empty.
    Meta,
    /// With bodies.
    Body,
}

/// All collections of one account, with who may do what: what rights are decided from.
#[derive(Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Whose.
    pub account: AccountId,
    /// Grows whenever a collection, its properties or a grant of this account changes; writes can be bound to it.
    pub version: i64,
    /// Collections, parents before children, then by kind and name.
    pub collections: Vec<Arc<Collection>>,
    /// Grants on the store's root.
    pub root_grants: Vec<Grant>,
    /// Grants on collections; absent means inherited.
    pub grants: BTreeMap<CollectionId, Vec<Grant>>,
    /// Locks, by token; some may be over.
    pub locks: Vec<Lock>,
    /// How much it may hold.
    pub quota: QuotaSettings,
    /// Where each is among the collections.
    by_id: BTreeMap<CollectionId, usize>,
    /// What lies in each, and at the top, by name: of several kinds there may be several of a name.
    by_name: BTreeMap<Option<CollectionId>, BTreeMap<CollectionName, Vec<usize>>>,
}

impl Shelf {
    /// A shelf of these collections; each parent stands before its children.
    pub fn new(
        account: AccountId,
        version: i64,
        collections: Vec<Arc<Collection>>,
        root_grants: Vec<Grant>,
        grants: BTreeMap<CollectionId, Vec<Grant>>,
        locks: Vec<Lock>,
        quota: QuotaSettings,
    ) -> Self {
        let by_id = collections.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
        let mut by_name: BTreeMap<_, BTreeMap<_, Vec<usize>>> = BTreeMap::new();
        for (at, one) in collections.iter().enumerate() {
            by_name.entry(one.parent).or_default().entry(one.name.clone()).or_default().push(at);
        }
        Self { account, version, collections, root_grants, grants, locks, quota, by_id, by_name }
    }

    /// The collection of that id.
    pub fn collection(&self, id: CollectionId) -> Option<&Arc<Collection>> {
        self.by_id.get(&id).and_then(|at| self.collections.get(*at))
    }

    /// The collection of that name among these kinds in `parent`, or at the top.
    pub fn named(
        &self,
        parent: Option<CollectionId>,
        kinds: &[Kind],
        name: &str,
    ) -> Option<&Arc<Collection>> {
        let found = self.by_name.get(&parent)?.get(name)?;
        let mut found = found.iter().filter_map(|at| self.collections.get(*at));
        found.find(|one| kinds.contains(&one.kind))
    }

    /// What lies directly in a collection, or at the top, by name.
    pub fn below(&self, parent: Option<CollectionId>) -> impl Iterator<Item = &Arc<Collection>> {
        let found = self.by_name.get(&parent).into_iter().flat_map(BTreeMap::values).flatten();
        found.filter_map(|at| self.collections.get(*at))
    }

    /// The grants set on a collection itself; `None` if it inherits.
    pub fn grants_on(&self, id: CollectionId) -> Option<&[Grant]> {
        self.grants.get(&id).map(Vec::as_slice)
    }
}

/// One page of a listing.
#[derive(Debug, Default)]
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// Whether there are more after the last one.
    pub more: bool,
}

/// What happened since a version.
#[derive(Debug)]
pub struct Changes {
    /// Items there now whose version is after the one asked from, oldest change first.
    pub changed: Vec<Item>,
    /// Names that went away since, with the number of their removal.
    pub removed: Vec<(ItemName, Version)>,
    /// Everything up to here has been told: ask from here next time.
    pub upto: Version,
    /// Whether there is more after `upto`.
    pub more: bool,
}

/// A hit of a look-up by time.
#[derive(Debug)]
pub struct Timing {
    /// The item.
    pub name: ItemName,
    /// Its compiled time meaning as it was put.
    pub timeline: Vec<u8>,
}

/// What a trim did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Log rows dropped.
    pub rows: u64,
    /// Whether more is to be dropped.
    pub more: bool,
}

/// A store whose account was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The store.
    pub account: AccountId,
    /// Log-in name of the account that it belonged to.
    pub name: AccountName,
    /// When that was removed.
    pub since: Timestamp,
}
