//! CALDAV:calendar-query (RFC 4791 7.8).

use super::listing::{Listing, Target, Teller};
use super::{bounds, filter, teller, zone};
use crate::dispatch::Call;
use crate::error::Refusal;
use crate::route::Route;
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_model::Item;
use kontor_wire_dav::report::CalendarQuery;

/// Answers it. Depth is not looked at: some clients leave it out, which would mean 0, and want the members all the same.
pub(super) async fn answer(call: Call<'_>, asked: CalendarQuery) -> Result<Response, Refusal> {
    let bounds = bounds(&call);
    let teller = teller(&call, &asked.wanted, asked.timezone.as_ref(), &bounds).await?;
    let zone = zone::of(asked.timezone.as_ref(), &teller.view.place)?;
    let filter = filter::calendar(&asked.filter);
    let session = &call.session;
    let found =
        session.office().query_calendar(&session.asker, &teller.view.place, &filter, &zone, Select::Meta);
    let mut found = found.await.map_err(|error| call.refuse(error))?;
    if let Route::Item(_, _, _, name) = &call.route {
        found.retain(|item| item.meta.name.as_str() == name);
    }
    let targets = targets(&teller, found);
    Listing::new(teller, targets, false).answer().await.map_err(|error| call.refuse(error))
}

/// What was found, to be read again only if its text is asked for.
pub(super) fn targets(teller: &Teller, found: Vec<Item>) -> Vec<Target> {
    let with_body = teller.select() == Select::Body;
    found
        .into_iter()
        .map(|item| if with_body { Target::Named(item.meta.name) } else { Target::Here(item) })
        .collect()
}
