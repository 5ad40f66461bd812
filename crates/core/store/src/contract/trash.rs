//! What was removed, and can come back.

use kontor_model::{Actor, CollectionId, CollectionName, Kind, Origin, Timestamp};

/// What becomes of a collection that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// It lies in the trash with all that is in it, and can be restored.
    Trash,
    /// Its rows are dropped.
    Nothing,
}

/// A tree of collections in the trash: one that was removed, with all that was below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    /// The topmost one; it has this id again when it is restored.
    pub root: CollectionId,
    /// What it lay in, which may be gone too; `None` is the top.
    pub parent: Option<CollectionId>,
    /// Of what kind all of it is.
    pub kind: Kind,
    /// Its name there.
    pub name: CollectionName,
    /// When it was removed.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Through which door.
    pub origin: Origin,
    /// How many collections the tree has; at least one.
    pub collections: u64,
    /// How many of them lie in each other; at least one.
    pub deep: u64,
    /// How many items, among them a row for each collection but the topmost.
    pub items: u64,
    /// The sum of their sizes.
    pub bytes: u64,
}
