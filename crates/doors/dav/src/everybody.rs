//! Going through all principals that the asker may know of.

use crate::Session;
use kontor_model::{AccountName, Principal, Result};
use std::sync::Arc;

/// How far it is.
pub(crate) struct Everybody<'s> {
    session: &'s Session,
    after: Option<AccountName>,
    ended: bool,
    looked: usize,
}

impl<'s> Everybody<'s> {
    pub(crate) fn new(session: &'s Session) -> Self {
        Self { session, after: None, ended: false, looked: 0 }
    }

    /// The next ones, by name; `None` when there are no more, or when too many were looked at ([`Self::gave_up`]).
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Arc<Principal>>>> {
        if self.ended || self.gave_up() {
            return Ok(None);
        }
        let people = self.session.office().principals(&self.session.asker, self.after.as_ref()).await?;
        self.looked += people.some.len();
        self.ended = people.next.is_none();
        self.after = people.next;
        // Others get their turn, also where an engine answers at once.
        tokio::task::yield_now().await;
        Ok(Some(people.some))
    }

    /// Whether it ended before all were seen.
    pub(crate) fn gave_up(&self) -> bool {
        !self.ended && self.looked >= self.session.settings().max_principals_searched
    }
}
