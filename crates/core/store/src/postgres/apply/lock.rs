//! Locks.

use super::{AccountChange, Tx};
use crate::postgres::value::values;
use crate::sql::locks;
use crate::{Done, encode};
use kontor_model::{AccountId, ItemName, Lock, Reach, Result, Sharing};

impl Tx<'_> {
    pub(super) async fn set_lock(&mut self, account: AccountId, lock: &Lock) -> Result<Done> {
        self.log_account(account, AccountChange::Locks).await?;
        self.db.run(locks::DROP_OLD_LOCKS, values![account.0, encode::long_over(self.at)]).await?;
        let values = values![
            account.0,
            encode::token(lock.token),
            lock.collection.0,
            lock.name.as_ref().map_or("", ItemName::as_str),
            i64::from(lock.reach == Reach::Deep),
            i64::from(lock.sharing == Sharing::Shared),
            lock.holder.0,
            lock.about.clone(),
            lock.until.millis()
        ];
        self.db.run(locks::SET_LOCK, values).await?;
        Ok(Done::Other)
    }

    pub(super) async fn drop_locks(&mut self, account: AccountId, tokens: &[u128]) -> Result<Done> {
        self.log_account(account, AccountChange::Locks).await?;
        for token in tokens {
            self.db.run(locks::DROP_LOCK, values![account.0, encode::token(*token)]).await?;
        }
        Ok(Done::Other)
    }
}
