//! Objects that are too large for memory, read as they come.

use super::Place;
use super::fault::{Called, Fault};
use super::open::read_at;
use crate::blob::pieces::PIECE;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kontor_model::{Error, Result};
use object_store::path::Path as Name;
use object_store::{GetOptions, GetResultPayload, ObjectStore};
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Bytes, or `None` if the object is not there. The end of the stream is the end of the range, or of the object.
type Told = Result<Option<Bytes>>;

/// Tells what comes of one range.
struct Teller {
    store: Arc<dyn ObjectStore>,
    name: Name,
    object: String,
    called: Arc<Called>,
    /// How long nothing may come.
    patience: Duration,
    tell: mpsc::Sender<Told>,
}

impl Place {
    /// Some bytes of an object, never more than [`PIECE`] at once, and never across the border of a piece that begins
    /// with the range. No time is set for the whole; each time that nothing comes is bounded.
    pub(in crate::blob) fn stream(&self, object: &str, range: Range<u64>) -> mpsc::Receiver<Told> {
        let (tell, told) = mpsc::channel(1);
        let (store, called) = (Arc::clone(&self.store), Arc::clone(&self.called));
        let teller = Teller {
            store,
            name: self.name(object),
            object: object.to_owned(),
            called,
            patience: self.patience,
            tell,
        };
        self.handle.spawn(teller.run(range));
        told
    }
}

impl Teller {
    async fn run(self, range: Range<u64>) {
        let options = GetOptions::new().with_range(Some(range.clone()));
        match timeout(self.patience, self.store.get_opts(&self.name, options)).await {
            Ok(Ok(found)) => match found.payload {
                GetResultPayload::File(file, _) => self.file(file, found.range).await,
                GetResultPayload::Stream(stream) => self.stream(stream).await,
            },
            Ok(Err(error)) => self.fault(&error).await,
            Err(_) => self.away().await,
        }
    }

    /// A file is read on threads that may wait for the disk, but not for whoever reads.
    async fn file(self, file: File, range: Range<u64>) {
        let file = Arc::new(file);
        let mut at = range.start;
        while at < range.end {
            let length = usize::try_from(range.end - at).unwrap_or(PIECE).min(PIECE);
            let file = Arc::clone(&file);
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; length];
                read_at(&file, &mut bytes, at).map(|()| Bytes::from(bytes))
            });
            let told = match read.await {
                Ok(Ok(bytes)) => Ok(Some(bytes)),
                Ok(Err(error)) => Err(self.broken(&error)),
                Err(error) => Err(self.broken(&error)),
            };
            let last = told.is_err();
            if self.tell.send(told).await.is_err() || last {
                return;
            }
            at += length as u64;
        }
    }

    fn broken(&self, error: &dyn std::error::Error) -> Error {
        Error::Internal(format!("read {} in {}: {error}", self.object, self.called.name))
    }

    async fn stream(self, mut stream: BoxStream<'static, object_store::Result<Bytes>>) {
        let mut in_piece = 0;
        loop {
            match timeout(self.patience, stream.next()).await {
                Ok(None) => return,
                Ok(Some(Ok(mut bytes))) => {
                    while !bytes.is_empty() {
                        let now = bytes.split_to(bytes.len().min(PIECE - in_piece));
                        in_piece = (in_piece + now.len()) % PIECE;
                        if self.tell.send(Ok(Some(now))).await.is_err() {
                            return;
                        }
                    }
                }
                Ok(Some(Err(error))) => return self.fault(&error).await,
                Err(_) => return self.away().await,
            }
        }
    }

    async fn fault(&self, error: &object_store::Error) {
        let told = match Fault::of(error, &self.called, "read", &self.object) {
            Fault::Missing(_) => Ok(None),
            // As if the stream had ended.
            Fault::Short => return,
            other => Err(other.told()),
        };
        // Nobody listens: nothing to tell.
        let _ = self.tell.send(told).await;
    }

    async fn away(&self) {
        let fault = Fault::away("read", &self.called.name, &self.object, "nothing comes".to_owned());
        let _ = self.tell.send(Err(fault.told())).await;
    }
}
