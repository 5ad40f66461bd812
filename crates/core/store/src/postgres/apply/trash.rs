//! Into the trash, and out of it.

use super::folder::{self, Row as Place};
use super::{AccountChange, Shown, Tx};
use crate::postgres::read::trash::decoded;
use crate::postgres::value::{get, values};
use crate::sql::{collections, doomed, locks, principals, trash as sql};
use crate::trash::{self, Count, Kept, Member};
use crate::{Done, encode};
use kontor_model::{AccountId, CollectionId, CollectionName, Error, Grant, Result, Verb, Version};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

impl Tx<'_> {
    /// Takes a tree out of sight, whose account is held; `row` is what the folder above said of it.
    pub(super) async fn trash_collection(
        &mut self,
        account: AccountId,
        root: CollectionId,
        row: Option<Place>,
    ) -> Result<Done> {
        let all = self.db.all(collections::OF_ACCOUNT, values![account.0], kept).await?;
        let tree = trash::tree(all, root.0)?;
        let mut grants = self.grants_of(account).await?;
        let counts = self.taken(account, &tree).await?;
        for (one, count) in tree.iter().zip(&counts).rev() {
            let grants = grants.remove(&one.id).unwrap_or_default();
            self.lay_down((account, root), one, count, &grants).await?;
            self.log_account(account, AccountChange::removed(CollectionId(one.id), one.own_grants)).await?;
        }
        let top = tree.first().ok_or(Error::NotFound)?;
        let (items, bytes) = trash::whole(counts.iter());
        self.allowance.grow(account, -bytes);
        let (made, modified, creator) = row.map_or((0, 0, 0), |row| (row.created, row.modified, row.creator));
        let values = values![
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
        self.db.run(sql::ADD_TREE, values).await?;
        Ok(Done::Other)
    }

    /// Ends counting in a tree; how far each of it was.
    async fn taken(&mut self, account: AccountId, tree: &[Kept]) -> Result<Vec<Count>> {
        let asks = tree.iter().map(|one| (sql::TAKE_COUNTER, values![account.0, one.id])).collect();
        let rows = self.db.flight(asks).await?;
        let mut counts = Vec::with_capacity(tree.len());
        for (one, rows) in tree.iter().zip(rows) {
            let row = rows.first().ok_or(Error::NotFound)?;
            let (items, bytes) = (get(row, 2)?, get(row, 3)?);
            let count = Count { version: get(row, 0)?, floor: get(row, 1)?, items, bytes };
            counts.push(self.desk.upto((account.0, one.id), count)?);
            self.desk.ends((account.0, one.id));
        }
        Ok(counts)
    }

    /// One collection of a tree.
    async fn lay_down(
        &mut self,
        (account, root): (AccountId, CollectionId),
        one: &Kept,
        count: &Count,
        grants: &[Grant],
    ) -> Result<()> {
        let values = values![
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
        self.db.run(sql::ADD_TRASHED, values).await?;
        self.db.run(collections::REMOVE, values![account.0, one.id]).await?;
        if !grants.is_empty() {
            self.db.run(collections::DROP_ENTRIES, values![account.0, one.id]).await?;
        }
        Ok(())
    }

    async fn grants_of(&mut self, account: AccountId) -> Result<BTreeMap<i64, Vec<Grant>>> {
        let rows = self.db.rows(collections::ENTRIES, values![account.0]).await?;
        let mut grants: BTreeMap<i64, Vec<Grant>> = BTreeMap::new();
        for row in &rows {
            let grant = encode::grant(get(row, 1)?, get(row, 2)?, get(row, 3)?)?;
            grants.entry(get(row, 0)?).or_default().push(grant);
        }
        Ok(grants)
    }

    pub(super) async fn restore_collection(
        &mut self,
        account: AccountId,
        root: CollectionId,
        parent: Option<CollectionId>,
        name: &CollectionName,
    ) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let top = self.db.one(sql::TREE, values![account.0, root.0], decoded).await?;
        let top = top.ok_or(Error::NotFound)?;
        if let Some(parent) = parent {
            self.collection(account, parent).await?;
        }
        self.name_free(account, parent, &top.kind, name).await?;
        let members = self.db.all(sql::TRASHED, values![account.0, root.0], member).await?;
        self.unlock(account, &members).await?;
        let there = self.there(&members).await?;
        self.allowance.grow(account, trash::whole(members.iter().map(|one| &one.count)).1);
        let mut version = Version::ZERO;
        for mut one in members {
            if one.kept.id == root.0 {
                version = Version(one.count.version);
                (one.kept.parent, one.kept.name) = (encode::parent(parent), name.as_str().to_owned());
            }
            self.bring(account, &one, &there).await?;
        }
        self.db.run(sql::DROP_TRASHED, values![account.0, root.0]).await?;
        self.db.run(sql::DROP_TREE, values![account.0, root.0]).await?;
        if let Some(parent) = parent {
            let fresh = (self.at, self.at, self.actor);
            let (created, modified, creator) = if top.parent == 0 { fresh } else { top.item };
            let row = Place { folder: root, created, modified, creator, verb: Verb::Arrive };
            self.open_folder(&folder::place(account, parent, name)?, &row).await?;
        }
        Ok(Done::Collection { version })
    }

    /// One collection of a tree.
    async fn bring(
        &mut self,
        account: AccountId,
        Member { kept, count, grants }: &Member,
        there: &BTreeSet<AccountId>,
    ) -> Result<()> {
        let (id, grants) = (kept.id, trash::still(trash::unpacked(grants)?, there));
        let values = values![
            account.0,
            id,
            kept.parent,
            kept.kind,
            kept.name,
            kept.components,
            kept.own_grants,
            kept.created
        ];
        self.db.run(sql::BRING, values).await?;
        let values = values![account.0, id, count.version, count.floor, count.items, count.bytes];
        self.db.run(sql::BRING_COUNTER, values).await?;
        self.desk.goes_on((account.0, id), count.version);
        for (place, grant) in (0_i64..).zip(&grants) {
            let (kind, grantee) = encode::grantee(&grant.grantee);
            let values = values![account.0, id, place, kind, grantee, i64::from(grant.rights.0)];
            self.db.run(collections::ADD_ENTRY, values).await?;
        }
        let shown = if grants.is_empty() { Shown::ToNobody } else { Shown::ToOthers };
        self.log_account(account, AccountChange::RestoreCollection(CollectionId(id), shown)).await
    }

    /// Which of those that something was granted to are there.
    async fn there(&mut self, members: &[Member]) -> Result<BTreeSet<AccountId>> {
        let mut granted = BTreeSet::new();
        for one in members {
            granted.extend(trash::grantees(&trash::unpacked(&one.grants)?));
        }
        let asks = granted.iter().map(|id| (principals::BY_ID, values![id.0])).collect();
        let rows = self.db.flight(asks).await?;
        Ok(granted.into_iter().zip(rows).filter(|(_, rows)| !rows.is_empty()).map(|(id, _)| id).collect())
    }

    /// What was locked is not any more.
    async fn unlock(&mut self, account: AccountId, members: &[Member]) -> Result<()> {
        let back: BTreeSet<i64> = members.iter().map(|one| one.kept.id).collect();
        let pair = |row: &Row| Ok((get::<String>(row, 0)?, get::<i64>(row, 1)?));
        let locked = self.db.all(locks::LOCKS, values![account.0], pair).await?;
        for (token, _) in locked.iter().filter(|(_, on)| back.contains(on)) {
            self.db.run(locks::DROP_LOCK, values![account.0, token]).await?;
        }
        Ok(())
    }

    pub(super) async fn purge_collection(&mut self, account: AccountId, root: CollectionId) -> Result<Done> {
        self.desk.state(self.db, account.0).await?;
        let id = |row: &Row| get::<i64>(row, 0);
        let members = self.db.all(sql::TRASHED, values![account.0, root.0], id).await?;
        if members.is_empty() {
            return Err(Error::NotFound);
        }
        for id in members {
            for sql in [collections::DROP_PROPERTIES, doomed::ADD] {
                self.db.run(sql, values![account.0, id]).await?;
            }
        }
        self.db.run(sql::DROP_TRASHED, values![account.0, root.0]).await?;
        self.db.run(sql::DROP_TREE, values![account.0, root.0]).await?;
        self.effect.doomed = true;
        self.log_account(account, AccountChange::PurgeCollection(root)).await?;
        Ok(Done::Other)
    }
}

/// A row of `collection`.
fn kept(row: &Row) -> Result<Kept> {
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

fn member(row: &Row) -> Result<Member> {
    let (items, bytes) = (get(row, 9)?, get(row, 10)?);
    let count = Count { version: get(row, 7)?, floor: get(row, 8)?, items, bytes };
    Ok(Member { kept: kept(row)?, count, grants: get(row, 11)? })
}
