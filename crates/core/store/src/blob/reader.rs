//! Reading a body piece by piece: each is compared with its digest before it is handed on.

use super::address::{Address, BlobRef, Hash, object_name};
use super::books::Blobs;
use super::claim::in_service;
use super::fill::{damaged, logged};
use super::pieces::{PIECE, is_right};
use super::place::{Opened, Opening, Place, Turn, roomed};
use crate::Content;
use bytes::Bytes;
use kontor_model::{AccountId, Error, Item, ItemMeta, Result};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Pieces that are read and compared at once for one reader, each on a thread of its own.
const AHEAD: usize = 4;
/// Bytes of a piece.
const STEP: u64 = PIECE as u64;

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
        let (row, pieces) = row.ok_or(Error::Busy { retry_after: 0 })?;
        let (place, meta) = (Arc::clone(&blobs.place), item.meta.clone());
        let outside = Arc::new(Outside { place, account, meta, address, pieces });
        // Each piece is compared with a digest in that row, so it must be the row of these very bytes.
        if row.hash != Some(address.hash) {
            return Err(logged(outside.damaged("is another body's")));
        }
        Ok(Self { meta: item.meta, body: Where::Outside(outside) })
    }

    /// What an engine told, before its body was looked for.
    pub(super) fn into_item(self) -> Option<Item> {
        match self.body {
            Where::Here(body) => Some(Item { meta: self.meta, body }),
            Where::Outside(_) => None,
        }
    }

    /// The same body, to be put elsewhere in its account: no byte of a large one moves.
    pub fn content(&self) -> Content {
        match &self.body {
            Where::Here(bytes) => Content::Here(bytes.clone()),
            Where::Outside(outside) => Content::Blob(BlobRef {
                account: outside.account,
                address: outside.address,
                size: self.meta.size,
                fresh: None,
            }),
        }
    }

    /// About the item.
    pub fn meta(&self) -> &ItemMeta {
        &self.meta
    }

    /// SHA-256 of all of it. What lies outside has it; else it is computed.
    pub fn sha256(&self) -> [u8; 32] {
        match &self.body {
            Where::Here(bytes) => Hash::of(bytes).0,
            Where::Outside(outside) => outside.address.hash.0,
        }
    }

    /// Reads these bytes of it, as far as they are there.
    pub fn read(&self, range: Range<u64>) -> BlobReader {
        let end = range.end.min(self.meta.size);
        let range = range.start.min(end)..end;
        match &self.body {
            Where::Here(bytes) => {
                let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(bytes.len());
                let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(end);
                BlobReader(Source::Here(Some(bytes.slice(start..end))))
            }
            Where::Outside(outside) => BlobReader(Source::Outside(Reading::new(outside, range))),
        }
    }

    /// Reads all of it.
    pub fn read_all(&self) -> BlobReader {
        self.read(0..self.meta.size)
    }
}

/// The bytes of a body, in order, in pieces of at most 1 MiB. Some are read ahead: [`AHEAD`] at the most, and less where
/// many read at once.
pub struct BlobReader(Source);

enum Source {
    Here(Option<Bytes>),
    Outside(Reading),
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
            Source::Outside(reading) => match reading.next().await? {
                Ok(piece) => Some(Ok(piece)),
                Err(error) => {
                    self.0 = Source::Here(None);
                    Some(Err(logged(error)))
                }
            },
        }
    }
}

/// Reads ahead. The pieces are compared by several threads at once, and handed on in their order.
struct Reading {
    outside: Arc<Outside>,
    range: Range<u64>,
    /// Where the next piece begins that is not under way yet.
    at: u64,
    /// Comes from the piece before, once that has what it needs of it.
    stream: oneshot::Receiver<Stream>,
    under_way: VecDeque<JoinHandle<Result<Bytes>>>,
}

impl Reading {
    fn new(outside: &Arc<Outside>, range: Range<u64>) -> Self {
        let (pass, stream) = oneshot::channel();
        let _ = pass.send(Stream::Closed);
        let at = if range.is_empty() { range.end } else { range.start / STEP * STEP };
        Self { outside: Arc::clone(outside), range, at, stream, under_way: VecDeque::new() }
    }

    async fn next(&mut self) -> Option<Result<Bytes>> {
        while self.at < self.range.end && self.under_way.len() < AHEAD {
            let turn = self.outside.place.room(1);
            // One piece needs no room, so that every reader goes on.
            if turn.is_none() && !self.under_way.is_empty() {
                break;
            }
            self.begin(turn);
        }
        let broke = |error| Err(Error::Internal(format!("read a piece: {error}")));
        Some(self.under_way.pop_front()?.await.unwrap_or_else(broke))
    }

    /// Begins the next piece.
    fn begin(&mut self, turn: Option<Turn>) {
        let (pass, next) = oneshot::channel();
        let before = std::mem::replace(&mut self.stream, next);
        let end = (self.at + STEP).min(self.outside.meta.size);
        let (piece, range) = (self.at..end, self.range.clone());
        self.at = end;
        let outside = Arc::clone(&self.outside);
        let work = async move {
            let lost = |_| Error::Internal("read a piece: the one before failed".to_owned());
            let mut stream = before.await.map_err(lost)?;
            let found = stream.take(&outside, &piece, range.end).await?;
            // Nobody waits for it after the last piece.
            let _ = pass.send(stream);
            let compare =
                move || outside.compared(found, &piece, turn).map(|bytes| part(bytes, piece.start, &range));
            tokio::task::spawn_blocking(compare).await.map_err(|error| Error::Internal(error.to_string()))?
        };
        self.under_way.push_back(self.outside.place.handle().spawn(work));
    }
}

/// What is wanted of a piece that begins at `start`.
fn part(piece: Bytes, start: u64, range: &Range<u64>) -> Bytes {
    let at = |place: u64| usize::try_from(place.saturating_sub(start)).unwrap_or(usize::MAX).min(piece.len());
    piece.slice(at(range.start)..at(range.end))
}

/// Where pieces come from, one after the other.
enum Stream {
    Closed,
    /// A file, in which each thread finds its own piece.
    File(Opened),
    /// What comes, as long as that lasts.
    Coming(mpsc::Receiver<Result<Option<Bytes>>>),
}

/// A piece before it is compared.
enum Found {
    Here(Vec<u8>),
    In(Opened),
}

impl Stream {
    /// What there is of a piece. The stream that is opened for it goes on to `upto`. One that has lasted for a while may
    /// break off, and another is opened; opening has had its tries when it fails.
    async fn take(&mut self, outside: &Outside, piece: &Range<u64>, upto: u64) -> Result<Found> {
        let lasted = matches!(self, Self::Coming(_));
        match self.attempt(outside, piece, upto).await {
            Err(Error::Busy { .. }) if lasted => {
                *self = Self::Closed;
                self.attempt(outside, piece, upto).await
            }
            other => other,
        }
    }

    async fn attempt(&mut self, outside: &Outside, piece: &Range<u64>, upto: u64) -> Result<Found> {
        if let Self::Closed = self {
            *self = outside.open(piece.start..upto).await?;
        }
        match self {
            Self::File(file) => Ok(Found::In(file.clone())),
            Self::Coming(source) => gathered(outside, source, piece).await.map(Found::Here),
            Self::Closed => Err(outside.damaged("is missing")),
        }
    }
}

/// A piece of what comes.
async fn gathered(
    outside: &Outside,
    source: &mut mpsc::Receiver<Result<Option<Bytes>>>,
    piece: &Range<u64>,
) -> Result<Vec<u8>> {
    let length = length(piece);
    let mut bytes = outside.place.spare().empty(length);
    while bytes.len() < length {
        match source.recv().await {
            Some(Ok(Some(more))) => bytes.extend_from_slice(&more),
            Some(Ok(None)) => return Err(outside.damaged("is missing")),
            Some(Err(error)) => return Err(error),
            None => return Err(outside.damaged("has another length")),
        }
    }
    Ok(bytes)
}

fn length(piece: &Range<u64>) -> usize {
    usize::try_from(piece.end - piece.start).unwrap_or(PIECE)
}

impl Outside {
    fn object(&self) -> String {
        object_name(self.account, self.address.id)
    }

    /// Opens the object where `range` begins.
    async fn open(&self, range: Range<u64>) -> Result<Stream> {
        match self.place.open_file(&self.object()).await? {
            Opening::File(file) => Ok(Stream::File(file)),
            Opening::Missing => Err(self.damaged("is missing")),
            Opening::Afar => {
                let end = range.end.div_ceil(STEP).saturating_mul(STEP).min(self.meta.size);
                Ok(Stream::Coming(self.place.stream(&self.object(), range.start..end)))
            }
        }
    }

    /// The bytes of a piece, which are what was put. Waits for the disk.
    fn compared(&self, found: Found, piece: &Range<u64>, turn: Option<Turn>) -> Result<Bytes> {
        let bytes = match found {
            Found::Here(bytes) => Some(bytes),
            Found::In(file) => file.read(piece.start, length(piece), self.place.spare())?,
        };
        let bytes = bytes.ok_or_else(|| self.damaged("has another length"))?;
        let number = usize::try_from(piece.start / STEP).unwrap_or(usize::MAX);
        if bytes.len() != length(piece) || !is_right(&self.pieces, number, &bytes, self.address.hash) {
            return Err(self.damaged("is damaged: its hash is another"));
        }
        Ok(roomed(bytes, self.place.spare().clone(), turn))
    }

    fn damaged(&self, why: &str) -> Error {
        damaged(&self.place.called(), self.account, &self.meta, self.address, why)
    }
}
