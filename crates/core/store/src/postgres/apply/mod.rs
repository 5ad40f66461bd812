//! Applies writes inside the writer's transaction, one file per sort of op.

mod blob;
mod collection;
mod desk;
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

use super::session::Line;
use crate::allowance::Allowance;
use crate::blob::Freight;
use crate::contract::ROW_BYTES;
use crate::postgres::value::values;
use crate::sql::changes;
use crate::{Done, Guard, Op, Receipt, Source, Write, encode};
use desk::HouseEntry;
pub(super) use desk::{Desk, Patience, Trust};
use kontor_model::{AccountId, CollectionId, Error, ItemId, ItemName, News, Notice, Result, Verb, Version};
pub(super) use past::drop_one;

/// What the world must be told once a write is on disk.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// The last change of each collection and account touched, and what happened to accounts as such.
    pub(super) news: Vec<News>,
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
    db: &'c mut Line,
    desk: &'c mut Desk,
    actor: i64,
    origin: &'static str,
    at: i64,
    effect: Effect,
    freight: Freight,
    allowance: Allowance,
}

/// Applies all ops of `write`; on an error the caller rolls back to where it stood.
pub(super) async fn apply(db: &mut Line, desk: &mut Desk, write: &Write) -> Result<(Receipt, Effect)> {
    let mut tx = Tx {
        db,
        desk,
        actor: encode::actor(&write.actor),
        origin: write.origin.word(),
        at: write.at.millis(),
        effect: Effect::default(),
        freight: Freight::default(),
        allowance: Allowance::of(&write.guards),
    };
    for guard in &write.guards {
        tx.guard(*guard).await?;
    }
    let mut done = Vec::with_capacity(write.ops.len());
    for op in &write.ops {
        done.push(tx.op(op).await?);
    }
    tx.freight.settled()?;
    let reached = tx.allowed().await?;
    Ok((Receipt { done, reached }, tx.effect))
}

impl Tx<'_> {
    async fn guard(&mut self, guard: Guard) -> Result<()> {
        let shelf = match guard.quota.limits() {
            // Others who let the account grow wait, so that what it holds is known.
            true => Some(self.desk.state(self.db, guard.account.0).await?.shelf),
            false => self.desk.shelf(self.db, guard.account.0).await?,
        };
        if shelf == Some(guard.shelf) { Ok(()) } else { Err(Error::Busy { retry_after: 0 }) }
    }

    async fn op(&mut self, op: &Op) -> Result<Done> {
        match op {
            Op::Put { at, expect, new_id, body, part } => self.put(at, *expect, *new_id, (body, *part)).await,
            Op::Remove { at, expect } => self.remove(at, *expect).await,
            Op::Relocate { from, expect, to, target, new_id } => {
                self.relocate(from, *expect, to, *target, *new_id).await
            }
            Op::Copy { from, expect, to, target, new_id } => {
                self.copy(from, *expect, to, *target, *new_id).await
            }
            Op::SetItemProperties { at, changes } => self.set_item_properties(at, changes).await,
            Op::TakeBack { item, number, at } => self.take_back(*item, *number, at).await,
            Op::CreateCollection(new) => self.create_collection(new).await,
            Op::SetCollectionProperties { account, collection, changes } => {
                self.set_collection_properties(*account, *collection, changes).await
            }
            Op::RenameCollection { account, collection, parent, name } => {
                self.rename_collection(*account, *collection, *parent, name).await
            }
            Op::RemoveCollection { account, collection, remains } => {
                self.remove_collection(*account, *collection, *remains).await
            }
            Op::RestoreCollection { account, root, parent, name } => {
                self.restore_collection(*account, *root, *parent, name).await
            }
            Op::PurgeCollection { account, root } => self.purge_collection(*account, *root).await,
            Op::PurgePast { account, collection, item } => {
                self.purge_past(*account, *collection, *item).await
            }
            Op::Unmoved { account, collection, version } => {
                self.unmoved(*account, *collection, *version).await
            }
            Op::SetGrants { account, collection, grants } => {
                self.set_grants(*account, *collection, grants.as_deref()).await
            }
            Op::SetLock { account, lock } => self.set_lock(*account, lock).await,
            Op::DropLocks { account, tokens } => self.drop_locks(*account, tokens).await,
            Op::Number { account, collection, parts } => {
                self.number_parts(*account, *collection, parts).await
            }
            Op::SetQuota { account, quota } => self.set_quota(*account, quota).await,
            Op::Tide { account, shelf, marks } => self.tide(*account, *shelf, marks).await,
            Op::CreatePrincipal(new) => self.create_principal(new).await,
            Op::UpdatePrincipal(new) => self.update_principal(new).await,
            Op::RemovePrincipal { id, name } => self.remove_principal(*id, name).await,
            Op::SetPassword { id, digest } => self.set_password(*id, digest.as_deref()).await,
            Op::AddAppPassword { id, password } => self.add_app_password(*id, password).await,
            Op::RevokeAppPassword { id, app_password } => self.revoke_app_password(*id, *app_password).await,
            Op::TouchAppPassword { id, app_password } => self.touch_app_password(*id, *app_password).await,
            Op::CountFailure { scopes, tried } => self.count_failure(scopes, tried).await,
            Op::TakeBackFailure { scopes, tried } => self.take_back_failure(scopes, tried).await,
            Op::ForgetFailures { scopes } => self.forget_failures(scopes).await,
            Op::InitSetting { key, value } => self.init_setting(key, value).await,
            Op::MoveLease { name, seen, next } => self.move_lease(name, *seen, *next).await,
            Op::Blob(op) => self.blob(op).await,
        }
    }

    /// The next number of a collection, with what the change adds to its count of items and bytes.
    fn bump(&mut self, at: &Source, items: i64, bytes: i64) -> Result<Version> {
        self.allowance.grow(at.account, bytes);
        self.desk.bump((at.account.0, at.collection.0), items, bytes).map(Version)
    }

    /// Writes the change entry of an item.
    async fn log(
        &mut self,
        (account, collection, name): (AccountId, CollectionId, &ItemName),
        (item, version, verb): (ItemId, Version, Verb),
    ) -> Result<()> {
        let (actor, origin, at) = (self.actor, self.origin, self.at);
        let values = values![
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
        self.db.gather(changes::LOG, 3, values).await?;
        self.effect.notice(account, Some(collection), version);
        Ok(())
    }

    /// Writes the change entry of an account as such.
    async fn log_account(&mut self, account: AccountId, what: AccountChange) -> Result<()> {
        let state = self.desk.state(self.db, account.0).await?;
        state.number = desk::sum(state.number, 1)?;
        let number = state.number;
        if what.moves_shelf() {
            state.shelf = number;
        }
        let shelf = i64::from(what.moves_shelf());
        self.db.run(changes::BUMP_STATE, values![account.0, shelf]).await?;
        let (verb, collection) = what.parts();
        let (actor, origin, at) = (self.actor, self.origin, self.at);
        let values = values![account.0, number, encode::parent(collection), verb, actor, origin, at];
        self.db.run(changes::LOG_ACCOUNT, values).await?;
        if what.moves_shelf() {
            self.effect.notice(account, None, Version(number));
        }
        if let Some(news) = what.news(account) {
            self.desk.of_house(HouseEntry { account: account.0, verb, actor, origin, at });
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
