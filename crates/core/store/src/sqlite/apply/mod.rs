//! Applies writes inside the writer's transaction, one file per sort of op.

mod blob;
mod collection;
mod folder;
mod item;
mod lock;
mod ordinal;
mod past;
mod principal;
mod quota;
mod secret;
mod tide;
mod transfer;
mod trash;

use super::db::{Db, get};
use crate::allowance::Allowance;
use crate::blob::Freight;
use crate::contract::ROW_BYTES;
use crate::encode::HOUSE;
use crate::sql::changes;
use crate::{Done, Guard, History, Op, Receipt, Write, encode};
use kontor_model::{AccountId, CollectionId, Error, ItemId, ItemName, News, Notice, Result, Verb, Version};
pub(super) use past::drop_one;
use rusqlite::params;

/// What the world must be told once a write is on disk.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// The last change of each collection and account touched, and what happened to accounts as such.
    pub(super) news: Vec<News>,
    /// Accounts whose shelf changed.
    pub(super) shelves: Vec<AccountId>,
    /// Accounts whose secrets changed.
    pub(super) secrets: Vec<AccountId>,
    /// Whether a principal changed.
    pub(super) principals: bool,
    /// Whether a collection went away whose rows are still there.
    pub(super) doomed: bool,
    /// Bytes that past texts of accounts took.
    pub(super) grown: Vec<(AccountId, u64)>,
}

impl Effect {
    fn notice(&mut self, account: AccountId, collection: Option<CollectionId>, version: Version) {
        let new = Notice { account, collection, version };
        let same = |one: &&mut News| matches!(one, News::Change(old) if old.account == account && old.collection == collection);
        match self.news.iter_mut().find(same) {
            Some(earlier) => *earlier = News::Change(new),
            None => self.news.push(News::Change(new)),
        }
    }

    /// An account has so many bytes more that are past.
    fn grown(&mut self, account: AccountId, size: i64) {
        self.grown.push((account, size.unsigned_abs().saturating_add(ROW_BYTES)));
    }

    fn house(&mut self, news: News) {
        if !self.news.contains(&news) {
            self.news.push(news);
        }
    }
}

/// One write being applied.
struct Tx<'c> {
    db: Db<'c>,
    actor: i64,
    origin: &'static str,
    at: i64,
    effect: Effect,
    freight: Freight,
    allowance: Allowance,
    history: History,
}

/// Applies all ops of `write`; on an error the caller rolls back to where it stood.
pub(super) fn apply(db: Db<'_>, history: History, write: &Write) -> Result<(Receipt, Effect)> {
    let mut tx = Tx {
        db,
        actor: encode::actor(&write.actor),
        origin: write.origin.word(),
        at: write.at.millis(),
        effect: Effect::default(),
        freight: Freight::default(),
        allowance: Allowance::of(&write.guards),
        history,
    };
    for guard in &write.guards {
        tx.guard(*guard)?;
    }
    let done = write.ops.iter().map(|op| tx.op(op)).collect::<Result<Vec<_>>>()?;
    tx.freight.settled()?;
    let reached = tx.allowed()?;
    Ok((Receipt { done, reached }, tx.effect))
}

impl Tx<'_> {
    fn guard(&self, guard: Guard) -> Result<()> {
        let shelf = self.db.one(changes::STATE, [guard.account.0], |row| get::<i64>(row, 1))?;
        if shelf == Some(guard.shelf) { Ok(()) } else { Err(Error::Busy { retry_after: 0 }) }
    }

    fn op(&mut self, op: &Op) -> Result<Done> {
        match op {
            Op::Put { at, expect, new_id, body, part } => self.put(at, *expect, *new_id, (body, *part)),
            Op::Remove { at, expect } => self.remove(at, *expect),
            Op::Relocate { from, expect, to, target, new_id } => {
                self.relocate(from, *expect, to, *target, *new_id)
            }
            Op::Copy { from, expect, to, target, new_id } => self.copy(from, *expect, to, *target, *new_id),
            Op::SetItemProperties { at, changes } => self.set_item_properties(at, changes),
            Op::TakeBack { item, number, at } => self.take_back(*item, *number, at),
            Op::CreateCollection(new) => self.create_collection(new),
            Op::SetCollectionProperties { account, collection, changes } => {
                self.set_collection_properties(*account, *collection, changes)
            }
            Op::RenameCollection { account, collection, parent, name } => {
                self.rename_collection(*account, *collection, *parent, name)
            }
            Op::RemoveCollection { account, collection, remains } => {
                self.remove_collection(*account, *collection, *remains)
            }
            Op::RestoreCollection { account, root, parent, name } => {
                self.restore_collection(*account, *root, *parent, name)
            }
            Op::PurgeCollection { account, root } => self.purge_collection(*account, *root),
            Op::PurgePast { account, collection, item } => self.purge_past(*account, *collection, *item),
            Op::Unmoved { account, collection, version } => self.unmoved(*account, *collection, *version),
            Op::SetGrants { account, collection, grants } => {
                self.set_grants(*account, *collection, grants.as_deref())
            }
            Op::SetLock { account, lock } => self.set_lock(*account, lock),
            Op::DropLocks { account, tokens } => self.drop_locks(*account, tokens),
            Op::Number { account, collection, parts } => self.number_parts(*account, *collection, parts),
            Op::SetQuota { account, quota } => self.set_quota(*account, quota),
            Op::Tide { account, shelf, marks } => self.tide(*account, *shelf, marks),
            Op::CreatePrincipal(new) => self.create_principal(new),
            Op::UpdatePrincipal(new) => self.update_principal(new),
            Op::RemovePrincipal { id, name } => self.remove_principal(*id, name),
            Op::SetPassword { id, digest } => self.set_password(*id, digest.as_deref()),
            Op::AddAppPassword { id, password } => self.add_app_password(*id, password),
            Op::RevokeAppPassword { id, app_password } => self.revoke_app_password(*id, *app_password),
            Op::TouchAppPassword { id, app_password } => self.touch_app_password(*id, *app_password),
            Op::CountFailure { scopes, tried } => self.count_failure(scopes, tried),
            Op::TakeBackFailure { scopes, tried } => self.take_back_failure(scopes, tried),
            Op::ForgetFailures { scopes } => self.forget_failures(scopes),
            Op::InitSetting { key, value } => self.init_setting(key, value),
            Op::MoveLease { name, seen, next } => self.move_lease(name, *seen, *next),
            Op::Blob(op) => self.blob(op),
        }
    }

    /// The next number of a collection, with what the change adds to its count of items and bytes.
    fn bump(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        items: i64,
        bytes: i64,
    ) -> Result<Version> {
        self.allowance.grow(account, bytes);
        let values = params![account.0, collection.0, items, bytes];
        self.db.one(changes::BUMP, values, |row| get(row, 0))?.map(Version).ok_or(Error::NotFound)
    }

    /// Writes the change entry of an item.
    fn log(
        &mut self,
        (account, collection, name): (AccountId, CollectionId, &ItemName),
        (item, version, verb): (ItemId, Version, Verb),
    ) -> Result<()> {
        let (actor, origin, at) = (self.actor, self.origin, self.at);
        let values = params![
            account.0,
            collection.0,
            version.0,
            item.0,
            name.as_str(),
            verb.word(),
            actor,
            origin,
            at
        ];
        self.db.run(changes::LOG, values)?;
        self.effect.notice(account, Some(collection), version);
        Ok(())
    }

    /// The next number of the house.
    fn house_number(&self) -> Result<i64> {
        let bump = || self.db.one(changes::BUMP_STATE, params![HOUSE, 0], |row| get(row, 0));
        if let Some(number) = bump()? {
            return Ok(number);
        }
        self.db.run(changes::NEW_STATE, [HOUSE])?;
        bump()?.ok_or(Error::NotFound)
    }

    /// Writes the change entry of an account as such.
    fn log_account(&mut self, account: AccountId, what: AccountChange) -> Result<()> {
        let shelf = i64::from(what.moves_shelf());
        let number: i64 = self
            .db
            .one(changes::BUMP_STATE, params![account.0, shelf], |row| get(row, 0))?
            .ok_or(Error::NotFound)?;
        let (verb, collection) = what.parts();
        let (actor, origin, at) = (self.actor, self.origin, self.at);
        let values = params![account.0, number, encode::parent(collection), verb, actor, origin, at];
        self.db.run(changes::LOG_ACCOUNT, values)?;
        if what.moves_shelf() {
            self.effect.shelves.push(account);
            self.effect.notice(account, None, Version(number));
        }
        if let Some(news) = what.news(account) {
            let number = self.house_number()?;
            let values = params![HOUSE, number, account.0, verb, actor, origin, at];
            self.db.run(changes::LOG_ACCOUNT, values)?;
            self.effect.house(news);
        }
        Ok(())
    }
}

/// Whether something that comes back is granted to others.
#[derive(Clone, Copy)]
enum Shown {
    ToNobody,
    ToOthers,
}

/// What can happen to an account as such.
#[derive(Clone, Copy)]
enum AccountChange {
    CreateCollection(CollectionId),
    SetProperties(CollectionId),
    RenameCollection(CollectionId),
    RemoveCollection(CollectionId),
    /// One that had an access list of its own.
    RemoveKept(CollectionId),
    RestoreCollection(CollectionId, Shown),
    PurgeCollection(CollectionId),
    PurgePast(CollectionId),
    SetGrants(Option<CollectionId>),
    RevokeGrants,
    Locks,
    SetQuota,
    Tide,
    CreatePrincipal,
    UpdatePrincipal,
    RemovePrincipal,
    Secrets,
}

impl AccountChange {
    /// One that goes; `own_grants` is its column.
    fn removed(id: CollectionId, own_grants: i64) -> Self {
        if own_grants == 1 { Self::RemoveKept(id) } else { Self::RemoveCollection(id) }
    }

    fn parts(self) -> (&'static str, Option<CollectionId>) {
        match self {
            Self::CreateCollection(id) => ("create-collection", Some(id)),
            Self::SetProperties(id) => ("set-properties", Some(id)),
            Self::RenameCollection(id) => ("rename-collection", Some(id)),
            Self::RemoveCollection(id) => ("remove-collection", Some(id)),
            Self::RemoveKept(id) => ("remove-kept-collection", Some(id)),
            Self::RestoreCollection(id, _) => ("restore-collection", Some(id)),
            Self::PurgeCollection(id) => ("purge-collection", Some(id)),
            Self::PurgePast(id) => ("purge-past", Some(id)),
            Self::SetGrants(id) => ("set-grants", id),
            Self::RevokeGrants => ("revoke-grants", None),
            Self::Locks => ("locks", None),
            Self::SetQuota => ("set-quota", None),
            Self::Tide => ("tide", None),
            Self::CreatePrincipal => ("create-principal", None),
            Self::UpdatePrincipal => ("update-principal", None),
            Self::RemovePrincipal => ("remove-principal", None),
            Self::Secrets => ("secrets", None),
        }
    }

    /// What of it concerns the house, so that all nodes have to hear of it.
    fn news(self, account: AccountId) -> Option<News> {
        match self {
            Self::SetGrants(_) | Self::RevokeGrants | Self::RestoreCollection(_, Shown::ToOthers) => {
                Some(News::Grants(account))
            }
            Self::CreatePrincipal | Self::UpdatePrincipal | Self::RemovePrincipal | Self::Secrets => {
                Some(News::Account(account))
            }
            Self::CreateCollection(_)
            | Self::SetProperties(_)
            | Self::RenameCollection(_)
            | Self::RemoveCollection(_)
            | Self::RemoveKept(_)
            | Self::RestoreCollection(_, Shown::ToNobody)
            | Self::PurgeCollection(_)
            | Self::PurgePast(_)
            | Self::Locks
            | Self::SetQuota
            | Self::Tide => None,
        }
    }

    /// Whether collections, their properties or access lists are concerned.
    fn moves_shelf(self) -> bool {
        !matches!(
            self,
            Self::Tide
                | Self::CreatePrincipal
                | Self::UpdatePrincipal
                | Self::RemovePrincipal
                | Self::Secrets
                | Self::PurgeCollection(_)
                | Self::PurgePast(_)
        )
    }
}
