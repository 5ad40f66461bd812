//! Notes the numbers of an account's collections under a number of the account.

use super::{AccountChange, Tx};
use crate::Done;
use crate::sql::{changes, tides};
use crate::sqlite::db::get;
use kontor_model::{AccountId, CollectionId, Error, Result, Version};
use rusqlite::params;

impl Tx<'_> {
    pub(super) fn tide(
        &mut self,
        account: AccountId,
        shelf: i64,
        marks: &[(CollectionId, Version)],
    ) -> Result<Done> {
        let state =
            self.db.one(changes::STATE, [account.0], |row| Ok((get::<i64>(row, 0)?, get::<i64>(row, 1)?)))?;
        let (number, now) = state.ok_or(Error::NotFound)?;
        if now != shelf {
            return Err(Error::Busy { retry_after: 0 });
        }
        let (number, at) = (number + 1, self.at);
        self.log_account(account, AccountChange::Tide)?;
        self.db.run(tides::NOTE_TIDE, params![account.0, 0, number, 0, at])?;
        for (collection, version) in marks {
            self.db.run(tides::NOTE_TIDE, params![account.0, collection.0, number, version.0, at])?;
        }
        Ok(Done::Tide { number })
    }
}
