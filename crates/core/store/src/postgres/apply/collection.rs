//! Collections, their properties and access lists.

use super::folder::{self, Row};
use super::{AccountChange, Tx};
use crate::postgres::value::get;
use crate::postgres::value::values;
use crate::sql::{changes, collections, doomed};
use crate::{Done, Remains, encode};
use kontor_model::{
    AccountId, Collection, CollectionId, CollectionName, Error, Grant, PropertyKey, Result, Rule, Verb,
    Version,
};

impl Tx<'_> {
    pub(super) async fn create_collection(&mut self, new: &Collection) -> Result<Done> {
        let (account, id) = (new.account.0, new.id.0);
        self.log_account(new.account, AccountChange::CreateCollection(new.id)).await?;
        if let Some(parent) = new.parent {
            self.collection(new.account, parent).await?;
        }
        self.name_free(new.account, new.parent, new.kind.word(), &new.name).await?;
        let created = new.created.millis();
        let values = values![
            account,
            id,
            encode::parent(new.parent),
            new.kind.word(),
            new.name.as_str(),
            i64::from(new.components.0),
            created
        ];
        self.db.run(collections::CREATE, values).await?;
        self.desk.begins((account, id));
        self.db.run(changes::NEW_COUNTER, values![account, id]).await?;
        for (key, value) in &new.properties {
            self.db.run(collections::SET_PROPERTY, values![account, id, key.0, value]).await?;
        }
        if let Some(parent) = new.parent {
            let row =
                Row { folder: new.id, created, modified: created, creator: self.actor, verb: Verb::Put };
            self.open_folder(&folder::place(new.account, parent, &new.name)?, &row).await?;
        }
        Ok(Done::Collection { version: Version::ZERO })
    }

    pub(super) async fn set_collection_properties(
        &mut self,
        account: AccountId,
        id: CollectionId,
        changes: &[(PropertyKey, Option<Vec<u8>>)],
    ) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let version = self.number(account, id).await?;
        for (key, value) in changes {
            match value {
                Some(value) => {
                    self.db.run(collections::SET_PROPERTY, values![account.0, id.0, key.0, value]).await?
                }
                None => self.db.run(collections::UNSET_PROPERTY, values![account.0, id.0, key.0]).await?,
            };
        }
        self.log_account(account, AccountChange::SetProperties(id)).await?;
        Ok(Done::Collection { version })
    }

    pub(super) async fn rename_collection(
        &mut self,
        account: AccountId,
        id: CollectionId,
        parent: Option<CollectionId>,
        name: &CollectionName,
    ) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let version = self.number(account, id).await?;
        let (from, kind, old) = self.collection(account, id).await?;
        let mut above = parent;
        while let Some(step) = above {
            if step == id {
                let detail = "a collection cannot be put below itself".to_owned();
                return Err(Error::Invalid { rule: Rule::Location, detail });
            }
            above = self.collection(account, step).await?.0;
        }
        match self.named(account, parent, &kind, name).await? {
            Some(other) if other != id => return Err(Error::Exists),
            _ => {}
        }
        if (from, &old) != (parent, name) {
            self.move_folder((account, id), from.map(|from| (from, &old)), parent.map(|to| (to, name)))
                .await?;
        }
        let values = values![account.0, id.0, encode::parent(parent), name.as_str()];
        self.db.run(collections::RENAME, values).await?;
        self.log_account(account, AccountChange::RenameCollection(id)).await?;
        Ok(Done::Collection { version })
    }

    /// Moves the row of a collection among the items of others; at the top it has none.
    async fn move_folder(
        &mut self,
        (account, id): (AccountId, CollectionId),
        from: Option<(CollectionId, &CollectionName)>,
        to: Option<(CollectionId, &CollectionName)>,
    ) -> Result<()> {
        let mut row = None;
        if let Some((parent, name)) = from {
            row = self.close_folder(&folder::place(account, parent, name)?).await?;
        }
        let Some((parent, name)) = to else { return Ok(()) };
        let (at, creator) = (self.at, self.actor);
        let fresh = Row { folder: id, created: at, modified: at, creator, verb: Verb::Arrive };
        let row = row.unwrap_or(fresh);
        self.open_folder(&folder::place(account, parent, name)?, &row).await
    }

    pub(super) async fn remove_collection(
        &mut self,
        account: AccountId,
        id: CollectionId,
        remains: Remains,
    ) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let (parent, _, name) = self.collection(account, id).await?;
        let mut row = None;
        if let Some(parent) = parent {
            row = self.close_folder(&folder::place(account, parent, &name)?).await?;
        }
        if remains == Remains::Trash {
            return self.trash_collection(account, id, row).await;
        }
        let own =
            self.db.one(collections::HAS_GRANTS, values![account.0, id.0], |row| get::<i64>(row, 0)).await?;
        let mut doomed = vec![id];
        let mut next = 0;
        while let Some(one) = doomed.get(next).copied() {
            next += 1;
            let key = values![account.0, one.0];
            let mut below =
                self.db.all(collections::CHILDREN, key, |row| get(row, 0).map(CollectionId)).await?;
            // We make no circles; should there be one, this still ends.
            below.retain(|id| !doomed.contains(id));
            doomed.extend(below);
        }
        for one in doomed.into_iter().rev() {
            self.drop_collection(account, one).await?;
            // What lies in it goes out of sight with it, whoever might see it.
            let own = own.filter(|_| one == id).unwrap_or_default();
            let change = AccountChange::removed(one, own);
            self.log_account(account, change).await?;
        }
        Ok(Done::Other)
    }

    /// Takes a collection out of sight; its rows are dropped later, some at a time (`doomed.rs`).
    async fn drop_collection(&mut self, account: AccountId, id: CollectionId) -> Result<()> {
        self.shrink(account, id).await?;
        self.desk.ends((account.0, id.0));
        for sql in [
            collections::REMOVE,
            collections::DROP_PROPERTIES,
            collections::DROP_ENTRIES,
            changes::DROP_COUNTER,
            doomed::ADD,
        ] {
            self.db.run(sql, values![account.0, id.0]).await?;
        }
        self.effect.doomed = true;
        Ok(())
    }

    pub(super) async fn unmoved(
        &mut self,
        account: AccountId,
        id: CollectionId,
        version: Version,
    ) -> Result<Done> {
        let have = self.number(account, id).await?;
        if have == version { Ok(Done::Other) } else { Err(Error::Stale { have: Some(have) }) }
    }

    pub(super) async fn set_grants(
        &mut self,
        account: AccountId,
        collection: Option<CollectionId>,
        grants: Option<&[Grant]>,
    ) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let version = match collection {
            Some(id) => self.number(account, id).await?,
            None => Version::ZERO,
        };
        let on = encode::parent(collection);
        self.db.run(collections::DROP_ENTRIES, values![account.0, on]).await?;
        for (place, grant) in (0_i64..).zip(grants.unwrap_or_default()) {
            let (kind, grantee) = encode::grantee(&grant.grantee);
            let values = values![account.0, on, place, kind, grantee, i64::from(grant.rights.0)];
            self.db.run(collections::ADD_ENTRY, values).await?;
        }
        if collection.is_some() {
            let own = i64::from(grants.is_some());
            self.db.run(collections::OWN_GRANTS, values![account.0, on, own]).await?;
        }
        self.log_account(account, AccountChange::SetGrants(collection)).await?;
        Ok(if collection.is_some() { Done::Collection { version } } else { Done::Other })
    }

    /// Parent, kind and name of a collection.
    pub(super) async fn collection(
        &mut self,
        account: AccountId,
        id: CollectionId,
    ) -> Result<(Option<CollectionId>, String, CollectionName)> {
        let found = self
            .db
            .one(collections::ONE, values![account.0, id.0], |row| {
                let name: String = get(row, 2)?;
                Ok((encode::parent_of(get(row, 0)?), get(row, 1)?, CollectionName::new(&name)?))
            })
            .await?;
        found.ok_or(Error::NotFound)
    }

    /// The change number of a collection.
    pub(super) async fn number(&mut self, account: AccountId, id: CollectionId) -> Result<Version> {
        self.desk.number(self.db, (account.0, id.0)).await.map(Version)
    }

    async fn named(
        &mut self,
        account: AccountId,
        parent: Option<CollectionId>,
        kind: &str,
        name: &CollectionName,
    ) -> Result<Option<CollectionId>> {
        let key = values![account.0, encode::parent(parent), kind, name.as_str()];
        self.db.one(collections::BY_NAME, key, |row| get(row, 0).map(CollectionId)).await
    }

    pub(super) async fn name_free(
        &mut self,
        account: AccountId,
        parent: Option<CollectionId>,
        kind: &str,
        name: &CollectionName,
    ) -> Result<()> {
        match self.named(account, parent, kind, name).await? {
            Some(_) => Err(Error::Exists),
            None => Ok(()),
        }
    }
}
