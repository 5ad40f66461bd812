//! Laying down a body as it comes, however large it is.

use super::address::{Address, BlobRef, object_name};
use super::books::Blobs;
use super::pieces::Digests;
use super::place::Upload;
use super::rows::Step;
use crate::{Content, INLINE_BYTES};
use bytes::{Bytes, BytesMut};
use kontor_model::{AccountId, Error, Result, Timestamp};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// How often an upload in progress says that it is, in milliseconds: 5 minutes.
const RENEW: i64 = 5 * 60_000;

/// What is not larger is held in as little memory as it takes.
const ROOM: usize = 1 << 20;

/// Takes in a body chunk by chunk. At most three parts of it are in memory, each of 1 MiB, or
/// 8 MiB where it goes into a bucket. What is not finished leaves nothing
/// behind, at the latest when the collector has passed.
pub struct BlobWriter {
    blobs: Arc<Blobs>,
    account: AccountId,
    digests: Digests,
    part_bytes: usize,
    held: BytesMut,
    open: Option<Begun>,
}

/// An object of which at least one part was sent.
struct Begun {
    id: i64,
    /// The upload, while no part is on its way.
    upload: Option<Upload>,
    flight: Option<JoinHandle<Result<Upload>>>,
    renewed: Timestamp,
}

impl Blobs {
    /// Begins a body of this account.
    pub fn writer(self: &Arc<Self>, account: AccountId) -> BlobWriter {
        let (digests, held) = (Digests::default(), BytesMut::new());
        let part_bytes = self.place.part_bytes();
        BlobWriter { blobs: Arc::clone(self), account, digests, part_bytes, held, open: None }
    }
}

impl BlobWriter {
    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.digests.size()
    }

    /// Takes in the next bytes. Waits while those before are on their way.
    ///
    /// # Errors
    /// `Busy` if the place is away for longer than a short while; `Quota` if it is full. The body is lost then.
    pub async fn append(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.digests.add(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.part_bytes - self.held.len()));
            if self.held.len() + now.len() > ROOM {
                // All at once: growing step by step would take twice as much in the end.
                self.held.reserve(self.part_bytes - self.held.len());
            }
            self.held.extend_from_slice(now);
            bytes = later;
            if self.held.len() == self.part_bytes {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Sends what is held, once the part before has arrived.
    async fn send_part(&mut self) -> Result<()> {
        let part = self.held.split().freeze();
        let (blobs, account) = (Arc::clone(&self.blobs), self.account);
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(begin(&blobs, account).await?),
        };
        let upload = open.landed().await?;
        let now = blobs.clock.now();
        if now.millis().saturating_sub(open.renewed.millis()) >= RENEW {
            open.renewed = now;
            renew(&blobs, account, open.id, upload.name()).await?;
        }
        let (place, object) = (Arc::clone(&blobs.place), object_name(account, open.id));
        let flight = async move { place.part(&object, upload, part).await };
        open.flight = Some(blobs.place.handle().spawn(flight));
        Ok(())
    }

    /// Ends the body: it is on disk. What is small is handed back, to be put as it is.
    ///
    /// # Errors
    /// As [`BlobWriter::append`].
    pub async fn finish(mut self) -> Result<Content> {
        let blobs = Arc::clone(&self.blobs);
        let digests = std::mem::take(&mut self.digests);
        if self.open.is_none() {
            let bytes = self.held.split().freeze();
            if bytes.len() <= INLINE_BYTES {
                return Ok(Content::Here(bytes));
            }
            let (hash, pieces) = digests.finish();
            return blobs.lay_digested(self.account, bytes, hash, pieces).await.map(Content::Blob);
        }
        if !self.held.is_empty() {
            self.send_part().await?;
        }
        let size = digests.size();
        let (hash, pieces) = digests.finish();
        let id = self.complete(size).await?;
        if let Some(same) = blobs.same(self.account, hash, size).await? {
            blobs.drop_unused(self.account, id).await?;
            return Ok(Content::Blob(same));
        }
        let address = Address { id, hash };
        Ok(Content::Blob(BlobRef { account: self.account, address, size, fresh: Some(pieces) }))
    }

    async fn complete(&mut self, size: u64) -> Result<i64> {
        let lost = || Error::Internal("end an upload: it was not begun".to_owned());
        let open = self.open.as_mut().ok_or_else(lost)?;
        let upload = open.landed().await?;
        // From now on the collector must not find it old.
        renew(&self.blobs, self.account, open.id, upload.name()).await?;
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
    if upload.name() != blobs.place.first_upload() {
        renew(blobs, account, id, upload.name()).await?;
    }
    Ok(Begun { id, upload: Some(upload), flight: None, renewed })
}

/// By the name of the upload alone: a place's own handle cannot be looked at from several threads.
async fn renew(blobs: &Blobs, account: AccountId, id: i64, upload: Option<String>) -> Result<()> {
    let at = blobs.clock.now().millis();
    blobs.step(Step::Renew { account, id, at, upload }).await.map(drop)
}

impl Begun {
    /// The upload, when all parts that were sent have arrived.
    async fn landed(&mut self) -> Result<Upload> {
        if let Some(flight) = self.flight.take() {
            let broke = |error| Error::Internal(format!("put a part: {error}"));
            return flight.await.map_err(broke)?;
        }
        self.upload.take().ok_or_else(|| Error::Internal("put a part: an earlier one failed".to_owned()))
    }
}

impl Drop for BlobWriter {
    /// Its row stays for the collector.
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let (place, object) = (Arc::clone(&self.blobs.place), object_name(self.account, open.id));
        self.blobs.place.handle().spawn(async move {
            let name = open.landed().await.ok().and_then(|upload| upload.name());
            if let Err(error) = place.remove(&object, name.as_deref()).await {
                tracing::debug!(?error, object, "left to the collector");
            }
        });
    }
}

impl Blobs {
    /// Lays a body down, unless the account has the same bytes already.
    pub(super) async fn lay_digested(
        &self,
        account: AccountId,
        bytes: Bytes,
        hash: super::Hash,
        pieces: Arc<[u8]>,
    ) -> Result<BlobRef> {
        let size = bytes.len() as u64;
        if let Some(same) = self.same(account, hash, size).await? {
            return Ok(same);
        }
        let id = self.announce(account).await?;
        self.place.put(&object_name(account, id), bytes).await?;
        Ok(BlobRef { account, address: Address { id, hash }, size, fresh: Some(pieces) })
    }
}
