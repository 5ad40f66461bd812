//! Birthday and anniversary.

use kontor_contentline::Property;

use super::card::{Lines, Own};
use crate::row::{Context, Error, Row};
use crate::translate::change::Changes;
use crate::translate::moment::{DAY, Moment, civil, days, written};

/// Fields and the properties that say them, the one that is written first: in version 4.0, in 3.0.
const DATES: [(&str, &[&str]); 2] = [
    ("Birthday", &["BDAY"]),
    ("Anniversary", &["ANNIVERSARY", "X-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY"]),
];

/// The year that Apple writes for a date without one.
const NO_YEAR: &str = "X-APPLE-OMIT-YEAR";

/// The day that a line says; `None` for what a list cannot say, such as a date without year.
fn day(own: &Own<'_, '_>) -> Option<i64> {
    if own.line().param(NO_YEAR).is_some() {
        return None;
    }
    let text = own.text();
    let digits: String = text.trim().split(['T', ' ']).next()?.chars().filter(|c| *c != '-').collect();
    if text.trim().starts_with("--") || digits.len() != 8 {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u16>().ok();
    days(i32::from(number(0, 4)?), u8::try_from(number(4, 6)?).ok()?, u8::try_from(number(6, 8)?).ok()?)
}

/// Tells them, at 0 hours UTC.
pub(super) fn tell(lines: &Lines<'_, '_>, _: &Context<'_>, row: &mut Row) {
    for (field, names) in DATES {
        let day = lines.first_of(names).and_then(|(_, own)| day(&own));
        row.push(field, day.map_or_else(String::new, |day| written(day * DAY)));
    }
}

/// Takes over those that changed.
pub(super) fn take(
    lines: &Lines<'_, '_>,
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    for (field, names) in DATES {
        let Some(sent) = fields.get(field).map(str::trim) else { continue };
        let wanted = match sent {
            "" => None,
            text => {
                let refused = || Error::Value { field: field.into(), reason: "it is no date".into() };
                Some(Moment::read(text).ok_or_else(refused)?.day(context.zone))
            }
        };
        let now = before.get(field).and_then(Moment::read).map(|moment| moment.local.div_euclid(DAY));
        // What a list could not be told, it cannot take away either.
        if wanted == now {
            continue;
        }
        let own = lines.first_of(names);
        match (wanted, own) {
            (None, Some((name, own))) => changes.remove_nth(name, own.nth),
            (None, None) => {}
            (Some(day), own) => put(lines, names, own, day, changes),
        }
    }
    Ok(())
}

fn put(
    lines: &Lines<'_, '_>,
    names: &[&'static str],
    own: Option<(&'static str, Own<'_, '_>)>,
    day: i64,
    changes: &mut Changes<'_, '_>,
) {
    let (year, month, of_month) = civil(day);
    let value = if lines.is_v4 {
        format!("{year:04}{month:02}{of_month:02}")
    } else {
        format!("{year:04}-{month:02}-{of_month:02}")
    };
    match own {
        Some((name, own)) if own.line().param(NO_YEAR).is_some() || own.line().param("VALUE").is_some() => {
            changes.set(name, own.nth, fresh(name, &value, own.group()));
        }
        Some((name, own)) => changes.set(name, own.nth, own.with_raw(&value)),
        None => {
            let at = usize::from(!lines.is_v4 && names.len() > 1);
            let name = names.get(at).copied().unwrap_or("BDAY");
            changes.add(fresh(name, &value, None));
        }
    }
}

fn fresh(name: &str, value: &str, group: Option<&str>) -> Property {
    let property = Property::raw(name, value);
    match group {
        Some(group) => property.group(group),
        None => property,
    }
}
