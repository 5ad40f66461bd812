//! What happened since a version.

use crate::{Asker, Office, Place};
use kontor_model::{Collection, Error, Result, Version};
use kontor_store::{Changes, Select};

/// The number of the first change of a collection.
const FIRST: Version = Version(1);

impl Office {
    /// What changed after `since`, oldest change first, at most `limit` members; ask again from `upto` while `more`.
    /// [`Version::ZERO`] is a number like any other: that of a collection in which nothing had been yet. Names that
    /// came and went since then are told as removed, for who knew it empty may have put them there. To list a
    /// collection for the first time, use [`Office::page`].
    ///
    /// # Errors
    /// `Forbidden` without `r`; `GoneVersion` if `since` was never given out or is older than the log, or a folder went
    /// which may have been kept from the asker: start afresh.
    pub async fn changes(
        &self,
        who: &Asker,
        place: &Place,
        since: Version,
        limit: usize,
        select: Select,
    ) -> Result<Changes> {
        let (at, sight) = self.readable(who, place).await?;
        let mut changes = match since {
            Version::ZERO => self.since_empty(&at, limit, select).await?,
            since => self.store().changes(at.account, at.id, since, limit, select).await?,
        };
        if self.kept_from(who, &at, since, &changes.removed).await? {
            return Err(Error::GoneVersion);
        }
        changes.changed = sight.items(changes.changed, select);
        Ok(changes)
    }

    /// The store tells nothing of what is gone to those who ask from zero, as that is how it lists. So they are told
    /// what changed after the first change, and the member that still is as that change made it, if it is.
    async fn since_empty(&self, at: &Collection, limit: usize, select: Select) -> Result<Changes> {
        let ask = async |since, limit| self.store().changes(at.account, at.id, since, limit, select).await;
        if self.store().version(at.account, at.id).await? == Version::ZERO {
            return ask(Version::ZERO, limit).await;
        }
        let rest = ask(FIRST, limit).await?;
        let oldest = ask(Version::ZERO, 1).await?.changed.into_iter().next();
        let Some(first) = oldest.filter(|item| item.meta.version == FIRST) else { return Ok(rest) };
        let empty = rest.changed.is_empty() && rest.removed.is_empty();
        let mut changes = match limit {
            0 | 1 => Changes { changed: Vec::new(), removed: Vec::new(), upto: FIRST, more: !empty },
            limit if rest.changed.len() + rest.removed.len() >= limit => ask(FIRST, limit - 1).await?,
            _ => rest,
        };
        changes.changed.insert(0, first);
        Ok(changes)
    }
}
