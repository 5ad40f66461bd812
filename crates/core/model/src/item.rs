//! Items: events, tasks, contacts, files.

use crate::{AccountId, CollectionId, ItemId, ItemName, Timestamp, Version};
use bytes::Bytes;

/// All about an item but its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemMeta {
    /// Survives renames and moves.
    pub id: ItemId,
    /// Name within the collection.
    pub name: ItemName,
    /// The collection's change number at the last change of any sort (body, properties, arrival).
    pub version: Version,
    /// The collection's change number when the body last changed (or arrived here): names this very text, so
    /// `(id, revision)` is what a strong entity tag is made of.
    pub revision: Version,
    /// Bytes of the body.
    pub size: u64,
    /// Media type with its parameters, as served.
    pub media_type: String,
    /// When it was made.
    pub created: Timestamp,
    /// When its body last changed.
    pub modified: Timestamp,
    /// Whether it has properties of its own.
    pub has_properties: bool,
    /// The account that made it; `None` if that was the server or somebody without log-in.
    pub creator: Option<AccountId>,
    /// The collection that opens here; `None` for everything that has a body. Such an item is a folder's place among
    /// its siblings: it comes, moves and goes with the collection alone.
    pub folder: Option<CollectionId>,
}

/// An item with its body, exactly as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// About it.
    pub meta: ItemMeta,
    /// The text.
    pub body: Bytes,
}
