//! What happened since a version.

use crate::{Asker, Office, Place};
use kontor_model::{Result, Version};
use kontor_store::{Changes, Select};

impl Office {
    /// What changed after `since`, oldest change first, at most `limit` members; ask again from `upto` while `more`.
    ///
    /// # Errors
    /// `Forbidden` without `r`; `GoneVersion` if `since` was never given out or is older than the log: start afresh
    /// from [`Version::ZERO`].
    pub async fn changes(
        &self,
        who: &Asker,
        place: &Place,
        since: Version,
        limit: usize,
        select: Select,
    ) -> Result<Changes> {
        let (at, sight) = self.readable(who, place).await?;
        let mut changes = self.store().changes(at.account, at.id, since, limit, select).await?;
        changes.changed = sight.items(changes.changed, select);
        Ok(changes)
    }
}
