//! Identifiers. The application assigns them (never the database), so that they survive a move between engines.

use crate::{Chance, Clock};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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
/// Ids made later sort later, which keeps neighbours together in a B-tree. One mint, with all its clones, never makes
/// an id twice, however many it makes in a millisecond. Two nodes may make ids at the same time: a clash needs the
/// same millisecond, the same 22 bits and the same account, and then the engine's primary key refuses the second one.
#[derive(Clone)]
pub struct IdMint {
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    last: Arc<AtomicI64>,
}

/// 2020-01-01T00:00:00Z in milliseconds since 1970.
const EPOCH_2020_MS: i64 = 1_577_836_800_000;

impl IdMint {
    /// A mint on the given sources of time and randomness.
    pub fn new(clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self { clock, chance, last: Arc::new(AtomicI64::new(0)) }
    }

    fn next(&self) -> i64 {
        let mut noise = [0_u8; 4];
        self.chance.fill(&mut noise);
        let ms = (self.clock.now().millis() - EPOCH_2020_MS).max(1);
        let drawn = (ms << 22) | i64::from(u32::from_le_bytes(noise) & 0x3f_ffff);
        let above = |last: i64| drawn.max(last.saturating_add(1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(above(last)));
        above(last.unwrap_or_else(|last| last))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FixedClock, SeededChance, Timestamp};

    #[test]
    fn a_mint_makes_no_id_twice_even_when_time_stands_still() {
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000)));
        let mint = IdMint::new(clock, Arc::new(SeededChance::new(1)));
        let ids: Vec<ItemId> =
            (0..20_000).map(|n| if n % 2 == 0 { mint.item() } else { mint.clone().item() }).collect();
        assert!(ids.windows(2).all(|two| two[0] < two[1]));
    }
}
