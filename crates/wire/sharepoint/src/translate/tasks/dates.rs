//! When a task begins, is due, and was done. A list tells days, at 0 hours UTC.

use kontor_contentline::{Component, Property};
use kontor_ical::stamp::{Form, Stamp};
use kontor_ical::value::{When, duration};
use kontor_ical::zone::Zones;

use crate::row::{Context, Error, Row};
use crate::translate::change::Changes;
use crate::translate::moment::{DAY, Moment, written};

/// Tells StartDate, DueDate and DateComplete.
pub(super) fn tell(
    component: Component<'_, '_>,
    zones: Option<&Zones<'_, '_>>,
    context: &Context<'_>,
    row: &mut Row,
) {
    let Some(zones) = zones else { return };
    let day = |name: &str| day(component, name, zones, context);
    let shown = |day: Option<i64>| day.map_or_else(String::new, |day| written(day * DAY));
    let start = day("DTSTART");
    row.push("StartDate", shown(start));
    row.push("DueDate", shown(day("DUE").or_else(|| lasting(component, start))));
    row.push_bag("DateComplete", shown(day("COMPLETED")));
}

/// The day that a date property means: its own, of an instant that of the list's zone.
fn day(
    component: Component<'_, '_>,
    name: &str,
    zones: &Zones<'_, '_>,
    context: &Context<'_>,
) -> Option<i64> {
    let stamp = Stamp::of(component.property(name)?, zones)?;
    let local = match stamp.form {
        Form::Utc => context.zone.to_local(stamp.local),
        Form::Zoned(_) | Form::Floating | Form::Date => stamp.local,
    };
    Some(local.div_euclid(DAY))
}

/// The day on which DURATION ends.
fn lasting(component: Component<'_, '_>, start: Option<i64>) -> Option<i64> {
    let lasting = duration(&component.property("DURATION")?.value_str())?;
    // What lasts a day from a day on is due on that day.
    Some(start? + (lasting.nominal().max(1) - 1).div_euclid(DAY))
}

/// Takes over the days that changed; whether the task moved.
pub(super) fn take(
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<bool, Error> {
    let mut moved = false;
    for (field, name) in [("StartDate", "DTSTART"), ("DueDate", "DUE")] {
        let Some(sent) = fields.get(field) else { continue };
        let wanted = asked(field, sent, context)?;
        let now = before.get(field).and_then(Moment::read).map(|moment| moment.local.div_euclid(DAY));
        if wanted == now {
            continue;
        }
        moved = true;
        match wanted {
            None => changes.remove(name),
            Some(day) => put(name, day, context, changes),
        }
        if name == "DUE" {
            changes.remove("DURATION");
        }
    }
    Ok(moved)
}

/// The day that a client sent; `None` to have none.
pub(super) fn asked(field: &'static str, sent: &str, context: &Context<'_>) -> Result<Option<i64>, Error> {
    if sent.trim().is_empty() {
        return Ok(None);
    }
    let refused = || Error::Value { field: field.into(), reason: "it is no date".into() };
    Moment::read(sent).map(|moment| Some(moment.day(context.zone))).ok_or_else(refused)
}

/// Puts a property on a day: a time keeps its clock and its zone.
fn put(name: &'static str, day: i64, context: &Context<'_>, changes: &mut Changes<'_, '_>) {
    let component = changes.component();
    let stamp = component.property(name).and_then(|line| {
        let zones = component.parent().map(Zones::of)?;
        Some((line, Stamp::of(line, &zones)?))
    });
    let property = match stamp {
        None => match other_clock(name, component) {
            // Both are days, or both are times (RFC 5545 3.6.2).
            Some(true) => timed(name, day, context),
            _ => Property::raw(name, When::Date(day).to_string()).param("VALUE", "DATE"),
        },
        Some((_, Stamp { form: Form::Date, .. })) => {
            Property::raw(name, When::Date(day).to_string()).param("VALUE", "DATE")
        }
        Some((_, Stamp { form: Form::Utc, local })) => {
            let clock = context.zone.to_local(local).rem_euclid(DAY);
            Property::raw(name, When::Utc(context.zone.to_instant(day * DAY + clock)).to_string())
        }
        Some((line, Stamp { local, .. })) => {
            let at = When::Local(day * DAY + local.rem_euclid(DAY)).to_string();
            crate::translate::change::revalued(line, &at)
        }
    };
    changes.set(name, 0, property);
}

/// Whether the other end of the task is told as a time.
fn other_clock(name: &str, component: Component<'_, '_>) -> Option<bool> {
    let other = component.property(if name == "DUE" { "DTSTART" } else { "DUE" })?;
    Some(other.value().len() > 8)
}

/// Midnight of a day in the list's zone, as a time.
fn timed(name: &str, day: i64, context: &Context<'_>) -> Property {
    Property::raw(name, When::Utc(context.zone.to_instant(day * DAY)).to_string())
}
