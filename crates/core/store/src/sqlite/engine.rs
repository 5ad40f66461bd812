//! The contract, kept by SQLite.

use super::Shared;
use super::db::Db;
use super::moving::snapshot;
use super::queue::{Old, Pending, Queue};
use super::read::{blob, changes, collection, facets, item, ordinal, past, principal, tide, trash};
use super::readers::closed;
use crate::blob::{Hash, Row, Rows};
use crate::moving::RowSource;
use crate::{
    Changes, Failure, Load, LogEntry, LogKey, OpenPast, Ordinal, OrdinalKey, Orphan, Page, Past, Receipt,
    Reply, Secrets, Select, Shelf, Store, Tenure, TextTest, Tides, Timing, Trashed, Trimmed, Watcher, Write,
};
use kontor_model::{
    AccountId, AccountName, CollectionId, Error, Grantee, Item, ItemId, ItemName, Principal, PropertyKey,
    Range, Result, Right, Timestamp, Version,
};
use std::future::ready;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Rows up to which a read runs on the calling thread.
const AT_ONCE: usize = 128;

/// The engine.
pub(super) struct Engine {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    writer: Mutex<Option<JoinHandle<()>>>,
    database: PathBuf,
    snapshot: snapshot::Turn,
}

impl Engine {
    pub(super) fn new(
        shared: Arc<Shared>,
        queue: Arc<Queue>,
        writer: JoinHandle<()>,
        database: PathBuf,
    ) -> Self {
        let snapshot = snapshot::Turn::default();
        Self { shared, queue, writer: Mutex::new(Some(writer)), database, snapshot }
    }

    /// A look-up: done when this returns.
    fn quick<'a, T: Send + 'a>(&self, read: impl FnOnce(Db<'_>) -> Result<T>) -> Reply<'a, T> {
        now(self.shared.readers.quick(read))
    }

    /// A round of dropping what is too old.
    fn forget(&self, what: Old, before: Timestamp) -> Reply<'_, Trimmed> {
        let (reply, answer) = oneshot::channel();
        match self.queue.trim(what, before, reply) {
            Ok(()) => Box::pin(async move { answer.await.map_err(gone)? }),
            Err(error) => now(Err(error)),
        }
    }

    /// A scan of a collection: `NotFound` if there is none.
    fn scan<T: Send + 'static>(
        &self,
        at: item::Place,
        read: impl FnOnce(Db<'_>) -> Result<T> + Send + 'static,
    ) -> Reply<'_, T> {
        let readers = Arc::clone(&self.shared.readers);
        Box::pin(readers.scan(move |db| {
            changes::counter(db, at)?;
            read(db)
        }))
    }
}

fn now<'a, T: Send + 'a>(answer: Result<T>) -> Reply<'a, T> {
    Box::pin(ready(answer))
}

/// What a caller is told whose writer ended before the answer.
fn gone(_: oneshot::error::RecvError) -> Error {
    closed()
}

impl Store for Engine {
    fn principal(&self, name: &AccountName) -> Reply<'_, Option<Arc<Principal>>> {
        let read = |db: Db<'_>| Ok(principal::by_name(db, name)?.map(Arc::new));
        now(self.shared.by_name.get(name, || self.shared.readers.quick(read)))
    }

    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>> {
        let read = |db: Db<'_>| Ok(principal::by_id(db, id)?.map(Arc::new));
        now(self.shared.by_id.get(&id, || self.shared.readers.quick(read)))
    }

    fn principal_by_email(&self, address: &str) -> Reply<'_, Option<Arc<Principal>>> {
        self.quick(|db| principal::by_email(db, address).map(|found| found.map(Arc::new)))
    }

    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>> {
        let after = after.map_or_else(String::new, |name| name.as_str().to_owned());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Box::pin(Arc::clone(&self.shared.readers).scan(move |db| principal::page(db, &after, limit)))
    }

    fn orphans(&self) -> Reply<'_, Vec<Orphan>> {
        Box::pin(Arc::clone(&self.shared.readers).scan(principal::orphans))
    }

    fn secrets(&self, id: AccountId) -> Reply<'_, Arc<Secrets>> {
        let read = |db: Db<'_>| Ok(principal::secrets(db, id)?.map(Arc::new));
        let found = self.shared.secrets.get(&id, || self.shared.readers.quick(read));
        now(found.and_then(|found| found.ok_or(Error::NotFound)))
    }

    fn failures(&self, scope: &str, since: Timestamp) -> Reply<'_, Vec<Failure>> {
        self.quick(|db| principal::failures(db, scope, since))
    }

    fn setting(&self, key: &str) -> Reply<'_, Option<Vec<u8>>> {
        self.quick(|db| principal::setting(db, key))
    }

    fn lease(&self, name: &str) -> Reply<'_, Option<Tenure>> {
        self.quick(|db| principal::lease(db, name))
    }

    fn shelf(&self, account: AccountId) -> Reply<'_, Arc<Shelf>> {
        let read = |db: Db<'_>| Ok(collection::shelf(db, account)?.map(Arc::new));
        let found = self.shared.shelves.get(&account, || self.shared.readers.quick(read));
        now(found.and_then(|found| found.ok_or(Error::NotFound)))
    }

    fn versions(&self, account: AccountId) -> Reply<'_, Vec<(CollectionId, Version)>> {
        self.quick(|db| changes::counters(db, account))
    }

    fn version(&self, account: AccountId, collection: CollectionId) -> Reply<'_, Version> {
        self.quick(|db| Ok(Version(changes::counter(db, (account, collection))?.version)))
    }

    fn item(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Option<Item>> {
        let at = (account, collection);
        self.quick(
            |db| if changes::is_there(db, at)? { item::one(db, at, name, Select::Body) } else { Ok(None) },
        )
    }

    fn items_named(
        &self,
        account: AccountId,
        collection: CollectionId,
        names: &[ItemName],
        select: Select,
    ) -> Reply<'_, Vec<Option<Item>>> {
        let at = (account, collection);
        if names.len() <= AT_ONCE {
            return self.quick(|db| item::named(db, at, names, select));
        }
        let names = names.to_vec();
        Box::pin(Arc::clone(&self.shared.readers).scan(move |db| item::named(db, at, &names, select)))
    }

    fn page(
        &self,
        account: AccountId,
        collection: CollectionId,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page> {
        let at = (account, collection);
        let after = after.cloned();
        let read = move |db: Db<'_>| item::page(db, at, after.as_ref(), limit, select);
        if limit > AT_ONCE {
            return self.scan(at, read);
        }
        self.quick(|db| {
            changes::counter(db, at)?;
            read(db)
        })
    }

    fn usage(&self, account: AccountId, collection: CollectionId) -> Reply<'_, (u64, u64)> {
        self.quick(|db| {
            let counter = changes::counter(db, (account, collection))?;
            Ok((counter.items.unsigned_abs(), counter.bytes.unsigned_abs()))
        })
    }

    fn used(&self, account: AccountId) -> Reply<'_, u64> {
        self.quick(|db| changes::used(db, account))
    }

    fn item_properties(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: Option<&ItemName>,
    ) -> Reply<'_, Vec<(ItemName, PropertyKey, Vec<u8>)>> {
        let at = (account, collection);
        match name {
            Some(name) => self.quick(|db| {
                changes::counter(db, at)?;
                item::properties(db, at, Some(name))
            }),
            None => self.scan(at, move |db| item::properties(db, at, None)),
        }
    }

    fn changes(
        &self,
        account: AccountId,
        collection: CollectionId,
        since: Version,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Changes> {
        let ask = changes::Ask { at: (account, collection), since, limit, select };
        let bound = self.shared.readers.quick(|db| changes::bound(db, changes::counter(db, ask.at)?, ask));
        match bound {
            Err(error) => now(Err(error)),
            // A delta is short, whatever the limit: tell it at once.
            Ok(most) if most.min(limit) <= AT_ONCE => self.quick(|db| changes::since(db, ask)),
            Ok(_) => self.scan(ask.at, move |db| changes::since(db, ask)),
        }
    }

    fn timings(&self, account: AccountId, collection: CollectionId, range: Range) -> Reply<'_, Vec<Timing>> {
        let at = (account, collection);
        self.scan(at, move |db| facets::timings(db, at, range))
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
        let at = (account, collection);
        let after = after.cloned();
        self.scan(at, move |db| facets::matching(db, at, &*test, after.as_ref(), limit, select))
    }

    fn by_uid(&self, account: AccountId, collection: CollectionId, uid: &str) -> Reply<'_, Option<ItemName>> {
        let at = (account, collection);
        self.quick(|db| if changes::is_there(db, at)? { item::by_uid(db, at, uid) } else { Ok(None) })
    }

    fn past(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Vec<Past>> {
        let name = name.clone();
        self.scan((account, collection), move |db| {
            db.view(|db| past::of_name(db, (account, collection), &name))
        })
    }

    fn removed(
        &self,
        account: AccountId,
        collection: CollectionId,
        before: Option<(Timestamp, ItemId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Past>> {
        self.scan((account, collection), move |db| past::removed(db, (account, collection), before, limit))
    }

    fn open_past(&self, account: AccountId, item: ItemId, number: i64) -> Reply<'_, Option<OpenPast>> {
        self.quick(|db| past::one(db, account, item, number))
    }

    fn forget_past(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        self.forget(Old::Texts, before)
    }

    fn ordinals(
        &self,
        account: AccountId,
        collection: CollectionId,
        keys: &[OrdinalKey],
    ) -> Reply<'_, Vec<Ordinal>> {
        let at = (account, collection);
        if keys.len() <= AT_ONCE {
            return self.quick(|db| ordinal::some(db, at, keys));
        }
        let keys = keys.to_vec();
        Box::pin(Arc::clone(&self.shared.readers).scan(move |db| ordinal::some(db, at, &keys)))
    }

    fn tides(&self, account: AccountId, upto: i64) -> Reply<'_, Tides> {
        Box::pin(Arc::clone(&self.shared.readers).scan(move |db| tide::tides(db, account, upto)))
    }

    fn log(&self, key: LogKey) -> Reply<'_, Vec<LogEntry>> {
        Box::pin(Arc::clone(&self.shared.readers).scan(move |db| tide::log(db, key)))
    }

    fn trash(
        &self,
        account: AccountId,
        before: Option<(Timestamp, CollectionId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Trashed>> {
        self.quick(|db| trash::trees(db, account, before, limit))
    }

    fn trashed(&self, account: AccountId, root: CollectionId) -> Reply<'_, Option<Trashed>> {
        self.quick(|db| trash::tree(db, account, root)?.map(|row| row.decoded()).transpose())
    }

    fn next_trash(&self, after: Option<AccountId>) -> Reply<'_, Option<AccountId>> {
        self.quick(|db| trash::next(db, after))
    }

    fn write(&self, write: Write) -> Reply<'_, Receipt> {
        let (reply, answer) = oneshot::channel();
        match self.queue.write(Pending::new(write, reply)) {
            Ok(()) => Box::pin(async move { answer.await.map_err(gone)? }),
            Err(error) => now(Err(error)),
        }
    }

    fn trim(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        self.forget(Old::Log, before)
    }

    fn granting(&self, to: &Grantee, right: Right) -> Reply<'_, Vec<AccountId>> {
        self.quick(|db| collection::granting(db, to, right))
    }

    fn watch(&self, on_news: Watcher) {
        self.shared.watchers.write().unwrap_or_else(PoisonError::into_inner).push(on_news);
    }

    /// Nobody else commits anything, and everything is told.
    fn follow(&self, _: Vec<AccountId>) -> Reply<'_, ()> {
        now(Ok(()))
    }

    fn unfollow(&self, _: &[AccountId]) {}

    fn lag(&self) -> Option<Duration> {
        None
    }

    fn load(&self) -> Load {
        let (queued, queued_bytes) = self.queue.depth();
        Load { queued, queued_bytes, pools: self.shared.readers.pools(), ..self.shared.tally.load() }
    }

    fn whole(&self) -> Reply<'_, Box<dyn RowSource>> {
        let turn = match self.snapshot.take() {
            Ok(turn) => turn,
            Err(error) => return now(Err(error)),
        };
        let database = self.database.clone();
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || snapshot::take(&database, turn));
            let rows = task.await.map_err(|error| Error::Internal(format!("copy the store: {error}")))??;
            Ok(Box::new(rows) as Box<dyn RowSource>)
        })
    }

    fn close(&self) -> Reply<'_, ()> {
        let (reply, answer) = oneshot::channel();
        self.queue.close(Some(reply));
        Box::pin(async move {
            // Closed before: the reply was dropped, and there is nothing left to do.
            answer.await.unwrap_or_default();
            Ok(())
        })
    }
}

impl Rows for Engine {
    fn blob(&self, account: AccountId, id: i64) -> Reply<'_, Option<(Row, Vec<u8>)>> {
        self.quick(|db| blob::one(db, account, id))
    }

    fn blobs_of(&self, account: AccountId, hash: Hash) -> Reply<'_, Vec<Row>> {
        self.quick(|db| blob::of_hash(db, account, hash))
    }

    fn loose_blobs(&self, before: i64, after: (i64, i64, i64), limit: i64) -> Reply<'_, Vec<Row>> {
        self.quick(|db| blob::loose(db, before, after, limit))
    }

    fn place_mark(&self) -> Reply<'_, Option<String>> {
        self.quick(blob::place)
    }

    fn next_blobs(&self, after: (AccountId, i64), limit: i64) -> Reply<'_, Vec<Row>> {
        self.quick(|db| blob::next(db, after, limit))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue.close(None);
        let thread = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the store had died");
        }
    }
}
