//! Occurrences that differ from their series, and those that are taken out (MS-OUTSPS 3.2.1.1.3 and 3.2.1.1.4).

use kontor_contentline::Edit;
use kontor_ical::edit::{OccurrenceError, exclude_occurrence, split_occurrence};
use kontor_ical::timeline::{Kind, Range};
use kontor_ical::{Budget, Object, value::When};

use super::plan::{Override, Plan, Series, Subject};
use super::times::{occurrences, refused};
use super::{take, told};
use crate::row::{Context, Error, Occurrence, Part, Row};
use crate::translate::change::{Changes, applied, revalued};
use crate::translate::moment::{DAY, Moment};
use crate::translate::recurrence::Days;
use crate::translate::stamp::{Moved, mark};

/// What is left of an item after a row was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// This text.
    Text(Vec<u8>),
    /// Nothing: the item goes with the row.
    Item,
}

/// The rows of the occurrences of a series that are changed or taken out.
pub(super) fn rows(subject: &Subject<'_, '_>, series: &Series) -> Result<Vec<(Part, Row)>, Error> {
    let (overrides, taken_out) = (subject.overrides(), series.taken_out(subject));
    if overrides.is_empty() && taken_out.is_empty() {
        return Ok(Vec::new());
    }
    let days = series.days(subject);
    let mut found: Vec<(Part, Row)> = Vec::new();
    for one in overrides.iter().filter(|one| series.has(&days, one.id) && !taken_out.contains(&one.id)) {
        let part = Part::Changed(one.id);
        if !found.iter().any(|(other, _)| *other == part) {
            let span = subject.times(one.component)?.span;
            found.push((part, told::changed(subject, series, one.id, one.component, span)));
        }
    }
    for id in taken_out.into_iter().filter(|id| series.has(&days, *id)) {
        found.push((Part::Deleted(id), told::deleted(subject, series, id)));
    }
    Ok(found)
}

/// A row that a client made for an occurrence (`EventType` 3 or 4): which part it is, and the text with it; `None` if it
/// says all that already. `text` is that of the item that MasterSeriesItemID names.
///
/// # Errors
/// [`Error::NoPart`] if RecurrenceID names no occurrence, [`Error::Value`], [`Error::ReadOnly`].
pub fn except(text: &[u8], fields: &Row, context: &Context<'_>) -> Result<(Part, Option<Vec<u8>>), Error> {
    let (object, fields) = (Object::read(text), &*fields.legible());
    let subject = Subject::of(&object, context)?;
    let Plan::Series(series) = &subject.plan else { return Err(Error::NoPart) };
    let id = fields.get("RecurrenceID").and_then(Moment::read);
    let id = id.ok_or_else(|| refused("RecurrenceID", "an occurrence is named by its start"))?;
    let id = named(&subject, series, id)?;
    let is_taken_out = series.taken_out(&subject).contains(&id);
    match fields.get("EventType").map(str::trim) {
        Some("3") if is_taken_out => Ok((Part::Deleted(id), None)),
        Some("3") => Ok((Part::Deleted(id), Some(exclude(text, &subject, id)?))),
        Some("4") if is_taken_out => Ok((Part::Changed(id), restore(text, &subject, id, fields)?)),
        Some("4") => Ok((Part::Changed(id), Some(made(text, &subject, id, fields)?))),
        _ => Err(refused("EventType", "an occurrence is 3 or 4")),
    }
}

/// The occurrence that a RecurrenceID names: the one that starts then, or else the one of that day, for clients reckon
/// zones in their own ways.
fn named(subject: &Subject<'_, '_>, series: &Series, id: Moment) -> Result<Occurrence, Error> {
    let days = series.days(subject);
    let instant = id.instant(subject.floating());
    let there = match series.times.span {
        super::times::Span::Days(..) => id.day(subject.floating()),
        super::times::Span::Timed(..) => {
            series.anchor.form.local(instant, subject.floating()).div_euclid(DAY)
        }
    };
    let candidates = [there, id.local.div_euclid(DAY)];
    candidates.into_iter().find(|day| days.has(*day)).map(|day| series.on_day(day)).ok_or(Error::NoPart)
}

/// The text after an update of an occurrence.
pub(super) fn change(
    text: &[u8],
    subject: &Subject<'_, '_>,
    id: Occurrence,
    fields: &Row,
) -> Result<Option<Vec<u8>>, Error> {
    let is_single = !matches!(&subject.plan, Plan::Series(_));
    match fields.get("EventType").map(str::trim) {
        None | Some("" | "4") => {}
        Some("3") => return exclude(text, subject, id).map(Some),
        Some("0" | "2") if is_single || is_stray(subject, id) => {}
        Some(_) => return Err(refused("EventType", "an occurrence stays one; make a new event instead")),
    }
    // What an occurrence without a component of its own is told to be.
    let shown = match subject.plan {
        Plan::Each => super::expand::row(subject, id)?.ok_or(Error::NoPart)?,
        _ => Row::new(),
    };
    if matches!(subject.plan, Plan::Each) && says_no_more(fields, &shown) {
        return Ok(None);
    }
    match own(subject, id)? {
        Some(one) => one_changed(text, subject, &one, fields),
        None => {
            let before = made(text, subject, id, &shown)?;
            let mut all = shown;
            all.fields.extend(fields.fields.iter().cloned());
            let after = made(text, subject, id, &all)?;
            Ok((after != before).then_some(after))
        }
    }
}

/// Whether every field that a row has says what the row says.
fn says_no_more(fields: &Row, shown: &Row) -> bool {
    fields.fields.iter().all(|field| {
        let now = match &field.property {
            Some(property) => shown.bag(property),
            None => shown.get(&field.name),
        };
        now.is_none_or(|now| now.trim() == field.value.trim())
    })
}

fn is_stray(subject: &Subject<'_, '_>, id: Occurrence) -> bool {
    match &subject.plan {
        Plan::Series(series) => !series.has(&series.days(subject), id),
        _ => true,
    }
}

/// The component that an occurrence has of its own.
fn own<'t, 'a>(subject: &Subject<'t, 'a>, id: Occurrence) -> Result<Option<Override<'t, 'a>>, Error> {
    let overrides = subject.overrides();
    let follows = overrides.iter().any(|one| one.future && !is_before(id, one.id));
    let found = overrides.into_iter().find(|one| one.id == id && !one.future);
    if found.is_none() && follows {
        return Err(Error::ReadOnly("an earlier occurrence was changed together with all after it".into()));
    }
    Ok(found)
}

fn is_before(one: Occurrence, other: Occurrence) -> bool {
    let at = |occurrence: Occurrence| match occurrence.0 {
        When::Date(day) => day * DAY,
        When::Local(local) | When::Utc(local) => local,
    };
    at(one) < at(other)
}

fn one_changed(
    text: &[u8],
    subject: &Subject<'_, '_>,
    one: &Override<'_, '_>,
    fields: &Row,
) -> Result<Option<Vec<u8>>, Error> {
    let times = subject.times(one.component)?;
    take::component(text, subject, &times, Changes::of(one.component), fields)
}

/// The text with a component of its own for an occurrence, changed as the fields say.
fn made(text: &[u8], subject: &Subject<'_, '_>, id: Occurrence, fields: &Row) -> Result<Vec<u8>, Error> {
    let text = applied(text, &split(subject, id)?)?;
    let object = Object::read(&text);
    let subject = Subject::of(&object, &subject.context)?;
    let one = own(&subject, id)?.ok_or(Error::NoPart)?;
    Ok(one_changed(&text, &subject, &one, fields)?.unwrap_or_else(|| text.clone()))
}

fn split(subject: &Subject<'_, '_>, id: Occurrence) -> Result<Vec<Edit>, Error> {
    split_occurrence(subject.object, id.0).map_err(no_part)
}

fn no_part(_: OccurrenceError) -> Error {
    Error::NoPart
}

/// The text without an occurrence.
fn exclude(text: &[u8], subject: &Subject<'_, '_>, id: Occurrence) -> Result<Vec<u8>, Error> {
    if subject.overrides().iter().any(|one| one.future && one.id == id) {
        return Err(Error::ReadOnly("all later occurrences were changed together with it".into()));
    }
    let mut changes = Changes::of(subject.component());
    exclude_occurrence(subject.object, id.0)
        .map_err(no_part)?
        .into_iter()
        .for_each(|edit| changes.push(edit));
    mark(&mut changes, Moved::No, subject.context.now);
    changes.make(text)
}

/// The text after an update of an occurrence that was taken out: nothing but its return is a change.
pub(super) fn restore(
    text: &[u8],
    subject: &Subject<'_, '_>,
    id: Occurrence,
    fields: &Row,
) -> Result<Option<Vec<u8>>, Error> {
    if fields.get("EventType").map(str::trim) != Some("4") {
        return Ok(None);
    }
    let text = included(text, subject, id)?;
    let object = Object::read(&text);
    let subject = Subject::of(&object, &subject.context)?;
    made(&text, &subject, id, fields).map(Some)
}

/// The text with an occurrence that was taken out back in.
fn included(text: &[u8], subject: &Subject<'_, '_>, id: Occurrence) -> Result<Vec<u8>, Error> {
    let mut changes = Changes::of(subject.component());
    take_back(subject, &mut changes, |occurrence| occurrence == id);
    if changes.is_empty() {
        return Err(Error::NoPart);
    }
    mark(&mut changes, Moved::No, subject.context.now);
    changes.make(text)
}

/// Takes values out of EXDATE.
fn take_back(subject: &Subject<'_, '_>, changes: &mut Changes<'_, '_>, is_back: impl Fn(Occurrence) -> bool) {
    let component = subject.component();
    let Ok(times) = subject.times(component) else { return };
    let anchor = times.anchor();
    for (nth, line) in component.properties_named("EXDATE").enumerate() {
        let own = line.value_str();
        let ids = occurrences(line, &subject.zones, &anchor);
        let all: Vec<_> = own.split(',').zip(ids).collect();
        let kept: Vec<&str> =
            all.iter().filter(|(_, id)| !id.is_some_and(&is_back)).map(|(item, _)| *item).collect();
        if kept.len() == all.len() {
            continue;
        }
        match kept.as_slice() {
            [] => changes.remove_nth("EXDATE", nth),
            kept => changes.set("EXDATE", nth, revalued(line, &kept.join(","))),
        }
    }
}

/// What is left after a client deleted a row.
///
/// # Errors
/// [`Error::NoPart`], [`Error::ReadOnly`], [`Error::Unreadable`].
pub fn remove_part(text: &[u8], part: &Part, context: &Context<'_>) -> Result<Removed, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    let id = match part {
        Part::Whole => return Ok(Removed::Item),
        Part::Deleted(id) => return included(text, &subject, *id).map(Removed::Text),
        Part::Changed(id) => *id,
    };
    if matches!(subject.plan, Plan::Each) {
        let left = exclude(text, &subject, id)?;
        return Ok(if is_over(&left, context) { Removed::Item } else { Removed::Text(left) });
    }
    // A changed occurrence goes back to what its series says (MS-OUTSPS 3.2.1.1.3).
    let overrides = subject.overrides();
    let gone: Vec<_> = overrides.iter().filter(|one| one.id == id).collect();
    if gone.is_empty() {
        return Err(Error::NoPart);
    }
    if gone.len() == overrides.len() && subject.master.is_none() {
        return Ok(Removed::Item);
    }
    let edits: Vec<Edit> =
        gone.iter().map(|one| Edit::RemoveComponent { at: one.component.path() }).collect();
    applied(text, &edits).map(Removed::Text)
}

/// Whether no occurrence is left, shown or not.
fn is_over(text: &[u8], context: &Context<'_>) -> bool {
    let object = Object::read(text);
    !object.timeline().overlaps(Kind::Event, Range::ALL, context.zone, &mut Budget::default())
}

/// Takes all components of occurrences away.
pub(super) fn drop_overrides(subject: &Subject<'_, '_>, changes: &mut Changes<'_, '_>) {
    for one in subject.overrides() {
        changes.push(Edit::RemoveComponent { at: one.component.path() });
    }
}

/// The text without changed and deleted occurrences.
pub(super) fn without_any(text: &[u8], context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    let mut changes = Changes::of(subject.component());
    changes.remove("EXDATE");
    drop_overrides(&subject, &mut changes);
    changes.make(text)
}

/// The text without changed and deleted occurrences that the series does not have (any more).
pub(super) fn without_orphans(text: &[u8], context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    let Plan::Series(series) = &subject.plan else { return Ok(text.to_vec()) };
    let overrides = subject.overrides();
    let days: Days = series.days(&subject);
    let mut changes = Changes::of(subject.component());
    take_back(&subject, &mut changes, |id| !series.has(&days, id));
    for one in overrides.iter().filter(|one| !series.has(&days, one.id)) {
        changes.push(Edit::RemoveComponent { at: one.component.path() });
    }
    changes.make(text)
}
