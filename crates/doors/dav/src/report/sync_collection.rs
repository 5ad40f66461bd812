//! DAV:sync-collection (RFC 6578 3.2).
//!
//! A first synchronisation lists the collection by name and ends with the number that the collection had when the
//! listing began. A later one tells what changed after the client's number, in the order of the changes, up to the
//! number that the collection had when the report began. So what happens meanwhile belongs to the next report: nobody
//! is left out, and what is told twice is told as it is.
//!
//! If the client's limit comes first, the collection answers 507 and the token says how far it came: the number of the
//! last change told, or the last name of the listing together with the number that it began with.

use super::listing::Teller;
use super::teller;
use crate::call::Call;
use crate::error::Refusal;
use crate::route::{self, Branch, Route};
use crate::stream::{Telling, told};
use crate::token::{self, Position, Short};
use http::StatusCode;
use kontor_groupware::{Changes, Select};
use kontor_listen::Response;
use kontor_model::{Error, Item, ItemName, Result, Version};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::{SyncCollection, SyncLevel};
use std::collections::VecDeque;

/// Answers it. Depth is not looked at, and DAV:sync-level only where collections have collections in them: a whole tree is
/// another matter.
pub(super) async fn answer(call: Call<'_>, asked: SyncCollection) -> std::result::Result<Response, Refusal> {
    if asked.level == SyncLevel::Infinite && matches!(call.route, Route::Collection(Branch::Files, ..)) {
        return super::sync_tree::answer(call, asked).await;
    }
    let teller = teller(&call, &asked.wanted, None).await?;
    let until = teller.view.version.unwrap_or(Version::ZERO);
    let stage = match asked.token.as_deref() {
        None => Stage::Listing { after: None },
        Some(text) => match token::parse_sync_token(teller.view.place.collection.id, text) {
            Some(Position::Since(since)) => Stage::Changes { since },
            Some(Position::Listing { began, after }) => {
                return resume(call, asked.limit, teller, until, began, after).await;
            }
            None => {
                let detail = "this token was never given out for this collection; start afresh without one";
                return Err(Refusal::condition(StatusCode::FORBIDDEN, dav::VALID_SYNC_TOKEN, detail));
            }
        },
    };
    if matches!(stage, Stage::Changes { since } if since > until) {
        return Err(call.refuse(Error::GoneVersion));
    }
    tell(call, asked.limit, teller, until, stage).await
}

/// Goes on with a listing, if what changed since it began can still be told when it is through.
async fn resume(
    call: Call<'_>,
    limit: Option<u32>,
    teller: Teller,
    until: Version,
    began: Version,
    after: ItemName,
) -> std::result::Result<Response, Refusal> {
    if began > until || began == Version::ZERO {
        return Err(call.refuse(Error::GoneVersion));
    }
    let (office, asker) = (call.session.office(), &call.session.asker);
    let known = office.changes(asker, &teller.view.place, began, 1, Select::Meta).await;
    known.map_err(|error| call.refuse(error))?;
    tell(call, limit, teller, began, Stage::Listing { after: Some(after) }).await
}

async fn tell(
    call: Call<'_>,
    limit: Option<u32>,
    teller: Teller,
    until: Version,
    stage: Stage,
) -> std::result::Result<Response, Refusal> {
    let left = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX).max(1));
    let sync =
        Sync { teller, stage, until, left, read: VecDeque::new(), removed: VecDeque::new(), rest: true };
    told(sync).await.map_err(|error| call.refuse(error))
}

/// The report, being told.
struct Sync {
    teller: Teller,
    stage: Stage,
    /// The number that the client has when all is told.
    until: Version,
    /// Members that may still be told.
    left: usize,
    /// Members that were read and not yet told.
    read: VecDeque<Item>,
    /// Names that went away and were not yet told.
    removed: VecDeque<ItemName>,
    /// Whether there is more behind what was read.
    rest: bool,
}

/// How far it was read.
enum Stage {
    /// Members by name, after this one.
    Listing { after: Option<ItemName> },
    /// Changes, after this one.
    Changes { since: Version },
}

impl Sync {
    /// Reads the next page.
    async fn read(&mut self) -> Result<()> {
        let (teller, limit) = (&self.teller, self.teller.page().min(self.left));
        let (office, asker, place) = (teller.session.office(), &teller.session.asker, &teller.view.place);
        match &mut self.stage {
            // Nothing was ever there when it began: what came since is for the next report.
            Stage::Listing { .. } if self.until == Version::ZERO => self.rest = false,
            Stage::Listing { after } => {
                let page = office.page(asker, place, after.as_ref(), limit, teller.select()).await?;
                *after = page.items.last().map(|item| item.meta.name.clone());
                self.rest = page.more;
                self.read = page.items.into();
            }
            Stage::Changes { since } => {
                let found = office.changes(asker, place, *since, limit, teller.select()).await?;
                let Changes { changed, removed, upto, more } = found;
                let until = self.until;
                self.rest = more && upto < until;
                *since = if self.rest { upto } else { until };
                self.read = changed.into_iter().filter(|item| item.meta.version <= until).collect();
                let removed = removed.into_iter().filter(|(_, version)| *version <= until);
                self.removed = removed.map(|(name, _)| name).collect();
            }
        }
        Ok(())
    }

    fn end(&self, out: &mut Multistatus) {
        let view = &self.teller.view;
        if self.rest {
            out.truncated(&view.href);
        }
        let id = view.place.collection.id;
        let plain = |version| Short::as_str(&token::sync_token(id, version)).to_owned();
        let text = match &self.stage {
            Stage::Listing { after: Some(after) } if self.rest => token::listing_token(id, self.until, after),
            Stage::Listing { .. } => plain(self.until),
            Stage::Changes { since } => plain(*since),
        };
        out.sync_token(&text);
    }
}

impl Telling for Sync {
    async fn more(&mut self, out: &mut Multistatus) -> Result<bool> {
        if let Some(item) = self.read.pop_front() {
            self.left = self.left.saturating_sub(1);
            self.teller.tell(&item, out).await?;
        } else if let Some(name) = self.removed.pop_front() {
            self.left = self.left.saturating_sub(1);
            out.status(&route::item_href(&self.teller.view.href, name.as_str()), 404);
        } else if self.rest && self.left > 0 {
            self.read().await?;
        } else {
            self.end(out);
            return Ok(false);
        }
        Ok(true)
    }
}
