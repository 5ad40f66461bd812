//! Accounts.

use super::{AccountChange, Tx};
use crate::sql::{changes, collections, principals};
use crate::sqlite::db::get;
use crate::sqlite::row;
use crate::{Done, encode};
use kontor_model::{AccountId, AccountName, Error, Principal, Result, Rule};
use rusqlite::params;

impl Tx<'_> {
    pub(super) fn create_principal(&mut self, new: &Principal) -> Result<Done> {
        if self.known(new.id)?.is_some() || self.db.one(changes::STATE, [new.id.0], |_| Ok(()))?.is_some() {
            return Err(Error::Exists);
        }
        self.name_is_free_for(new)?;
        self.write_principal(principals::CREATE, new)?;
        self.take_addresses(new)?;
        self.db.run(principals::NEW_SECRET, [new.id.0])?;
        self.db.run(changes::NEW_STATE, [new.id.0])?;
        self.log_account(new.id, AccountChange::CreatePrincipal)?;
        self.effect.principals = true;
        Ok(Done::Other)
    }

    pub(super) fn update_principal(&mut self, new: &Principal) -> Result<Done> {
        let old = self.known(new.id)?.ok_or(Error::NotFound)?;
        self.name_is_free_for(new)?;
        self.db.run(principals::DROP_ADDRESSES, [new.id.0])?;
        self.write_principal(principals::UPDATE, new)?;
        self.take_addresses(new)?;
        if old.active != new.active || old.name != new.name {
            self.db.run(principals::BUMP_SECRET, [new.id.0])?;
            self.effect.secrets.push(new.id);
        }
        self.log_account(new.id, AccountChange::UpdatePrincipal)?;
        self.effect.principals = true;
        Ok(Done::Other)
    }

    pub(super) fn remove_principal(&mut self, id: AccountId, name: &AccountName) -> Result<Done> {
        self.known(id)?.ok_or(Error::NotFound)?;
        for sql in [
            principals::REMOVE,
            principals::DROP_ADDRESSES,
            principals::DROP_SECRET,
            principals::DROP_APP_PASSWORDS,
        ] {
            self.db.run(sql, [id.0])?;
        }
        let granting = self.db.all(collections::GRANTING_TO, [id.0], |row| get(row, 0).map(AccountId))?;
        for owner in granting {
            self.db.run(collections::REVOKE_FROM, params![owner.0, id.0])?;
            self.log_account(owner, AccountChange::RevokeGrants)?;
        }
        self.db.run(principals::ADD_ORPHAN, params![id.0, name.as_str(), self.at])?;
        self.log_account(id, AccountChange::RemovePrincipal)?;
        self.effect.secrets.push(id);
        self.effect.principals = true;
        Ok(Done::Other)
    }

    fn known(&self, id: AccountId) -> Result<Option<Principal>> {
        self.db.one(principals::BY_ID, [id.0], row::principal)
    }

    fn name_is_free_for(&self, new: &Principal) -> Result<()> {
        let holder = self.db.one(principals::BY_NAME, [new.name.as_str()], |row| get::<i64>(row, 0))?;
        if holder.is_some_and(|holder| holder != new.id.0) { Err(Error::Exists) } else { Ok(()) }
    }

    fn write_principal(&self, sql: &'static str, new: &Principal) -> Result<()> {
        if new.aliases.iter().any(|alias| alias.is_empty() || alias.contains('\n')) {
            let detail = "an alias may not be empty or span lines".to_owned();
            return Err(Error::Invalid { rule: Rule::Name, detail });
        }
        let values = params![
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
        self.db.run(sql, values).map(drop)
    }

    /// Takes all addresses of an account that has none.
    fn take_addresses(&self, new: &Principal) -> Result<()> {
        for address in std::iter::once(&new.email).chain(&new.aliases) {
            let folded = encode::fold_address(address);
            if folded.is_empty() {
                continue;
            }
            let owner = self.db.one(principals::ADDRESS_OWNER, [&folded], |row| get::<i64>(row, 0))?;
            match owner {
                None => self.db.run(principals::ADD_ADDRESS, params![folded, new.id.0]).map(drop)?,
                Some(owner) if owner == new.id.0 => {}
                Some(_) => return Err(Error::Exists),
            }
        }
        Ok(())
    }
}
