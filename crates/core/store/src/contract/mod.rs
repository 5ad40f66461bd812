//! The contract between the verbs and the engines.

mod facets;
mod load;
mod op;
mod ordinal;
mod past;
mod read;
mod receipt;
mod secret;
mod tide;
mod trash;

pub use facets::Facets;
pub use load::{BATCH_BOUNDS, Load, Pool};
pub use op::{Body, Content, Expect, Guard, Op, Source, Tenure, Write};
pub use ordinal::{Numbered, Ordinal, OrdinalKey};
pub(crate) use past::ROW_BYTES;
pub use past::{End, History, OpenPast, Past};
pub use read::{Changes, Orphan, Page, Select, Shelf, Timing, Trimmed};
pub use receipt::{Done, Reached, Receipt};
pub use secret::{AppPassword, Failure, Secrets};
pub use tide::{Deed, LogEntry, LogKey, Mark, Tide, Tides};
pub use trash::{Remains, Trashed};

use crate::blob::{Blobs, OpenBody};
use crate::moving::RowSource;
use kontor_model::{
    AccountId, AccountName, CollectionId, Error, Grantee, Item, ItemId, ItemName, News, Principal,
    PropertyKey, Range, Result, Right, Timestamp, Version,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What an operation answers; ready at once where the engine need not wait.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Bytes of bodies after which an answer of many items ends early, so that what is read at once does not fill memory,
/// however large the items are.
pub const READ_BYTES: usize = 4 << 20;

/// Decides by the folded text of an item whether it is wanted.
pub type TextTest = Box<dyn Fn(&[u8]) -> bool + Send>;

/// Hears of commits.
pub type Watcher = Box<dyn Fn(&News) + Send + Sync>;

/// Domain operations of an engine. One instance serves the whole process.
///
/// Errors: [`Error::NotFound`](kontor_model::Error::NotFound) for anything that is not there, `Quota` when the disk
/// is full (reads go on), `Busy` when the engine is overloaded or away, `Internal` for the rest.
pub trait Store: Send + Sync {
    // ---- principals ---------------------------------------------------------------------------------------------

    /// The account of that log-in name (case-sensitive).
    fn principal(&self, name: &AccountName) -> Reply<'_, Option<Arc<Principal>>>;

    /// The account of that id.
    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>>;

    /// The account that has this address as its primary one or as an alias, whatever the letter case.
    fn principal_by_email(&self, address: &str) -> Reply<'_, Option<Arc<Principal>>>;

    /// Some accounts, by name, behind `after`, at most `limit`; fewer only if there are no more.
    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>>;

    /// Stores without an account, oldest first.
    fn orphans(&self) -> Reply<'_, Vec<Orphan>>;

    /// Password digest and app passwords of an account.
    fn secrets(&self, id: AccountId) -> Reply<'_, Arc<Secrets>>;

    /// Failed log-ins counted for `scope` at or after `since`, oldest first, at most the last 1,000. Those of more than
    /// 48 hours ago are not kept for certain.
    fn failures(&self, scope: &str, since: Timestamp) -> Reply<'_, Vec<Failure>>;

    /// A setting of the whole store (secret key, instance name).
    fn setting(&self, key: &str) -> Reply<'_, Option<Vec<u8>>>;

    /// Who has the lease of that name; see [`Lease`](crate::Lease).
    fn lease(&self, name: &str) -> Reply<'_, Option<Tenure>>;

    // ---- collections --------------------------------------------------------------------------------------------

    /// All collections of an account with their grants. Cheap: engines keep it and renew it when it changes.
    fn shelf(&self, account: AccountId) -> Reply<'_, Arc<Shelf>>;

    /// The shelf as this node knew it last, where asking how it is now costs a question to somebody else.
    fn shelf_lately(&self, _account: AccountId) -> Option<Arc<Shelf>> {
        None
    }

    /// The change number of each collection of an account.
    fn versions(&self, account: AccountId) -> Reply<'_, Vec<(CollectionId, Version)>>;

    /// The change number of one collection.
    fn version(&self, account: AccountId, collection: CollectionId) -> Reply<'_, Version>;

    // ---- items --------------------------------------------------------------------------------------------------

    /// One item with its body.
    fn item(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Option<Item>>;

    /// The same in a collection of a shelf, provided that the shelf is still that one; else `Busy`, to be tried at once
    /// with the shelf as it is.
    fn item_on<'a>(
        &'a self,
        shelf: &'a Shelf,
        collection: CollectionId,
        name: &'a ItemName,
    ) -> Reply<'a, Option<Item>> {
        Box::pin(async move {
            if self.shelf(shelf.account).await?.version != shelf.version {
                return Err(Error::Busy { retry_after: 0 });
            }
            self.item(shelf.account, collection, name).await
        })
    }

    /// The items of those names, in the order asked; `None` where there is none. Bodies as `select` says. Only the
    /// foremost names, at least one, are answered when their bodies pass [`READ_BYTES`].
    fn items_named(
        &self,
        account: AccountId,
        collection: CollectionId,
        names: &[ItemName],
        select: Select,
    ) -> Reply<'_, Vec<Option<Item>>>;

    /// One page of a collection, by name, after `after`, at most `limit`, and fewer when their bodies pass
    /// [`READ_BYTES`]. A page is one consistent view.
    fn page(
        &self,
        account: AccountId,
        collection: CollectionId,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page>;

    /// How many live items there are and the sum of their sizes.
    fn usage(&self, account: AccountId, collection: CollectionId) -> Reply<'_, (u64, u64)>;

    /// The sum of the sizes of all live items of an account.
    fn used(&self, account: AccountId) -> Reply<'_, u64>;

    /// Properties of items: of one, or of all of a collection.
    fn item_properties(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: Option<&ItemName>,
    ) -> Reply<'_, Vec<(ItemName, PropertyKey, Vec<u8>)>>;

    /// What changed after `since`, oldest change first, at most `limit` members (changed and removed together), and
    /// fewer when bodies pass [`READ_BYTES`].
    ///
    /// From [`Version::ZERO`] only live items are told (nothing was there, so nothing was removed); who goes on from
    /// there may hear of the removal of names that he was never told. Each member is told once, at its latest
    /// version. Errors: `GoneVersion` if `since` is above the collection's number or below what the log still holds.
    ///
    /// From `ZERO` in a trimmed collection the first answer holds at least all live items older than the log, however
    /// many: no version among those could be gone on from. For a first listing of any size use [`Store::page`], then
    /// ask for changes since the [`Store::version`] read before its first page.
    fn changes(
        &self,
        account: AccountId,
        collection: CollectionId,
        since: Version,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Changes>;

    /// Items whose span touches `range`: their names and compiled time, read from nothing else. Cost grows with the
    /// hits, not with the collection.
    fn timings(&self, account: AccountId, collection: CollectionId, range: Range) -> Reply<'_, Vec<Timing>>;

    /// Items whose folded text `test` accepts, by name, after `after`, at most `limit` and fewer when their bodies pass
    /// [`READ_BYTES`], in one pass that reads nothing else of the others. Items without folded text are not asked
    /// about. `test` is called for each item from a thread of the engine: it must be quick and must not call the store.
    fn matching(
        &self,
        account: AccountId,
        collection: CollectionId,
        test: TextTest,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Reply<'_, Page>;

    /// One item, to read its body piece by piece however large it is.
    fn open(
        &self,
        account: AccountId,
        collection: CollectionId,
        name: &ItemName,
    ) -> Reply<'_, Option<OpenBody>> {
        let item = self.item(account, collection, name);
        Box::pin(async move { Ok(item.await?.map(OpenBody::here)) })
    }

    /// The item that has this UID.
    fn by_uid(&self, account: AccountId, collection: CollectionId, uid: &str) -> Reply<'_, Option<ItemName>>;

    // ---- what was before -----------------------------------------------------------------------------------------

    /// What the item of that name said before, and what items said that were removed under it: in the order in which
    /// they were replaced or removed. Items that were moved away are not among them.
    fn past(&self, account: AccountId, collection: CollectionId, name: &ItemName) -> Reply<'_, Vec<Past>>;

    /// The last texts of items that were removed from a collection, the latest first, before `before` (when, and which
    /// item), at most `limit`.
    fn removed(
        &self,
        account: AccountId,
        collection: CollectionId,
        before: Option<(Timestamp, ItemId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Past>>;

    /// One of them, to be read.
    fn open_past(&self, account: AccountId, item: ItemId, number: i64) -> Reply<'_, Option<OpenPast>>;

    /// Drops past texts that were replaced or removed before `before`, and what accounts have of them above the bound,
    /// a bounded amount; call again while `more`.
    fn forget_past(&self, before: Timestamp) -> Reply<'_, Trimmed>;

    // ---- small numbers ------------------------------------------------------------------------------------------

    /// The ordinals of those keys, key by key. A collection that nobody counted in has none.
    fn ordinals(
        &self,
        account: AccountId,
        collection: CollectionId,
        keys: &[OrdinalKey],
    ) -> Reply<'_, Vec<Ordinal>>;

    // ---- all collections at once --------------------------------------------------------------------------------

    /// The last tide of an account up to that number, with the numbers of its collections then and now: one view.
    fn tides(&self, account: AccountId, upto: i64) -> Reply<'_, Tides>;

    /// What a log tells, oldest first. What was trimmed is missing.
    fn log(&self, key: LogKey) -> Reply<'_, Vec<LogEntry>>;

    // ---- the trash ----------------------------------------------------------------------------------------------

    /// Trees of collections in an account's trash, the latest first, at most `limit`: those that were removed before
    /// one, by its time and its id.
    fn trash(
        &self,
        account: AccountId,
        before: Option<(Timestamp, CollectionId)>,
        limit: usize,
    ) -> Reply<'_, Vec<Trashed>>;

    /// The tree of that topmost collection, if it is in the trash.
    fn trashed(&self, account: AccountId, root: CollectionId) -> Reply<'_, Option<Trashed>>;

    /// The next account behind one, by id, that has something in its trash, accounts that are gone too.
    fn next_trash(&self, after: Option<AccountId>) -> Reply<'_, Option<AccountId>>;

    // ---- writing ------------------------------------------------------------------------------------------------

    /// Applies all ops in one transaction, or none; durable when it returns.
    fn write(&self, write: Write) -> Reply<'_, Receipt>;

    /// Drops log entries, tombstones and counted failures from before `before`, a bounded amount; call again while
    /// `more`. A collection keeps its latest log entry's number: a client that is up to date stays so.
    fn trim(&self, before: Timestamp) -> Reply<'_, Trimmed>;

    /// Stores in which something was granted that holds that right: to that account itself, or to
    /// everybody.
    fn granting(&self, to: &Grantee, right: Right) -> Reply<'_, Vec<AccountId>>;

    // ---- hearing of others ----------------------------------------------------------------------------------------

    /// Calls `on_news` after each commit, before its write returns, from the engine's own thread: it must not block.
    ///
    /// Where other processes work on the same data, it is called for their commits too, soon after: for what happens to
    /// accounts always, for changes of stores that are followed. A notice may come twice, and several as one, the latest.
    fn watch(&self, on_news: Watcher);

    /// Follows these stores: whatever is committed to them after this returned is told to watchers, whoever commits it.
    fn follow(&self, stores: Vec<AccountId>) -> Reply<'_, ()>;

    /// Follows these no longer.
    fn unfollow(&self, stores: &[AccountId]);

    /// How long ago something may have happened to an account of which watchers were not told yet; `None` if no other
    /// process works on the same data, so that they know at once.
    fn lag(&self) -> Option<Duration>;

    /// Whether other processes may work on the same data.
    fn is_shared(&self) -> bool {
        self.lag().is_some()
    }

    /// How busy the engine is.
    fn load(&self) -> Load;

    /// Why the database is away, as far as that is known, in one line for the administrator; `None` while it is there.
    fn outage(&self) -> Option<String> {
        None
    }

    /// Where large bodies lie, if not in the database.
    fn blobs(&self) -> Option<Arc<Blobs>> {
        None
    }

    /// All rows as they are at this moment, for a backup. The store goes on being written to, and is not slowed down by
    /// whoever takes long to read them. Only one such view at a time: `Locked` while there is another.
    fn whole(&self) -> Reply<'_, Box<dyn RowSource>>;

    /// Ends in order: finishes what is queued, writes back, closes. Later calls answer `Busy`.
    fn close(&self) -> Reply<'_, ()>;
}
