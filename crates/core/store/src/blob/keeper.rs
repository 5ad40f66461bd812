//! The store that doors and verbs know: an engine, and large bodies outside of it.

use super::address::Address;
use super::bodies::Bodies;
use super::books::Blobs;
use super::lay::is_laden;
use super::options::BlobOptions;
use super::reader::OpenBody;
use super::rows::Engine;
use crate::moving::RowSource;
use crate::{
    Changes, Failure, Load, LogEntry, LogKey, OpenPast, Ordinal, OrdinalKey, Orphan, Page, Past, Receipt,
    Reply, Secrets, Select, Shelf, Store, Tenure, TextTest, Tides, Timing, Trashed, Trimmed, Watcher, Write,
};
use kontor_model::{
    AccountId, AccountName, CollectionId, Error, Grantee, Item, ItemId, ItemName, Principal, PropertyKey,
    Range, Result, Right, Timestamp, Version,
};
use std::sync::Arc;
use std::time::Duration;

/// See above.
pub(crate) struct Keeper {
    engine: Arc<dyn Engine>,
    /// `None`: all bodies lie in the database.
    blobs: Option<Arc<Blobs>>,
}

/// Stands before an engine, with large bodies where `options` say; in the database itself if they say nothing.
///
/// # Errors
/// `Unsupported` or `Internal`, with a text for the administrator, if the place is not this store's or not reached.
pub(crate) fn keep(
    engine: Arc<dyn Engine>,
    options: Option<&BlobOptions>,
    at: At,
    nodes: Nodes,
) -> Result<Arc<dyn Store>> {
    let Some(options) = options else { return Ok(Arc::new(Keeper { engine, blobs: None })) };
    let blobs = Arc::new(Blobs::open(Arc::clone(&engine), options, nodes == Nodes::One)?);
    blobs.reach(at)?;
    Ok(Arc::new(Keeper { engine, blobs: Some(blobs) }))
}

/// Whether others may be on the same store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// Nobody else.
    One,
    /// Perhaps.
    Several,
}

/// When a place is reached for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// When the store is opened: others may be on it, or it may be far away.
    Once,
    /// When it is needed first, and from then on when the store is opened.
    Need,
}

impl Keeper {
    /// An answer of the engine, with bodies if they are wanted and some lie outside.
    fn with_bodies<'s, T: Bodies + 's>(
        &'s self,
        (account, collection): (AccountId, CollectionId),
        select: Select,
        answer: Reply<'s, T>,
    ) -> Reply<'s, T> {
        match &self.blobs {
            _ if select == Select::Meta => answer,
            Some(blobs) => Box::pin(async move { blobs.filled(account, collection, answer.await?).await }),
            None => Box::pin(async move { all_here(answer.await?) }),
        }
    }
}

/// Without a place no body may lie outside.
fn all_here<T: Bodies>(mut answer: T) -> Result<T> {
    for item in answer.items() {
        if Address::of(item)?.is_some() {
            let name = item.meta.name.as_str();
            let why =
                format!("read the body of {name:?}: it lies in a blob store, and none is named (--blobs)");
            return Err(Error::Internal(why));
        }
    }
    Ok(answer)
}

impl Store for Keeper {
    fn principal(&self, name: &AccountName) -> Reply<'_, Option<Arc<Principal>>> {
        self.engine.principal(name)
    }

    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>> {
        self.engine.principal_by_id(id)
    }

    fn principal_by_email(&self, address: &str) -> Reply<'_, Option<Arc<Principal>>> {
        self.engine.principal_by_email(address)
    }

    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>> {
        self.engine.principals(after, limit)
    }

    fn orphans(&self) -> Reply<'_, Vec<Orphan>> {
        self.engine.orphans()
    }

    fn secrets(&self, id: AccountId) -> Reply<'_, Arc<Secrets>> {
        self.engine.secrets(id)
    }

    fn failures(&self, scope: &str, since: Timestamp) -> Reply<'_, Vec<Failure>> {
        self.engine.failures(scope, since)
    }

    fn setting(&self, key: &str) -> Reply<'_, Option<Vec<u8>>> {
        self.engine.setting(key)
    }

    fn lease(&self, name: &str) -> Reply<'_, Option<Tenure>> {
        self.engine.lease(name)
    }

    fn shelf(&self, account: AccountId) -> Reply<'_, Arc<Shelf>> {
        self.engine.shelf(account)
    }

    fn shelf_lately(&self, account: AccountId) -> Option<Arc<Shelf>> {
        self.engine.shelf_lately(account)
    }

    fn versions(&self, account: AccountId) -> Reply<'_, Vec<(CollectionId, Version)>> {
        self.engine.versions(account)
    }

    fn version(&self, account: AccountId, collection: CollectionId) -> Reply<'_, Version> {
        self.engine.version(account, collection)
    }

    fn item(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Option<Item>> {
        let item = self.engine.item(account, collection, name);
        self.with_bodies((account, collection), Select::Body, item)
    }

    fn item_on<'a>(
        &'a self,
        shelf: &'a Shelf,
        collection: CollectionId,
        name: &'a ItemName,
    ) -> Reply<'a, Option<Item>> {
        let item = self.engine.item_on(shelf, collection, name);
        self.with_bodies((shelf.account, collection), Select::Body, item)
    }

    fn items_named(
        &self,
        account: AccountId,
        collection: CollectionId,
        names: &[ItemName],
        select: Select,
    ) -> Reply<'_, Vec<Option<Item>>> {
        let items = self.engine.items_named(account, collection, names, select);
        self.with_bodies((account, collection), select, items)
    }

    fn page(
        &self,
        account: AccountId,
        collection: CollectionId,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page> {
        let page = self.engine.page(account, collection, after, limit, select);
        self.with_bodies((account, collection), select, page)
    }

    fn usage(&self, account: AccountId, collection: CollectionId) -> Reply<'_, (u64, u64)> {
        self.engine.usage(account, collection)
    }

    fn used(&self, account: AccountId) -> Reply<'_, u64> {
        self.engine.used(account)
    }

    fn item_properties(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: Option<&ItemName>,
    ) -> Reply<'_, Vec<(ItemName, PropertyKey, Vec<u8>)>> {
        self.engine.item_properties(account, collection, name)
    }

    fn changes(
        &self,
        account: AccountId,
        collection: CollectionId,
        since: Version,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Changes> {
        let changes = self.engine.changes(account, collection, since, limit, select);
        self.with_bodies((account, collection), select, changes)
    }

    fn timings(&self, account: AccountId, collection: CollectionId, range: Range) -> Reply<'_, Vec<Timing>> {
        self.engine.timings(account, collection, range)
    }

    fn matching(
        &self,
        account: AccountId,
        collection: CollectionId,
        test: TextTest,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page> {
        let page = self.engine.matching(account, collection, test, after, limit, select);
        self.with_bodies((account, collection), select, page)
    }

    fn by_uid(&self, account: AccountId, collection: CollectionId, uid: &str) -> Reply<'_, Option<ItemName>> {
        self.engine.by_uid(account, collection, uid)
    }

    fn past(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Vec<Past>> {
        self.engine.past(account, collection, name)
    }

    fn removed(
        &self,
        account: AccountId,
        collection: CollectionId,
        before: Option<(Timestamp, ItemId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Past>> {
        self.engine.removed(account, collection, before, limit)
    }

    fn open_past(&self, account: AccountId, item: ItemId, number: i64) -> Reply<'_, Option<OpenPast>> {
        let open = self.engine.open_past(account, item, number);
        Box::pin(async move {
            let Some(OpenPast { past, properties, body }) = open.await? else { return Ok(None) };
            let Some(item) = body.into_item() else { return Ok(None) };
            let body = OpenBody::of(item, account, self.blobs.as_ref()).await?;
            Ok(Some(OpenPast { past, properties, body }))
        })
    }

    fn forget_past(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        self.engine.forget_past(before)
    }

    fn ordinals(
        &self,
        account: AccountId,
        collection: CollectionId,
        keys: &[OrdinalKey],
    ) -> Reply<'_, Vec<Ordinal>> {
        self.engine.ordinals(account, collection, keys)
    }

    fn tides(&self, account: AccountId, upto: i64) -> Reply<'_, Tides> {
        self.engine.tides(account, upto)
    }

    fn log(&self, key: LogKey) -> Reply<'_, Vec<LogEntry>> {
        self.engine.log(key)
    }

    fn open(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: &ItemName,
    ) -> Reply<'_, Option<OpenBody>> {
        let item = self.engine.item(account, collection, name);
        Box::pin(async move {
            match item.await? {
                Some(item) => OpenBody::of(item, account, self.blobs.as_ref()).await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn trash(
        &self,
        account: AccountId,
        before: Option<(Timestamp, CollectionId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Trashed>> {
        self.engine.trash(account, before, limit)
    }

    fn trashed(&self, account: AccountId, root: CollectionId) -> Reply<'_, Option<Trashed>> {
        self.engine.trashed(account, root)
    }

    fn next_trash(&self, after: Option<AccountId>) -> Reply<'_, Option<AccountId>> {
        self.engine.next_trash(after)
    }

    fn write(&self, write: Write) -> Reply<'_, Receipt> {
        match &self.blobs {
            Some(blobs) if is_laden(&write) => Box::pin(blobs.write_laden(write)),
            _ => self.engine.write(write),
        }
    }

    fn trim(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        self.engine.trim(before)
    }

    fn granting(&self, to: &Grantee, right: Right) -> Reply<'_, Vec<AccountId>> {
        self.engine.granting(to, right)
    }

    fn watch(&self, on_news: Watcher) {
        self.engine.watch(on_news);
    }

    fn follow(&self, stores: Vec<AccountId>) -> Reply<'_, ()> {
        self.engine.follow(stores)
    }

    fn unfollow(&self, stores: &[AccountId]) {
        self.engine.unfollow(stores);
    }

    fn lag(&self) -> Option<Duration> {
        self.engine.lag()
    }

    fn load(&self) -> Load {
        self.engine.load()
    }

    fn outage(&self) -> Option<String> {
        self.engine.outage()
    }

    fn blobs(&self) -> Option<Arc<Blobs>> {
        self.blobs.clone()
    }

    fn whole(&self) -> Reply<'_, Box<dyn RowSource>> {
        let whole = self.engine.whole();
        let Some(blobs) = &self.blobs else { return whole };
        Box::pin(async move {
            let mut rows = whole.await?;
            rows.lie_in(blobs.depot());
            Ok(rows)
        })
    }

    fn close(&self) -> Reply<'_, ()> {
        self.engine.close()
    }
}
