//! What reads give back.

use kontor_model::{
    AccountId, AccountName, Collection, CollectionId, Grant, Item, ItemName, Kind, Timestamp, Version,
};
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
    pub grants: Vec<(CollectionId, Vec<Grant>)>,
}

impl Shelf {
    /// The collection of that id.
    pub fn collection(&self, id: CollectionId) -> Option<&Arc<Collection>> {
        self.collections.iter().find(|one| one.id == id)
    }

    /// The top-level collection of that name among these kinds.
    pub fn named(&self, kinds: &[Kind], name: &str) -> Option<&Arc<Collection>> {
        self.collections
            .iter()
            .find(|one| one.parent.is_none() && kinds.contains(&one.kind) && one.name.as_str() == name)
    }

    /// The grants set on a collection itself; `None` if it inherits.
    pub fn grants_on(&self, id: CollectionId) -> Option<&[Grant]> {
        self.grants.iter().find(|(on, _)| *on == id).map(|(_, grants)| grants.as_slice())
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
