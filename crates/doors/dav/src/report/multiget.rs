//! CALDAV:calendar-multiget (RFC 4791 7.9) and CARDDAV:addressbook-multiget (RFC 6352 8.7).

use super::listing::{Listing, Target};
use super::{bounds, teller};
use crate::dispatch::Call;
use crate::error::Refusal;
use crate::route::Route;
use http::StatusCode;
use kontor_listen::Response;
use kontor_model::ItemName;
use kontor_wire_dav::href::Href;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::Multiget;

/// Answers both.
pub(super) async fn answer(call: Call<'_>, asked: Multiget) -> Result<Response, Refusal> {
    let most = call.session.settings().max_report_items;
    if asked.hrefs.len() > most {
        let detail = format!("more hrefs than max_report_items = {most}; ask for fewer at a time");
        let limits = dav::NUMBER_OF_MATCHES_WITHIN_LIMITS;
        return Err(Refusal::condition(StatusCode::FORBIDDEN, limits, detail));
    }
    let bounds = bounds(&call);
    let teller = teller(&call, &asked.wanted, None, &bounds).await?;
    let targets = asked.hrefs.into_iter().map(|href| target(href, &call.route)).collect();
    Listing::new(teller, targets, false).answer().await.map_err(|error| call.refuse(error))
}

/// What an href names: an item of this very collection, or nothing. What lies elsewhere is not found here, whether it
/// exists or not.
fn target(href: String, at: &Route<'_>) -> Target {
    let path =
        if href.starts_with('/') { None } else { Href::parse(&href).ok().map(|href| href.path.encode()) };
    let path = path.unwrap_or_else(|| href.clone());
    let name = match (Route::parse(&path), at) {
        (
            Some(Route::Item(branch, owner, collection, name)),
            Route::Collection(here, of, within) | Route::Item(here, of, within, _),
        ) if branch == *here && owner == *of && collection == *within => ItemName::new(&name).ok(),
        _ => None,
    };
    name.map_or(Target::Nothing(href), Target::Named)
}
