//! Reports: one file each; this file is the table. What a report asks for is read in `wire/dav`; properties are told
//! through [`Plan`](crate::property::Plan), long answers through [`stream`](crate::stream).

mod addressbook_query;
mod calendar_query;
mod filter;
mod free_busy_query;
mod listing;
mod multiget;
mod shape;
mod sync_collection;
mod zone;

use crate::dispatch::Call;
use crate::error::Refusal;
use crate::method::propfind::prefer_of;
use crate::property::Plan;
use crate::route::Route;
use crate::subject::{Bits, on};
use http::StatusCode;
use kontor_listen::Response;
use kontor_model::Error;
use kontor_wire_dav::name::{Name, caldav, carddav, dav};
use kontor_wire_dav::report::{Report, Timezone, Wanted};
use listing::Teller;
use shape::{Bounds, Shape};
use std::future::Future;
use std::pin::Pin;

/// A report's answer, being made.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send + 'a>>;

/// A report that this door answers.
pub(crate) struct Known {
    /// The root element of its body.
    pub(crate) name: Name,
    /// Sorts of subject that it can be asked of: bits of [`on`](crate::subject::on).
    pub(crate) on: Bits,
    /// Who answers.
    answer: for<'a> fn(Call<'a>, Report) -> Answering<'a>,
}

/// All of them.
const TABLE: &[Known] = &[
    Known {
        name: caldav::CALENDAR_QUERY,
        on: on::CALENDAR | on::EVENT,
        answer: |call, asked| match asked {
            Report::CalendarQuery(asked) => Box::pin(calendar_query::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: caldav::CALENDAR_MULTIGET,
        on: on::CALENDAR | on::EVENT,
        answer: |call, asked| match asked {
            Report::CalendarMultiget(asked) => Box::pin(multiget::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: caldav::FREE_BUSY_QUERY,
        on: on::CALENDAR | on::CALENDAR_HOME,
        answer: |call, asked| match asked {
            Report::FreeBusyQuery(asked) => Box::pin(free_busy_query::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: carddav::ADDRESSBOOK_QUERY,
        on: on::BOOK | on::CARD,
        answer: |call, asked| match asked {
            Report::AddressbookQuery(asked) => Box::pin(addressbook_query::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: carddav::ADDRESSBOOK_MULTIGET,
        on: on::BOOK | on::CARD,
        answer: |call, asked| match asked {
            Report::AddressbookMultiget(asked) => Box::pin(multiget::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::SYNC_COLLECTION,
        on: on::COLLECTION,
        answer: |call, asked| match asked {
            Report::SyncCollection(asked) => Box::pin(sync_collection::answer(call, asked)),
            _ => mixed_up(),
        },
    },
];

/// A row that was given another report than its own.
fn mixed_up<'a>() -> Answering<'a> {
    let detail = "this report cannot be asked here";
    Box::pin(async move { Err(Refusal::condition(StatusCode::FORBIDDEN, dav::SUPPORTED_REPORT, detail)) })
}

/// Those that can be asked of that sort of subject, for DAV:supported-report-set.
pub(crate) fn on(sort: Bits) -> impl Iterator<Item = &'static Known> {
    TABLE.iter().filter(move |known| known.on & sort != 0)
}

/// Answers a report; one that is not for this place fails with DAV:supported-report (RFC 3253 3.6).
pub(crate) async fn answer(call: Call<'_>, asked: Report) -> Result<Response, Refusal> {
    let name = asked.name();
    match on(crate::subject::sort_of(&call.route)).find(|known| known.name == name) {
        Some(known) => (known.answer)(call, asked).await,
        None => {
            let detail = format!("the report {} cannot be asked here", name.local());
            Err(Refusal::condition(StatusCode::FORBIDDEN, dav::SUPPORTED_REPORT, detail))
        }
    }
}

/// Bounds on what this call may ask.
fn bounds(call: &Call<'_>) -> Bounds {
    let drop_known_zones =
        call.header("caldav-timezones").is_some_and(|value| value.trim().eq_ignore_ascii_case("f"));
    Bounds { days: call.session.settings().max_expansion_days, drop_known_zones }
}

/// What tells the items of the collection that this call is about, or lies in.
async fn teller(
    call: &Call<'_>,
    wanted: &Wanted,
    timezone: Option<&Timezone>,
    bounds: &Bounds,
) -> Result<Teller, Refusal> {
    let (Route::Collection(branch, owner, name) | Route::Item(branch, owner, name, _)) = &call.route else {
        return Err(call.refuse(Error::NotFound));
    };
    let plan = Plan::new(&wanted.props, prefer_of(call).minimal());
    let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
    let zone = zone::of(timezone, &place)?;
    let shape = Shape::of(wanted, &place, zone, bounds)?;
    let view = call.session.view(place, 0).await.map_err(|error| call.refuse(error))?;
    Ok(Teller { session: call.session.clone(), view, plan, shape })
}
