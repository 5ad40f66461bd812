//! What a write did.

use kontor_model::{AccountId, ItemId, Level, Version};

/// What an op did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// An item was written, moved or copied (target side).
    Item {
        /// The item.
        id: ItemId,
        /// The collection's number after it.
        version: Version,
        /// Names the text now there.
        revision: Version,
        /// Whether something new came to be.
        created: bool,
    },
    /// An item went away.
    Removed {
        /// The collection's number after it.
        version: Version,
    },
    /// A collection or its properties changed; the number after it.
    Collection {
        /// The collection's number after it.
        version: Version,
    },
    /// An app password was added.
    AppPassword {
        /// Its number.
        id: i64,
    },
    /// The numbers of parts, in the order asked.
    Numbers(Vec<i64>),
    /// A tide was noted.
    Tide {
        /// The account's number that it has.
        number: i64,
    },
    /// A blob was looked at: whether nothing refers to it any more, nor ever will.
    Blob {
        /// Its object can go.
        doomed: bool,
    },
    /// Something without a number of its own.
    Other,
}

/// What a write did, op by op.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// One for each op.
    pub done: Vec<Done>,
    /// Accounts that hold so much more by it that they reached another level.
    pub reached: Vec<Reached>,
}

/// An account reached a level that it had not reached before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub level: Level,
    /// What it holds now, in bytes.
    pub used: u64,
}
