//! CARDDAV:addressbook-query (RFC 6352 8.6).

use super::calendar_query::targets;
use super::listing::Listing;
use super::{bounds, filter, teller};
use crate::dispatch::Call;
use crate::error::Refusal;
use crate::route::Route;
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_wire_dav::report::AddressbookQuery;

/// Answers it; more than the client's limit is answered with 507 on the address book (RFC 6352 8.6.1).
pub(super) async fn answer(call: Call<'_>, asked: AddressbookQuery) -> Result<Response, Refusal> {
    let bounds = bounds(&call);
    let teller = teller(&call, &asked.wanted, None, &bounds).await?;
    let filter = filter::contacts(&asked.filter);
    let most = call.session.settings().max_report_items;
    let limit = asked.limit.map_or(most, |limit| usize::try_from(limit).unwrap_or(most).min(most));
    let session = &call.session;
    let office = session.office();
    let found =
        office.query_contacts(&session.asker, &teller.view.place, &filter, Some(limit), Select::Meta).await;
    let mut found = found.map_err(|error| call.refuse(error))?;
    if let Route::Item(_, _, _, name) = &call.route {
        found.items.retain(|item| item.meta.name.as_str() == name);
    }
    let targets = targets(&teller, found.items);
    Listing::new(teller, targets, found.truncated).answer().await.map_err(|error| call.refuse(error))
}
