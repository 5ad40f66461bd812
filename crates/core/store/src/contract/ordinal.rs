//! Small numbers for ever, for clients that can keep nothing else.

use kontor_model::{ItemId, Version};

/// A number that a part of an item got, from 1, one series for each collection. A part keeps its number, and no number
/// is given twice, for as long as the collection lives. Numbers are given when somebody first asks for them, and stay
/// when the item goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordinal {
    /// The number.
    pub number: i64,
    /// What got it.
    pub of: Numbered,
}

/// A part of an item, and what whoever tells it wishes to remember of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The item. Whatever else has an id of 64 bits may be numbered too.
    pub item: ItemId,
    /// Which part of it; empty for the whole. Opaque here.
    pub part: String,
    /// Its name, when the number was last told: to find the item by, and what is gone of that name.
    pub name: String,
    /// What it looked like, when the number was last told; opaque here.
    pub digest: i64,
    /// The version at which it began to look so.
    pub version: Version,
}

/// Which ordinals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrdinalKey {
    /// Those of an item.
    Item(ItemId),
    /// Those of all items that had this name, the last time they were told.
    Name(String),
    /// Those of all items whose names were between these two (both included), the last time they were told: in the
    /// order of the names, so many at most.
    Names {
        /// From here on.
        first: String,
        /// Up to here.
        last: String,
        /// So many.
        most: i64,
    },
    /// That one.
    Number(i64),
}
