//! Changing a body by edits, for writers that know less than the text says.

use crate::put::written;
use crate::{Asker, Office, Place, Written, access};
use bytes::Bytes;
use kontor_model::{Error, Item, ItemName, Result, Right};
use kontor_store::{Expect, Op, Source};

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
            let (collection, rights) = self.look_at(who, place, name).await?;
            access::need(rights, Right::EditAll)?;
            let item =
                self.store().item(collection.account, collection.id, name).await?.ok_or(Error::NotFound)?;
            let Some(bytes) = change(&item)? else { return Ok(None) };
            let body = self.read(&collection, &item.meta.media_type, bytes).await?;
            let expect = Expect::Exactly(item.meta.id, item.meta.revision);
            let at = Source { account: collection.account, collection: collection.id, name: name.clone() };
            let receipt = self
                .commit(who, &[at.account], |shelves| {
                    let shelf = shelves.first().ok_or(Error::NotFound)?;
                    let (_, rights) = access::find(&self.inner.policy, who, shelf, at.collection)?;
                    access::need(rights, Right::EditAll)?;
                    Ok(vec![Op::Put { at: at.clone(), expect, new_id: item.meta.id, body: body.clone() }])
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
