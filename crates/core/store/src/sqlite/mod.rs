//! The embedded engine: one file, one writer with natural group commit, many readers, a checkpointer.
//!
//! A write is queued; the writer takes all that queued while it made the last commit, gives each a savepoint of its
//! own and commits them together with one sync of the disk. Reads never wait for writes: look-ups run on the calling
//! thread, scans on a thread for blocking work.

mod apply;
mod checkpoint;
mod db;
mod doomed;
mod engine;
mod forget;
mod kept;
mod migrate;
mod moving;
mod open;
#[cfg(test)]
mod plans;
mod queue;
mod read;
mod readers;
mod row;
mod trim;
mod writer;

use crate::blob::{self, At, BlobOptions, BlobPlace, Nodes};
use crate::growth::Growth;
use crate::tally::Tally;
use crate::{History, Secrets, Shelf, Store, Watcher};
use apply::Effect;
use checkpoint::Gate;
use engine::Engine;
use kept::Kept;
use kontor_model::{AccountId, AccountName, Error, Principal, Result};
use queue::Queue;
use readers::Readers;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{Builder, JoinHandle};
use writer::Writer;

/// Shelves kept in memory.
const SHELVES_KEPT: usize = 1_024;
/// Principals and secrets kept in memory.
const PRINCIPALS_KEPT: usize = 2_048;
/// Bytes of bodies that may wait for the writer.
const QUEUE_BYTES: usize = 64 << 20;

pub use moving::{fill, keeper, rows};

/// Where large bodies lie in the data folder, unless told otherwise.
const BLOBS: &str = "blobs";

/// How the engine shall work; the default suits a small server.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections for look-ups.
    pub readers: usize,
    /// Connections for scans: as many scans run at once.
    pub scanners: usize,
    /// Page cache of each of them, in KiB. A report of half a thousand items touches a thousand pages, twice as many as
    /// the usual one holds: the others come from the system's cache, which costs such a report a fifth, and all
    /// connections together keep 14 MiB less.
    pub reader_cache_kib: u32,
    /// Page cache of the writer, in KiB.
    pub writer_cache_kib: u32,
    /// Writes that may wait; more are answered `Busy`.
    pub queue: usize,
    /// Bytes that the database may take; beyond that writes are answered `Quota`. `None` is as much as the disk has.
    pub max_bytes: Option<u64>,
    /// Where large bodies lie; `None` is the folder `blobs` in the data folder.
    pub blobs: Option<BlobOptions>,
    /// What is kept of what items said before.
    pub history: History,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            scanners: 3,
            reader_cache_kib: 2_048,
            writer_cache_kib: 4_096,
            queue: 4_096,
            max_bytes: None,
            blobs: None,
            history: History::default(),
        }
    }
}

/// Opens the store in the data folder `path`; makes both if they are not there.
///
/// # Errors
/// `Locked` if another process has the folder open (a server runs on it); `Unsupported`, with a text for the
/// administrator, if the data were written by a newer program or are something else; `Quota` on a full disk;
/// `Internal` for the rest, a damaged file among it.
pub fn open(path: &Path, options: &SqliteOptions) -> Result<Arc<dyn Store>> {
    let folder = open::Folder::take(path)?;
    let connection = folder.writer(options)?;
    moving::may_be_opened(&connection)?;
    moving::snapshot::clear(folder.database())?;
    let many = |count: usize| {
        (0..count.max(1)).map(|_| folder.reader(options.reader_cache_kib)).collect::<Result<Vec<_>>>()
    };
    let shared = Arc::new(Shared {
        readers: Arc::new(Readers::new(many(options.readers)?, many(options.scanners)?)),
        shelves: Kept::new(SHELVES_KEPT),
        by_name: Kept::new(PRINCIPALS_KEPT),
        by_id: Kept::new(PRINCIPALS_KEPT),
        secrets: Kept::new(PRINCIPALS_KEPT),
        watchers: RwLock::default(),
        tally: Tally::default(),
        past: Growth::new(options.history),
    });
    let database = folder.database().to_owned();
    let queue = Arc::new(Queue::new(options.queue.max(1), QUEUE_BYTES));
    let gate = Arc::new(Gate::default());
    let checkpointer = start_checkpointer(&gate, folder.checkpointer()?)?;
    let writer = Writer {
        connection,
        shared: Arc::clone(&shared),
        queue: Arc::clone(&queue),
        gate,
        checkpointer: Some(checkpointer),
        // Perhaps left by the last process; the first look tells.
        doomed: true,
        put_off: 0,
        trimmed_to: trim::Cursor::default(),
        forgot_to: 0,
        past_is_gone: false,
        lock: folder.lock,
    };
    let thread = start("store-writer", move || writer.run())?;
    let engine = Arc::new(Engine::new(shared, queue, thread, database));
    let beside = || BlobOptions::at(BlobPlace::Folder(path.join(BLOBS)));
    let blobs = options.blobs.clone().unwrap_or_else(beside);
    let at = if matches!(blobs.place, BlobPlace::Folder(_)) { At::Need } else { At::Once };
    blob::keep(engine, Some(&blobs), at, Nodes::One)
}

fn start_checkpointer(gate: &Arc<Gate>, connection: Connection) -> Result<JoinHandle<()>> {
    let gate = Arc::clone(gate);
    start("store-checkpoint", move || checkpoint::run(&gate, &connection))
}

fn start(name: &str, life: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = Builder::new().name(name.to_owned()).spawn(life);
    thread.map_err(|error| Error::Internal(format!("start the thread {name}: {error}")))
}

/// What readers and the writer share.
struct Shared {
    readers: Arc<Readers>,
    shelves: Kept<AccountId, Arc<Shelf>>,
    by_name: Kept<AccountName, Arc<Principal>>,
    by_id: Kept<AccountId, Arc<Principal>>,
    secrets: Kept<AccountId, Arc<Secrets>>,
    watchers: RwLock<Vec<Watcher>>,
    tally: Tally,
    past: Growth,
}

impl Shared {
    /// After a write is on disk, before it returns.
    fn committed(&self, effect: &Effect) {
        if effect.principals {
            self.by_name.renew_all();
            self.by_id.renew_all();
        }
        if !effect.shelves.is_empty() {
            self.shelves.renew(&effect.shelves);
        }
        if !effect.secrets.is_empty() {
            self.secrets.renew(&effect.secrets);
        }
        let watchers = self.watchers.read().unwrap_or_else(PoisonError::into_inner);
        for news in &effect.news {
            for watcher in watchers.iter() {
                watcher(news);
            }
        }
    }
}
