//! Changing a body by edits, for writers that know less than the text says.

use crate::put::written;
use crate::{Asker, Office, Place, Written, access};
use bytes::Bytes;
use kontor_model::{Error, Item, ItemName, Result, Right};
use kontor_store::{Expect, Op};

/// How often an edit is made anew on a text that changed under it.
const TRIES: usize = 8;

impl Office {
    /// Reads the item, lets `change` make the new text of it, and writes that if nobody wrote in between; else again
    /// on the newer text. `change` returns `None` to leave the item as it is.
    ///
    /// # Errors
    /// Those of `change`; `NotFound`; `Forbidden` without `r` and `W`; `Busy` if the text never stood still.
    pub async fn edit(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        change: impl Fn(&Item) -> Result<Option<Bytes>>,
    ) -> Result<Option<Written>> {
        for _ in 0..TRIES {
            let target = self.target(who, place, name).await?;
            target.need(target.rights, Right::EditAll)?;
            let collection = &target.collection;
            let item =
                self.store().item(collection.account, collection.id, name).await?.ok_or(Error::NotFound)?;
            let Some(bytes) = change(&item)? else { return Ok(None) };
            let body = self.read(collection, &item.meta.media_type, bytes).await?;
            let (new_id, expect) = (self.inner.ids.item(), Expect::Exactly(item.meta.id, item.meta.revision));
            let receipt = self
                .commit(who, &[target.account()], |shelves| {
                    access::need(target.now(self, who, shelves)?, Right::EditAll)?;
                    Ok(vec![Op::Put { at: target.source(), expect, new_id, body: body.clone(), part: false }])
                })
                .await;
            match receipt {
                Ok(receipt) => return written(receipt.done.first()).map(Some),
                Err(Error::Stale { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }
}
