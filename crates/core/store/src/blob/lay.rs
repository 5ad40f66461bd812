//! Laying bodies down before the write that puts them, and writing.

use super::address::{Address, BlobRef, Hash, object_name};
use super::books::Blobs;
use super::pieces::sums;
use super::rows::{BlobOp, Freight, Step, Want};
use crate::{Content, INLINE_BYTES, Op, Receipt, Write};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use kontor_model::{AccountId, Error, Result};

/// How often a body is laid down anew that the collector had doomed in the meantime.
const ATTEMPTS: usize = 4;
/// Copies that are made at once.
const AT_ONCE: usize = 8;

/// Whether a write may have to do with blobs.
pub(super) fn is_laden(write: &Write) -> bool {
    write.ops.iter().any(|op| match op {
        Op::Put { body, .. } => match &body.content {
            Content::Here(bytes) => bytes.len() > INLINE_BYTES,
            Content::Blob(_) => true,
        },
        Op::Relocate { from, to, .. } | Op::Copy { from, to, .. } => from.account != to.account,
        _ => false,
    })
}

impl Blobs {
    /// Writes: bodies that are large are laid down first, those that go to another account are copied there.
    pub(super) async fn write_laden(&self, write: Write) -> Result<Receipt> {
        for _ in 0..ATTEMPTS {
            let freight = Freight::default();
            let mut laid = Vec::new();
            let answer = match self.load(&write, &freight, &mut laid).await {
                Ok(laden) => self.until_nothing_is_wanted(&laden, &laid, &freight).await,
                Err(error) => Err(error),
            };
            let fresh = laid.into_iter().chain(freight.all()).filter(|blob| blob.fresh.is_some());
            match answer {
                Ok(mut receipt) => {
                    // That of the freight itself.
                    receipt.done.remove(0);
                    return Ok(receipt);
                }
                Err(Error::Busy { .. }) if freight.is_lost() => self.give_up(fresh, Failed::Surely).await,
                Err(error) => {
                    let uncertain = matches!(error, Error::Busy { .. } | Error::Internal(_));
                    self.give_up(fresh, if uncertain { Failed::Perhaps } else { Failed::Surely }).await;
                    return Err(error);
                }
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// The write with its large bodies laid down; notes those that are new.
    async fn load(&self, write: &Write, freight: &Freight, laid: &mut Vec<BlobRef>) -> Result<Write> {
        let mut ops = vec![Op::Blob(BlobOp(Step::With(freight.clone())))];
        for op in &write.ops {
            let mut op = op.clone();
            if let Op::Put { at, body, .. } = &mut op
                && body.content.here().len() > INLINE_BYTES
            {
                let blob = self.lay(at.account, body.content.here()).await?;
                laid.push(blob.clone());
                body.content = Content::Blob(blob);
            }
            ops.push(op);
        }
        let (actor, guards) = (write.actor.clone(), write.guards.clone());
        Ok(Write { actor, origin: write.origin, at: write.at, guards, ops })
    }

    /// Writes; makes copies for other accounts as the write finds that it wants them. A copy of a copy is wanted only
    /// when that is there.
    async fn until_nothing_is_wanted(
        &self,
        laden: &Write,
        laid: &[BlobRef],
        freight: &Freight,
    ) -> Result<Receipt> {
        for _ in 0..=laden.ops.len() {
            let answer = self.engine.write(laden.clone()).await;
            let wanted = freight.take_wanted();
            if answer.is_ok() || wanted.is_empty() {
                return answer;
            }
            let known: Vec<BlobRef> = laid.iter().cloned().chain(freight.all()).collect();
            let copy = |want: Want| async {
                let copy = self.copy(&want, &known).await?;
                freight.add(want, copy);
                Ok(())
            };
            stream::iter(wanted).map(copy).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// Lays a body down, unless the account has the same bytes already.
    pub(super) async fn lay(&self, account: AccountId, bytes: &Bytes) -> Result<BlobRef> {
        let (body, size) = (bytes.clone(), bytes.len() as u64);
        let digested = self.place.handle().spawn_blocking(move || sums(&body)).await;
        let (hash, pieces) = digested.map_err(|error| Error::Internal(format!("digest a body: {error}")))?;
        if let Some(same) = self.same(account, hash, size).await? {
            return Ok(same);
        }
        let id = self.announce(account).await?;
        self.place.put(&object_name(account, id), bytes.clone()).await?;
        Ok(BlobRef { account, address: Address { id, hash }, size, fresh: Some(pieces) })
    }

    /// The same bytes of the same account, if they lie there already.
    pub(super) async fn same(&self, account: AccountId, hash: Hash, size: u64) -> Result<Option<BlobRef>> {
        let rows = self.engine.blobs_of(account, hash).await?;
        for same in rows.iter().filter_map(super::Row::kept).filter(|same| same.size == size) {
            let object = same.object();
            match self.place.size(&object).await? {
                Some(found) if found == size => return Ok(Some(same)),
                found => tracing::error!(?account, object, size, ?found, "an object is damaged or missing"),
            }
        }
        Ok(None)
    }

    /// The same bytes in another account.
    async fn copy(&self, want: &Want, known: &[BlobRef]) -> Result<BlobRef> {
        let (account, id) = (want.from, want.id);
        let this = |blob: &&BlobRef| blob.account == account && blob.id() == id && blob.fresh.is_some();
        // What this very write puts has nothing in its row yet.
        let from = match known.iter().find(this) {
            Some(blob) => blob.clone(),
            None => self.landed(account, id).await?,
        };
        if let Some(same) = self.same(want.to, from.address.hash, from.size).await? {
            return Ok(same);
        }
        let id = self.announce(want.to).await?;
        let object = object_name(want.to, id);
        if !self.place.copy(&from.object(), &object, from.size).await? {
            return Err(Error::Internal(format!("copy the body {}: it is missing", from.object())));
        }
        let address = Address { id, ..from.address };
        Ok(BlobRef { account: want.to, address, ..from })
    }

    /// One that something refers to, or did a moment ago, with the digests of its pieces.
    async fn landed(&self, account: AccountId, id: i64) -> Result<BlobRef> {
        let (row, pieces) = self.engine.blob(account, id).await?.ok_or(Error::Busy { retry_after: 0 })?;
        let kept = row.kept().ok_or(Error::Busy { retry_after: 0 })?;
        Ok(BlobRef { fresh: Some(pieces.into()), ..kept })
    }

    /// Gives up what was laid down for a write that failed. If that is not certain, only what the collector had
    /// forgotten before it was there: nothing refers to that, and nobody else would find it.
    async fn give_up(&self, fresh: impl Iterator<Item = BlobRef>, failed: Failed) {
        for blob in fresh {
            let (account, id) = (blob.account, blob.id());
            let done = match failed {
                Failed::Surely => self.drop_unused(account, id).await,
                Failed::Perhaps => self.drop_forgotten(account, id).await,
            };
            if let Err(error) = done {
                tracing::debug!(?error, object = blob.object(), "left to the collector");
            }
        }
    }
}

/// Whether a write that was answered with an error did nothing.
#[derive(Clone, Copy)]
enum Failed {
    Surely,
    /// The connection broke off while it was committed.
    Perhaps,
}
