//! MKCOL, plain and extended (RFC 4918 9.3, RFC 5689), and what it shares with MKCALENDAR: a collection and its first
//! properties come to be together, or not at all.

use super::put::{is_own, no_parent};
use crate::call::Call;
use crate::error::{Refusal, Scope};
use crate::precondition;
use crate::property::change::{self, Draft, Fault};
use crate::property::check_count;
use crate::route::{Branch, Route};
use crate::subject::collection_sort;
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::NewCollection;
use kontor_listen::{Body, Response};
use kontor_model::{CollectionName, Components, Error, Kind};
use kontor_wire_dav::answer::MkcolResponse;
use kontor_wire_dav::name::{Name, caldav, carddav, dav};
use kontor_wire_dav::request::{Make, Mkcol, Update};

/// Answers MKCOL.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    make(call, Make::Collection).await
}

/// Makes a calendar, a task list or an address book.
pub(crate) async fn make(mut call: Call<'_>, make: Make) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let (branch, owner, name) = match &call.route {
        Route::Collection(Branch::Files, ..) => {
            return Err(Refusal::of(Error::Exists, Scope { making: true, ..call.scope() }));
        }
        Route::Collection(branch, owner, name) | Route::Item(branch @ Branch::Files, owner, _, name) => {
            (*branch, owner, name)
        }
        _ => return Err(misplaced(&call, make).await),
    };
    if !body.is_empty() && !is_xml(&call) {
        let detail = "the body of MKCOL is XML, or there is none";
        return Err(Refusal::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let asked = Mkcol::parse(make, &body, &call.session.settings().xml)?;
    check_count(call.session.settings(), asked.set.len())?;
    let (new, draft) = plan(&call, branch, name, make, &asked)?;
    let scope = Scope { making: true, ..call.scope() };
    if draft.is_refused() {
        // Where something is already, that is what is wrong.
        if call.session.place(branch, owner, name).await.is_ok() {
            return Err(Refusal::of(Error::Exists, scope));
        }
        return Ok(refused(make, &draft));
    }
    match &call.route {
        Route::Item(_, _, above, _) => folder(&call, owner, above, new).await?,
        _ => {
            let made = call.session.office().create_collection(&call.session.asker, owner, new).await;
            made.map_err(|error| Refusal::of(error, scope)).map(drop)?;
        }
    }
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::CREATED;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(answer)
}

/// Whether the body is said to be XML, or nothing is said of it (RFC 4918 9.3.1: a server must not go on with a body
/// that it does not understand).
fn is_xml(call: &Call<'_>) -> bool {
    let plain = call.header("content-type").map(|named| named.split(';').next().unwrap_or_default().trim());
    plain.is_none_or(|plain| {
        let plain = plain.to_ascii_lowercase();
        plain == "text/xml" || plain == "application/xml" || plain.ends_with("+xml")
    })
}

/// Makes a folder in the one at `above`.
async fn folder(call: &Call<'_>, owner: &str, above: &str, new: NewCollection) -> Result<(), Refusal> {
    let scope = Scope { making: true, ..call.scope() };
    let place = call.session.place(Branch::Files, owner, above).await;
    let place = place.map_err(|error| no_parent(call, error, is_own(call, owner)))?;
    precondition::check(call, None).await?;
    let (office, asker) = (call.session.office(), &call.session.asker);
    let made = office.create_folder(asker, &place, new.name, new.properties).await;
    made.map_err(|error| Refusal::of(error, scope)).map(drop)
}

/// Collections lie in homes only. Where an item is already, or where there is no collection to lie in, that is said
/// first, as far as the asker may know.
async fn misplaced(call: &Call<'_>, make: Make) -> Refusal {
    let Route::Item(branch, owner, collection, _) = &call.route else { return Refusal::not_found() };
    let parent = match call.session.place(*branch, owner, collection).await {
        // Without the right to look there is nothing to lie in.
        Ok(place) => call.session.view(place, 0).await,
        Err(error) => Err(error),
    };
    match parent {
        Err(Error::NotFound) if is_own(call, owner) => {
            Refusal::because(StatusCode::CONFLICT, "there is no such collection to make it in")
        }
        Err(error) => call.refuse(error),
        Ok(_) if call.session.locate(&call.route, 0).await.is_ok() => {
            Refusal::of(Error::Exists, Scope { making: true, ..call.scope() })
        }
        Ok(_) => {
            let detail = "a collection cannot be made inside another";
            let name = match (branch, make) {
                (Branch::AddressBooks, Make::Collection) => carddav::ADDRESSBOOK_COLLECTION_LOCATION_OK,
                _ => caldav::CALENDAR_COLLECTION_LOCATION_OK,
            };
            Refusal::condition(StatusCode::FORBIDDEN, name, detail)
        }
    }
}

/// A calendar among address books.
pub(crate) fn misplaced_calendar() -> Refusal {
    let detail = "calendars can be made below /dav/calendars/NAME/ only";
    Refusal::condition(StatusCode::FORBIDDEN, caldav::CALENDAR_COLLECTION_LOCATION_OK, detail)
}

/// What to make, and what is wrong about it.
fn plan(
    call: &Call<'_>,
    branch: Branch,
    name: &str,
    make: Make,
    asked: &Mkcol,
) -> Result<(NewCollection, Draft), Refusal> {
    let name = CollectionName::new(name).map_err(|error| call.refuse(error))?;
    check_type(branch, make, &asked.resource_types())?;
    let (mut kind, mut components) = match branch {
        Branch::Calendars => (Kind::Calendar, Components::NONE),
        Branch::AddressBooks => (Kind::Contacts, Components::NONE),
        Branch::Files => (Kind::Files, Components::NONE),
    };
    let apart = |name: &Name| *name == dav::RESOURCETYPE || *name == caldav::SUPPORTED_CALENDAR_COMPONENT_SET;
    let rest = asked.set.iter().filter(|element| !apart(&element.name)).cloned().map(Update::Set);
    let sort = collection_sort(branch);
    let max = call.session.office().limits().max_property_size;
    let mut draft = Draft::of(&rest.collect::<Vec<_>>(), sort, max);
    if asked.property(&dav::RESOURCETYPE).is_some() {
        draft.accept(dav::RESOURCETYPE);
    }
    if let Some(set) = asked.property(&caldav::SUPPORTED_CALENDAR_COMPONENT_SET) {
        let read =
            if branch == Branch::Calendars { change::components(set) } else { Err(Fault::protected()) };
        match read {
            Ok(set) => {
                components = set;
                kind = if set == Components::TASK { Kind::Tasks } else { kind };
                draft.accept(caldav::SUPPORTED_CALENDAR_COMPONENT_SET);
            }
            Err(fault) => draft.refuse(caldav::SUPPORTED_CALENDAR_COMPONENT_SET, fault),
        }
    }
    let properties =
        draft.changes.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
    Ok((NewCollection { kind, name, components, properties }, draft))
}

/// Whether the resource type asked for can be had here (RFC 5689 3.3: DAV:valid-resourcetype). A plain MKCOL makes what
/// the home is for.
fn check_type(branch: Branch, make: Make, types: &[Name]) -> Result<(), Refusal> {
    let here = match branch {
        Branch::Calendars => caldav::CALENDAR,
        Branch::AddressBooks => carddav::ADDRESSBOOK,
        Branch::Files => dav::COLLECTION,
    };
    let fits = types.is_empty() && (make == Make::Calendar) <= (branch == Branch::Calendars)
        || types.contains(&here) && types.iter().all(|name| *name == here || *name == dav::COLLECTION);
    if fits {
        return Ok(());
    }
    let detail = "only calendars below /dav/calendars/, address books below /dav/addressbooks/ and plain folders below /dav/files/ \
         can be made";
    Err(Refusal::condition(StatusCode::FORBIDDEN, dav::VALID_RESOURCETYPE, detail))
}

/// 424 for the whole, with each property's own status in the body (RFC 5689 3.2, RFC 4791 5.3.1.2).
fn refused(make: Make, draft: &Draft) -> Response {
    let mut body = Vec::with_capacity(1024);
    MkcolResponse { propstats: draft.propstats() }.write(make, &mut body);
    let mut answer = Response::new(Body::full(body));
    *answer.status_mut() = StatusCode::FAILED_DEPENDENCY;
    let xml = HeaderValue::from_static("application/xml; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, xml);
    answer
}
