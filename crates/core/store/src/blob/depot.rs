//! A place apart from the store whose bodies lie in it: for carrying whole stores.

use super::address::BlobRef;
use super::books::Blobs;
use super::claim::MARKER;
use super::options::{BlobOptions, BlobPlace};
use super::place::{Place, Source};
use super::survey::Verdict;
use bytes::Bytes;
use kontor_model::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};

/// How often a stream is taken up again that breaks off without having told anything new.
const ATTEMPTS: u32 = 3;
/// Between two of those.
const REST: Duration = Duration::from_secs(1);

/// A folder or a bucket with large bodies of one store.
#[derive(Clone)]
pub struct Depot {
    /// `None` for a folder that is not there.
    place: Option<Arc<Place>>,
    named: BlobPlace,
}

/// Begins to read a body, when somebody wants it.
pub(crate) type Opening = Box<dyn FnOnce() -> Source + Send>;

/// Takes in bodies, one after the other. Its calls wait, and are not for threads that must not.
pub trait BodySink {
    /// Takes one in, now or soon.
    ///
    /// # Errors
    /// It cannot be taken in; what comes cannot be told.
    fn take(&mut self, body: Coming) -> Result<()>;

    /// Waits until all are there. Those that were not what they should be, of which there may be more than are told.
    ///
    /// # Errors
    /// As [`BodySink::take`].
    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>>;
}

/// A body on its way.
pub struct Coming {
    pub(crate) body: BlobRef,
    pub(crate) from: Opening,
}

impl Coming {
    /// Bytes of it.
    pub fn size(&self) -> u64 {
        self.body.size
    }
}

impl Depot {
    /// One to be filled. A folder is made if it is not there; of a bucket nothing is asked yet.
    ///
    /// # Errors
    /// As for opening a store that has its bodies there.
    pub fn open(options: &BlobOptions) -> Result<Self> {
        let place = Some(Arc::new(Place::open(options)?));
        Ok(Self { place, named: options.place.clone() })
    }

    /// One to be read, in which nothing is made.
    ///
    /// # Errors
    /// As [`Depot::open`].
    pub fn existing(options: &BlobOptions) -> Result<Self> {
        match &options.place {
            BlobPlace::Folder(path) if !path.is_dir() => {
                Ok(Self { place: None, named: options.place.clone() })
            }
            _ => Self::open(options),
        }
    }

    /// Whether it answers, and lets us in. Waits.
    ///
    /// # Errors
    /// `Internal` or `Unsupported`, with a text for the administrator.
    pub fn reach(&self) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        // A bucket that is not there has no objects either, which only who lists them is told.
        let listed = place.handle().block_on(async { place.list().next().await });
        listed.transpose().map(drop).map_err(|error| said(place, error))
    }

    /// How a person calls it.
    pub fn called(&self) -> String {
        match &self.named {
            BlobPlace::Folder(path) => path.display().to_string(),
            BlobPlace::Bucket(bucket) => bucket.called(),
        }
    }

    /// Whether both are the same folder, or the same bucket of the same server.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.named, &other.named) {
            (BlobPlace::Folder(one), BlobPlace::Folder(other)) => {
                one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().ok() == Some(one))
            }
            (BlobPlace::Bucket(one), BlobPlace::Bucket(other)) => {
                (&one.name, &one.prefix, &one.endpoint) == (&other.name, &other.prefix, &other.endpoint)
            }
            _ => false,
        }
    }

    /// One of its bodies, read when it is wanted.
    pub(crate) fn reading(&self, body: &BlobRef) -> Coming {
        let (place, object, size) = (self.place.clone(), body.object(), body.size);
        let from = move || {
            let (tell, told) = channel(1);
            match place {
                Some(place) => {
                    let handle = place.handle().clone();
                    handle.spawn(async move { read_on(&place, &object, size, &tell).await });
                }
                // Nobody is asked, and there is room for one.
                None => drop(tell.try_send(Ok(None))),
            }
            told
        };
        Coming { body: body.clone(), from: Box::new(from) }
    }

    pub(super) fn place(&self) -> Result<Arc<Place>> {
        let none = || Error::Unsupported { detail: format!("there is no folder {}", self.called()) };
        self.place.clone().ok_or_else(none)
    }

    /// Whether bodies of a store to which `first` belongs may be put there.
    pub(super) async fn may_take(place: &Place, first: &BlobRef) -> Result<()> {
        if place.get(MARKER, 64).await?.is_none() || place.size(&first.object()).await? == Some(first.size) {
            return Ok(());
        }
        let detail = format!("{} belongs to another store: name an empty place", place.called());
        Err(Error::Unsupported { detail })
    }
}

impl Blobs {
    /// Where its bodies are, to be read apart from it.
    pub fn depot(&self) -> Depot {
        Depot { place: Some(Arc::clone(&self.place)), named: self.named.clone() }
    }
}

/// Tells an object from its beginning to its end; a stream that breaks off is taken up where it was.
async fn read_on(place: &Place, object: &str, size: u64, tell: &Sender<Result<Option<Bytes>>>) {
    let (mut at, mut vain) = (0, 0);
    loop {
        let before = at;
        let mut stream = place.stream(object, at..size.saturating_add(1));
        let error = loop {
            let Some(told) = stream.recv().await else { return };
            match told {
                Ok(Some(bytes)) => {
                    at += bytes.len() as u64;
                    if tell.send(Ok(Some(bytes))).await.is_err() {
                        return;
                    }
                }
                Ok(None) => return drop(tell.send(Ok(None)).await),
                Err(error) => break error,
            }
        };
        vain = if at > before { 0 } else { vain + 1 };
        if vain >= ATTEMPTS || !matches!(error, Error::Busy { .. }) {
            return drop(tell.send(Err(said(place, error))).await);
        }
        tokio::time::sleep(REST).await;
    }
}

/// What an administrator is told, who can do something about it.
pub(super) fn said(place: &Place, error: Error) -> Error {
    match error {
        Error::Busy { .. } => {
            let (called, why) = (place.called(), place.why_away());
            Error::Internal(format!(
                "cannot reach the blob store {called}: {why}; give the same command again to go on"
            ))
        }
        other => other,
    }
}
