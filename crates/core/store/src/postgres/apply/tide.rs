//! Notes the numbers of an account's collections under a number of the account.

use super::{AccountChange, Tx};
use crate::Done;
use crate::postgres::value::values;
use crate::sql::tides;
use kontor_model::{AccountId, CollectionId, Error, Result, Version};

impl Tx<'_> {
    pub(super) async fn tide(
        &mut self,
        account: AccountId,
        shelf: i64,
        marks: &[(CollectionId, Version)],
    ) -> Result<Done> {
        // Held to the commit: whatever changes the shelf comes before this number, or after it.
        if self.desk.state(self.db, account.0).await?.shelf != shelf {
            return Err(Error::Busy { retry_after: 0 });
        }
        self.log_account(account, AccountChange::Tide).await?;
        let (number, at) = (self.desk.state(self.db, account.0).await?.number, self.at);
        self.db.gather(tides::NOTE_TIDE, 3, values![account.0, 0, number, 0, at]).await?;
        for (collection, version) in marks {
            let note = values![account.0, collection.0, number, version.0, at];
            self.db.gather(tides::NOTE_TIDE, 3, note).await?;
        }
        Ok(Done::Tide { number })
    }
}
