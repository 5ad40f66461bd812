//! Accounts.

use super::{AccountChange, Tx};
use crate::postgres::row;
use crate::postgres::value::get;
use crate::postgres::value::values;
use crate::sql::{changes, collections, principals};
use crate::{Done, encode};
use kontor_model::{AccountId, AccountName, Error, Principal, Result, Rule};

impl Tx<'_> {
    pub(super) async fn create_principal(&mut self, new: &Principal) -> Result<Done> {
        if self.known(new.id).await?.is_some()
            || self.db.one(changes::STATE, values![new.id.0], |_| Ok(())).await?.is_some()
        {
            return Err(Error::Exists);
        }
        self.name_is_free_for(new).await?;
        self.write_principal(principals::CREATE, new).await?;
        self.take_addresses(new).await?;
        self.db.run(principals::NEW_SECRET, values![new.id.0]).await?;
        self.db.run(changes::NEW_STATE, values![new.id.0]).await?;
        self.log_account(new.id, AccountChange::CreatePrincipal).await?;
        Ok(Done::Other)
    }

    pub(super) async fn update_principal(&mut self, new: &Principal) -> Result<Done> {
        let old = self.known(new.id).await?.ok_or(Error::NotFound)?;
        self.name_is_free_for(new).await?;
        self.db.run(principals::DROP_ADDRESSES, values![new.id.0]).await?;
        self.write_principal(principals::UPDATE, new).await?;
        self.take_addresses(new).await?;
        if old.active != new.active || old.name != new.name {
            self.db.run(principals::BUMP_SECRET, values![new.id.0]).await?;
        }
        self.log_account(new.id, AccountChange::UpdatePrincipal).await?;
        Ok(Done::Other)
    }

    pub(super) async fn remove_principal(&mut self, id: AccountId, name: &AccountName) -> Result<Done> {
        self.known(id).await?.ok_or(Error::NotFound)?;
        for sql in [
            principals::REMOVE,
            principals::DROP_ADDRESSES,
            principals::DROP_SECRET,
            principals::DROP_APP_PASSWORDS,
        ] {
            self.db.run(sql, values![id.0]).await?;
        }
        let granting =
            self.db.all(collections::GRANTING_TO, values![id.0], |row| get(row, 0).map(AccountId)).await?;
        for owner in granting {
            self.db.run(collections::REVOKE_FROM, values![owner.0, id.0]).await?;
            self.log_account(owner, AccountChange::RevokeGrants).await?;
        }
        self.db.run(principals::ADD_ORPHAN, values![id.0, name.as_str(), self.at]).await?;
        self.log_account(id, AccountChange::RemovePrincipal).await?;
        Ok(Done::Other)
    }

    async fn known(&mut self, id: AccountId) -> Result<Option<Principal>> {
        self.db.one(principals::BY_ID, values![id.0], row::principal).await
    }

    async fn name_is_free_for(&mut self, new: &Principal) -> Result<()> {
        let holder =
            self.db.one(principals::BY_NAME, values![new.name.as_str()], |row| get::<i64>(row, 0)).await?;
        if holder.is_some_and(|holder| holder != new.id.0) { Err(Error::Exists) } else { Ok(()) }
    }

    async fn write_principal(&mut self, sql: &'static str, new: &Principal) -> Result<()> {
        if new.aliases.iter().any(|alias| alias.is_empty() || alias.contains('\n')) {
            let detail = "an alias may not be empty or span lines".to_owned();
            return Err(Error::Invalid { rule: Rule::Name, detail });
        }
        let values = values![
            new.id.0,
            new.name.as_str(),
            new.kind.word(),
            new.full_name,
            new.email,
            encode::join(&new.aliases),
            i64::from(new.active),
            new.admin.number(),
            i64::from(new.hidden),
            new.created.millis()
        ];
        self.db.run(sql, values).await.map(drop)
    }

    /// Takes all addresses of an account that has none.
    async fn take_addresses(&mut self, new: &Principal) -> Result<()> {
        for address in std::iter::once(&new.email).chain(&new.aliases) {
            let folded = encode::fold_address(address);
            if folded.is_empty() {
                continue;
            }
            let owner =
                self.db.one(principals::ADDRESS_OWNER, values![&folded], |row| get::<i64>(row, 0)).await?;
            match owner {
                None => self.db.run(principals::ADD_ADDRESS, values![folded, new.id.0]).await.map(drop)?,
                Some(owner) if owner == new.id.0 => {}
                Some(_) => return Err(Error::Exists),
            }
        }
        Ok(())
    }
}
