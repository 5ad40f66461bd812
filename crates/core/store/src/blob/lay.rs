//! Laying bodies down before the write that puts them, and writing.

use super::address::{Address, BlobRef, Hash, object_name};
use super::books::Blobs;
use super::pieces::{Digests, PIECE};
use super::rows::{BlobOp, Freight, Step, Want};
use crate::{Content, INLINE_BYTES, Op, Receipt, Write};
use bytes::Bytes;
use kontor_model::{AccountId, Error, Result};
use std::sync::Arc;

/// How often a body is laid down anew that the collector had doomed in the meantime.
const ATTEMPTS: usize = 4;
/// How many blobs one write may take along to other accounts.
const MOST_COPIES: usize = 10_000;

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
            let (laden, laid) = self.load(&write, &freight).await?;
            let answer = self.until_nothing_is_wanted(&laden, &laid, &freight).await;
            match answer {
                Ok(mut receipt) => {
                    // That of the freight itself.
                    receipt.done.remove(0);
                    return Ok(receipt);
                }
                Err(Error::Busy { .. }) if freight.is_lost() => {
                    self.discard(laid.iter().chain(&freight.all())).await;
                }
                Err(error) => {
                    // If it is not certain that it failed, the collector will find out.
                    if !matches!(error, Error::Busy { .. } | Error::Internal(_)) {
                        self.discard(laid.iter().chain(&freight.all())).await;
                    }
                    return Err(error);
                }
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// The write with its large bodies laid down, and those that are new.
    async fn load(&self, write: &Write, freight: &Freight) -> Result<(Write, Vec<BlobRef>)> {
        let mut laid = Vec::new();
        let mut ops = vec![Op::Blob(BlobOp(Step::With(freight.clone())))];
        for op in &write.ops {
            let mut op = op.clone();
            if let Op::Put { at, body, .. } = &mut op
                && body.content.here().len() > INLINE_BYTES
            {
                let blob = self.lay(at.account, body.content.here()).await?;
                laid.extend(blob.fresh.is_some().then(|| blob.clone()));
                body.content = Content::Blob(blob);
            }
            ops.push(op);
        }
        let (actor, guards) = (write.actor.clone(), write.guards.clone());
        Ok((Write { actor, origin: write.origin, at: write.at, guards, ops }, laid))
    }

    /// Writes; makes copies for other accounts as the write finds that it wants them.
    async fn until_nothing_is_wanted(
        &self,
        laden: &Write,
        laid: &[BlobRef],
        freight: &Freight,
    ) -> Result<Receipt> {
        for _ in 0..MOST_COPIES {
            let answer = self.engine.write(laden.clone()).await;
            match freight.take_wanted() {
                Some(want) if answer.is_err() => {
                    let copy = self.copy(&want, laid, freight).await?;
                    freight.add(want, copy);
                }
                _ => return answer,
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    /// Lays a body down, unless the account has the same bytes already.
    async fn lay(&self, account: AccountId, bytes: &Bytes) -> Result<BlobRef> {
        let body = bytes.clone();
        let digests = move || {
            if body.len() > PIECE { Digests::of(&body).finish() } else { (Hash::of(&body), Arc::default()) }
        };
        let digested = self.place.handle().spawn_blocking(digests).await;
        let (hash, pieces) = digested.map_err(|error| Error::Internal(format!("digest a body: {error}")))?;
        self.lay_digested(account, bytes.clone(), hash, pieces).await
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
    async fn copy(&self, want: &Want, laid: &[BlobRef], freight: &Freight) -> Result<BlobRef> {
        let (account, id) = (want.from, want.id);
        let copies = freight.all();
        let this = |blob: &&BlobRef| blob.account == account && blob.id() == id && blob.fresh.is_some();
        // What this very write puts has nothing in its row yet.
        let from = match laid.iter().chain(&copies).find(this) {
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

    /// Gives up what was laid down for a write that failed.
    async fn discard<'b>(&self, laid: impl Iterator<Item = &'b BlobRef>) {
        for blob in laid.filter(|blob| blob.fresh.is_some()) {
            if let Err(error) = self.drop_unused(blob.account, blob.id()).await {
                tracing::debug!(?error, object = blob.object(), "left to the collector");
            }
        }
    }
}
