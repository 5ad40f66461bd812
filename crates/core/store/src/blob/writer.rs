//! Laying down a body as it comes, however large it is.

use super::address::{Address, BlobRef, object_name};
use super::books::Blobs;
use super::hashing::Hashing;
use super::place::{Place, Upload, roomed};
use super::rows::Step;
use crate::{Content, INLINE_BYTES};
use bytes::Bytes;
use kontor_model::{AccountId, Error, Result, Timestamp};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// How often an upload in progress says that it is, in milliseconds: 5 minutes.
const RENEW: i64 = 5 * 60_000;

/// What was said within so many milliseconds need not be said again: a minute.
const YOUNG: i64 = 60_000;

/// What is not larger is held in as little memory as it takes.
const SMALL: usize = 128 << 10;

/// Takes in a body chunk by chunk, while others hash what came, and bring it to its place. A part that is gathered and up
/// to four that are on their way are in memory, each of 1 MiB; two of 8 MiB where it goes into a bucket. What is not
/// finished leaves nothing behind, at the latest when the collector has passed.
pub struct BlobWriter {
    blobs: Arc<Blobs>,
    account: AccountId,
    size: u64,
    part_bytes: usize,
    held: Vec<u8>,
    /// Of the parts that may be on their way at once.
    turns: Arc<Semaphore>,
    hashing: Hashing,
    open: Option<Begun>,
}

/// An object of which at least one part was sent.
struct Begun {
    id: i64,
    name: Option<String>,
    /// The upload, while no part is on its way.
    upload: Option<Upload>,
    flight: Option<JoinHandle<Result<Upload>>>,
    renewed: Timestamp,
}

impl Blobs {
    /// Begins a body of this account.
    pub fn writer(self: &Arc<Self>, account: AccountId) -> BlobWriter {
        let turns = Arc::new(Semaphore::new(self.place.parts_at_once()));
        let (part_bytes, hashing) = (self.place.part_bytes(), Hashing::new(self.place.handle()));
        let (blobs, held) = (Arc::clone(self), Vec::new());
        BlobWriter { blobs, account, size: 0, part_bytes, held, turns, hashing, open: None }
    }
}

impl BlobWriter {
    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes in the next bytes. Waits while too many before are on their way.
    ///
    /// # Errors
    /// `Busy` if the place is away for longer than a short while; `Quota` if it is full. The body is lost then.
    pub async fn append(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.part_bytes - self.held.len()));
            if self.held.len() + now.len() > SMALL && self.held.capacity() < self.part_bytes {
                // All at once: growing step by step would take twice as much in the end.
                let mut part = self.blobs.place.spare().empty(self.part_bytes);
                part.extend_from_slice(&self.held);
                self.held = part;
            }
            self.held.extend_from_slice(now);
            bytes = later;
            if self.held.len() == self.part_bytes {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// SHA-256 of all bytes so far.
    ///
    /// # Errors
    /// `Internal` if hashing broke off.
    pub async fn sha256(&mut self) -> Result<[u8; 32]> {
        self.hashing.whole(&self.held).await.map(|hash| hash.0)
    }

    /// Sends what is held, once there is room for it among what is on its way.
    async fn send_part(&mut self) -> Result<()> {
        let part = self.roomed().await?;
        let (blobs, account) = (Arc::clone(&self.blobs), self.account);
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(begin(&blobs, account).await?),
        };
        if open.flight.as_ref().is_some_and(JoinHandle::is_finished) {
            // What failed is told now.
            open.upload = Some(open.landed().await?);
        }
        let now = blobs.clock.now();
        if now.millis().saturating_sub(open.renewed.millis()) >= RENEW {
            open.renewed = now;
            renew(&blobs, account, open.id, open.name.clone()).await?;
        }
        self.hashing.add(&part);
        open.send(&blobs.place, object_name(account, open.id), part);
        Ok(())
    }

    /// What is held, with its room. What all transfers share may be taken: then a part waits until it is the only one.
    async fn roomed(&mut self) -> Result<Bytes> {
        let part = std::mem::take(&mut self.held);
        let mib = u32::try_from(part.len().div_ceil(1 << 20)).unwrap_or(u32::MAX);
        let room = self.blobs.place.room(mib);
        let turns = if room.is_some() { 1 } else { self.blobs.place.parts_at_once() };
        let turns = u32::try_from(turns).unwrap_or(1);
        let own = Arc::clone(&self.turns).acquire_many_owned(turns).await;
        let own = own.map_err(|error| Error::Internal(format!("put a part: {error}")))?;
        Ok(roomed(part, self.blobs.place.spare().clone(), (room, own)))
    }

    /// Ends the body: it is on disk. What is small is handed back, to be put as it is.
    ///
    /// # Errors
    /// As [`BlobWriter::append`].
    pub async fn finish(mut self) -> Result<Content> {
        let (blobs, account, size) = (Arc::clone(&self.blobs), self.account, self.size);
        if self.open.is_none() {
            let bytes = Bytes::from(std::mem::take(&mut self.held));
            if bytes.len() <= INLINE_BYTES {
                return Ok(Content::Here(bytes));
            }
            return blobs.lay(account, &bytes).await.map(Content::Blob);
        }
        if !self.held.is_empty() {
            self.send_part().await?;
        }
        let (hash, pieces) = self.hashing.finish().await?;
        let id = self.complete(size).await?;
        if let Some(same) = blobs.same(account, hash, size).await? {
            blobs.drop_unused(account, id).await?;
            return Ok(Content::Blob(same));
        }
        Ok(Content::Blob(BlobRef { account, address: Address { id, hash }, size, fresh: Some(pieces) }))
    }

    async fn complete(&mut self, size: u64) -> Result<i64> {
        let lost = || Error::Internal("end an upload: it was not begun".to_owned());
        let open = self.open.as_mut().ok_or_else(lost)?;
        let upload = open.landed().await?;
        // From now on the collector must not find it old. What began a moment ago is not, and saves a commit.
        if self.blobs.clock.now().millis().saturating_sub(open.renewed.millis()) >= YOUNG {
            renew(&self.blobs, self.account, open.id, open.name.clone()).await?;
        }
        let id = open.id;
        self.blobs.place.complete(&object_name(self.account, id), upload, size).await?;
        self.open = None;
        Ok(id)
    }
}

async fn begin(blobs: &Arc<Blobs>, account: AccountId) -> Result<Begun> {
    let id = blobs.announce(account).await?;
    let renewed = blobs.clock.now();
    let upload = blobs.place.begin(&object_name(account, id)).await?;
    let name = upload.name();
    if name != blobs.place.first_upload() {
        renew(blobs, account, id, name.clone()).await?;
    }
    Ok(Begun { id, name, upload: Some(upload), flight: None, renewed })
}

async fn renew(blobs: &Blobs, account: AccountId, id: i64, upload: Option<String>) -> Result<()> {
    let at = blobs.clock.now().millis();
    blobs.step(Step::Renew { account, id, at, upload }).await.map(drop)
}

impl Begun {
    /// Sends the next part, behind those that are on their way.
    fn send(&mut self, place: &Arc<Place>, object: String, part: Bytes) {
        let (before, upload) = (self.flight.take(), self.upload.take());
        let own = Arc::clone(place);
        let flight = async move {
            let upload = landed(before, upload).await?;
            own.part(&object, upload, part).await
        };
        self.flight = Some(place.handle().spawn(flight));
    }

    /// The upload, when all parts that were sent have arrived.
    async fn landed(&mut self) -> Result<Upload> {
        landed(self.flight.take(), self.upload.take()).await
    }
}

async fn landed(flight: Option<JoinHandle<Result<Upload>>>, upload: Option<Upload>) -> Result<Upload> {
    if let Some(flight) = flight {
        let broke = |error| Error::Internal(format!("put a part: {error}"));
        return flight.await.map_err(broke)?;
    }
    upload.ok_or_else(|| Error::Internal("put a part: an earlier one failed".to_owned()))
}

impl Drop for BlobWriter {
    /// Its row stays for the collector.
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let (place, object) = (Arc::clone(&self.blobs.place), object_name(self.account, open.id));
        self.blobs.place.handle().spawn(async move {
            let name = open.name.take();
            drop(open.landed().await);
            if let Err(error) = place.remove(&object, name.as_deref()).await {
                tracing::debug!(?error, object, "left to the collector");
            }
        });
    }
}
