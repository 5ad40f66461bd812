//! Identifiers. The application assigns them (never the database), so that they survive a move between engines.

use crate::{Chance, Clock};
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:x})"), self.0)
            }
        }
    };
}

id! {
    /// An account and the store it owns; the first part of every key. Stays with the store when the account goes.
    AccountId
}
id! {
    /// A collection; never reused, so a collection made anew under an old name is told apart from the old one.
    CollectionId
}
id! {
    /// An item; stays the same when the item is renamed or moved within its account.
    ItemId
}

/// Makes ids: 41 bits of milliseconds since 2020, then 22 random bits, always positive.
///
/// Ids made later sort later, which keeps neighbours together in a B-tree. Two nodes may make ids at the same
/// time: a clash needs the same millisecond, the same 22 bits and the same account, and then the engine's primary
/// key refuses the second one.
#[derive(Clone)]
pub struct IdMint {
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
}

/// 2020-01-01T00:00:00Z in milliseconds since 1970.
const EPOCH_2020_MS: i64 = 1_577_836_800_000;

impl IdMint {
    /// A mint on the given sources of time and randomness.
    pub fn new(clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self { clock, chance }
    }

    fn next(&self) -> i64 {
        let mut noise = [0_u8; 4];
        self.chance.fill(&mut noise);
        let ms = (self.clock.now().millis() - EPOCH_2020_MS).max(1);
        (ms << 22) | i64::from(u32::from_le_bytes(noise) & 0x3f_ffff)
    }

    /// A new account id.
    pub fn account(&self) -> AccountId {
        AccountId(self.next())
    }

    /// A new collection id.
    pub fn collection(&self) -> CollectionId {
        CollectionId(self.next())
    }

    /// A new item id.
    pub fn item(&self) -> ItemId {
        ItemId(self.next())
    }
}
