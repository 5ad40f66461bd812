//! How much an account may hold.

use super::{AccountChange, Tx, desk};
use crate::postgres::value::{get, values};
use crate::sql::changes;
use crate::{Done, Reached, encode};
use kontor_model::{AccountId, CollectionId, QuotaSettings, Result};

impl Tx<'_> {
    pub(super) async fn set_quota(&mut self, account: AccountId, quota: &QuotaSettings) -> Result<Done> {
        self.log_account(account, AccountChange::SetQuota).await?;
        let limit = encode::limit;
        let values = values![account.0, limit(quota.warn), limit(quota.soft), limit(quota.hard)];
        self.db.run(changes::SET_QUOTA, values).await?;
        Ok(Done::Other)
    }

    /// A collection is about to go, and all that it holds.
    pub(super) async fn shrink(&mut self, account: AccountId, id: CollectionId) -> Result<()> {
        if self.allowance.concerns(account) {
            let key = values![account.0, id.0];
            let stored = self.db.one(changes::COUNTER, key, |row| get::<i64>(row, 3)).await?;
            let held = desk::sum(stored.unwrap_or_default(), self.desk.pending((account.0, id.0)))?;
            self.allowance.grow(account, -held);
        }
        Ok(())
    }

    /// Whether all accounts may hold what they hold now, and who reached another level.
    pub(super) async fn allowed(&mut self) -> Result<Vec<Reached>> {
        let mut reached = Vec::new();
        for account in self.allowance.grown() {
            let stored = self.db.one(changes::USED, values![account.0], |row| get::<i64>(row, 0)).await?;
            let used = desk::sum(stored.unwrap_or_default(), self.desk.pending_of(account.0))?;
            reached.extend(self.allowance.check(account, used)?);
        }
        Ok(reached)
    }
}
