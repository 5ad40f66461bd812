//! Removing an item.

use crate::{Asker, Office, Place, access};
use kontor_model::{Error, ItemName, Result, Right};
use kontor_store::{Expect, Op, Source};

impl Office {
    /// Removes an item.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `D`; `Stale`.
    pub async fn remove(&self, who: &Asker, place: &Place, name: &ItemName, expect: Expect) -> Result<()> {
        self.look_at(who, place, name).await?;
        let at = Source { account: place.account(), collection: place.id(), name: name.clone() };
        self.commit(who, &[at.account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (_, rights) = access::find(&self.inner.policy, who, shelf, at.collection)?;
            access::need(rights, Right::DeleteAll)?;
            Ok(vec![Op::Remove { at: at.clone(), expect }])
        })
        .await?;
        Ok(())
    }
}
