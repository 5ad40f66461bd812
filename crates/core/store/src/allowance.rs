//! Who may hold how much, while a write is applied.

use crate::{Guard, Reached};
use kontor_model::{AccountId, Error, Quota, Result};

/// Accounts that have a limit, and how much more each holds by what was done so far. Empty where nobody has one, so that
/// such writes ask nothing.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    limited: Vec<Limited>,
}

#[derive(Clone, Copy, Debug)]
struct Limited {
    account: AccountId,
    quota: Quota,
    grown: i64,
}

impl Allowance {
    pub(crate) fn of(guards: &[Guard]) -> Self {
        let limited = |guard: &Guard| Limited { account: guard.account, quota: guard.quota, grown: 0 };
        Self { limited: guards.iter().filter(|guard| guard.quota.limits()).map(limited).collect() }
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

    /// Refuses what makes an account hold more than it may, and tells if it reached another level by what it holds now;
    /// what makes it hold less is never refused.
    ///
    /// # Errors
    /// `Quota`.
    pub(crate) fn check(&self, account: AccountId, used: i64) -> Result<Option<Reached>> {
        let Some(one) = self.limited.iter().find(|one| one.account == account) else { return Ok(None) };
        let bytes = |count: i64| count.max(0).unsigned_abs();
        let (before, used) = (bytes(used.saturating_sub(one.grown)), bytes(used));
        if one.quota.hard.is_some_and(|hard| used > hard) {
            return Err(Error::Quota);
        }
        let level = one.quota.level(used);
        Ok(Some(Reached { account, level, used }).filter(|_| level > one.quota.level(before)))
    }
}
