//! Reading a body piece by piece: each is compared with its digest before it is handed on.

use super::address::{Address, Hash, object_name};
use super::books::Blobs;
use super::claim::in_service;
use super::fill::{damaged, logged};
use super::pieces::{PIECE, is_right};
use super::place::Place;
use bytes::{Bytes, BytesMut};
use kontor_model::{AccountId, Error, Item, ItemMeta, Result};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::mpsc;

/// An item whose body is yet to be read.
pub struct OpenBody {
    meta: ItemMeta,
    body: Where,
}

enum Where {
    Here(Bytes),
    Outside(Arc<Outside>),
}

/// All that reading from an object needs to know.
struct Outside {
    place: Arc<Place>,
    account: AccountId,
    meta: ItemMeta,
    address: Address,
    pieces: Vec<u8>,
}

impl OpenBody {
    /// One that is in memory.
    pub(crate) fn here(item: Item) -> Self {
        Self { meta: item.meta, body: Where::Here(item.body) }
    }

    /// What an engine told of an item.
    pub(super) async fn of(item: Item, account: AccountId, blobs: Option<&Arc<Blobs>>) -> Result<Self> {
        let (Some(address), Some(blobs)) = (Address::of(&item)?, blobs) else { return Ok(Self::here(item)) };
        blobs.claim().await.map_err(in_service)?;
        // It may have been replaced since, but not long ago: its row is there.
        let row = blobs.engine.blob(account, address.id).await?;
        let (_, pieces) = row.ok_or(Error::Busy { retry_after: 0 })?;
        let (place, meta) = (Arc::clone(&blobs.place), item.meta.clone());
        let outside = Arc::new(Outside { place, account, meta, address, pieces });
        Ok(Self { meta: item.meta, body: Where::Outside(outside) })
    }

    /// About the item.
    pub fn meta(&self) -> &ItemMeta {
        &self.meta
    }

    /// Reads these bytes of it, as far as they are there.
    pub fn read(&self, range: Range<u64>) -> BlobReader {
        let range = range.start.min(self.meta.size)..range.end.min(self.meta.size);
        match &self.body {
            Where::Here(bytes) => {
                let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(bytes.len());
                let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
                BlobReader(Source::Here(Some(bytes.slice(start..end))))
            }
            Where::Outside(outside) => {
                let (tell, told) = mpsc::channel(1);
                let reading = Reading { outside: Arc::clone(outside), range, tell };
                outside.place.handle().spawn(reading.run());
                BlobReader(Source::Outside(told))
            }
        }
    }

    /// Reads all of it.
    pub fn read_all(&self) -> BlobReader {
        self.read(0..self.meta.size)
    }
}

/// The bytes of a body, in order, in pieces of at most 1 MiB. Some pieces are read ahead: about three of them are in
/// memory at any time.
pub struct BlobReader(Source);

enum Source {
    Here(Option<Bytes>),
    Outside(mpsc::Receiver<Result<Bytes>>),
}

impl BlobReader {
    /// The next piece; `None` at the end. What was handed out is what was put, even if an error follows.
    ///
    /// # Errors
    /// `Busy` if the place is away for longer than a short while; `Internal` if the object is damaged or missing. There
    /// is nothing more after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        match &mut self.0 {
            Source::Here(bytes) => bytes.take().filter(|bytes| !bytes.is_empty()).map(Ok),
            Source::Outside(told) => told.recv().await,
        }
    }
}

/// What reads ahead.
struct Reading {
    outside: Arc<Outside>,
    range: Range<u64>,
    tell: mpsc::Sender<Result<Bytes>>,
}

impl Reading {
    async fn run(self) {
        if let Err(error) = self.pieces().await {
            // Nobody listens: nothing to tell.
            let _ = self.tell.send(Err(logged(error))).await;
        }
    }

    async fn pieces(&self) -> Result<()> {
        let size = self.outside.meta.size;
        let all = self.range == (0..size);
        let mut whole = Sha256::new();
        let mut stream = Pieces { outside: &self.outside, source: None };
        let step = PIECE as u64;
        let mut start = self.range.start / step * step;
        while start < self.range.end {
            let end = (start + step).min(size);
            let piece = stream.next(start..end, self.range.end).await?;
            if all {
                whole.update(&piece);
                if end == size
                    && Hash(std::mem::take(&mut whole).finalize().into()) != self.outside.address.hash
                {
                    return Err(self.outside.damaged("is damaged: its hash is another"));
                }
            }
            let wanted = part(piece, start, &self.range);
            if self.tell.send(Ok(wanted)).await.is_err() {
                return Ok(());
            }
            start = end;
        }
        Ok(())
    }
}

/// What is wanted of a piece that begins at `start`.
fn part(piece: Bytes, start: u64, range: &Range<u64>) -> Bytes {
    let at = |place: u64| usize::try_from(place.saturating_sub(start)).unwrap_or(usize::MAX).min(piece.len());
    piece.slice(at(range.start)..at(range.end))
}

/// Reads pieces in order, over one stream as long as that lasts.
struct Pieces<'o> {
    outside: &'o Outside,
    source: Option<mpsc::Receiver<Result<Option<Bytes>>>>,
}

impl Pieces<'_> {
    /// The piece at `range`, right; the stream that is opened for it goes on to `upto`. One that has lasted for a while
    /// may break off, and another is opened; opening has had its tries when it fails.
    async fn next(&mut self, range: Range<u64>, upto: u64) -> Result<Bytes> {
        let lasted = self.source.is_some();
        match self.attempt(&range, upto).await {
            Err(Error::Busy { .. }) if lasted => {
                self.source = None;
                self.attempt(&range, upto).await
            }
            other => other,
        }
    }

    async fn attempt(&mut self, range: &Range<u64>, upto: u64) -> Result<Bytes> {
        let object = object_name(self.outside.account, self.outside.address.id);
        let step = PIECE as u64;
        let upto = upto.div_ceil(step).saturating_mul(step).min(self.outside.meta.size);
        let place = &self.outside.place;
        let source = self.source.get_or_insert_with(|| place.stream(&object, range.start..upto));
        let length = usize::try_from(range.end - range.start).unwrap_or(PIECE);
        let mut piece = BytesMut::with_capacity(length);
        while piece.len() < length {
            match source.recv().await {
                Some(Ok(Some(bytes))) => piece.extend_from_slice(&bytes),
                Some(Ok(None)) => return Err(self.outside.damaged("is missing")),
                Some(Err(error)) => return Err(error),
                None => return Err(self.outside.damaged("has another length")),
            }
        }
        let number = usize::try_from(range.start / step).unwrap_or(usize::MAX);
        if piece.len() != length || !is_right(&self.outside.pieces, number, &piece, self.outside.address.hash)
        {
            return Err(self.outside.damaged("is damaged: its hash is another"));
        }
        Ok(piece.freeze())
    }
}

impl Outside {
    fn damaged(&self, why: &str) -> Error {
        damaged(&self.place.called(), self.account, &self.meta, self.address, why)
    }
}
