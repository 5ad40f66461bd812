//! What can be written.

use crate::blob::{BlobOp, BlobRef};
use crate::{Facets, Numbered, Remains, encode};
use bytes::Bytes;
use kontor_model::{
    AccountId, AccountName, Actor, Collection, CollectionId, CollectionName, Grant, ItemId, ItemName, Lock,
    Origin, Principal, PropertyKey, Quota, QuotaSettings, Timestamp, Version,
};

/// One transaction's worth of ops: all or none.
#[derive(Clone, Debug)]
pub struct Write {
    /// Who acts.
    pub actor: Actor,
    /// Through which door.
    pub origin: Origin,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What the decision to allow this rested on; if it moved since, the write answers `Busy` with `retry_after` 0
    /// and nothing is done: decide again.
    pub guards: Vec<Guard>,
    /// What to do, in order; later ops see the effect of earlier ones.
    pub ops: Vec<Op>,
}

/// Binds a write to the state of an account's collections and grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Whose shelf.
    pub account: AccountId,
    /// Its [`Shelf::version`](crate::Shelf) when the decision was made.
    pub shelf: i64,
    /// How many bytes the account may hold. A write that makes it hold more, and more than `hard`, answers `Quota`; one
    /// that makes it reach another level tells so ([`Receipt::reached`]).
    pub quota: Quota,
}

/// Who has a lease: the job of its name is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// A number that each process makes up; 0 if nobody has it.
    pub holder: i64,
    /// Moves with every sign of life of the holder.
    pub beat: i64,
}

/// What must be there for an op to go on; else it answers `Stale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever.
    Any,
    /// Nothing (If-None-Match: *).
    Absent,
    /// Something (If-Match: *).
    Present,
    /// This very text of this very item.
    Exactly(ItemId, Version),
}

/// A body to store.
#[derive(Clone, Debug)]
pub struct Body {
    /// Media type with parameters.
    pub media_type: String,
    /// As it came.
    pub content: Content,
    /// By what it is found.
    pub facets: Facets,
}

/// The bytes of a body.
#[derive(Clone, Debug)]
pub enum Content {
    /// All of them.
    Here(Bytes),
    /// Too many for memory: laid down already by a [`BlobWriter`](crate::BlobWriter) of the same account.
    Blob(BlobRef),
}

impl Content {
    /// How many there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.len() as u64,
            Self::Blob(blob) => blob.size(),
        }
    }

    /// Those that are in memory.
    pub fn here(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match self {
            Self::Here(bytes) => bytes,
            Self::Blob(_) => &NONE,
        }
    }

    /// The columns of the body's row: its bytes or their address, and which blob it refers to.
    pub(crate) fn columns(&self) -> (Bytes, Option<i64>) {
        match self {
            Self::Here(bytes) => (bytes.clone(), None),
            Self::Blob(blob) => (blob.address().encoded(), Some(blob.id())),
        }
    }

    /// The column of the item's row.
    pub(crate) fn size_column(&self) -> i64 {
        encode::size(self.size())
    }
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Self::Here(bytes.into())
    }
}

/// Where an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose store.
    pub account: AccountId,
    /// In which collection.
    pub collection: CollectionId,
    /// Under which name.
    pub name: ItemName,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Op {
    /// Writes a body: creates the item, or replaces its text and keeps its id and properties.
    ///
    /// Errors: `Stale`; `Invalid` with `UidConflict` if another live item has the UID, with `UidChange` if the
    /// existing item has another UID.
    ///
    /// What it said before is kept as the store's [`History`](crate::History) says; the same text once more is no past.
    Put {
        /// Where.
        at: Source,
        /// On what condition.
        expect: Expect,
        /// The id to use if it is created; else the number of what it said before, so it must be a new one.
        new_id: ItemId,
        /// The text.
        body: Body,
        /// Whether it is one more part of a text that comes in parts: without them all it is not worth keeping.
        part: bool,
    },
    /// Removes an item; its name stays as a tombstone in the log.
    Remove {
        /// Where.
        at: Source,
        /// On what condition.
        expect: Expect,
    },
    /// Moves an item within or between accounts; properties go along. Within an account the id stays.
    ///
    /// Errors: `Exists` if the target is taken and `overwrite` is false; `Invalid` with `UidConflict`.
    Relocate {
        /// From.
        from: Source,
        /// On what condition of the source.
        expect: Expect,
        /// To.
        to: Source,
        /// On what condition of the target (`Absent` answers `Exists`).
        target: Expect,
        /// The id to use if the account changes.
        new_id: ItemId,
    },
    /// Copies an item with its properties.
    Copy {
        /// From.
        from: Source,
        /// On what condition of the source.
        expect: Expect,
        /// To.
        to: Source,
        /// On what condition of the target (`Absent` answers `Exists`).
        target: Expect,
        /// The id of the copy.
        new_id: ItemId,
    },
    /// Sets (`Some`) and unsets (`None`) properties of an item.
    SetItemProperties {
        /// Where.
        at: Source,
        /// What.
        changes: Vec<(PropertyKey, Option<Vec<u8>>)>,
    },
    /// An item that was removed is there again, put as a new one at `at` earlier in this write: its past texts are that
    /// item's, but for the one that is its text now. Error: `NotFound` if the item was not removed, or is back already.
    TakeBack {
        /// The item that was removed.
        item: ItemId,
        /// The number of the text that was put.
        number: i64,
        /// Where it is now.
        at: Source,
    },
    /// Makes a collection with its properties. Error: `Exists`.
    CreateCollection(Box<Collection>),
    /// Sets (`Some`) and unsets (`None`) properties of a collection.
    SetCollectionProperties {
        /// Whose.
        account: AccountId,
        /// Which.
        collection: CollectionId,
        /// What.
        changes: Vec<(PropertyKey, Option<Vec<u8>>)>,
    },
    /// Gives a collection another name or parent; its id, items and change number stay. Error: `Exists`.
    RenameCollection {
        /// Whose.
        account: AccountId,
        /// Which.
        collection: CollectionId,
        /// Below which.
        parent: Option<CollectionId>,
        /// New name.
        name: CollectionName,
    },
    /// Removes a collection with all that is in it.
    RemoveCollection {
        /// Whose.
        account: AccountId,
        /// Which.
        collection: CollectionId,
        /// What becomes of it.
        remains: Remains,
    },
    /// Brings a tree back out of the trash, with the ids, texts, properties and numbers that it had, and with its
    /// access lists, but for accounts that are gone. Locks of it are over. Errors: `NotFound` if it is not in the trash;
    /// `Exists`.
    RestoreCollection {
        /// Whose.
        account: AccountId,
        /// The topmost one.
        root: CollectionId,
        /// Below which it shall lie.
        parent: Option<CollectionId>,
        /// Under which name.
        name: CollectionName,
    },
    /// Drops a tree that is in the trash. Error: `NotFound`.
    PurgeCollection {
        /// Whose.
        account: AccountId,
        /// The topmost one.
        root: CollectionId,
    },
    /// Drops all that an item said before, whether or not it is still there, for good. Error: `NotFound` if nothing is kept.
    PurgePast {
        /// Whose.
        account: AccountId,
        /// In which collection it was named.
        collection: CollectionId,
        /// Which.
        item: ItemId,
    },
    /// Does nothing, provided that the collection still has that number: what was read of its items is still so, and
    /// stays so until the write is done. Error: `Stale`.
    Unmoved {
        /// Whose.
        account: AccountId,
        /// Which.
        collection: CollectionId,
        /// Its number before its items were read.
        version: Version,
    },
    /// Replaces the access list of a collection, or of the store's root. `None` inherits again.
    SetGrants {
        /// Whose.
        account: AccountId,
        /// Which; `None` is the root.
        collection: Option<CollectionId>,
        /// The entries.
        grants: Option<Vec<Grant>>,
    },
    /// Sets a lock, or renews the one that has its token. What was over for long is swept.
    SetLock {
        /// In whose store.
        account: AccountId,
        /// It.
        lock: Box<Lock>,
    },
    /// Takes locks away, by their tokens; those that are not there are passed over.
    DropLocks {
        /// In whose store.
        account: AccountId,
        /// Which.
        tokens: Vec<u128>,
    },
    /// Gives each part of an item its small number: the one that it has, or the next; and keeps what is said beside
    /// it. Nothing of the office changes by it. Collections that are not there can be counted in too.
    Number {
        /// Whose.
        account: AccountId,
        /// In the series of which collection.
        collection: CollectionId,
        /// What.
        parts: Vec<Numbered>,
    },
    /// Sets how much an account may hold. Writes are bound to it by [`Guard::quota`].
    SetQuota {
        /// Whose.
        account: AccountId,
        /// How much.
        quota: QuotaSettings,
    },
    /// Notes numbers of an account's collections under the account's next number, so that this stands for all of them:
    /// those that changed since the tide before. Nothing of the office changes by it. `Busy` with `retry_after` 0 if
    /// the account's shelf is no longer the one of this version: decide again.
    Tide {
        /// Whose.
        account: AccountId,
        /// The version of the shelf as it was before the numbers were read.
        shelf: i64,
        /// Which collections, and their numbers.
        marks: Vec<(CollectionId, Version)>,
    },
    /// Makes an account. Error: `Exists` if the name or one of the addresses is taken.
    CreatePrincipal(Box<Principal>),
    /// Replaces what is known of an account (its id says which), name included. Error: `Exists`.
    UpdatePrincipal(Box<Principal>),
    /// Removes an account with its secrets and every grant to it; its store is kept as an orphan.
    RemovePrincipal {
        /// Which.
        id: AccountId,
        /// For the list of orphans.
        name: AccountName,
    },
    /// Sets or clears the password digest.
    SetPassword {
        /// Whose.
        id: AccountId,
        /// PHC text.
        digest: Option<String>,
    },
    /// Adds an app password; the id in it is ignored and assigned.
    AddAppPassword {
        /// Whose.
        id: AccountId,
        /// What.
        password: Box<crate::AppPassword>,
    },
    /// Revokes an app password. Error: `NotFound`.
    RevokeAppPassword {
        /// Whose.
        id: AccountId,
        /// Which.
        app_password: i64,
    },
    /// Remembers the day an app password was last used.
    TouchAppPassword {
        /// Whose.
        id: AccountId,
        /// Which.
        app_password: i64,
    },
    /// Counts a failed log-in for each scope.
    CountFailure {
        /// For whom: keys made by the throttle.
        scopes: Vec<String>,
        /// Keyed digest of what was tried.
        tried: Vec<u8>,
    },
    /// Takes back a failure that was counted at that time (the write's own), for it was none.
    TakeBackFailure {
        /// For whom.
        scopes: Vec<String>,
        /// Keyed digest of what was tried.
        tried: Vec<u8>,
    },
    /// Forgets the failures of these scopes.
    ForgetFailures {
        /// Which.
        scopes: Vec<String>,
    },
    /// Sets a setting of the whole store if it has no value yet.
    InitSetting {
        /// Key.
        key: String,
        /// Value.
        value: Vec<u8>,
    },
    /// Takes or renews a lease, if it is still as it was seen. Error: `Stale`.
    MoveLease {
        /// Which.
        name: String,
        /// What was seen; `None` if nothing was there.
        seen: Option<Tenure>,
        /// What shall be there.
        next: Tenure,
    },
    /// The blob store keeps its books; only it can make these.
    Blob(BlobOp),
}
