//! DAV:sync-collection (RFC 6578 3.2).
//!
//! Members are told in the order of their changes, up to the number that the collection had when the report began: what
//! changes while it is being told belongs to the next one, so nobody is told twice and nobody is left out. If the
//! client's limit comes first, the token is the number of the last member told, and the collection answers 507.

use super::listing::Teller;
use super::{bounds, teller};
use crate::dispatch::Call;
use crate::error::Refusal;
use crate::stream::{self, Broken, Producer, Sink};
use crate::{route, token};
use http::StatusCode;
use kontor_groupware::Changes;
use kontor_listen::Response;
use kontor_model::{Error, Item, Result, Version};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::SyncCollection;

/// Answers it.
pub(super) async fn answer(call: Call<'_>, asked: SyncCollection) -> std::result::Result<Response, Refusal> {
    let bounds = bounds(&call);
    let teller = teller(&call, &asked.wanted, None, &bounds).await?;
    let since = match asked.token.as_deref().map(str::trim).filter(|token| !token.is_empty()) {
        None => Version::ZERO,
        Some(text) => token::parse_sync_token(teller.view.place.collection.id, text).ok_or_else(|| {
            let detail = "this token was never given out for this collection; start afresh without one";
            Refusal::condition(StatusCode::FORBIDDEN, dav::VALID_SYNC_TOKEN, detail)
        })?,
    };
    let until = teller.view.version.unwrap_or(Version::ZERO);
    if since > until {
        return Err(call.refuse(Error::GoneVersion));
    }
    let left = asked.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX).max(1));
    let sync = Sync { teller, since, until, left, out: Multistatus::new() };
    sync.answer().await.map_err(|error| call.refuse(error))
}

/// The report, being told.
struct Sync {
    teller: Teller,
    /// Told up to here.
    since: Version,
    /// To be told up to here.
    until: Version,
    /// Members that may still be told.
    left: usize,
    out: Multistatus,
}

/// What comes after a page.
#[derive(PartialEq, Eq)]
enum Next {
    Page,
    End,
    /// The limit was reached before the end.
    Cut,
}

impl Sync {
    async fn answer(mut self) -> Result<Response> {
        match self.page().await? {
            Next::Page => Ok(stream::multistatus_of(stream::body(self))),
            next => {
                self.end(&next);
                Ok(stream::multistatus(self.out))
            }
        }
    }

    async fn page(&mut self) -> Result<Next> {
        let session = &self.teller.session;
        let size = session.settings().page.min(self.left);
        let (place, select) = (&self.teller.view.place, self.teller.select());
        let changes = session.office().changes(&session.asker, place, self.since, size, select).await?;
        let Changes { changed, removed, upto, more } = changes;
        let told = self.tell(&changed).await?;
        let gone = removed.iter().filter(|(_, version)| *version <= self.until);
        let mut count = told;
        for (name, _) in gone {
            self.out.status(&route::item_href(&self.teller.view.href, name.as_str()), 404);
            count += 1;
        }
        self.left = self.left.saturating_sub(count);
        self.since = upto.min(self.until);
        if !more || upto >= self.until {
            self.since = self.until;
            return Ok(Next::End);
        }
        Ok(if self.left == 0 { Next::Cut } else { Next::Page })
    }

    async fn tell(&mut self, changed: &[Item]) -> Result<usize> {
        let known = changed.iter().position(|item| item.meta.version > self.until).unwrap_or(changed.len());
        let known = changed.get(..known).unwrap_or_default();
        self.teller.tell(known, &mut self.out).await?;
        Ok(known.len())
    }

    fn end(&mut self, next: &Next) {
        let view = &self.teller.view;
        if *next == Next::Cut {
            self.out.truncated(&view.href);
        }
        self.out.sync_token(token::sync_token(view.place.collection.id, self.since).as_str());
    }
}

impl Producer for Sync {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            sink.flush(&mut self.out).await?;
            let next = self.page().await?;
            if next != Next::Page {
                self.end(&next);
                return sink.send(self.out.finish()).await;
            }
        }
    }
}
