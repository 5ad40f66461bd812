//! Names: N, FN and ORG.

use std::borrow::Cow;

use kontor_contentline::{Property, value};

use super::card::{Lines, changed, shown};
use crate::row::Row;
use crate::translate::change::Changes;

/// Fields of the components of N (RFC 6350 6.2.2). `Title` of a contact is the family name; what stands before a name is
/// in the property bag.
const NAME: [&str; 5] = ["Title", "FirstName", "MiddleName", "NameTitle", "Suffix"];

/// Fields of the components of ORG.
const ORGANISATION: [&str; 2] = ["Company", "ol_Department"];

/// Which of them is in the property bag.
const BAG: &str = "NameTitle";

/// Tells names and organisation.
pub(super) fn tell(lines: &Lines<'_, '_>, row: &mut Row) {
    let full_name = lines.preferred("FN").first().map(super::card::Own::text).unwrap_or_default();
    let parts = lines.first("N").map(|own| own.parts()).unwrap_or_default();
    let mut names: Vec<String> =
        (0..NAME.len()).map(|at| parts.get(at).map(|part| shown(part)).unwrap_or_default()).collect();
    let organisation = lines.first("ORG").map(|own| own.parts()).unwrap_or_default();
    let has_name = names.iter().any(|name| !name.is_empty());
    // A card of version 4.0 need not have N. A list sorts by it.
    if let (false, true, Some(family)) = (has_name, organisation.is_empty(), names.first_mut()) {
        family.clone_from(&full_name);
    }
    for (field, name) in NAME.into_iter().zip(names) {
        if field == BAG { row.push_bag(field, name) } else { row.push(field, name) }
    }
    row.push("FullName", full_name);
    for (at, field) in ORGANISATION.into_iter().enumerate() {
        row.push(field, organisation.get(at).map(|part| shown(part)).unwrap_or_default());
    }
}

/// The name that a contact is shown by, from what a client sent: never empty, as no card may be without.
pub(super) fn full_name(fields: &Row) -> String {
    let get = |name: &str| fields.get(name).map(str::trim).unwrap_or_default();
    let both = [get("FirstName"), get("Title")].join(" ");
    let candidates = [get("FullName"), both.trim(), get("Company"), get("Email")];
    candidates.into_iter().find(|name| !name.is_empty()).unwrap_or("Unnamed").to_owned()
}

/// The name of a fresh card, in its components.
pub(super) fn fresh(fields: &Row) -> Property {
    let part = |name: &str| fields.get(name).or_else(|| fields.bag(name)).map(str::trim).unwrap_or_default();
    Property::structured("N", NAME.map(part))
}

/// Takes over names and organisation.
pub(super) fn take(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    put_parts("N", &NAME, NAME.len(), lines, &named(lines, before, fields), fields, changes);
    put_parts("ORG", &ORGANISATION, 0, lines, before, fields, changes);
    let sent = changed(before, fields, "FullName").map(str::to_owned);
    let full_name = match sent {
        Some(sent) if sent.is_empty() => Some(full_name(fields)),
        Some(sent) => Some(sent),
        None if fields.get("FullName").is_some_and(|sent| !sent.trim().is_empty()) => None,
        None => follows(before, fields),
    };
    if let Some(full_name) = full_name.filter(|name| before.get("FullName") != Some(name)) {
        let text = value::escape(&full_name);
        match lines.preferred("FN").first() {
            Some(own) => changes.set("FN", own.nth, own.with_raw(&text)),
            None => changes.add(Property::raw("FN", text)),
        }
    }
}

/// The row before, without the family name that only the list shows if another part of the name is written now.
fn named<'r>(lines: &Lines<'_, '_>, before: &'r Row, fields: &Row) -> Cow<'r, Row> {
    let is_there = lines.first("N").is_some_and(|own| own.parts().iter().any(|part| !shown(part).is_empty()));
    let is_written = NAME.iter().any(|field| changed(before, fields, field).is_some())
        || fields.bag(BAG).is_some_and(|sent| !sent.trim().is_empty());
    if is_there || !is_written {
        return Cow::Borrowed(before);
    }
    let mut before = before.clone();
    before.fields.retain(|field| field.name != "Title");
    Cow::Owned(before)
}

/// The full name after first or last name changed, where it was just these two.
fn follows(before: &Row, fields: &Row) -> Option<String> {
    let of = |row: &Row, other: &Row| {
        let get =
            |name: &str| row.get(name).or_else(|| other.get(name)).unwrap_or_default().trim().to_owned();
        format!("{} {}", get("FirstName"), get("Title")).trim().to_owned()
    };
    let (was, is) = (of(before, before), of(fields, before));
    (was != is && before.get("FullName") == Some(was.as_str()) && !is.is_empty()).then_some(is)
}

/// Puts the components that changed into a structured property, and leaves the others as they are written.
fn put_parts(
    name: &str,
    names: &[&str],
    least: usize,
    lines: &Lines<'_, '_>,
    before: &Row,
    fields: &Row,
    changes: &mut Changes<'_, '_>,
) {
    let own = lines.first(name);
    let mut parts = own.map(|own| own.parts()).unwrap_or_default();
    let mut is_changed = false;
    for (at, field) in names.iter().enumerate() {
        let sent = if *field == BAG {
            fields.bag(field).filter(|sent| before.bag(field).unwrap_or_default().trim() != sent.trim())
        } else {
            changed(before, fields, field)
        };
        let Some(sent) = sent else { continue };
        if parts.len() <= at {
            parts.resize(at + 1, String::new());
        }
        if let Some(part) = parts.get_mut(at) {
            *part = value::escape(sent.trim());
            is_changed = true;
        }
    }
    if !is_changed {
        return;
    }
    if parts.len() < least {
        parts.resize(least, String::new());
    }
    let is_empty = parts.iter().all(String::is_empty);
    let text = parts.join(";");
    match own {
        Some(own) if is_empty && least == 0 => changes.remove_nth(name, own.nth),
        Some(own) => changes.set(name, own.nth, own.with_raw(&text)),
        None if is_empty => {}
        None => changes.add(Property::raw(name, text)),
    }
}
