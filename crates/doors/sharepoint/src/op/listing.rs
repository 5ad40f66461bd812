//! Reading lists page by page.

use crate::employees;
use crate::fault::Refusal;
use crate::list::{List, Source};
use crate::rows::{Teller, Told, ToldRow};
use crate::session::Session;
use kontor_groupware::Place;
use kontor_model::{Error, ItemName};
use kontor_wire_sharepoint::soap::code;

/// Goes through a collection by name.
pub(super) struct Pager<'a> {
    pub(super) session: &'a Session,
    pub(super) list: &'a List,
    pub(super) place: &'a Place,
    /// The last name that was told.
    pub(super) after: Option<ItemName>,
    /// Whether there is more behind it.
    pub(super) more: bool,
}

impl<'a> Pager<'a> {
    pub(super) fn new(
        session: &'a Session,
        list: &'a List,
        place: &'a Place,
        after: Option<ItemName>,
    ) -> Self {
        Self { session, list, place, after, more: true }
    }

    /// The next items, at most `limit`, as rows.
    pub(super) async fn next(&mut self, limit: usize) -> Result<Vec<Told>, Refusal> {
        let (office, who) = (self.session.office(), &*self.session.asker);
        let limit = limit.clamp(1, self.session.settings().page);
        let page = office.page(who, self.place, self.after.as_ref(), limit, self.list.select()).await?;
        self.more = page.more;
        self.after = page.items.last().map(|item| item.meta.name.clone()).or(self.after.take());
        let teller = Teller { session: self.session, list: self.list, place: self.place };
        teller.tell_page(page.items).await
    }
}

/// All rows of a list, at most so many.
///
/// # Errors
/// Too large if there are more.
pub(super) async fn whole(session: &Session, list: &List) -> Result<Vec<ToldRow>, Refusal> {
    let most = session.settings().max_query_rows;
    let place = match &list.source {
        Source::Collection(place) => place,
        Source::Employees | Source::People => return all_people(session, list).await,
    };
    let mut pager = Pager::new(session, list, place, None);
    let mut rows = Vec::new();
    while pager.more {
        rows.extend(pager.next(usize::MAX).await?.into_iter().flat_map(|told| told.rows));
        if rows.len() > most {
            let text =
                format!("The list has more than {most} rows: ask for it page by page, without a query.");
            return Err(Refusal::new(code::TOO_LARGE, text));
        }
    }
    Ok(rows)
}

/// Rows of a list of the directory, which is told whole or not at all: it counts no changes.
///
/// # Errors
/// Too large if there are more people than may be told; those of the office.
pub(super) async fn all_people(session: &Session, list: &List) -> Result<Vec<ToldRow>, Refusal> {
    let people = session.everybody().await?;
    let people: Vec<_> =
        people.iter().map(|one| &**one).filter(|one| employees::is_listed(list, one)).collect();
    let numbers = session.office().number_people(&session.asker, &people).await?;
    let row = |(principal, number)| employees::row(list, principal, number);
    Ok(people.into_iter().zip(numbers).map(row).collect())
}

/// The row of that number of a list of the directory.
///
/// # Errors
/// Those of the office.
pub(crate) async fn somebody(
    session: &Session,
    list: &List,
    number: i64,
) -> Result<Option<ToldRow>, Refusal> {
    let (office, who) = (session.office(), &*session.asker);
    let Some((_, account)) = office.numbered_people(&[number]).await?.into_iter().next() else {
        return Ok(None);
    };
    match office.principal_by_id(who, account).await {
        Ok(found) => Ok(employees::is_listed(list, &found).then(|| employees::row(list, &found, number))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
