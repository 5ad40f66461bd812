//! A collection as an asker sees it.

use crate::private::Sight;
use crate::{Asker, collections, locks, target};
use kontor_model::{
    AccountId, Collection, CollectionId, Error, ItemMeta, ItemName, Lock, Principal, Result, Right, Rights,
    Timestamp,
};
use kontor_store::Shelf;
use std::sync::Arc;

/// Found by [`Office::place`](crate::Office::place) or [`Office::places`](crate::Office::places) and handed to the
/// verbs, which decide anew on every call: a place is no proof of any right.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whose store it is in.
    pub owner: Arc<Principal>,
    /// The collection, as it was when it was found.
    pub collection: Arc<Collection>,
    /// What the asker had on it then; for display only.
    pub rights: Rights,
    /// Among what it was found.
    pub(crate) shelf: Arc<Shelf>,
    /// How that was known.
    pub(crate) known: Known,
}

/// How a place was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Asked for when it was looked for.
    Now,
    /// As this node knew it last: what is done there succeeds only if it proves to be so still.
    Lately,
}

impl Place {
    /// Whether the asker sees private items of it without what is private about them: the same item looks different to
    /// different people then, and the size that its metadata tell is not that of what this asker reads.
    pub fn is_veiled(&self) -> bool {
        Sight::of(&self.collection, self.rights) == Sight::Veiled
    }

    /// The locks that cover this place or an item in it, as they were when the place was found; for display.
    pub fn locks(&self, who: &Asker, now: Timestamp, name: Option<&ItemName>) -> Vec<Lock> {
        locks::covering(&self.shelf, who, now, self.id(), name)
    }

    /// The path of another collection of the same store; `None` if it is not there.
    pub fn path_of(&self, id: CollectionId) -> Option<String> {
        self.shelf.collection(id).map(|one| collections::path_to(&self.shelf, one))
    }

    /// The names from the top of the store to this collection, a slash between them: its path, by which
    /// [`Office::place`](crate::Office::place) finds it.
    pub fn path(&self) -> String {
        collections::path_to(&self.shelf, &self.collection)
    }

    /// Whether the asker could add an item, for display.
    pub fn takes_items_of(&self, who: &Asker) -> bool {
        self.rights.has(Right::Insert) && !who.read_only
    }

    /// What the asker may do to one of its items, for display: more than to others if it is the asker's own.
    pub fn rights_on(&self, who: &Asker, item: &ItemMeta) -> Rights {
        if target::made_by(who, item.creator) { target::lifted(self.rights) } else { self.rights }
    }

    /// Refuses (`Busy`, at once again) what was decided by what was known lately, if that is no longer so.
    pub(crate) fn agrees(&self, now: &Shelf) -> Result<()> {
        let outdated = self.known == Known::Lately && self.shelf.version != now.version;
        if outdated { Err(Error::Busy { retry_after: 0 }) } else { Ok(()) }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.collection.account
    }

    pub(crate) fn id(&self) -> CollectionId {
        self.collection.id
    }
}
