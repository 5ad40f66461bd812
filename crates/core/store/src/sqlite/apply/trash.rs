//! Into the trash, and out of it.

use super::folder::{self, Row as Place};
use super::{AccountChange, Shown, Tx};
use crate::sql::{collections, doomed, locks, principals, trash as sql};
use crate::sqlite::db::get;
use crate::sqlite::read::trash::tree;
use crate::trash::{self, Count, Kept, Member};
use crate::{Done, encode};
use kontor_model::{AccountId, CollectionId, CollectionName, Error, Grant, Result, Verb, Version};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

impl Tx<'_> {
    /// Takes a tree out of sight; `row` is what the folder above said of it.
    pub(super) fn trash_collection(
        &mut self,
        account: AccountId,
        root: CollectionId,
        row: Option<Place>,
    ) -> Result<Done> {
        let all = self.db.all(collections::OF_ACCOUNT, [account.0], kept)?;
        let tree = trash::tree(all, root.0)?;
        let mut grants = self.grants_of(account)?;
        let mut counts = Vec::with_capacity(tree.len());
        for one in tree.iter().rev() {
            let grants = grants.remove(&one.id).unwrap_or_default();
            counts.push(self.lay_down(account, root, one, &grants)?);
            self.log_account(account, AccountChange::removed(CollectionId(one.id), one.own_grants))?;
        }
        let top = tree.first().ok_or(Error::NotFound)?;
        let (items, bytes) = trash::whole(counts.iter());
        self.allowance.grow(account, -bytes);
        let (made, modified, creator) = row.map_or((0, 0, 0), |row| (row.created, row.modified, row.creator));
        let values = params![
            account.0,
            root.0,
            top.parent,
            top.kind,
            top.name,
            self.at,
            self.actor,
            self.origin,
            encode::size(tree.len() as u64),
            trash::depth(&tree),
            items,
            bytes,
            made,
            modified,
            creator
        ];
        self.db.run(sql::ADD_TREE, values)?;
        Ok(Done::Other)
    }

    /// One collection of a tree.
    fn lay_down(
        &self,
        account: AccountId,
        root: CollectionId,
        one: &Kept,
        grants: &[Grant],
    ) -> Result<Count> {
        let key = params![account.0, one.id];
        let count = self.db.one(sql::TAKE_COUNTER, key, |row| {
            Ok(Count { version: get(row, 0)?, floor: get(row, 1)?, items: get(row, 2)?, bytes: get(row, 3)? })
        })?;
        let count = count.ok_or(Error::NotFound)?;
        let values = params![
            account.0,
            root.0,
            one.id,
            one.parent,
            one.kind,
            one.name,
            one.components,
            one.own_grants,
            one.created,
            count.version,
            count.floor,
            count.items,
            count.bytes,
            trash::packed(grants)
        ];
        self.db.run(sql::ADD_TRASHED, values)?;
        self.db.run(collections::REMOVE, key)?;
        if !grants.is_empty() {
            self.db.run(collections::DROP_ENTRIES, key)?;
        }
        Ok(count)
    }

    fn grants_of(&self, account: AccountId) -> Result<BTreeMap<i64, Vec<Grant>>> {
        let mut grants: BTreeMap<i64, Vec<Grant>> = BTreeMap::new();
        self.db.each(collections::ENTRIES, [account.0], |row| {
            let grant = encode::grant(get(row, 1)?, get(row, 2)?, get(row, 3)?)?;
            grants.entry(get(row, 0)?).or_default().push(grant);
            Ok(true)
        })?;
        Ok(grants)
    }

    pub(super) fn restore_collection(
        &mut self,
        account: AccountId,
        root: CollectionId,
        parent: Option<CollectionId>,
        name: &CollectionName,
    ) -> Result<Done> {
        let top = tree(self.db, account, root)?.ok_or(Error::NotFound)?;
        if let Some(parent) = parent {
            self.collection(account, parent)?;
        }
        self.name_free(account, parent, &top.kind, name)?;
        let members = self.db.all(sql::TRASHED, params![account.0, root.0], member)?;
        self.unlock(account, &members)?;
        self.allowance.grow(account, trash::whole(members.iter().map(|one| &one.count)).1);
        let mut version = Version::ZERO;
        for mut one in members {
            if one.kept.id == root.0 {
                version = Version(one.count.version);
                (one.kept.parent, one.kept.name) = (encode::parent(parent), name.as_str().to_owned());
            }
            self.bring(account, &one)?;
        }
        self.db.run(sql::DROP_TRASHED, params![account.0, root.0])?;
        self.db.run(sql::DROP_TREE, params![account.0, root.0])?;
        if let Some(parent) = parent {
            let (created, modified, creator) =
                if top.parent == 0 { (self.at, self.at, self.actor) } else { top.item };
            let row = Place { folder: root, created, modified, creator, verb: Verb::Arrive };
            self.open_folder(&folder::place(account, parent, name)?, &row)?;
        }
        Ok(Done::Collection { version })
    }

    /// One collection of a tree.
    fn bring(&mut self, account: AccountId, Member { kept, count, grants }: &Member) -> Result<()> {
        let (id, grants) = (kept.id, self.still(trash::unpacked(grants)?)?);
        let values = params![
            account.0,
            id,
            kept.parent,
            kept.kind,
            kept.name,
            kept.components,
            kept.own_grants,
            kept.created
        ];
        self.db.run(sql::BRING, values)?;
        let values = params![account.0, id, count.version, count.floor, count.items, count.bytes];
        self.db.run(sql::BRING_COUNTER, values)?;
        for (place, grant) in (0_i64..).zip(&grants) {
            let (kind, grantee) = encode::grantee(&grant.grantee);
            let values = params![account.0, id, place, kind, grantee, i64::from(grant.rights.0)];
            self.db.run(collections::ADD_ENTRY, values)?;
        }
        let shown = if grants.is_empty() { Shown::ToNobody } else { Shown::ToOthers };
        self.log_account(account, AccountChange::RestoreCollection(CollectionId(id), shown))
    }

    fn still(&self, grants: Vec<Grant>) -> Result<Vec<Grant>> {
        let mut there = BTreeSet::new();
        for id in trash::grantees(&grants) {
            there.extend(self.db.one(principals::BY_ID, [id.0], |_| Ok(id))?);
        }
        Ok(trash::still(grants, &there))
    }

    /// What was locked is not any more.
    fn unlock(&self, account: AccountId, members: &[Member]) -> Result<()> {
        let back: BTreeSet<i64> = members.iter().map(|one| one.kept.id).collect();
        let locked: Vec<(String, i64)> =
            self.db.all(locks::LOCKS, [account.0], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
        for (token, _) in locked.iter().filter(|(_, on)| back.contains(on)) {
            self.db.run(locks::DROP_LOCK, params![account.0, token])?;
        }
        Ok(())
    }

    pub(super) fn purge_collection(&mut self, account: AccountId, root: CollectionId) -> Result<Done> {
        let members: Vec<i64> = self.db.all(sql::TRASHED, params![account.0, root.0], |row| get(row, 0))?;
        if members.is_empty() {
            return Err(Error::NotFound);
        }
        for id in members {
            for sql in [collections::DROP_PROPERTIES, doomed::ADD] {
                self.db.run(sql, params![account.0, id])?;
            }
        }
        self.db.run(sql::DROP_TRASHED, params![account.0, root.0])?;
        self.db.run(sql::DROP_TREE, params![account.0, root.0])?;
        self.effect.doomed = true;
        self.log_account(account, AccountChange::PurgeCollection(root))?;
        Ok(Done::Other)
    }
}

/// A row of `collection`.
fn kept(row: &rusqlite::Row<'_>) -> Result<Kept> {
    Ok(Kept {
        id: get(row, 0)?,
        parent: get(row, 1)?,
        kind: get(row, 2)?,
        name: get(row, 3)?,
        components: get(row, 4)?,
        own_grants: get(row, 5)?,
        created: get(row, 6)?,
    })
}

fn member(row: &rusqlite::Row<'_>) -> Result<Member> {
    let count =
        Count { version: get(row, 7)?, floor: get(row, 8)?, items: get(row, 9)?, bytes: get(row, 10)? };
    Ok(Member { kept: kept(row)?, count, grants: get(row, 11)? })
}
