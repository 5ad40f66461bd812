//! What accounts got of past texts lately, on this node: whoever got much is looked at soon.

use crate::History;
use kontor_model::AccountId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Accounts remembered at most; who is forgotten is looked at once a day, as all are.
const ACCOUNTS: usize = 10_000;

/// See above.
#[derive(Debug)]
pub(crate) struct Growth {
    history: History,
    accounts: Mutex<HashMap<i64, u64>>,
}

impl Growth {
    pub(crate) fn new(history: History) -> Self {
        Self { history, accounts: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, u64>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept.
    pub(crate) fn history(&self) -> History {
        self.history
    }

    /// Counts what a write added; whether somebody is to be looked at.
    pub(crate) fn grew(&self, by: &[(AccountId, u64)]) -> bool {
        if by.is_empty() {
            return false;
        }
        let (mut accounts, mut due) = (self.lock(), false);
        if accounts.len() >= ACCOUNTS {
            accounts.clear();
        }
        for (account, bytes) in by {
            let sum = accounts.entry(account.0).or_default();
            *sum = sum.saturating_add(*bytes);
            due |= *sum > self.history.slack();
        }
        due
    }

    /// It is not done with.
    pub(crate) fn again(&self, account: i64) {
        self.lock().insert(account, u64::MAX);
    }

    /// Somebody who is to be looked at; from now on it is counted anew.
    pub(crate) fn due(&self) -> Option<i64> {
        let mut accounts = self.lock();
        let slack = self.history.slack();
        let due = accounts.iter().find(|(_, sum)| **sum > slack).map(|(account, _)| *account);
        due.inspect(|account| {
            accounts.remove(account);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_much_is_looked_at_once() {
        let growth = Growth::new(History { texts: 1, bytes: 1600 });
        assert!(!growth.grew(&[(AccountId(1), 60), (AccountId(2), 100)]) && !growth.grew(&[]));
        assert_eq!(growth.due(), None);
        assert!(growth.grew(&[(AccountId(1), 60)]));
        assert_eq!((growth.due(), growth.due()), (Some(1), None));
        assert!(!growth.grew(&[(AccountId(1), 60)]));
    }
}
