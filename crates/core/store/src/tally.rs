//! What an engine counts while it works.

use crate::contract::{BATCH_BOUNDS, Load};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why an attempt to commit came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// The database undid it because of another transaction.
    Conflict,
    /// It and another one waited for each other.
    Deadlock,
    /// Another node took the same name or UID a moment before.
    Taken,
    /// Somebody else held what it needed, for too long.
    Held,
    /// The connection was lost: clients are told to come back, and nothing is tried again.
    Lost,
}

impl Undone {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Conflict, "conflict"),
        (Self::Deadlock, "deadlock"),
        (Self::Taken, "taken"),
        (Self::Held, "held"),
        (Self::Lost, "lost"),
    ];
}

/// See above.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    batches: [AtomicU64; BATCH_BOUNDS.len()],
    written: AtomicU64,
    undone: [AtomicU64; Undone::ALL.len()],
}

impl Tally {
    /// So many writes were committed together.
    pub(crate) fn batch(&self, writes: usize) {
        let at = BATCH_BOUNDS.iter().position(|bound| writes <= *bound).unwrap_or(BATCH_BOUNDS.len() - 1);
        if let Some(count) = self.batches.get(at) {
            count.fetch_add(1, Relaxed);
        }
        self.written.fetch_add(u64::try_from(writes).unwrap_or(u64::MAX), Relaxed);
    }

    /// An attempt came to nothing.
    pub(crate) fn undone(&self, why: Undone) {
        for ((one, _), count) in Undone::ALL.iter().zip(&self.undone) {
            if *one == why {
                count.fetch_add(1, Relaxed);
            }
        }
    }

    /// What was counted; the rest is nothing.
    pub(crate) fn load(&self) -> Load {
        let count = |count: &AtomicU64| count.load(Relaxed);
        let words = Undone::ALL.iter().map(|(_, word)| *word);
        Load {
            batches: self.batches.each_ref().map(count),
            written: count(&self.written),
            undone: words.zip(self.undone.iter().map(count)).collect(),
            ..Load::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_counted_by_size() {
        let tally = Tally::default();
        for writes in [1, 1, 2, 3, 16, 17, 256, 300] {
            tally.batch(writes);
        }
        tally.undone(Undone::Taken);
        let load = tally.load();
        assert_eq!((load.batches, load.written), ([2, 1, 1, 1, 1, 2], 596));
        assert_eq!(load.undone.iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>(), [&("taken", 1)]);
    }
}
