//! State, percentage and importance of a task.

use kontor_contentline::{Component, Property};
use kontor_ical::value::When;

use super::dates::asked;
use crate::row::{Context, Error, Row};
use crate::translate::change::Changes;
use crate::translate::moment::{DAY, Moment};
use crate::translate::priority;

/// States as the list's choices have them, with Outlook's numbers and what VTODO says (RFC 5545 3.8.1.11). Two of them it
/// has no word for.
const STATES: [(&str, &str, &str); 5] = [
    ("Not Started", "0", "NEEDS-ACTION"),
    ("In Progress", "1", "IN-PROCESS"),
    ("Completed", "2", "COMPLETED"),
    ("Waiting on someone else", "3", "IN-PROCESS"),
    ("Deferred", "4", "NEEDS-ACTION"),
];

/// Importance as the list's choices have it, with Outlook's numbers.
const PRIORITIES: [(&str, &str); 3] = [("(1) High", "1"), ("(2) Normal", "0"), ("(3) Low", "-1")];

/// Keeps the states that VTODO has no word for.
const OWN: &str = "X-KONTOR-OUTLOOK-STATUS";

fn word(component: Component<'_, '_>, name: &str) -> Option<String> {
    component.property(name).map(|line| line.text().trim().to_owned())
}

fn percent(component: Component<'_, '_>) -> Option<u8> {
    word(component, "PERCENT-COMPLETE")?.parse().ok().filter(|percent| *percent <= 100)
}

fn state(component: Component<'_, '_>) -> &'static str {
    let status = word(component, "STATUS").map(|status| status.to_ascii_uppercase());
    let status = match status.as_deref() {
        Some(known @ ("NEEDS-ACTION" | "IN-PROCESS" | "COMPLETED")) => known.to_owned(),
        // Nothing that will be done.
        Some("CANCELLED") => return "Deferred",
        _ if component.property("COMPLETED").is_some() || percent(component) == Some(100) => {
            "COMPLETED".to_owned()
        }
        _ if percent(component).is_some_and(|percent| percent > 0) => "IN-PROCESS".to_owned(),
        _ => "NEEDS-ACTION".to_owned(),
    };
    let own = word(component, OWN);
    let fits = |(name, _, word): &&(&str, &str, &str)| own.as_deref() == Some(*name) && *word == status;
    let plain = |(_, _, word): &&(&str, &str, &str)| *word == status;
    STATES.iter().find(fits).or_else(|| STATES.iter().find(plain)).map_or("Not Started", |(name, ..)| name)
}

/// Tells Status, PercentComplete and Priority.
pub(super) fn tell(component: Component<'_, '_>, row: &mut Row) {
    let state = state(component);
    row.push("Status", state);
    let percent = percent(component).unwrap_or(if state == "Completed" { 100 } else { 0 });
    row.push("PercentComplete", format!("{}.{:02}", percent / 100, percent % 100));
    let priority = priority::of(component);
    let name =
        PRIORITIES.iter().find(|(_, number)| *number == priority).map_or("(2) Normal", |(name, _)| name);
    row.push("Priority", name);
}

/// Takes over what changed.
pub(super) fn take(
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    if let Some(sent) = changed(before, fields, "Priority") {
        let known =
            PRIORITIES.iter().find(|(name, number)| name.eq_ignore_ascii_case(sent) || *number == sent);
        let (name, number) = known.ok_or_else(|| refused("Priority", "it is none of the list's choices"))?;
        if before.get("Priority") != Some(name) {
            priority::take(number, changes)?;
        }
    }
    let was = before.get("Status").unwrap_or_default();
    let mut state = was;
    if let Some(sent) = changed(before, fields, "Status") {
        let known =
            STATES.iter().find(|(name, number, _)| name.eq_ignore_ascii_case(sent) || *number == sent);
        let known = known.ok_or_else(|| refused("Status", "it is none of the list's choices"))?;
        state = known.0;
        if state != was {
            put_state(known, changes);
        }
    } else if fields.get("Status").is_some_and(|sent| sent.trim() == was)
        && changes.component().property("STATUS").is_none()
        && changed(before, fields, "PercentComplete").is_some()
    {
        // Nothing but the percentage told the state so far.
        STATES.iter().find(|(name, ..)| *name == was).into_iter().for_each(|known| put_state(known, changes));
    }
    take_percent(before, fields, (was, state), changes)?;
    take_completed(before, fields, (was, state), context, changes)
}

fn changed<'r>(before: &Row, fields: &'r Row, name: &str) -> Option<&'r str> {
    let sent = fields.get(name)?.trim();
    (!sent.is_empty() && before.get(name) != Some(sent)).then_some(sent)
}

fn refused(field: &'static str, reason: &'static str) -> Error {
    Error::Value { field: field.into(), reason: reason.into() }
}

fn put_state((name, _, word): &(&'static str, &str, &str), changes: &mut Changes<'_, '_>) {
    let plain = STATES.iter().find(|(_, _, own)| own == word).is_some_and(|(own, ..)| own == name);
    changes.set_raw("STATUS", word);
    if plain {
        changes.remove(OWN);
    } else {
        changes.set_text(OWN, name);
    }
}

/// A part of one, or a percentage.
fn percentage(text: &str) -> Option<u8> {
    let (number, is_percent) = match text.strip_suffix('%') {
        Some(number) => (number, true),
        None => (text, false),
    };
    let number: f64 = number.trim().parse().ok()?;
    let percent = if is_percent || number > 1.0 { number } else { number * 100.0 };
    (0.0..=100.0).contains(&percent).then(|| percent.round() as u8)
}

fn take_percent(
    before: &Row,
    fields: &Row,
    (was, state): (&str, &str),
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    let now = before.get("PercentComplete").and_then(percentage);
    let sent = match changed(before, fields, "PercentComplete") {
        None => None,
        Some(text) => {
            Some(percentage(text).ok_or_else(|| refused("PercentComplete", "it is no percentage"))?)
        }
    };
    // What is done is done: a percentage that says otherwise was forgotten.
    let done = state == "Completed" && (state != was || fields.get("Status").is_some() && now == Some(100));
    let wanted = match sent.filter(|_| !done) {
        Some(percent) => Some(percent),
        None if sent.is_some() => Some(100),
        None if state != was && state == "Completed" => Some(100),
        None if state != was && was == "Completed" && now == Some(100) => Some(0),
        None => None,
    };
    if let Some(percent) =
        wanted.filter(|percent| Some(*percent) != now || percent_missing(changes, *percent))
    {
        changes.set("PERCENT-COMPLETE", 0, Property::raw("PERCENT-COMPLETE", percent.to_string()));
    }
    Ok(())
}

/// Whether a task that is done does not say so in its percentage.
fn percent_missing(changes: &Changes<'_, '_>, percent: u8) -> bool {
    percent == 100 && changes.component().property("PERCENT-COMPLETE").is_none()
}

fn take_completed(
    before: &Row,
    fields: &Row,
    (was, state): (&str, &str),
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    if state != "Completed" {
        if was == "Completed" {
            changes.remove("COMPLETED");
        }
        return Ok(());
    }
    let sent = fields.bag("DateComplete").or_else(|| fields.get("DateComplete"));
    let wanted = match sent {
        Some(sent) => asked("DateComplete", sent, context)?,
        None => None,
    };
    let now = before.bag("DateComplete").and_then(Moment::read).map(|moment| moment.local.div_euclid(DAY));
    let today = context.zone.to_local(context.now).div_euclid(DAY);
    let instant = match wanted {
        Some(day) if Some(day) == now => return Ok(()),
        Some(day) if day != today => context.zone.to_instant(day * DAY),
        Some(_) => context.now,
        None if state != was => context.now,
        None => return Ok(()),
    };
    changes.set("COMPLETED", 0, Property::raw("COMPLETED", When::Utc(instant).to_string()));
    Ok(())
}
