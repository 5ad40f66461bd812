//! Reports: one file each; this file is the table. What a report asks for is read in `wire/dav`; properties are told
//! through [`Plan`](crate::property::Plan), long answers through [`stream`](crate::stream).

mod acl_principal_prop_set;
mod addressbook_query;
mod calendar_query;
mod expand_property;
mod filter;
mod free_busy_query;
mod hrefs;
mod listing;
mod multiget;
mod principal_match;
mod principal_property_search;
mod principal_search_property_set;
mod shape;
mod sync_collection;
mod sync_tree;
mod version_tree;
mod zone;

use crate::call::Call;
use crate::error::Refusal;
use crate::prefer::{applied, prefer_of};
use crate::property::Plan;
use crate::route::Route;
use crate::subject::{Bits, on};
use http::StatusCode;
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_model::{Error, ItemName};
use kontor_wire_dav::header::Depth;
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

/// Where principals are looked for: clients ask at the collection of principals, at a principal and at homes.
const AROUND: Bits = on::ROOT | on::PRINCIPALS | on::PRINCIPAL | on::HOMES | on::HOME;

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
        name: dav::EXPAND_PROPERTY,
        on: on::ANY,
        answer: |call, asked| match asked {
            Report::ExpandProperty(asked) => Box::pin(expand_property::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::PRINCIPAL_PROPERTY_SEARCH,
        on: AROUND,
        answer: |call, asked| match asked {
            Report::PrincipalPropertySearch(asked) => {
                Box::pin(principal_property_search::answer(call, asked))
            }
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::PRINCIPAL_SEARCH_PROPERTY_SET,
        on: AROUND,
        answer: |call, asked| match asked {
            Report::PrincipalSearchPropertySet => Box::pin(principal_search_property_set::answer(call)),
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::PRINCIPAL_MATCH,
        on: on::ROOT | on::PRINCIPALS | on::HOMES | on::HOME,
        answer: |call, asked| match asked {
            Report::PrincipalMatch(asked) => Box::pin(principal_match::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::ACL_PRINCIPAL_PROP_SET,
        on: on::COLLECTION,
        answer: |call, asked| match asked {
            Report::AclPrincipalPropSet(asked) => Box::pin(acl_principal_prop_set::answer(call, asked)),
            _ => mixed_up(),
        },
    },
    Known {
        name: dav::VERSION_TREE,
        on: on::ITEM,
        answer: |call, asked| match asked {
            Report::VersionTree(asked) => Box::pin(version_tree::answer(call, asked)),
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
    // How far a report reaches is the report's own matter here; but a header that says nothing is a fault.
    call.header("depth").map(Depth::parse).transpose()?;
    let prefer = prefer_of(&call);
    let name = asked.name();
    match on(crate::subject::sort_of(&call.route)).find(|known| known.name == name) {
        Some(known) => {
            let mut answer = (known.answer)(call, asked).await?;
            if answer.status() == StatusCode::MULTI_STATUS {
                applied(&prefer, &mut answer);
            }
            Ok(answer)
        }
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
    let settings = call.session.settings();
    Bounds {
        days: settings.max_expansion_days,
        names: settings.max_conditions,
        occurrences: call.session.office().limits().max_occurrences,
        drop_known_zones,
    }
}

/// What tells the items of the collection that this call is about, or lies in. What may not be seen is not found,
/// whatever else is wrong with the request.
async fn teller(call: &Call<'_>, wanted: &Wanted, timezone: Option<&Timezone>) -> Result<Teller, Refusal> {
    let (Route::Collection(branch, owner, name) | Route::Item(branch, owner, name, _)) = &call.route else {
        return Err(call.refuse(Error::NotFound));
    };
    let session = &call.session;
    let place = session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
    let view = session.view(place, 0).await.map_err(|error| call.refuse(error))?;
    if let Route::Item(_, _, _, name) = &call.route {
        let names = [ItemName::new(name).map_err(|_| Refusal::not_found())?];
        let found = session.office().items_named(&session.asker, &view.place, &names, Select::Meta).await;
        let found = found.map_err(|error| call.refuse(error))?;
        found.first().and_then(Option::as_ref).ok_or_else(Refusal::not_found)?;
    }
    let zone = zone::of(timezone, &view.place)?;
    let shape = Shape::of(wanted, &view.place, zone.clone(), &bounds(call))?;
    let plan = Plan::new(&wanted.props, prefer_of(call).minimal());
    Ok(Teller { session: session.clone(), view, plan, shape, zone, work: 0 })
}
