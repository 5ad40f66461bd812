//! CALDAV:calendar-multiget (RFC 4791 7.9) and CARDDAV:addressbook-multiget (RFC 6352 8.7).

use super::listing::{Listing, Target};
use super::teller;
use crate::call::Call;
use crate::error::Refusal;
use crate::route::Route;
use crate::stream::told;
use http::StatusCode;
use kontor_listen::Response;
use kontor_model::ItemName;
use kontor_wire_dav::href::Href;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::Multiget;
use std::collections::{HashSet, VecDeque};

/// Answers both. A resource that is named twice is told once.
pub(super) async fn answer(call: Call<'_>, asked: Multiget) -> Result<Response, Refusal> {
    let most = call.session.settings().max_report_items;
    if asked.hrefs.len() > most {
        let detail = format!("more hrefs than max_report_items = {most}; ask for fewer at a time");
        let limits = dav::NUMBER_OF_MATCHES_WITHIN_LIMITS;
        return Err(Refusal::condition(StatusCode::FORBIDDEN, limits, detail));
    }
    let teller = teller(&call, &asked.wanted, None).await?;
    let targets = targets(asked.hrefs, &call.route);
    told(Listing::new(teller, targets, false)).await.map_err(|error| call.refuse(error))
}

fn targets(hrefs: Vec<String>, at: &Route<'_>) -> VecDeque<Target> {
    let (mut named, mut nothing) = (HashSet::new(), HashSet::new());
    let mut targets = VecDeque::with_capacity(hrefs.len());
    for href in hrefs {
        match name_of(&href, at) {
            Some(name) if named.insert(name.clone()) => targets.push_back(Target::Named(name)),
            None if nothing.insert(href.clone()) => targets.push_back(Target::Nothing(href)),
            _ => {}
        }
    }
    targets
}

/// The item of this very collection that an href names. What lies elsewhere is not found here, whether it exists or
/// not. The host of a full URL is not looked at: behind a proxy we do not know all our names.
fn name_of(href: &str, at: &Route<'_>) -> Option<ItemName> {
    let path = Href::parse(href).ok()?.path;
    let (Route::Collection(branch, owner, within) | Route::Item(branch, owner, within, _)) = at else {
        return None;
    };
    match path.segments.as_slice() {
        [root, tree, of, collection, name]
            if root == "dav" && tree == branch.segment() && of == owner && collection == within =>
        {
            ItemName::new(name).ok()
        }
        _ => None,
    }
}
