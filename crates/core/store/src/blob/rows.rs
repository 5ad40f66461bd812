//! What an engine does for the blob store: five reads and some steps inside writes.

use super::address::{Address, BlobRef, Hash};
use crate::{Reply, Store};
use kontor_model::{AccountId, Error, Result};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far a blob has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Being laid down: nothing has referred to it yet.
    Coming,
    /// Something has referred to it.
    Kept,
    /// Nothing refers to it, nor ever will.
    Doomed,
}

impl State {
    pub(crate) fn of(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Coming),
            1 => Ok(Self::Kept),
            2 => Ok(Self::Doomed),
            other => Err(crate::encode::unknown("state of a blob", other)),
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) account: AccountId,
    pub(crate) id: i64,
    pub(crate) state: State,
    /// When it was known that something might not refer to it any more.
    pub(crate) since: Option<i64>,
    pub(crate) size: u64,
    pub(crate) hash: Option<Hash>,
    /// The upload in parts that was begun.
    pub(crate) upload: Option<String>,
}

impl Row {
    /// A way to refer to it, once something has.
    pub(crate) fn kept(&self) -> Option<BlobRef> {
        let hash = self.hash.filter(|_| self.state == State::Kept)?;
        let address = Address { id: self.id, hash };
        Some(BlobRef { account: self.account, address, size: self.size, fresh: None })
    }
}

/// Decodes the column.
pub(crate) fn hash(column: Option<&[u8]>) -> Result<Option<Hash>> {
    let whole = |bytes: &[u8]| bytes.try_into().map(Hash);
    column.map(whole).transpose().map_err(|_| Error::Internal("decode a row: a hash is cut off".to_owned()))
}

/// Reads of the table.
pub(crate) trait Rows: Send + Sync {
    /// One row with the digests of its pieces.
    fn blob(&self, account: AccountId, id: i64) -> Reply<'_, Option<(Row, Vec<u8>)>>;

    /// Those of one content.
    fn blobs_of(&self, account: AccountId, hash: Hash) -> Reply<'_, Vec<Row>>;

    /// Those that nothing might refer to since before `before`, in the order of that time, account and number, after
    /// the place `after` in that order.
    fn loose_blobs(&self, before: i64, after: (i64, i64, i64), limit: i64) -> Reply<'_, Vec<Row>>;

    /// The mark of the place where they lie, if they lie anywhere.
    fn place_mark(&self) -> Reply<'_, Option<String>>;

    /// The next by account and number.
    fn next_blobs(&self, after: (AccountId, i64), limit: i64) -> Reply<'_, Vec<Row>>;
}

/// An engine as the blob store sees it.
pub(crate) trait Engine: Store + Rows {}

impl<T: Store + Rows> Engine for T {}

/// A step of the blob store's book-keeping inside a write; only it can make one.
#[derive(Clone, Debug)]
pub struct BlobOp(pub(crate) Step);

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// One is about to be laid down, at this time (milliseconds).
    Lay { account: AccountId, id: i64, at: i64, upload: Option<String> },
    /// It is still being laid down. `Busy` if it is doomed.
    Renew { account: AccountId, id: i64, at: i64, upload: Option<String> },
    /// If nothing refers to it, and it has been so since before `before`, nothing shall.
    Doom { account: AccountId, id: i64, before: i64 },
    /// Its object is gone.
    Forget { account: AccountId, id: i64 },
    /// They lie in the place of this mark, unless they lie elsewhere.
    Take { mark: String },
    /// What the ops after this one need to know.
    With(Freight),
}

impl BlobOp {
    /// Whose rows it is about.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match &self.0 {
            Step::Lay { account, .. }
            | Step::Renew { account, .. }
            | Step::Doom { account, .. }
            | Step::Forget { account, .. } => Some(*account),
            Step::Take { .. } | Step::With(_) => None,
        }
    }
}

/// A blob that is wanted in another account too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Want {
    pub(crate) from: AccountId,
    pub(crate) id: i64,
    pub(crate) to: AccountId,
}

/// Goes along with a write: copies of blobs that were made for it, and back what it failed for.
#[derive(Clone, Default)]
pub(crate) struct Freight(Arc<Inner>);

#[derive(Default)]
struct Inner {
    copies: Mutex<HashMap<Want, BlobRef>>,
    wanted: Mutex<HashSet<Want>>,
    lost: AtomicBool,
}

impl Freight {
    /// The write begins, for the first time or anew.
    pub(crate) fn begins(&self) {
        self.wanted().clear();
        self.0.lost.store(false, Ordering::Release);
    }

    fn copies(&self) -> MutexGuard<'_, HashMap<Want, BlobRef>> {
        self.0.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> MutexGuard<'_, HashSet<Want>> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The copy that was made for this. Without one the write goes on, to learn what else it wants, but fails in the end.
    pub(crate) fn copy(&self, want: Want) -> Option<BlobRef> {
        if let Some(copy) = self.copies().get(&want) {
            return Some(copy.clone());
        }
        self.wanted().insert(want);
        None
    }

    /// Whether the write had all that it wanted; without that it must not be committed.
    pub(crate) fn settled(&self) -> Result<()> {
        if self.wanted().is_empty() { Ok(()) } else { Err(Error::Busy { retry_after: 0 }) }
    }

    /// A blob was doomed before it could be referred to: it must be laid down anew.
    pub(crate) fn lost(&self) -> Error {
        self.0.lost.store(true, Ordering::Release);
        Error::Busy { retry_after: 0 }
    }

    /// What was wanted and not there.
    pub(crate) fn take_wanted(&self) -> Vec<Want> {
        self.wanted().drain().collect()
    }

    /// Whether something was lost.
    pub(crate) fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::Acquire)
    }

    /// A copy was made.
    pub(crate) fn add(&self, want: Want, copy: BlobRef) {
        self.copies().insert(want, copy);
    }

    /// All copies.
    pub(crate) fn all(&self) -> Vec<BlobRef> {
        self.copies().values().cloned().collect()
    }
}

impl fmt::Debug for Freight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Freight").field(&self.copies().len()).finish()
    }
}
