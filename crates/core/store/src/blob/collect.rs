//! Removes what nothing refers to.
//!
//! Any number of nodes may do so at once, and each step may be repeated: dooming is decided by the database, an object's
//! name is never used again, and removing what is gone does nothing.

use super::address::object_name;
use super::books::Blobs;
use super::claim::in_service;
use super::rows::{Row, Step};
use crate::Done;
use kontor_model::{AccountId, Error, Result};
use std::sync::PoisonError;

/// Blobs looked at by one call at most.
const ROUND: i64 = 256;

/// Where the last call stopped: time, account and number.
pub(super) type Cursor = (i64, i64, i64);

/// What a round of collecting did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Objects that were removed.
    pub removed: u64,
    /// Whether there is more to look at.
    pub more: bool,
}

impl Blobs {
    /// Removes objects that nothing has referred to for long, a bounded amount; call again while `more`.
    ///
    /// # Errors
    /// Those of the engine; `Busy` if the place is away: later then.
    pub async fn collect(&self) -> Result<Collected> {
        let keep = i64::try_from(self.keep_unused.as_millis()).unwrap_or(i64::MAX);
        let before = self.clock.now().millis().saturating_sub(keep);
        let after = *self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let round = self.round(before, after).await;
        let (next, collected) = match round {
            Ok((next, collected)) => (if collected.more { next } else { Cursor::default() }, Ok(collected)),
            Err(error) => (Cursor::default(), Err(error)),
        };
        *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = next;
        collected
    }

    async fn round(&self, before: i64, after: Cursor) -> Result<(Cursor, Collected)> {
        let rows = self.engine.loose_blobs(before, after, ROUND).await?;
        if rows.is_empty() || !self.may_remove().await? {
            return Ok((after, Collected::default()));
        }
        let more = i64::try_from(rows.len()) == Ok(ROUND);
        let (mut next, mut removed) = (after, 0);
        for row in rows {
            next = (row.since.unwrap_or(before), row.account.0, row.id);
            match self.end(&row, before).await {
                Ok(gone) => removed += u64::from(gone),
                Err(Error::Internal(why)) => {
                    tracing::error!(
                        why,
                        "an object that nothing refers to cannot be removed; tried again later"
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok((next, Collected { removed, more }))
    }

    /// Whether what is in the place is this store's alone.
    async fn may_remove(&self) -> Result<bool> {
        let ours = self.is_still_ours().await.map_err(in_service)?;
        if !ours {
            let place = self.place();
            tracing::warn!(place, "objects are kept that nothing refers to: the place is another store's");
        }
        Ok(ours)
    }

    /// Removes one if nothing refers to it; whether it is gone.
    async fn end(&self, row: &Row, before: i64) -> Result<bool> {
        let (account, id) = (row.account, row.id);
        match self.step(Step::Doom { account, id, before }).await? {
            Done::Blob { doomed: true } => {}
            _ => return Ok(false),
        }
        self.place.remove(&object_name(account, id), row.upload.as_deref()).await?;
        self.step(Step::Forget { account, id }).await?;
        Ok(true)
    }

    /// The same for one that was laid down just now and is not needed, however young.
    pub(super) async fn drop_unused(&self, account: AccountId, id: i64) -> Result<()> {
        match self.engine.blob(account, id).await? {
            Some((row, _)) if self.end(&row, i64::MAX).await? => Ok(()),
            // Something refers to it, or its row went this very moment.
            _ => self.drop_forgotten(account, id).await,
        }
    }

    /// Removes one that was laid down just now if its row is gone: the collector was faster than the object, which is
    /// nobody's then.
    pub(super) async fn drop_forgotten(&self, account: AccountId, id: i64) -> Result<()> {
        match self.engine.blob(account, id).await? {
            Some(_) => Ok(()),
            None => {
                let upload = self.place.first_upload();
                self.place.remove(&object_name(account, id), upload.as_deref()).await
            }
        }
    }
}
