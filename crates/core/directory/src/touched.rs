//! What was heard of accounts since something of them was remembered.

use kontor_model::{AccountId, News};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Accounts kept apart; if something happens to more, all are taken for touched.
const MOST: usize = 16_384;

/// Each piece of news has a number, the epoch; what was remembered at one holds as long as nothing later was heard of
/// its account. While nothing is heard at all this costs one look at a number.
#[derive(Default)]
pub(crate) struct Touched {
    epoch: AtomicU64,
    accounts: RwLock<Accounts>,
}

#[derive(Default)]
struct Accounts {
    last: HashMap<AccountId, u64>,
    /// Of all others nothing was heard after this.
    all: u64,
}

impl Touched {
    /// To be told of all news, before whoever made them is told that they are made.
    pub(crate) fn hear(&self, news: &News) {
        let account = match news {
            News::Account(account) => Some(*account),
            News::Anything => None,
            News::Change(_) | News::Grants(_) => return,
        };
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.epoch.load(Ordering::Acquire) + 1;
        match account {
            Some(account) if accounts.last.len() < MOST => {
                accounts.last.insert(account, epoch);
            }
            _ => *accounts = Accounts { last: HashMap::new(), all: epoch },
        }
        self.epoch.store(epoch, Ordering::Release);
    }

    /// The present epoch; to be read before what is remembered at it.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether anything was heard of the account after that epoch.
    pub(crate) fn since(&self, epoch: u64, account: AccountId) -> bool {
        if self.epoch() == epoch {
            return false;
        }
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        epoch < accounts.all || accounts.last.get(&account).is_some_and(|last| epoch < *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_account_that_was_heard_of_is_touched() {
        let touched = Touched::default();
        let (anna, bert) = (AccountId(1), AccountId(2));
        let before = touched.epoch();
        touched.hear(&News::Grants(anna));
        assert!(!touched.since(before, anna));
        touched.hear(&News::Account(anna));
        assert!(touched.since(before, anna) && !touched.since(before, bert));
        assert!(!touched.since(touched.epoch(), anna));
        touched.hear(&News::Anything);
        assert!(touched.since(before, bert));
        assert!(!touched.since(touched.epoch(), anna));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let touched = Touched::default();
        let before = touched.epoch();
        let most = i64::try_from(MOST).unwrap();
        for n in 0..=most {
            touched.hear(&News::Account(AccountId(n)));
        }
        assert!(touched.since(before, AccountId(most + 7)), "rather one too many");
        assert!(touched.accounts.read().unwrap().last.is_empty());
    }
}
