//! The stores that somebody on this node watches, and the latest numbers told of them.

use kontor_model::{AccountId, CollectionId, Notice, Version};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Numbers by collection; those of the shelf under `None`.
type Numbers = HashMap<Option<CollectionId>, Version>;

/// See above.
#[derive(Default)]
pub(in crate::postgres) struct Followed {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stores: HashMap<AccountId, Known>,
    /// Grows with every round.
    round: u64,
}

#[derive(Default)]
struct Known {
    /// Whether the numbers were read that were there when it began.
    based: bool,
    /// In which round its numbers were asked for.
    asked: u64,
    numbers: Numbers,
}

impl Followed {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows these from now on; of which of them it has yet to be said by [`Followed::base`] what was there before.
    pub(in crate::postgres) fn add(&self, stores: &[AccountId]) -> Vec<AccountId> {
        let mut state = self.lock();
        stores.iter().copied().filter(|id| !state.stores.entry(*id).or_default().based).collect()
    }

    /// Follows these no longer.
    pub(in crate::postgres) fn remove(&self, stores: &[AccountId]) {
        let mut state = self.lock();
        for id in stores {
            state.stores.remove(id);
        }
    }

    /// These are the numbers that were there when the stores began to be followed: what comes after them is news.
    pub(in crate::postgres) fn base(&self, stores: &[AccountId], numbers: &[Notice]) {
        let mut state = self.lock();
        for notice in numbers {
            if let Some(known) = state.stores.get_mut(&notice.account) {
                // One that is there came up since, or was read before by somebody else: nothing above it was told.
                known.numbers.entry(notice.collection).or_insert(notice.version);
            }
        }
        for id in stores {
            if let Some(known) = state.stores.get_mut(id) {
                known.based = true;
            }
        }
    }

    /// A number came up; whether that is news to anybody here.
    pub(in crate::postgres) fn tell(&self, notice: &Notice) -> bool {
        let mut state = self.lock();
        let Some(known) = state.stores.get_mut(&notice.account) else { return false };
        let before = known.numbers.entry(notice.collection).or_insert(Version(-1));
        let news = *before < notice.version;
        *before = (*before).max(notice.version);
        news
    }

    /// Forgets the numbers of collections that are gone.
    pub(in crate::postgres) fn keep_only(&self, account: AccountId, there: &[CollectionId]) {
        if let Some(known) = self.lock().stores.get_mut(&account) {
            known.numbers.retain(|collection, _| collection.is_none_or(|one| there.contains(&one)));
        }
    }

    /// At most `limit` stores of which is known what was there before, those first whose numbers were not asked for for longest.
    pub(in crate::postgres) fn due(&self, limit: usize) -> Vec<AccountId> {
        let mut state = self.lock();
        state.round += 1;
        let round = state.round;
        let based = state.stores.iter().filter(|(_, known)| known.based);
        let mut all: Vec<_> = based.map(|(id, known)| (known.asked, *id)).collect();
        all.sort_unstable();
        all.truncate(limit);
        for (_, id) in &all {
            if let Some(known) = state.stores.get_mut(id) {
                known.asked = round;
            }
        }
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// How many there are.
    #[cfg(test)]
    pub(in crate::postgres) fn count(&self) -> usize {
        self.lock().stores.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(account: i64, version: i64) -> Notice {
        let collection = Some(CollectionId(1));
        Notice { account: AccountId(account), collection, version: Version(version) }
    }

    #[test]
    fn only_higher_numbers_of_what_is_followed_are_news() {
        let followed = Followed::default();
        assert!(!followed.tell(&notice(1, 5)), "nobody asked");
        assert_eq!(followed.add(&[AccountId(1), AccountId(2)]), [AccountId(1), AccountId(2)]);
        assert_eq!(followed.add(&[AccountId(1)]), [AccountId(1)], "two that begin at once both ask");
        followed.base(&[AccountId(1)], &[notice(1, 5)]);
        assert_eq!(followed.add(&[AccountId(1)]), []);
        assert!(!followed.tell(&notice(1, 5)));
        assert!(followed.tell(&notice(1, 6)));
        assert!(!followed.tell(&notice(1, 6)) && !followed.tell(&notice(1, 4)));
        followed.base(&[AccountId(1)], &[notice(1, 7)]);
        assert!(followed.tell(&notice(1, 7)), "the other was not told of it");
        followed.keep_only(AccountId(1), &[]);
        assert!(followed.tell(&notice(1, 0)), "a new collection");
        followed.remove(&[AccountId(1)]);
        assert!(!followed.tell(&notice(1, 8)));
    }

    #[test]
    fn numbers_are_asked_for_in_turn() {
        let followed = Followed::default();
        let all: Vec<_> = (0..1_000).map(AccountId).collect();
        followed.add(&all);
        assert_eq!(followed.due(100), [], "whoever begins asks first");
        followed.base(&all, &[]);
        let (one, other) = (followed.due(100), followed.due(100));
        assert!(one.len() == 100 && one.iter().all(|id| !other.contains(id)));
        assert_eq!(followed.due(usize::MAX).len(), followed.count());
    }
}
