//! Objects that come from another place: compared on the way, and read back when they are there.

use super::upload::{PART_BYTES, Upload};
use super::{Place, Sort, folder};
use crate::blob::address::Hash;
use crate::blob::survey::Verdict;
use bytes::{Bytes, BytesMut};
use kontor_model::Result;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;

/// The bytes of an object as they come, in order; `None` if it is not there.
pub(crate) type Source = Receiver<Result<Option<Bytes>>>;

impl Place {
    /// Reads an object from its beginning to its end, and compares it with what it should be.
    pub(in crate::blob) async fn verdict(&self, object: &str, size: u64, hash: Hash) -> Result<Verdict> {
        let stream = self.stream(object, 0..size.saturating_add(1));
        let mut coming = Coming::new(stream, size);
        while coming.next().await?.is_some() {}
        Ok(coming.verdict(hash))
    }

    /// Lays an object down that must have that size and hash; if what comes is something else, nothing is there after it.
    /// Two parts of it are in memory at most.
    pub(in crate::blob) async fn deposit(
        &self,
        object: &str,
        (size, hash): (u64, Hash),
        source: Source,
    ) -> Result<Verdict> {
        let mut coming = Coming::new(source, size);
        if size <= PART_BYTES as u64 {
            let whole = coming.part().await?;
            // Its end, or what is too much.
            coming.next().await?;
            if coming.verdict(hash) == Verdict::Good {
                self.put(object, whole).await?;
            }
        } else {
            self.deposit_in_parts(object, hash, &mut coming).await?;
        }
        let verdict = coming.verdict(hash);
        if let (Sort::Folder(path), Verdict::Good) = (&self.sort, verdict) {
            folder::give(path, object)?;
        }
        Ok(verdict)
    }

    async fn deposit_in_parts(&self, object: &str, hash: Hash, coming: &mut Coming) -> Result<()> {
        // What an attempt left that was interrupted, where that can be found.
        self.give_up(object, self.first_upload().as_deref()).await?;
        let upload = self.begin(object).await?;
        let name = upload.name();
        let done = match self.all_parts(object, upload, coming).await {
            Ok(upload) if coming.verdict(hash) == Verdict::Good => {
                return self.complete(object, upload, coming.seen).await;
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = self.give_up(object, name.as_deref()).await {
            tracing::debug!(?error, object, "something is left of an upload");
        }
        done
    }

    /// Each part is on its way while the next one comes.
    async fn all_parts(&self, object: &str, mut upload: Upload, coming: &mut Coming) -> Result<Upload> {
        let mut part = coming.part().await?;
        while !part.is_empty() {
            let (sent, next) = tokio::join!(self.part(object, upload, part), coming.part());
            (upload, part) = (sent?, next?);
        }
        Ok(upload)
    }
}

/// What comes, and what it comes to.
struct Coming {
    source: Source,
    size: u64,
    seen: u64,
    missing: bool,
    hash: Sha256,
    /// Came already, and belongs to the next part.
    over: Bytes,
}

impl Coming {
    fn new(source: Source, size: u64) -> Self {
        Self { source, size, seen: 0, missing: false, hash: Sha256::new(), over: Bytes::new() }
    }

    /// The next bytes; `None` at the end, and when there are too many.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.missing || self.seen > self.size {
            return Ok(None);
        }
        match self.source.recv().await {
            None => Ok(None),
            Some(told) => match told? {
                None => {
                    self.missing = true;
                    Ok(None)
                }
                Some(bytes) => {
                    self.seen += bytes.len() as u64;
                    self.hash.update(&bytes);
                    Ok(Some(bytes))
                }
            },
        }
    }

    /// As much as goes into one part, or what is left: some buckets want parts of one size.
    async fn part(&mut self) -> Result<Bytes> {
        let left = usize::try_from(self.size.saturating_sub(self.seen)).unwrap_or(PART_BYTES);
        let mut part = BytesMut::with_capacity((self.over.len() + left).min(PART_BYTES));
        part.extend_from_slice(&std::mem::take(&mut self.over));
        while part.len() < PART_BYTES {
            match self.next().await? {
                Some(bytes) => part.extend_from_slice(&bytes),
                None => break,
            }
        }
        let mut part = part.freeze();
        self.over = part.split_off(part.len().min(PART_BYTES));
        Ok(part)
    }

    fn verdict(&self, hash: Hash) -> Verdict {
        if self.missing {
            return Verdict::Missing;
        }
        let found: [u8; 32] = self.hash.clone().finalize().into();
        let good = self.seen == self.size && found == hash.0;
        if good { Verdict::Good } else { Verdict::Damaged }
    }
}
