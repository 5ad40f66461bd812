//! How much an account may hold.

use super::{AccountChange, Tx};
use crate::sql::changes;
use crate::sqlite::db::get;
use crate::{Done, Reached, encode};
use kontor_model::{AccountId, CollectionId, QuotaSettings, Result};
use rusqlite::params;

impl Tx<'_> {
    pub(super) fn set_quota(&mut self, account: AccountId, quota: &QuotaSettings) -> Result<Done> {
        self.log_account(account, AccountChange::SetQuota)?;
        let limits = [quota.warn, quota.soft, quota.hard].map(encode::limit);
        self.db.run(changes::SET_QUOTA, params![account.0, limits[0], limits[1], limits[2]])?;
        Ok(Done::Other)
    }

    /// A collection is about to go, and all that it holds.
    pub(super) fn shrink(&mut self, account: AccountId, id: CollectionId) -> Result<()> {
        if self.allowance.concerns(account) {
            let held: Option<i64> =
                self.db.one(changes::COUNTER, params![account.0, id.0], |row| get(row, 3))?;
            self.allowance.grow(account, -held.unwrap_or_default());
        }
        Ok(())
    }

    /// Whether all accounts may hold what they hold now, and who reached another level.
    pub(super) fn allowed(&self) -> Result<Vec<Reached>> {
        let mut reached = Vec::new();
        for account in self.allowance.grown() {
            let used: Option<i64> = self.db.one(changes::USED, [account.0], |row| get(row, 0))?;
            reached.extend(self.allowance.check(account, used.unwrap_or_default())?);
        }
        Ok(reached)
    }
}
