//! GetListItemChangesSinceToken and GetListItemChanges.

use super::items::{limit, wanted};
use super::library;
use super::listing::{Pager, Track, all_people, whole};
use super::present::present;
use super::{Answer, Call, No};
use crate::answer::result;
use crate::employees;
use crate::fault::Refusal;
use crate::list::List;
use crate::rows::{Teller, ToldRow, gone};
use crate::time;
use crate::token::{Known, Position, change_token, of_change_token};
use kontor_groupware::{OrdinalKey, Place, Select};
use kontor_model::{Error, ItemId, ItemName, Version};
use kontor_wire_sharepoint::list::{Definition, ListKind};
use kontor_wire_sharepoint::op::changes::{GetListItemChanges, GetListItemChangesSinceToken};
use kontor_wire_sharepoint::op::items::{Ask, Scope};
use kontor_wire_sharepoint::op::listing;
use kontor_wire_sharepoint::soap::Fault;
use kontor_wire_sharepoint::xml::Writer;
use std::collections::HashSet;

/// What is told of a list since some number.
pub(super) struct Delta {
    pub(super) rows: Vec<ToldRow>,
    pub(super) deleted: Vec<i64>,
    /// The number to ask from next time.
    pub(super) known: Known,
    pub(super) more: bool,
    /// Where a first listing goes on.
    pub(super) next: Option<String>,
    pub(super) invalid: bool,
    /// Whether the definition of the list is told as well.
    pub(super) schema: bool,
}

impl Delta {
    /// The rows that a query or `contains` wants. A changed row that is none of them (any more) is gone for who asks so.
    fn narrowed(mut self, ask: &Ask, is_delta: bool) -> Self {
        if ask.query.condition.is_none() {
            return self;
        }
        let (wanted, others): (Vec<_>, Vec<_>) =
            self.rows.into_iter().partition(|told| ask.query.wants(&told.row));
        self.rows = wanted;
        if is_delta {
            self.deleted.extend(others.into_iter().map(|told| told.number));
        }
        self
    }
}

pub(super) async fn since_token(call: &Call<'_>) -> Answer {
    let request: GetListItemChangesSinceToken = call.read()?;
    let list = wanted(&call.session, &request.list, &request.ask).await?;
    let since = request.token.as_deref().map(|token| of_change_token(list.guid, token));
    let delta = match (&since, list.place()) {
        (Some(None), _) => invalid(&list),
        (since, None) => people(call, &list, since.flatten().map(|known| known.number)).await?,
        (None, Some(place)) => first(call, &list, place, &request.ask).await?,
        (Some(Some(since)), Some(place)) => {
            let delta = match (list.kind, since.eyes) {
                (ListKind::Documents, Some(_)) => {
                    library::changed(call, &list, place, (*since, &request.ask)).await
                }
                (ListKind::Documents, None) | (_, Some(_)) => Err(Error::GoneVersion),
                (_, None) => changed(call, &list, place, (Version(since.number), &request.ask)).await,
            };
            match delta {
                Err(Error::GoneVersion) => invalid(&list),
                other => other?,
            }
        }
    };
    let delta = delta.narrowed(&request.ask, since.is_some());
    let definition = if delta.schema { Some(list.definition(&call.session).await?) } else { None };
    Ok(tell(call, &list, &request.ask, delta, definition.as_ref()))
}

fn tell(
    call: &Call<'_>,
    list: &List,
    ask: &Ask,
    delta: Delta,
    definition: Option<&Definition>,
) -> kontor_listen::Response {
    let now = call.session.office().now();
    let token = change_token(list.guid, delta.known, now);
    let (stamp, urls) = (time::iso(now), format!("{}/", call.session.told_site().url));
    result(call.version, call.operation, |out| {
        listing::begin(
            out,
            &[
                ("MinTimeBetweenSyncs", "0"),
                ("RecommendedTimeBetweenSyncs", "180"),
                ("MaxBulkDocumentSyncSize", "500"),
                ("AlternateUrls", &urls),
                ("TimeStamp", &stamp),
                (
                    "EffectivePermMask",
                    if list.is_writable() { "FullMask" } else { "ViewListItems, OpenItems, Open" },
                ),
            ],
        );
        listing::changes(out, &token, delta.more, &delta.deleted, delta.invalid, |out| {
            if let Some(definition) = definition {
                definition.write(out, list.regional(now));
            }
        });
        listing::begin_data(out, Some(delta.rows.len()), delta.next.as_deref());
        out.reserve(delta.rows.len() * listing::ROW_BYTES);
        delta.rows.into_iter().for_each(|told| listing::row(out, &present(told.row, ask, list)));
        listing::end_data(out);
        listing::end(out);
    })
}

/// The client starts afresh (MS-LISTSWS 2.2.5.1).
fn invalid(list: &List) -> Delta {
    Delta {
        rows: Vec::new(),
        deleted: Vec::new(),
        known: Known { number: list.version.0, eyes: None },
        more: false,
        next: None,
        invalid: true,
        schema: false,
    }
}

/// A page of a first listing. Every page tells the number that the list had before the first.
async fn first(call: &Call<'_>, list: &List, place: &Place, ask: &Ask) -> Result<Delta, Refusal> {
    let position = ask.position.as_deref().and_then(Position::parse);
    let schema = position.is_none();
    let version = position.as_ref().map_or(list.version, |position| position.version);
    let limit = limit(&call.session, ask).unwrap_or(call.session.settings().max_rows);
    // A library is told with all that lies in its folders, whatever its view shows.
    let ask = &Ask { scope: Scope::RecursiveAll, ..ask.clone() };
    let track = Track::of(&call.session, list, place, ask, position).await?;
    let mut pager = Pager { session: &call.session, list, place, track };
    let mut rows = Vec::new();
    while pager.more() && rows.len() < limit {
        let some = pager.next(limit - rows.len()).await?;
        rows.extend(some.into_iter().flat_map(|told| told.rows));
    }
    let next = pager.track.position(version).map(|position| position.text());
    let known = match &pager.track.tide {
        Some(tide) => Known { number: tide.number, eyes: Some(tide.eyes) },
        None => Known { number: version.0, eyes: None },
    };
    Ok(Delta { rows, deleted: Vec::new(), known, more: false, next, invalid: false, schema })
}

/// What changed since a number.
async fn changed(
    call: &Call<'_>,
    list: &List,
    place: &Place,
    (since, ask): (Version, &Ask),
) -> kontor_model::Result<Delta> {
    let (office, who) = (call.session.office(), &*call.session.asker);
    let limit = limit(&call.session, ask).unwrap_or(call.session.settings().max_rows);
    let changes = office.changes(who, place, since, limit.max(1), list.select()).await?;
    let name = |name: &ItemName| OrdinalKey::Name(name.as_str().to_owned());
    let names = changes.removed.iter().map(|(gone, _)| gone);
    let names = names.chain(changes.changed.iter().map(|item| &item.meta.name));
    let keys: Vec<OrdinalKey> = names.map(name).collect();
    let mut known = office.ordinals(who, place, &keys).await?;
    // Who has a new name, or is told for the first time, is asked for by itself.
    let seen: HashSet<ItemId> = known.iter().map(|one| one.of.item).collect();
    let missing = changes.changed.iter().map(|item| item.meta.id).filter(|id| !seen.contains(id));
    let keys: Vec<OrdinalKey> = missing.map(OrdinalKey::Item).collect();
    if !keys.is_empty() {
        known.extend(office.ordinals(who, place, &keys).await?);
    }
    let teller = Teller { session: &call.session, list, place };
    let told = teller.tell_known(changes.changed, &known).await;
    let told = told.map_err(|refusal| Error::Internal(refusal.secret.unwrap_or(refusal.text)))?;
    Ok(Delta {
        deleted: gone(&known, &told),
        rows: told.into_iter().flat_map(|told| told.rows).collect(),
        known: Known { number: changes.upto.0, eyes: None },
        more: changes.more,
        next: None,
        invalid: false,
        schema: false,
    })
}

/// The directory counts no changes: its state is compared, and told whole if it is another.
async fn people(call: &Call<'_>, list: &List, since: Option<i64>) -> Result<Delta, Refusal> {
    let mut rows = all_people(&call.session, list).await?;
    let number = employees::state(&rows);
    let mut deleted = Vec::new();
    if since == Some(number) {
        rows.clear();
    } else if since.is_some() {
        deleted = gone_people(call, &rows).await?;
    }
    let schema = since.is_none();
    let known = Known { number, eyes: None };
    Ok(Delta { rows, deleted, known, more: false, next: None, invalid: false, schema })
}

/// Numbers of people that are in the list no more.
async fn gone_people(call: &Call<'_>, rows: &[ToldRow]) -> Result<Vec<i64>, Refusal> {
    const SOME: i64 = 256;
    let mut gone = Vec::new();
    for from in (1..).step_by(256) {
        let numbers: Vec<i64> = (from..from + SOME).collect();
        let given = call.session.office().numbered_people(&numbers).await?;
        if given.is_empty() {
            break;
        }
        let live = |number: &i64| rows.iter().any(|row| row.number == *number);
        gone.extend(given.into_iter().map(|(number, _)| number).filter(|number| !live(number)));
    }
    Ok(gone)
}

/// What changed since a time, for Outlook 2003. What is gone is not told by this operation.
pub(super) async fn since_time(call: &Call<'_>) -> Answer {
    let request: GetListItemChanges = call.read()?;
    let wrong = || No::Fault(Fault::client("since is not a time"));
    let since = time::read(&request.since).ok_or_else(wrong)?;
    let list = call.session.list(&request.list).await?;
    let ask = Ask { utc: true, ..request.ask };
    let now = call.session.office().now();
    let (mut rows, mut count) = (Writer::new(), 0);
    let mut add = |told: ToldRow| {
        listing::row(&mut rows, &present(told.row, &ask, &list));
        count += 1;
    };
    match list.place() {
        None => all_people(&call.session, &list).await?.into_iter().for_each(add),
        Some(_) if list.kind == ListKind::Documents => {
            let ask = Ask { scope: Scope::RecursiveAll, ..ask.clone() };
            let is_later = |told: &ToldRow| {
                told.row.get("Modified").and_then(time::read).is_some_and(|modified| modified >= since)
            };
            whole(&call.session, &list, &ask).await?.into_iter().filter(is_later).for_each(add);
        }
        Some(place) => {
            for told in later(call, &list, place, since).await? {
                add(told);
            }
        }
    }
    let rows = rows.take();
    Ok(result(call.version, call.operation, |out| {
        listing::begin(out, &[("TimeStamp", &time::iso(now))]);
        listing::begin_data(out, Some(count), None);
        out.raw_bytes(&rows);
        listing::end_data(out);
        listing::end(out);
    }))
}

/// Rows of items that changed at or after a time, in seconds since 1970; at most as many as a query may find.
async fn later(call: &Call<'_>, list: &List, place: &Place, since: i64) -> Result<Vec<ToldRow>, Refusal> {
    let (office, who, settings) = (call.session.office(), &*call.session.asker, call.session.settings());
    let teller = Teller { session: &call.session, list, place };
    let (mut rows, mut after, mut more) = (Vec::new(), None, true);
    while more && rows.len() < settings.max_query_rows {
        let page = office.page(who, place, after.as_ref(), settings.page, Select::Meta).await?;
        more = page.more;
        let Some(last) = page.items.last() else { break };
        after = Some(last.meta.name.clone());
        let changed = page.items.into_iter().filter(|item| item.meta.modified.secs() >= since);
        let mut names: Vec<ItemName> = changed.map(|item| item.meta.name).collect();
        while !names.is_empty() {
            let items = office.items_named(who, place, &names, list.select()).await?;
            names.drain(..items.len().clamp(1, names.len()));
            let told = teller.tell(items.into_iter().flatten().collect()).await?;
            rows.extend(told.into_iter().flat_map(|told| told.rows));
        }
    }
    Ok(rows)
}
