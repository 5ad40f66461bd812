//! Locks: who keeps others from writing for a while.

use crate::{AccountId, CollectionId, ItemName, Timestamp};

/// A lock on a folder or an item. It keeps from writing whoever does not show its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What it is known by: 128 bits that nobody guesses.
    pub token: u128,
    /// The collection that is locked, or in which the item lies.
    pub collection: CollectionId,
    /// The item that is locked; `None` for the collection itself.
    pub name: Option<ItemName>,
    /// Whether all that lies in the collection is locked too.
    pub reach: Reach,
    /// Whether others may hold a lock there.
    pub sharing: Sharing,
    /// Who holds it: the token is of no use to anybody else.
    pub holder: AccountId,
    /// What the holder said of themselves; opaque here.
    pub about: Vec<u8>,
    /// It ends then, unless it is renewed.
    pub until: Timestamp,
}

/// How far a lock reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The thing itself; of a collection also which members it has.
    Alone,
    /// All that lies in it, however deep.
    Deep,
}

/// Whether there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// No.
    Exclusive,
    /// Yes, if they are shared too.
    Shared,
}

impl Lock {
    /// Whether it is in force.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.until > now
    }
}
