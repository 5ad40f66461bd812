//! Who may hold how much, while a write is applied.

use crate::Guard;
use kontor_model::{AccountId, Error, Result};

/// Accounts that have a limit, and how much more each holds by what was done so far. Empty where nobody has one, so that
/// such writes ask nothing.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    limited: Vec<Limited>,
}

#[derive(Clone, Copy, Debug)]
struct Limited {
    account: AccountId,
    most: u64,
    grown: i64,
}

impl Allowance {
    pub(crate) fn of(guards: &[Guard]) -> Self {
        let limited = |guard: &Guard| Some(Limited { account: guard.account, most: guard.most?, grown: 0 });
        Self { limited: guards.iter().filter_map(limited).collect() }
    }

    /// Whether anybody wants to know what becomes of this account.
    pub(crate) fn concerns(&self, account: AccountId) -> bool {
        self.limited.iter().any(|one| one.account == account)
    }

    /// An account holds so much more, or less.
    pub(crate) fn grow(&mut self, account: AccountId, bytes: i64) {
        for one in self.limited.iter_mut().filter(|one| one.account == account) {
            one.grown = one.grown.saturating_add(bytes);
        }
    }

    /// The accounts that hold more than before: of those it must be asked how much that is.
    pub(crate) fn grown(&self) -> Vec<AccountId> {
        self.limited.iter().filter(|one| one.grown > 0).map(|one| one.account).collect()
    }

    /// Refuses what makes an account hold more than it may; what makes it hold less is never refused.
    ///
    /// # Errors
    /// `Quota`.
    pub(crate) fn check(&self, account: AccountId, used: i64) -> Result<()> {
        let beyond = |one: &Limited| one.account == account && used.max(0).unsigned_abs() > one.most;
        if self.limited.iter().any(beyond) { Err(Error::Quota) } else { Ok(()) }
    }
}
