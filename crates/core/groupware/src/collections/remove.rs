//! Removing a collection.

use crate::{Asker, Office, Place, access};
use kontor_model::{Error, Result, Right};
use kontor_store::Op;

impl Office {
    /// Removes a collection with all that is in it. The ones that a new account has are no exception: people remove
    /// what they do not use, and can make one of the same name again.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `m`.
    pub async fn remove_collection(&self, who: &Asker, place: &Place) -> Result<()> {
        let (account, id) = (place.account(), place.id());
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (_, rights) = access::find(&self.inner.policy, who, shelf, id)?;
            access::need(rights, Right::Manage)?;
            Ok(vec![Op::RemoveCollection { account, collection: id }])
        })
        .await?;
        Ok(())
    }
}
