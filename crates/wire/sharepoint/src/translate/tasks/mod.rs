//! Tasks as rows of a task list, and back (MS-OUTSPS 3.2.4.2.8).
//!
//! A task is one row. A list knows no tasks that repeat: the row of such a task tells the series, its text can be changed,
//! and its dates and state cannot, for to complete it would complete all of it.

mod assigned;
mod dates;
mod predecessors;
mod state;

use kontor_contentline::{Component, Ending, Property, Tree, Writer};
use kontor_ical::value::When;
use kontor_ical::zone::Zones;

use super::change::Changes;
use super::outlook::{self, Place};
use super::stamp::{Moved, mark};
use super::{body, categories};
use crate::row::{Context, Error, Part, Row};

/// Who wrote it.
const PRODID: &str = "-//Kontor//Outlook list sync//EN";

/// Fields that VTODO has no property for.
const KEPT: [(&str, Place); 7] = [
    ("TotalWork", Place::Bag),
    ("ActualWork", Place::Bag),
    ("BillingInformation", Place::Bag),
    ("ContactLinkName", Place::Bag),
    ("Mileage", Place::Bag),
    ("Role", Place::Bag),
    ("TaskCompanies", Place::Bag),
];

/// The component that describes the task.
fn component<'t, 'a>(tree: &'t Tree<'a>) -> Result<Component<'t, 'a>, Error> {
    let calendar = tree.root().child("VCALENDAR");
    let mut tasks =
        calendar.into_iter().flat_map(|calendar| calendar.children()).filter(|own| own.is("VTODO"));
    let first = tasks.next().ok_or_else(|| Error::Unreadable("it has no task".into()))?;
    let is_master = |task: &Component<'_, '_>| task.property("RECURRENCE-ID").is_none();
    Ok(std::iter::once(first).chain(tasks).find(is_master).unwrap_or(first))
}

/// Whether the task repeats.
fn repeats(component: Component<'_, '_>) -> bool {
    ["RRULE", "RDATE"].into_iter().any(|name| component.property(name).is_some())
}

/// An item as its row.
///
/// # Errors
/// [`Error::Unreadable`], if it is no task.
pub fn rows(text: &[u8], context: &Context<'_>) -> Result<Vec<(Part, Row)>, Error> {
    let tree = Tree::parse(text);
    Ok(vec![(Part::Whole, told(component(&tree)?, context))])
}

fn told(component: Component<'_, '_>, context: &Context<'_>) -> Row {
    let zones = component.parent().map(Zones::of);
    let mut row = Row::new();
    row.push("Title", component.property("SUMMARY").map(|line| line.text().into_owned()).unwrap_or_default());
    row.push("Body", body::told(component));
    dates::tell(component, zones.as_ref(), context, &mut row);
    state::tell(component, &mut row);
    row.push("AssignedTo", assigned::told(component, context));
    row.push("Predecessors", predecessors::told(component, context));
    row.push("Categories", categories::joined(&categories::of(component)));
    outlook::tell(component, &KEPT, &mut row);
    row
}

/// UID and title of a task; `None` if it is none.
#[must_use]
pub fn identity(text: &[u8]) -> Option<(String, String)> {
    let tree = Tree::parse(text);
    let component = component(&tree).ok()?;
    let own = |name: &str| component.property(name).map(|line| line.text().trim().to_owned());
    let uid = own("UID").filter(|uid| !uid.is_empty())?;
    Some((uid, own("SUMMARY").unwrap_or_default()))
}

/// The UIDs of the tasks that a task waits for.
#[must_use]
pub fn predecessors(text: &[u8]) -> Vec<String> {
    // Most tasks wait for none: that is seen without reading their lines.
    if memchr::memmem::find(text, b"RELATED-TO").or(memchr::memmem::find(text, b"related-to")).is_none() {
        return Vec::new();
    }
    let tree = Tree::parse(text);
    let found = component(&tree).map(predecessors::uids).unwrap_or_default();
    found.into_iter().map(|(_, uid)| uid).collect()
}

/// The numbers of the tasks that a row names; none if they cannot be read.
#[must_use]
pub fn predecessor_numbers(fields: &Row) -> Vec<i64> {
    fields.get("Predecessors").and_then(|value| predecessors::numbers(value).ok()).unwrap_or_default()
}

/// Canonical text of a task that a client made.
///
/// # Errors
/// [`Error::Value`], [`Error::UnknownPerson`].
pub fn create(fields: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let now = When::Utc(context.now).to_string();
    let mut out = Writer::new(Ending::CrLf);
    out.begin("VCALENDAR").property(&Property::raw("VERSION", "2.0"));
    out.property(&Property::raw("PRODID", PRODID)).begin("VTODO");
    out.property(&Property::text("UID", context.uid)).property(&Property::raw("DTSTAMP", &now));
    out.property(&Property::raw("CREATED", &now)).property(&Property::raw("LAST-MODIFIED", &now));
    out.end("VTODO").end("VCALENDAR");
    let text = out.finish();
    Ok(edit(&text, &Part::Whole, fields, context)?.unwrap_or(text))
}

/// The text after an update; `None` if it says all that already.
///
/// # Errors
/// [`Error::Value`], [`Error::UnknownPerson`], [`Error::NoPart`], [`Error::ReadOnly`].
pub fn edit(text: &[u8], part: &Part, fields: &Row, context: &Context<'_>) -> Result<Option<Vec<u8>>, Error> {
    if *part != Part::Whole {
        return Err(Error::NoPart);
    }
    let (tree, fields) = (Tree::parse(text), &*fields.legible());
    let component = component(&tree)?;
    let before = told(component, context);
    let mut changes = Changes::of(component);
    if let Some(sent) = fields.get("Title")
        && before.get("Title").map(str::trim) != Some(sent.trim())
    {
        changes.set_text("SUMMARY", sent.trim());
    }
    body::take("Body", &before, fields, &mut changes);
    categories::take(&before, fields, &mut changes);
    outlook::take(fields, &KEPT, &mut changes);
    predecessors::take(fields, context, &mut changes)?;
    let texts = changes.len();
    let moved = dates::take(&before, fields, context, &mut changes)?;
    state::take(&before, fields, context, &mut changes)?;
    if repeats(component) && changes.len() > texts {
        return Err(Error::ReadOnly("it repeats, and a list of tasks knows no tasks that do".into()));
    }
    assigned::take(&before, fields, context, &mut changes)?;
    let moved = if moved { Moved::Yes } else { Moved::No };
    changes.settle(text, |changes| mark(changes, moved, context.now))
}
