//! CARDDAV:addressbook-query (RFC 6352 8.6).

use super::listing::{Listing, Target};
use super::{filter, teller};
use crate::call::Call;
use crate::error::Refusal;
use crate::route::Route;
use crate::stream::told;
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_model::Item;
use kontor_wire_dav::name::carddav;
use kontor_wire_dav::report::AddressbookQuery;

/// Answers it; more than the client's limit is answered with 507 on the address book (RFC 6352 8.6.1).
pub(super) async fn answer(call: Call<'_>, asked: AddressbookQuery) -> Result<Response, Refusal> {
    let teller = teller(&call, &asked.wanted, None).await?;
    super::bounds(&call).few(filter::card_conditions(&asked.filter), carddav::SUPPORTED_FILTER)?;
    let filter = filter::contacts(&asked.filter);
    let most = call.session.settings().max_report_items;
    let limit = match &call.route {
        // One card is asked about: what comes before it must not use up the limit.
        Route::Item(..) => None,
        _ => Some(asked.limit.map_or(most, |limit| usize::try_from(limit).unwrap_or(most).min(most))),
    };
    let session = &call.session;
    let found =
        session.office().query_contacts(&session.asker, &teller.view.place, &filter, limit, Select::Meta);
    let found = found.await.map_err(|error| call.refuse(error))?;
    let truncated = found.truncated && limit.is_some();
    let mut items = found.items;
    if let Route::Item(_, _, _, name) = &call.route {
        items.retain(|item| item.meta.name.as_str() == name);
    }
    // The text is read again only if it is asked for.
    let with_body = teller.select() == Select::Body;
    let target = |item: Item| if with_body { Target::Found(item.meta.name) } else { Target::Here(item) };
    let targets = items.into_iter().map(target).collect();
    told(Listing::new(teller, targets, truncated)).await.map_err(|error| call.refuse(error))
}
