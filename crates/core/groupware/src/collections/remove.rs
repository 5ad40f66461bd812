//! Removing a collection.

use crate::{Asker, Office, Place, access};
use kontor_model::{Error, Result};
use kontor_store::Op;

impl Office {
    /// Removes a collection with all that is in it: into the trash of its account, whoever does it. The ones that a new account has are no exception: people remove
    /// what they do not use, and can make one of the same name again. Only a drive stays.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `m`, or, for a folder in another, without `D` on both and on all below.
    pub async fn remove_collection(&self, who: &Asker, place: &Place) -> Result<()> {
        let (account, id) = (place.account(), place.id());
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            access::find(&self.inner.policy, who, shelf, id)?;
            self.may_go(who, shelf, shelf.collection(id).ok_or(Error::NotFound)?)?;
            Ok(vec![Op::RemoveCollection { account, collection: id, remains: self.inner.policy.remains() }])
        })
        .await?;
        Ok(())
    }
}
