//! CALDAV:calendar-query (RFC 4791 7.8).

use super::listing::{Listing, Target};
use super::{filter, teller};
use crate::call::Call;
use crate::error::Refusal;
use crate::route::Route;
use crate::stream::told;
use http::StatusCode;
use kontor_listen::Response;
use kontor_wire_dav::name::{caldav, dav};
use kontor_wire_dav::report::CalendarQuery;

/// Answers it. Depth is not looked at: some clients leave it out, which would mean 0, and want the members all the same.
pub(super) async fn answer(call: Call<'_>, asked: CalendarQuery) -> Result<Response, Refusal> {
    let teller = teller(&call, &asked.wanted, asked.timezone.as_ref()).await?;
    super::bounds(&call).few(filter::conditions(&asked.filter), caldav::SUPPORTED_FILTER)?;
    let filter = filter::calendar(&asked.filter);
    let session = &call.session;
    let found = session.office().search_calendar(&session.asker, &teller.view.place, &filter, &teller.zone);
    let mut found = found.await.map_err(|error| call.refuse(error))?;
    if let Route::Item(_, _, _, name) = &call.route {
        found.retain(|found| found.as_str() == name);
    }
    let most = session.settings().max_report_items;
    if found.len() > most {
        // Half a month would look like a whole one to whoever does not expect to be cut short (RFC 4791 7.8).
        let detail = format!("more items are found than max_report_items = {most}; ask for less at a time");
        return Err(Refusal::condition(StatusCode::FORBIDDEN, dav::NUMBER_OF_MATCHES_WITHIN_LIMITS, detail));
    }
    let targets = found.into_iter().map(Target::Found).collect();
    told(Listing::new(teller, targets, false)).await.map_err(|error| call.refuse(error))
}
