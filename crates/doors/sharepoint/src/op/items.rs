//! GetListItems: a list by name page by page, or what a query finds.

use super::listing::{Pager, Track, whole};
use super::present::present;
use super::{Answer, Call};
use crate::answer::{self, Sink};
use crate::fault::Refusal;
use crate::list::{List, Source};
use crate::rows::ToldRow;
use crate::session::Session;
use crate::token::Position;
use http::StatusCode;
use kontor_groupware::Place;
use kontor_listen::{Body, Response};
use kontor_model::Version;
use kontor_wire_sharepoint::op::items::{Ask, GetListItems};
use kontor_wire_sharepoint::op::listing;
use kontor_wire_sharepoint::soap::code;
use kontor_wire_sharepoint::xml::Writer;

/// Answers up to about this size are made whole before anything is sent.
const WHOLE: usize = 512 * 1024;
/// Pieces of about this size are handed on.
const PIECE: usize = 32 * 1024;

pub(super) async fn answer(call: &Call<'_>) -> Answer {
    let request: GetListItems = call.read()?;
    let ask = request.ask;
    let list = wanted(&call.session, &request.list, &ask).await?;
    let position = ask.position.as_deref().and_then(Position::parse);
    match &list.source {
        Source::Collection(place) if ask.query.is_empty() => {
            let track = Track::of(&call.session, &list, place, &ask, position).await?;
            match limit(&call.session, &ask) {
                Some(limit) => page(call, &list, place, (ask, track, limit)).await,
                None => all(call, list.clone(), place.clone(), (ask, track)).await,
            }
        }
        _ => found(call, &list, &ask, position).await,
    }
}

/// The list of a request: that of its name, else that of its view (MS-LISTSWS 3.1.4.24, rules 1 to 5).
pub(super) async fn wanted(session: &Session, name: &str, ask: &Ask) -> Result<List, Refusal> {
    let list = session.list(if name.is_empty() { &ask.view } else { name }).await?;
    match list.has_view(&ask.view) {
        Err(refusal) if ask.needs_view() || refusal.code == code::BAD_PARAMETER => Err(refusal),
        _ => Ok(list),
    }
}

/// Most rows of one answer; `None` for all.
pub(super) fn limit(session: &Session, ask: &Ask) -> Option<usize> {
    let settings = session.settings();
    match ask.limit {
        None => Some(settings.default_rows),
        Some(0) => None,
        Some(limit) => Some(usize::try_from(limit).unwrap_or(usize::MAX).min(settings.max_rows)),
    }
}

async fn page(
    call: &Call<'_>,
    list: &List,
    place: &Place,
    (ask, track, limit): (Ask, Track, usize),
) -> Answer {
    let mut pager = Pager { session: &call.session, list, place, track };
    let (mut rows, mut count) = (Writer::new(), 0);
    while pager.more() && count < limit {
        for told in pager.next(limit - count).await?.into_iter().flat_map(|told| told.rows) {
            listing::row(&mut rows, &present(told.row, &ask, list));
            count += 1;
        }
    }
    let next = pager.track.position(Version::ZERO).map(|position| position.text());
    Ok(told(call, &rows.take(), count, next.as_deref()))
}

fn told(call: &Call<'_>, rows: &[u8], count: usize, next: Option<&str>) -> Response {
    answer::result(call.version, call.operation, |out| {
        listing::begin(out, &[]);
        listing::begin_data(out, Some(count), next);
        out.raw_bytes(rows);
        listing::end_data(out);
        listing::end(out);
    })
}

/// What a query finds, in its order. The position is a count here.
async fn found(call: &Call<'_>, list: &List, ask: &Ask, position: Option<Position>) -> Answer {
    let mut rows: Vec<ToldRow> = whole(&call.session, list, ask).await?;
    rows.retain(|told| ask.query.wants(&told.row));
    rows.sort_by(|a, b| ask.query.compare(&a.row, &b.row).then(a.number.cmp(&b.number)));
    let from = position.map_or(0, |position| usize::try_from(position.version.0).unwrap_or(0));
    let limit = limit(&call.session, ask).unwrap_or(usize::MAX);
    let end = from.saturating_add(limit);
    let next = (rows.len() > end).then(|| {
        let version = Version(i64::try_from(end).unwrap_or(i64::MAX));
        Position { version, after: None, folder: None }.text()
    });
    let (mut out, mut count) = (Writer::new(), 0);
    for told in rows.into_iter().skip(from).take(limit) {
        listing::row(&mut out, &present(told.row, ask, list));
        count += 1;
    }
    Ok(told(call, &out.take(), count, next.as_deref()))
}

/// All rows. A short answer has its count; a long one is told while it is made.
async fn all(call: &Call<'_>, list: List, place: Place, (ask, track): (Ask, Track)) -> Answer {
    let mut pager = Pager { session: &call.session, list: &list, place: &place, track };
    let (mut rows, mut count) = (Writer::new(), 0);
    while pager.more() && rows.len() < WHOLE {
        count += tell(&mut pager, &mut rows, &ask).await?;
    }
    if !pager.more() {
        return Ok(told(call, &rows.take(), count, None));
    }
    let track = pager.track;
    let (session, version, operation) = (call.session.clone(), call.version, call.operation);
    let (to, body) = Body::stream();
    tokio::spawn(async move {
        let sink = Sink(to);
        let mut out = Writer::new();
        answer::head(&mut out, version, operation);
        listing::begin(&mut out, &[]);
        listing::begin_data(&mut out, None, None);
        out.raw_bytes(&rows.take());
        let mut pager = Pager { session: &session, list: &list, place: &place, track };
        while pager.more() {
            if let Err(refusal) = tell(&mut pager, &mut out, &ask).await {
                tracing::error!(?refusal, "an answer was cut off half-way");
                return sink.0.cut_off();
            }
            if out.len() >= PIECE && sink.send(&mut out).await.is_err() {
                return;
            }
        }
        listing::end_data(&mut out);
        listing::end(&mut out);
        answer::tail(&mut out, operation);
        // If nobody reads it any more, there is nothing to do.
        let _ = sink.send(&mut out).await;
    });
    Ok(answer::with_type(StatusCode::OK, version.media_type(), body))
}

async fn tell(pager: &mut Pager<'_>, out: &mut Writer, ask: &Ask) -> Result<usize, Refusal> {
    let mut count = 0;
    for told in pager.next(usize::MAX).await?.into_iter().flat_map(|told| told.rows) {
        listing::row(out, &present(told.row, ask, pager.list));
        count += 1;
    }
    Ok(count)
}
