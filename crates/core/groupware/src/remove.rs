//! Removing an item.

use crate::{Asker, Office, Place};
use kontor_model::{ItemName, Result, Right};
use kontor_store::{Expect, Op};

impl Office {
    /// Removes an item.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `D` (`d` for what the asker made); `Stale`.
    pub async fn remove(&self, who: &Asker, place: &Place, name: &ItemName, expect: Expect) -> Result<()> {
        let target = self.target(who, place, name).await?;
        self.commit_at(who, place, |shelves| {
            target.need(target.now(self, who, shelves)?, Right::DeleteAll)?;
            Ok(vec![Op::Remove { at: target.source(), expect: target.bound(expect) }])
        })
        .await?;
        Ok(())
    }
}
