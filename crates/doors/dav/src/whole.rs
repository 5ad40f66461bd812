//! A whole collection as one file: all events and tasks in one VCALENDAR, or all vCards one after the other.
//!
//! Components are copied byte for byte; only the frame around them is ours.

use crate::Session;
use crate::call::Call;
use crate::error::Refusal;
use crate::precondition::{Conditions, Current, Reading};
use crate::reply::text;
use crate::route::Branch;
use crate::stream::{self, Broken, Producer, Sink};
use crate::token;
use http::{StatusCode, header};
use kontor_contentline::{Property, Tree};
use kontor_groupware::{Page, Place, Select};
use kontor_ical::shape::Combiner;
use kontor_listen::{Body, Response};
use kontor_model::{ItemName, Result};

/// Bodies are read until there are this many bytes of them.
const AT_ONCE: u64 = 256 * 1024;

/// Answers GET and HEAD of a collection.
pub(crate) async fn answer(call: &Call<'_>, place: Place) -> std::result::Result<Response, Refusal> {
    let branch = Branch::of(place.collection.kind);
    let session = call.session.clone();
    let version =
        session.office().version(&session.asker, &place).await.map_err(|error| call.refuse(error))?;
    let tag = token::collection_etag(&place, version);
    let begun = Text::new(branch, place.collection.title());
    let mut whole = Whole { session, place, after: None, text: begun };
    // Before anything else, so that who may not read is told so.
    let first = whole.page().await.map_err(|error| call.refuse(error))?;
    let reading = match Conditions::of(call)? {
        Some(conditions) => conditions.read(&Current::tagged(tag.as_str()))?,
        None => Reading::Wanted,
    };
    let mut answer = Response::new(Body::empty());
    text(answer.headers_mut(), header::ETAG, tag.as_str());
    if reading == Reading::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    let (media_type, ending) = match branch {
        Branch::Calendars => ("text/calendar; charset=utf-8", "ics"),
        Branch::AddressBooks => ("text/vcard; charset=utf-8", "vcf"),
        Branch::Files => return Err(Refusal::not_found()),
    };
    text(answer.headers_mut(), header::CONTENT_TYPE, media_type);
    let name = kontor_wire_dav::href::encode(whole.place.collection.name.as_str());
    let disposition = format!("attachment; filename*=UTF-8''{name}.{ending}");
    text(answer.headers_mut(), header::CONTENT_DISPOSITION, &disposition);
    if call.head.method != http::Method::HEAD {
        *answer.body_mut() = whole.body(&first);
    }
    Ok(answer)
}

/// The file, being written.
struct Whole {
    session: Session,
    place: Place,
    after: Option<ItemName>,
    text: Text,
}

/// What was written and not yet sent.
enum Text {
    Calendar(Combiner),
    Cards(Vec<u8>),
}

impl Text {
    fn new(branch: Branch, title: &str) -> Self {
        match branch {
            Branch::Calendars => Self::Calendar(Combiner::new(&[Property::text("X-WR-CALNAME", title)])),
            Branch::AddressBooks | Branch::Files => Self::Cards(Vec::new()),
        }
    }

    fn push(&mut self, body: &[u8]) {
        match self {
            Self::Calendar(calendar) => calendar.push(body),
            Self::Cards(out) => {
                let tree = Tree::parse(body);
                tree.root().children_named("VCARD").for_each(|card| card.copy_into(out));
            }
        }
    }

    fn take(&mut self) -> Vec<u8> {
        match self {
            Self::Calendar(calendar) => calendar.take(),
            Self::Cards(out) => std::mem::take(out),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Calendar(calendar) => calendar.finish(),
            Self::Cards(out) => out,
        }
    }
}

impl Whole {
    fn body(mut self, first: &Page) -> Body {
        self.add(first);
        if first.more { stream::body(self) } else { Body::full(self.text.finish()) }
    }

    /// The next items with their bodies: as many as are small together, so that large ones come one at a time.
    async fn page(&mut self) -> Result<Page> {
        let (office, asker) = (self.session.office(), &self.session.asker);
        let (place, limit) = (&self.place, self.session.settings().page);
        let ahead = office.page(asker, place, self.after.as_ref(), limit, Select::Meta).await?;
        let mut room = AT_ONCE;
        let fits = ahead.items.iter().take_while(|item| {
            let fits = room > 0;
            room = room.saturating_sub(item.meta.size.max(1));
            fits
        });
        let page = office.page(asker, place, self.after.as_ref(), fits.count().max(1), Select::Body).await?;
        self.after = page.items.last().map(|item| item.meta.name.clone());
        Ok(page)
    }

    fn add(&mut self, page: &Page) {
        page.items.iter().for_each(|item| self.text.push(&item.body));
    }
}

impl Producer for Whole {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            sink.send(self.text.take()).await?;
            let page = self.page().await?;
            self.add(&page);
            if !page.more {
                return sink.send(self.text.finish()).await;
            }
        }
    }
}
