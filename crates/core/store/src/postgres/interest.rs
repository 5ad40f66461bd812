//! Accounts that somebody on this node asked about, and the latest numbers known of them.

use kontor_model::{AccountId, CollectionId, Notice, Version};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Accounts kept.
const KEPT: usize = 4_096;

/// Numbers by collection; those of the shelf under `None`.
type Numbers = HashMap<Option<CollectionId>, Version>;

/// See above.
#[derive(Default)]
pub(super) struct Interest {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    accounts: HashMap<AccountId, Known>,
    /// Grows with every question.
    clock: u64,
}

#[derive(Default)]
struct Known {
    asked: u64,
    polled: u64,
    numbers: Numbers,
}

impl Interest {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody was told this number: what comes after it is news.
    pub(super) fn asked(&self, account: AccountId, collection: Option<CollectionId>, version: Version) {
        let mut state = self.lock();
        state.clock += 1;
        let clock = state.clock;
        if !state.accounts.contains_key(&account) {
            state.make_room();
        }
        let known = state.accounts.entry(account).or_default();
        known.asked = clock;
        known.numbers.entry(collection).or_insert(version);
    }

    /// A number came up; whether that is news. What nobody asked about is.
    pub(super) fn tell(&self, notice: &Notice) -> bool {
        let mut state = self.lock();
        let Some(known) = state.accounts.get_mut(&notice.account) else { return true };
        let before = known.numbers.entry(notice.collection).or_insert(Version(-1));
        let news = *before < notice.version;
        *before = (*before).max(notice.version);
        news
    }

    /// Forgets the number of a collection that is gone.
    pub(super) fn keep_only(&self, account: AccountId, there: &[CollectionId]) {
        if let Some(known) = self.lock().accounts.get_mut(&account) {
            known.numbers.retain(|collection, _| collection.is_none_or(|one| there.contains(&one)));
        }
    }

    /// At most `limit` accounts, those first that were not polled for longest.
    pub(super) fn due(&self, limit: usize) -> Vec<AccountId> {
        let mut state = self.lock();
        state.clock += 1;
        let clock = state.clock;
        let mut all: Vec<_> = state.accounts.iter().map(|(id, known)| (known.polled, *id)).collect();
        all.sort_unstable();
        all.truncate(limit);
        for (_, id) in &all {
            if let Some(known) = state.accounts.get_mut(id) {
                known.polled = clock;
            }
        }
        all.into_iter().map(|(_, id)| id).collect()
    }
}

impl State {
    /// Forgets those that nobody asked about for longest, some at a time.
    fn make_room(&mut self) {
        if self.accounts.len() < KEPT {
            return;
        }
        let mut asked: Vec<u64> = self.accounts.values().map(|known| known.asked).collect();
        asked.sort_unstable();
        let oldest = asked.get(KEPT / 8).copied().unwrap_or(0);
        self.accounts.retain(|_, known| known.asked > oldest);
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
    fn only_higher_numbers_are_news() {
        let interest = Interest::default();
        assert!(interest.tell(&notice(1, 5)), "nobody asked: who knows");
        interest.asked(AccountId(1), Some(CollectionId(1)), Version(5));
        assert!(!interest.tell(&notice(1, 5)));
        assert!(interest.tell(&notice(1, 6)));
        assert!(!interest.tell(&notice(1, 6)) && !interest.tell(&notice(1, 4)));
        interest.keep_only(AccountId(1), &[]);
        assert!(interest.tell(&notice(1, 0)), "a new collection");
    }

    #[test]
    fn is_bounded_and_polls_in_turn() {
        let interest = Interest::default();
        for n in 0..10_000 {
            interest.asked(AccountId(n), None, Version(0));
        }
        assert!(interest.lock().accounts.len() <= KEPT);
        assert!(interest.lock().accounts.contains_key(&AccountId(9_999)));
        let (one, other) = (interest.due(100), interest.due(100));
        assert!(one.len() == 100 && one.iter().all(|id| !other.contains(id)));
    }
}
