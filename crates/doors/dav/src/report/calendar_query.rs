//! CALDAV:calendar-query (RFC 4791 7.8).

use super::listing::{Listing, Target, Teller};
use super::{filter, teller, zone};
use crate::call::Call;
use crate::error::Refusal;
use crate::route::Route;
use crate::stream::told;
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_model::Item;
use kontor_wire_dav::name::caldav;
use kontor_wire_dav::report::CalendarQuery;
use std::collections::VecDeque;

/// Answers it. Depth is not looked at: some clients leave it out, which would mean 0, and want the members all the same.
pub(super) async fn answer(call: Call<'_>, asked: CalendarQuery) -> Result<Response, Refusal> {
    let teller = teller(&call, &asked.wanted, asked.timezone.as_ref()).await?;
    let zone = zone::of(asked.timezone.as_ref(), &teller.view.place)?;
    super::bounds(&call).few(filter::conditions(&asked.filter), caldav::SUPPORTED_FILTER)?;
    let filter = filter::calendar(&asked.filter);
    let session = &call.session;
    let found =
        session.office().query_calendar(&session.asker, &teller.view.place, &filter, &zone, Select::Meta);
    let found = found.await.map_err(|error| call.refuse(error))?;
    let targets = targets(&teller, &call.route, found);
    told(Listing::new(teller, targets, false)).await.map_err(|error| call.refuse(error))
}

/// What was found, to be read again only if its text is asked for. Of a report on one item, only that.
pub(super) fn targets(teller: &Teller, route: &Route<'_>, found: Vec<Item>) -> VecDeque<Target> {
    let with_body = teller.select() == Select::Body;
    let only = match route {
        Route::Item(_, _, _, name) => Some(name),
        _ => None,
    };
    let wanted = found.into_iter().filter(|item| only.is_none_or(|name| item.meta.name.as_str() == name));
    wanted.map(|item| if with_body { Target::Found(item.meta.name) } else { Target::Here(item) }).collect()
}
