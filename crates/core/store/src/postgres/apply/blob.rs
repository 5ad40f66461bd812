//! The books of the blob store, and bodies that lie in it.

use super::Tx;
use crate::blob::{BlobOp, BlobRef, LEAST_BLOB, Step, Want};
use crate::postgres::value::values;
use crate::sql::blobs;
use crate::{Content, Done};
use bytes::Bytes;
use kontor_model::{AccountId, Error, ItemId, Result};

/// The columns of a body that are written.
pub(super) type Columns = (Bytes, Option<i64>);

impl Tx<'_> {
    pub(super) async fn blob(&mut self, op: &BlobOp) -> Result<Done> {
        match &op.0 {
            Step::Lay { account, id, at, upload } => {
                self.db.run(blobs::LAY, values![account.0, id, at, upload]).await?
            }
            Step::Renew { account, id, at, upload } => {
                let renewed = self.db.count(blobs::RENEW, values![account.0, id, at, upload]).await?;
                if renewed == 0 {
                    return Err(Error::Busy { retry_after: 1 });
                }
            }
            Step::Doom { account, id, before } => return self.doom(*account, *id, *before).await,
            Step::Forget { account, id } => self.db.run(blobs::FORGET, values![account.0, id]).await?,
            Step::Take { mark } => self.db.run(blobs::TAKE_PLACE, values![mark]).await?,
            Step::With(freight) => {
                freight.begins();
                self.freight = freight.clone();
            }
        }
        Ok(Done::Other)
    }

    /// Dooms a blob unless something refers to it. The first statement waits for whoever is about to refer to it, the
    /// second sees what they did.
    async fn doom(&mut self, account: AccountId, id: i64, before: i64) -> Result<Done> {
        let doomed = self.db.count(blobs::DOOM, values![account.0, id, before]).await? > 0;
        let used = doomed && self.db.one(blobs::USED, values![account.0, id], |_| Ok(())).await?.is_some();
        if used {
            self.db.run(blobs::SPARE, values![account.0, id]).await?;
        }
        Ok(Done::Blob { doomed: doomed && !used })
    }

    /// The columns of a body of this account, which refers to its blob from now on.
    pub(super) async fn body_columns(&mut self, account: AccountId, content: &Content) -> Result<Columns> {
        if let Content::Blob(blob) = content {
            self.refer(account, blob).await?;
        }
        Ok(content.columns())
    }

    async fn refer(&mut self, account: AccountId, blob: &BlobRef) -> Result<()> {
        if blob.account() != account {
            return Err(Error::Internal(format!("put a body: {blob:?} is another account's")));
        }
        let (id, size) = (blob.id(), blob.size_column());
        if let Some(pieces) = &blob.fresh {
            let values = values![account.0, id, size, blob.address.hash.0[..], pieces[..]];
            if self.db.count(blobs::LAND, values).await? > 0 {
                return Ok(());
            }
        }
        self.refer_more(account, id).await
    }

    async fn refer_more(&mut self, account: AccountId, id: i64) -> Result<()> {
        let referred = self.db.count(blobs::REFER, values![account.0, id]).await?;
        if referred == 0 { Err(self.freight.lost()) } else { Ok(()) }
    }

    /// The columns of the same body for another item, which refers to its blob, or to the copy of it that was made for
    /// another account.
    pub(super) async fn copied_columns(
        &mut self,
        from: AccountId,
        to: AccountId,
        body: Columns,
    ) -> Result<Columns> {
        let (bytes, Some(id)) = body else { return Ok(body) };
        if from != to {
            return match self.freight.copy(Want { from, id, to }) {
                Some(copy) => self.body_columns(to, &Content::Blob(copy)).await,
                // The write will not be committed.
                None => Ok((bytes, None)),
            };
        }
        self.refer_more(to, id).await?;
        Ok((bytes, Some(id)))
    }

    /// Says that the body of an item goes away or changes: before it does.
    pub(super) async fn loosen(&mut self, account: AccountId, item: ItemId, size: i64) -> Result<()> {
        if size > LEAST_BLOB {
            self.db.run(blobs::LOOSEN, values![account.0, item.0, self.at]).await?;
        }
        Ok(())
    }
}
