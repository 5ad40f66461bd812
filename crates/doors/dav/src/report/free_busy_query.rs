//! CALDAV:free-busy-query (RFC 4791 7.10).

use super::{bounds, zone};
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::text;
use crate::route::{Branch, Route};
use http::header;
use kontor_contentline::Property;
use kontor_ical::shape::FreeBusy;
use kontor_ical::timeline::Period;
use kontor_ical::zone::Zone;
use kontor_listen::{Body, Response};
use kontor_model::Error;
use kontor_wire_dav::report::FreeBusyQuery;

/// Answers it, of one calendar or, asked of a home, of all calendars in it. The right to see free/busy is enough.
pub(super) async fn answer(call: Call<'_>, asked: FreeBusyQuery) -> Result<Response, Refusal> {
    let range = bounds(&call).check(&asked.time_range)?;
    let (office, asker) = (call.session.office(), &call.session.asker);
    let periods: Vec<Period> = match &call.route {
        Route::Collection(branch, owner, name) => {
            let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
            let zone = zone::of(None, &place)?;
            office.free_busy(asker, std::slice::from_ref(&place), range, &zone).await
        }
        Route::Home(Branch::Calendars, owner) => office.free_busy_of(asker, owner, range, &Zone::utc()).await,
        _ => Err(Error::NotFound),
    }
    .map_err(|error| call.refuse(error))?;
    let stamp = office.now().secs();
    // RFC 5545 3.6.4 wants one, and wants it unique.
    let properties = [Property::raw("UID", format!("{:x}-{}@free-busy.kontor", stamp, call.id))];
    let body = FreeBusy { range, periods: &periods, stamp, method: None, properties: &properties }.to_text();
    let mut answer = Response::new(Body::full(body));
    text(answer.headers_mut(), header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    Ok(answer)
}
