//! Where objects lie: a folder, or a bucket that speaks S3. All that is asked of it ends in bounded time.
//!
//! Everything runs on threads of its own, so that whoever waits may wait on any runtime, and nothing that is slow there
//! is slow for the database. An object is on disk, or what the bucket calls so, when it was acknowledged.

mod bucket;
mod deposit;
mod fault;
mod folder;
mod http;
mod list;
mod open;
mod room;
mod stream;
mod upload;

use super::options::{BlobOptions, BlobPlace, Bucket};
use bytes::Bytes;
use fault::{Asked, Called, Fault};
use kontor_model::{Error, Result};
use object_store::aws::AmazonS3;
use object_store::path::Path as Name;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub(crate) use deposit::Source;
pub(super) use list::Listing;
pub(super) use open::{Opened, Opening};
pub(super) use room::{Spare, Turn, roomed};
pub(super) use upload::Upload;

/// Slower than this is as good as away: bytes a second.
const SLOWEST: u64 = 256 << 10;
/// How many things are asked of it at once.
const AT_ONCE: usize = 64;
/// How many files are brought to the disk at once before they are whole.
const EARLY_SYNCS: usize = 8;
/// Told to whoever could not be served.
const RETRY_AFTER: u32 = 5;

/// A folder or a bucket.
pub(super) struct Place {
    store: Arc<dyn ObjectStore>,
    sort: Sort,
    called: Arc<Called>,
    /// Begins the names of all objects.
    prefix: String,
    /// How long anything may take, besides the time for its bytes.
    patience: Duration,
    /// Why it could not be reached when that was last tried in vain.
    away: Arc<Mutex<String>>,
    turns: Arc<Semaphore>,
    /// MiB for pieces that are read or written ahead.
    room: Arc<Semaphore>,
    spare: Spare,
    /// For files that go to the disk before they are whole.
    syncs: Arc<Semaphore>,
    runtime: Option<Runtime>,
    handle: Handle,
}

/// What sort of place it is.
enum Sort {
    Folder(PathBuf),
    /// The crate's other way to speak to it.
    Bucket(Arc<AmazonS3>),
}

impl Place {
    /// The place that options name; nothing is asked of it yet.
    pub(super) fn open(options: &BlobOptions) -> Result<Self> {
        match &options.place {
            BlobPlace::Folder(path) => Self::folder(path, options.patience),
            BlobPlace::Bucket(bucket) => Self::bucket(bucket, options.patience),
        }
    }

    /// A folder, which is made when the first object is put.
    fn folder(path: &Path, patience: Duration) -> Result<Self> {
        let called = Called { name: path.display().to_string(), is_folder: true };
        Self::new(folder::open(path)?, Sort::Folder(path.to_owned()), called, String::new(), patience)
    }

    /// A bucket; nothing is asked of it yet.
    fn bucket(bucket: &Bucket, patience: Duration) -> Result<Self> {
        let store = Arc::new(bucket::open(bucket, patience)?);
        let prefix = if bucket.prefix.is_empty() { String::new() } else { format!("{}/", bucket.prefix) };
        let called = Called { name: bucket.called(), is_folder: false };
        Self::new(Arc::clone(&store) as _, Sort::Bucket(store), called, prefix, patience)
    }

    fn new(
        store: Arc<dyn ObjectStore>,
        sort: Sort,
        called: Called,
        prefix: String,
        patience: Duration,
    ) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(AT_ONCE)
            .thread_name("store-blobs")
            .enable_all()
            .build()
            .map_err(|error| Error::Internal(format!("start the threads of the blob store: {error}")))?;
        let handle = runtime.handle().clone();
        let (turns, room) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(room::ROOM)));
        let syncs = Arc::new(Semaphore::new(EARLY_SYNCS));
        let (away, runtime) = (Arc::default(), Some(runtime));
        let called = Arc::new(called);
        Ok(Self {
            store,
            sort,
            called,
            prefix,
            patience,
            away,
            turns,
            room,
            spare: Spare::default(),
            syncs,
            runtime,
            handle,
        })
    }

    /// How a person calls it.
    pub(super) fn called(&self) -> String {
        self.called.name.clone()
    }

    /// Why it could not be reached, for an administrator.
    pub(super) fn why_away(&self) -> String {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the place itself calls an object.
    fn name(&self, object: &str) -> Name {
        Name::from(format!("{}{object}", self.prefix))
    }

    /// Where its threads are.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Does `work`, about so many bytes, within its time, when it is its turn.
    async fn ask<T, F>(&self, doing: &'static str, object: &str, bytes: u64, work: F) -> Asked<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let patience = self.patience + Duration::from_millis(bytes.saturating_mul(1_000) / SLOWEST);
        let turns = Arc::clone(&self.turns);
        let work = async move {
            let _turn = turns.acquire_owned().await;
            work.await
        };
        // Begun there, so that it goes by the clock of those threads.
        let task = self.handle.spawn(async move { timeout(patience, work).await });
        let fault = match End(task).await {
            Ok(Ok(Ok(done))) => return Ok(done),
            Ok(Ok(Err(error))) => Fault::of(&error, &self.called, doing, object),
            Ok(Err(_)) => Fault::away(doing, &self.called.name, object, "it takes too long".to_owned()),
            Err(error) => Fault::Lasting(Error::Internal(format!("{doing} {object}: {error}"))),
        };
        if let Fault::Away(why) = &fault {
            self.away.lock().unwrap_or_else(PoisonError::into_inner).clone_from(why);
        }
        Err(fault)
    }

    /// Puts an object that was not there, or replaces it.
    pub(super) async fn put(&self, object: &str, bytes: Bytes) -> Result<()> {
        let (store, name, size) = (Arc::clone(&self.store), self.name(object), bytes.len() as u64);
        let work = async move { store.put(&name, PutPayload::from_bytes(bytes)).await.map(drop) };
        self.ask("put", object, size, work).await.map_err(Fault::told)
    }

    /// Puts an object unless it is there. A bucket that does not know how to do that replaces it.
    pub(super) async fn put_first(&self, object: &str, bytes: Bytes) -> Result<()> {
        let (store, name, size) = (Arc::clone(&self.store), self.name(object), bytes.len() as u64);
        let work = async move {
            use object_store::Error as E;
            let payload = PutPayload::from_bytes(bytes);
            match store.put_opts(&name, payload.clone(), PutMode::Create.into()).await {
                Err(E::AlreadyExists { .. } | E::Precondition { .. }) => Ok(()),
                Err(E::NotImplemented { .. }) => store.put(&name, payload).await.map(drop),
                other => other.map(drop),
            }
        };
        self.ask("put", object, size, work).await.map_err(Fault::told)
    }

    /// The bytes of an object that shall have so many; `None` if it is not there. One that is longer is cut off after
    /// one byte too many.
    pub(super) async fn get(&self, object: &str, size: u64) -> Result<Option<Bytes>> {
        let (store, name) = (Arc::clone(&self.store), self.name(object));
        let work = async move {
            let options = GetOptions::new().with_range(Some(0..size.saturating_add(1)));
            store.get_opts(&name, options).await?.bytes().await
        };
        match self.ask("get", object, size, work).await {
            Err(Fault::Short) => Ok(Some(Bytes::new())),
            other => fault::there(other),
        }
    }

    /// Bytes of an object; `None` if it is not there.
    pub(super) async fn size(&self, object: &str) -> Result<Option<u64>> {
        let (store, name) = (Arc::clone(&self.store), self.name(object));
        let work = async move { Ok(store.head(&name).await?.size) };
        fault::there(self.ask("look for", object, 0, work).await)
    }

    /// Makes another object of the same bytes; whether the first is there.
    pub(super) async fn copy(&self, from: &str, to: &str, size: u64) -> Result<bool> {
        let (store, names) = (Arc::clone(&self.store), (self.name(from), self.name(to)));
        let work = async move { store.copy(&names.0, &names.1).await };
        Ok(fault::there(self.ask("copy", from, size, work).await)?.is_some())
    }

    /// Removes an object and what an upload left of it, if any of that is there.
    pub(super) async fn remove(&self, object: &str, upload: Option<&str>) -> Result<()> {
        self.give_up(object, upload).await?;
        let (store, name) = (Arc::clone(&self.store), self.name(object));
        let work = async move { store.delete(&name).await };
        fault::there(self.ask("remove", object, 0, work).await).map(drop)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A runtime cannot wait for its end inside of another one, where this may be.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A task that ends when nobody waits for it any more.
struct End<T>(tokio::task::JoinHandle<T>);

impl<T> Future for End<T> {
    type Output = std::result::Result<T, tokio::task::JoinError>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
