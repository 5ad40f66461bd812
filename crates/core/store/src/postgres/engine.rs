//! The contract, kept by PostgreSQL.

use super::Shared;
use super::connect::Connector;
use super::fault::away;
use super::news;
use super::pool::Readers;
use super::queue::{Pending, Queue};
use super::read::{blob, changes, collection, facets, item, ordinal, past, principal, tide, trash};
use super::session::Line;
use super::trim::Trimmer;
use super::writer::{self, Writer, gone};
use crate::blob::{Hash, Row, Rows};
use crate::moving::RowSource;
use crate::{
    Changes, Failure, Load, LogEntry, LogKey, OpenPast, Ordinal, OrdinalKey, Orphan, Page, Past, Receipt,
    Reply, Secrets, Select, Shelf, Store, Tenure, TextTest, Tides, Timing, Trashed, Trimmed, Watcher, Write,
};
use kontor_model::{
    AccountId, AccountName, CollectionId, Error, Grantee, Item, ItemId, ItemName, Principal, PropertyKey,
    Range, Right, Timestamp, Version,
};
use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex as Gate, Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;

/// Shelves kept in memory, each asked about before it is used.
const SHELVES_KEPT: usize = 1_024;
/// Stores whose numbers are read by one statement when they begin to be followed.
const FOLLOWED_AT_ONCE: usize = 512;
/// How long an engine that is dropped works on what was queued.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What an engine is made of.
pub(super) struct Parts {
    pub(super) runtime: Runtime,
    pub(super) shared: Arc<Shared>,
    pub(super) queue: Arc<Queue>,
    pub(super) writers: Vec<Weak<Writer>>,
    pub(super) readers: Arc<Readers>,
    pub(super) trimmer: Trimmer,
    pub(super) connector: Arc<Connector>,
    /// Ends when all writers have ended.
    pub(super) ended: mpsc::Receiver<()>,
    pub(super) helpers: Vec<AbortHandle>,
}

/// The engine.
pub(super) struct Engine {
    runtime: Option<Runtime>,
    handle: tokio::runtime::Handle,
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    writers: Vec<Weak<Writer>>,
    readers: Arc<Readers>,
    trimmer: Arc<Trimmer>,
    connector: Arc<Connector>,
    /// Taken by whoever reads all of it.
    whole: Arc<Semaphore>,
    shelves: Mutex<HashMap<AccountId, Arc<Shelf>>>,
    ended: Arc<Gate<mpsc::Receiver<()>>>,
    helpers: Vec<AbortHandle>,
}

impl Engine {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            handle: parts.runtime.handle().clone(),
            runtime: Some(parts.runtime),
            shared: parts.shared,
            queue: parts.queue,
            writers: parts.writers,
            readers: parts.readers,
            trimmer: Arc::new(parts.trimmer),
            connector: parts.connector,
            whole: Arc::new(Semaphore::new(1)),
            shelves: Mutex::default(),
            ended: Arc::new(Gate::new(parts.ended)),
            helpers: parts.helpers,
        }
    }

    fn kept(&self, account: AccountId, version: i64) -> Option<Arc<Shelf>> {
        let shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.get(&account).filter(|shelf| shelf.version == version).cloned()
    }

    fn keep(&self, shelf: &Arc<Shelf>) {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.len() >= SHELVES_KEPT {
            shelves.clear();
        }
        shelves.insert(shelf.account, Arc::clone(shelf));
    }
}

impl Store for Engine {
    fn principal(&self, name: &AccountName) -> Reply<'_, Option<Arc<Principal>>> {
        let name = name.clone();
        Box::pin(async move { principal::by_name(&*self.readers.shared().await?, name.as_str()).await })
    }

    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>> {
        Box::pin(async move { principal::by_id(&*self.readers.shared().await?, id).await })
    }

    fn principal_by_email(&self, address: &str) -> Reply<'_, Option<Arc<Principal>>> {
        let address = address.to_owned();
        Box::pin(async move { principal::by_email(&*self.readers.shared().await?, &address).await })
    }

    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>> {
        let after = after.map_or_else(String::new, |name| name.as_str().to_owned());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Box::pin(async move { principal::page(&*self.readers.shared().await?, after, limit).await })
    }

    fn orphans(&self) -> Reply<'_, Vec<Orphan>> {
        Box::pin(async move { principal::orphans(&*self.readers.shared().await?).await })
    }

    fn secrets(&self, id: AccountId) -> Reply<'_, Arc<Secrets>> {
        Box::pin(async move { principal::secrets(&self.readers, id).await?.ok_or(Error::NotFound) })
    }

    fn failures(&self, scope: &str, since: Timestamp) -> Reply<'_, Vec<Failure>> {
        let scope = scope.to_owned();
        Box::pin(async move { principal::failures(&*self.readers.shared().await?, &scope, since).await })
    }

    fn setting(&self, key: &str) -> Reply<'_, Option<Vec<u8>>> {
        let key = key.to_owned();
        Box::pin(async move { principal::setting(&*self.readers.shared().await?, &key).await })
    }

    fn lease(&self, name: &str) -> Reply<'_, Option<Tenure>> {
        let name = name.to_owned();
        Box::pin(async move { principal::lease(&*self.readers.shared().await?, &name).await })
    }

    fn shelf(&self, account: AccountId) -> Reply<'_, Arc<Shelf>> {
        Box::pin(async move {
            let version = collection::shelf_version(&*self.readers.shared().await?, account).await?;
            let version = version.ok_or(Error::NotFound)?;
            if let Some(kept) = self.kept(account, version) {
                return Ok(kept);
            }
            let shelf = collection::shelf(&self.readers, account).await?.map(Arc::new);
            let shelf = shelf.ok_or(Error::NotFound)?;
            self.keep(&shelf);
            Ok(shelf)
        })
    }

    fn shelf_lately(&self, account: AccountId) -> Option<Arc<Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }

    fn versions(&self, account: AccountId) -> Reply<'_, Vec<(CollectionId, Version)>> {
        Box::pin(async move { changes::counters(&*self.readers.shared().await?, account).await })
    }

    fn version(&self, account: AccountId, collection: CollectionId) -> Reply<'_, Version> {
        Box::pin(async move {
            let counter = changes::counter(&*self.readers.shared().await?, (account, collection)).await?;
            Ok(Version(counter.version))
        })
    }

    fn item(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Option<Item>> {
        let name = name.clone();
        Box::pin(async move { item::one(&*self.readers.shared().await?, (account, collection), &name).await })
    }

    fn item_on<'a>(
        &'a self,
        shelf: &'a Shelf,
        collection: CollectionId,
        name: &'a ItemName,
    ) -> Reply<'a, Option<Item>> {
        Box::pin(async move { item::on(&*self.readers.shared().await?, shelf, collection, name).await })
    }

    fn items_named(
        &self,
        account: AccountId,
        collection: CollectionId,
        names: &[ItemName],
        select: Select,
    ) -> Reply<'_, Vec<Option<Item>>> {
        Box::pin(item::named(&self.readers, (account, collection), names.to_vec(), select))
    }

    fn page(
        &self,
        account: AccountId,
        collection: CollectionId,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page> {
        Box::pin(item::page(&self.readers, (account, collection), after.cloned(), limit, select))
    }

    fn usage(&self, account: AccountId, collection: CollectionId) -> Reply<'_, (u64, u64)> {
        Box::pin(async move {
            let counter = changes::counter(&*self.readers.shared().await?, (account, collection)).await?;
            Ok((counter.items.unsigned_abs(), counter.bytes.unsigned_abs()))
        })
    }

    fn used(&self, account: AccountId) -> Reply<'_, u64> {
        Box::pin(async move { changes::used(&*self.readers.shared().await?, account).await })
    }

    fn item_properties(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: Option<&ItemName>,
    ) -> Reply<'_, Vec<(ItemName, PropertyKey, Vec<u8>)>> {
        let name = name.cloned();
        Box::pin(async move {
            item::properties(&*self.readers.shared().await?, (account, collection), name).await
        })
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
        Box::pin(changes::since(&self.readers, ask))
    }

    fn timings(&self, account: AccountId, collection: CollectionId, range: Range) -> Reply<'_, Vec<Timing>> {
        Box::pin(facets::timings(&self.readers, (account, collection), range))
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
        Box::pin(facets::matching(&self.readers, at, test, after.cloned(), (limit, select)))
    }

    fn by_uid(&self, account: AccountId, collection: CollectionId, uid: &str) -> Reply<'_, Option<ItemName>> {
        let uid = uid.to_owned();
        Box::pin(
            async move { item::by_uid(&*self.readers.shared().await?, (account, collection), &uid).await },
        )
    }

    fn past(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Vec<Past>> {
        let name = name.clone();
        Box::pin(async move {
            let session = self.readers.shared().await?;
            changes::counter(&session, (account, collection)).await?;
            past::of_name(&session, (account, collection), &name).await
        })
    }

    fn removed(
        &self,
        account: AccountId,
        collection: CollectionId,
        before: Option<(Timestamp, ItemId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Past>> {
        Box::pin(async move {
            let session = self.readers.shared().await?;
            changes::counter(&session, (account, collection)).await?;
            past::removed(&session, (account, collection), before, limit).await
        })
    }

    fn open_past(&self, account: AccountId, item: ItemId, number: i64) -> Reply<'_, Option<OpenPast>> {
        Box::pin(async move { past::one(&*self.readers.shared().await?, account, item, number).await })
    }

    fn forget_past(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        let trimmer = Arc::clone(&self.trimmer);
        let history = self.shared.past.history();
        Box::pin(async move { trimmer.forget(history, before).await })
    }

    fn ordinals(
        &self,
        account: AccountId,
        collection: CollectionId,
        keys: &[OrdinalKey],
    ) -> Reply<'_, Vec<Ordinal>> {
        let keys = keys.to_vec();
        Box::pin(async move { ordinal::some(&self.readers, (account, collection), keys).await })
    }

    fn tides(&self, account: AccountId, upto: i64) -> Reply<'_, Tides> {
        Box::pin(tide::tides(&self.readers, account, upto))
    }

    fn log(&self, key: LogKey) -> Reply<'_, Vec<LogEntry>> {
        Box::pin(tide::log(&self.readers, key))
    }

    fn trash(
        &self,
        account: AccountId,
        before: Option<(Timestamp, CollectionId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Trashed>> {
        Box::pin(async move { trash::trees(&*self.readers.shared().await?, account, before, limit).await })
    }

    fn trashed(&self, account: AccountId, root: CollectionId) -> Reply<'_, Option<Trashed>> {
        Box::pin(async move { trash::tree(&*self.readers.shared().await?, account, root).await })
    }

    fn next_trash(&self, after: Option<AccountId>) -> Reply<'_, Option<AccountId>> {
        Box::pin(async move { trash::next(&*self.readers.shared().await?, after).await })
    }

    fn write(&self, write: Write) -> Reply<'_, Receipt> {
        let (reply, answer) = oneshot::channel();
        if self.shared.vigil.is_waking() {
            return Box::pin(ready(Err(away())));
        }
        match self.queue.write(Pending::new(write, reply)) {
            Ok(()) => Box::pin(async move { answer.await.map_err(gone)? }),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn trim(&self, before: Timestamp) -> Reply<'_, Trimmed> {
        let trimmer = Arc::clone(&self.trimmer);
        if self.readers.is_closed() {
            return Box::pin(ready(Err(away())));
        }
        // As a task of its own, so that it does not stop halfway if nobody waits any more.
        let task = self.handle.spawn(async move { trimmer.trim(before).await });
        Box::pin(async move { task.await.map_err(|_| away())? })
    }

    fn granting(&self, to: &Grantee, right: Right) -> Reply<'_, Vec<AccountId>> {
        let to = to.clone();
        Box::pin(async move { collection::granting(&*self.readers.shared().await?, &to, right).await })
    }

    fn watch(&self, on_news: Watcher) {
        self.shared.watchers.write().unwrap_or_else(PoisonError::into_inner).push(on_news);
    }

    fn follow(&self, stores: Vec<AccountId>) -> Reply<'_, ()> {
        Box::pin(async move {
            let new = self.shared.followed.add(&stores);
            for some in new.chunks(FOLLOWED_AT_ONCE) {
                let line = Line::new(self.readers.shared().await?);
                let numbers = news::numbers(line, some).await?;
                self.shared.followed.base(some, &numbers);
            }
            Ok(())
        })
    }

    fn unfollow(&self, stores: &[AccountId]) {
        self.shared.followed.remove(stores);
    }

    fn lag(&self) -> Option<Duration> {
        Some(self.shared.house.lag())
    }

    fn load(&self) -> Load {
        let (queued, queued_bytes) = self.queue.depth();
        let pools = [self.readers.pools().as_slice(), &[writer::pool(&self.writers)]].concat();
        Load { queued, queued_bytes, pools, ..self.shared.tally.load() }
    }

    fn outage(&self) -> Option<String> {
        let waking =
            || self.shared.vigil.is_waking().then(|| "this server stood still until a moment ago".to_owned());
        self.connector.why_away().or_else(waking)
    }

    fn whole(&self) -> Reply<'_, Box<dyn RowSource>> {
        let Ok(turn) = Arc::clone(&self.whole).try_acquire_owned() else {
            return Box::pin(ready(Err(Error::Locked)));
        };
        Box::pin(super::moving::whole(Arc::clone(&self.connector), turn))
    }

    fn close(&self) -> Reply<'_, ()> {
        self.queue.close();
        Box::pin(async move {
            while self.ended.lock().await.recv().await.is_some() {}
            self.helpers.iter().for_each(AbortHandle::abort);
            self.readers.close();
            Ok(())
        })
    }
}

impl Rows for Engine {
    fn blob(&self, account: AccountId, id: i64) -> Reply<'_, Option<(Row, Vec<u8>)>> {
        Box::pin(async move { blob::one(&*self.readers.shared().await?, account, id).await })
    }

    fn blobs_of(&self, account: AccountId, hash: Hash) -> Reply<'_, Vec<Row>> {
        Box::pin(async move { blob::of_hash(&*self.readers.shared().await?, account, hash).await })
    }

    fn loose_blobs(&self, before: i64, after: (i64, i64, i64), limit: i64) -> Reply<'_, Vec<Row>> {
        Box::pin(async move { blob::loose(&*self.readers.shared().await?, before, after, limit).await })
    }

    fn place_mark(&self) -> Reply<'_, Option<String>> {
        Box::pin(async move { blob::place(&*self.readers.shared().await?).await })
    }

    fn next_blobs(&self, after: (AccountId, i64), limit: i64) -> Reply<'_, Vec<Row>> {
        Box::pin(async move { blob::next(&*self.readers.shared().await?, after, limit).await })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.queue.close();
        let (Some(runtime), ended) = (self.runtime.take(), Arc::clone(&self.ended)) else { return };
        // A runtime cannot end inside of another one, where this may be.
        std::thread::spawn(move || {
            runtime.block_on(async {
                let all = async { while ended.lock().await.recv().await.is_some() {} };
                if tokio::time::timeout(LAST_WORDS, all).await.is_err() {
                    tracing::error!("the store was dropped with writes that the database did not take");
                }
            });
            runtime.shutdown_background();
        });
    }
}
