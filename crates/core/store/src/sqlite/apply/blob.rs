//! The books of the blob store, and bodies that lie in it.

use super::Tx;
use crate::blob::{BlobOp, BlobRef, LEAST_BLOB, Step, Want};
use crate::sql::blobs;
use crate::{Content, Done};
use bytes::Bytes;
use kontor_model::{AccountId, Error, ItemId, Result};
use rusqlite::params;

/// The columns of a body that are written.
pub(super) type Columns = (Bytes, Option<i64>);

impl Tx<'_> {
    pub(super) fn blob(&mut self, op: &BlobOp) -> Result<Done> {
        match &op.0 {
            Step::Lay { account, id, at, upload } => {
                self.db.run(blobs::LAY, params![account.0, id, at, upload]).map(drop)?
            }
            Step::Renew { account, id, at, upload } => {
                let renewed = self.db.run(blobs::RENEW, params![account.0, id, at, upload])?;
                if renewed == 0 {
                    return Err(Error::Busy { retry_after: 1 });
                }
            }
            Step::Doom { account, id, before } => return self.doom(*account, *id, *before),
            Step::Forget { account, id } => self.db.run(blobs::FORGET, params![account.0, id]).map(drop)?,
            Step::Take { mark } => self.db.run(blobs::TAKE_PLACE, [mark]).map(drop)?,
            Step::With(freight) => {
                freight.begins();
                self.freight = freight.clone();
            }
        }
        Ok(Done::Other)
    }

    /// Dooms a blob unless something refers to it.
    fn doom(&self, account: AccountId, id: i64, before: i64) -> Result<Done> {
        let doomed = self.db.run(blobs::DOOM, params![account.0, id, before])? > 0;
        let used = doomed && self.db.one(blobs::USED, params![account.0, id], |_| Ok(()))?.is_some();
        if used {
            self.db.run(blobs::SPARE, params![account.0, id])?;
        }
        Ok(Done::Blob { doomed: doomed && !used })
    }

    /// The columns of a body of this account, which refers to its blob from now on.
    pub(super) fn body_columns(&self, account: AccountId, content: &Content) -> Result<Columns> {
        if let Content::Blob(blob) = content {
            self.refer(account, blob)?;
        }
        Ok(content.columns())
    }

    fn refer(&self, account: AccountId, blob: &BlobRef) -> Result<()> {
        if blob.account() != account {
            return Err(Error::Internal(format!("put a body: {blob:?} is another account's")));
        }
        let (id, size) = (blob.id(), blob.size_column());
        if let Some(pieces) = &blob.fresh {
            let values = params![account.0, id, size, &blob.address.hash.0[..], &pieces[..]];
            if self.db.run(blobs::LAND, values)? > 0 {
                return Ok(());
            }
        }
        self.refer_more(account, id)
    }

    fn refer_more(&self, account: AccountId, id: i64) -> Result<()> {
        let referred = self.db.run(blobs::REFER, params![account.0, id])?;
        if referred == 0 { Err(self.freight.lost()) } else { Ok(()) }
    }

    /// The columns of the same body for another item, which refers to its blob, or to the copy of it that was made for
    /// another account.
    pub(super) fn copied_columns(&self, from: AccountId, to: AccountId, body: Columns) -> Result<Columns> {
        let (bytes, Some(id)) = body else { return Ok(body) };
        if from != to {
            return match self.freight.copy(Want { from, id, to }) {
                Some(copy) => self.body_columns(to, &Content::Blob(copy)),
                // The write will not be committed.
                None => Ok((bytes, None)),
            };
        }
        self.refer_more(to, id)?;
        Ok((bytes, Some(id)))
    }

    /// Says that the body of an item goes away or changes: before it does.
    pub(super) fn loosen(&self, account: AccountId, item: ItemId, size: i64) -> Result<()> {
        if size > LEAST_BLOB {
            self.db.run(blobs::LOOSEN, params![account.0, item.0, self.at])?;
        }
        Ok(())
    }
}
