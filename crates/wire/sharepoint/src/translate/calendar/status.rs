//! Busy status, importance and categories.

use kontor_contentline::{Component, Property, value};

use super::times::refused;
use crate::row::{Error, Row};
use crate::translate::change::{Changes, revalued};

/// BusyStatus (MS-OUTSPS 2.2.5.1) and the words of MS-OXCICAL 2.1.3.1.1.20.31.
const BUSY: [(&str, &str); 4] = [("0", "FREE"), ("1", "TENTATIVE"), ("2", "BUSY"), ("3", "OOF")];

/// Outlook's own properties.
const CDO_BUSY: &str = "X-MICROSOFT-CDO-BUSYSTATUS";
const CDO_INTENDED: &str = "X-MICROSOFT-CDO-INTENDEDSTATUS";
const CDO_IMPORTANCE: &str = "X-MICROSOFT-CDO-IMPORTANCE";

fn word(component: Component<'_, '_>, name: &str) -> Option<String> {
    component.property(name).map(|line| line.value_str().trim().to_ascii_uppercase())
}

/// What an event does to its owner's time, as everybody who asks for busy times hears it.
fn busy(component: Component<'_, '_>) -> &'static str {
    let status = word(component, "STATUS");
    if word(component, "TRANSP").as_deref() == Some("TRANSPARENT") || status.as_deref() == Some("CANCELLED") {
        return "0";
    }
    match (status.as_deref(), word(component, CDO_BUSY).as_deref()) {
        (Some("TENTATIVE"), _) | (_, Some("TENTATIVE")) => "1",
        (_, Some("OOF")) => "3",
        (_, Some("FREE")) => "0",
        _ => "2",
    }
}

/// PRIORITY (RFC 5545 3.8.1.9) as Priority (MS-OUTSPS 2.2.5.10).
pub(crate) fn priority(component: Component<'_, '_>) -> &'static str {
    match word(component, "PRIORITY").and_then(|text| text.parse::<u8>().ok()) {
        Some(1..=4) => "1",
        Some(6..=9) => "-1",
        _ => "0",
    }
}

/// All categories, in order.
pub(crate) fn categories(component: Component<'_, '_>) -> Vec<String> {
    let lines = component.properties_named("CATEGORIES");
    let items = lines.flat_map(|line| {
        let own = line.value();
        value::split(&own, b',').map(|item| value::unescape(item).trim().to_owned()).collect::<Vec<_>>()
    });
    let mut found: Vec<String> = Vec::new();
    for item in items.filter(|item| !item.is_empty()) {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

/// Tells the fields of a component.
pub(super) fn tell(component: Component<'_, '_>, row: &mut Row) {
    let categories = categories(component);
    row.push("Category", categories.first().cloned().unwrap_or_default());
    row.push("Categories", categories.join("; "));
    row.push_bag("BusyStatus", busy(component));
    row.push_bag("Priority", priority(component));
    if let Some(intended) = word(component, CDO_INTENDED) {
        let number = BUSY.iter().find(|(_, word)| *word == intended);
        number.into_iter().for_each(|(number, _)| row.push_bag("IntendedBusyStatus", *number));
    }
}

/// Takes over the fields that changed.
pub(super) fn take(before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    if let Some(status) = changed_bag(before, fields, "BusyStatus") {
        take_busy(status, changes)?;
    }
    if let Some(status) = changed_bag(before, fields, "IntendedBusyStatus") {
        let word = BUSY.iter().find(|(number, _)| *number == status).map(|(_, word)| *word);
        word.into_iter().for_each(|word| changes.set_raw(CDO_INTENDED, word));
    }
    if let Some(priority) = changed_bag(before, fields, "Priority") {
        take_priority(priority, changes)?;
    }
    take_categories(before, fields, changes);
    Ok(())
}

/// The value of the property bag that a client sent, if it is another one.
fn changed_bag<'r>(before: &Row, fields: &'r Row, name: &str) -> Option<&'r str> {
    let sent = fields.bag(name)?.trim();
    (before.bag(name) != Some(sent)).then_some(sent)
}

fn take_busy(status: &str, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    if matches!(status, "" | "-1") {
        // Unspecified: as it was.
        return Ok(());
    }
    let known = BUSY.iter().find(|(number, _)| *number == status);
    let (_, cdo) = known.ok_or_else(|| refused("BusyStatus", "it is none of -1 to 3"))?;
    let component = changes.component();
    if *cdo == "FREE" {
        changes.set_raw("TRANSP", "TRANSPARENT");
    } else if word(component, "TRANSP").as_deref() == Some("TRANSPARENT") {
        changes.set_raw("TRANSP", "OPAQUE");
    }
    let status = word(component, "STATUS");
    let in_the_way = match status.as_deref() {
        Some("CANCELLED") => *cdo != "FREE",
        Some("TENTATIVE") => *cdo != "TENTATIVE",
        _ => false,
    };
    if in_the_way {
        changes.set_raw("STATUS", "CONFIRMED");
    }
    if component.property(CDO_BUSY).is_some() || matches!(*cdo, "TENTATIVE" | "OOF") {
        changes.set_raw(CDO_BUSY, cdo);
    }
    Ok(())
}

/// Takes over Priority, as the words of MS-OXCICAL 2.1.3.1.1.20.17 have it.
pub(crate) fn take_priority(priority: &str, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    let (number, importance) = match priority {
        "1" => ("1", "2"),
        "-1" => ("9", "0"),
        "0" | "" => ("", "1"),
        _ => return Err(refused("Priority", "it is none of -1, 0 and 1")),
    };
    changes.set_raw("PRIORITY", number);
    if changes.component().property(CDO_IMPORTANCE).is_some() {
        changes.set_raw(CDO_IMPORTANCE, importance);
    }
    Ok(())
}

/// The categories that a field lists; people separate them by semicolon or comma (MS-OUTSPS 3.2.4.2.1).
fn listed(text: &str) -> Vec<String> {
    let separator = if text.contains(';') { ';' } else { ',' };
    let mut found: Vec<String> = Vec::new();
    for item in text.split(separator).map(str::trim).filter(|item| !item.is_empty()) {
        if !found.iter().any(|own| own == item) {
            found.push(item.to_owned());
        }
    }
    found
}

/// Takes over Categories, or the one of Category.
pub(crate) fn take_categories(before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let now = categories(changes.component());
    let changed = |name: &str| fields.get(name).filter(|sent| before.get(name) != Some(sent.trim()));
    let wanted = match (changed("Categories"), changed("Category")) {
        (Some(list), _) => {
            if listed(list) == listed(&now.join("; ")) {
                return;
            }
            listed(list)
        }
        (None, Some(first)) => {
            let first = Some(first.trim().to_owned()).filter(|first| !first.is_empty());
            first.into_iter().chain(now.iter().skip(1).cloned()).collect()
        }
        (None, None) => return,
    };
    put_categories(&now, &wanted, changes);
}

/// Takes away what is not wanted where it stands, and adds what is missing on a line of its own.
fn put_categories(now: &[String], wanted: &[String], changes: &mut Changes<'_, '_>) {
    let component = changes.component();
    let mut kept: Vec<String> = Vec::new();
    for (nth, line) in component.properties_named("CATEGORIES").enumerate() {
        let own = line.value();
        let items: Vec<String> =
            value::split(&own, b',').map(|item| value::unescape(item).trim().to_owned()).collect();
        // One with a semicolon in it was told as several.
        let is_wanted = |item: &String| listed(item).iter().chain([item]).any(|part| wanted.contains(part));
        let stay: Vec<&String> = items.iter().filter(|item| is_wanted(item)).collect();
        kept.extend(stay.iter().flat_map(|item| listed(item).into_iter().chain([(*item).clone()])));
        if stay.len() == items.len() {
            continue;
        }
        if stay.is_empty() {
            changes.remove_nth("CATEGORIES", nth);
        } else {
            let text: Vec<String> = stay.iter().map(|item| value::escape(item)).collect();
            changes.set("CATEGORIES", nth, revalued(line, &text.join(",")));
        }
    }
    let missing: Vec<&str> = wanted.iter().filter(|item| !kept.contains(item)).map(String::as_str).collect();
    if !missing.is_empty() && now != wanted {
        changes.add(Property::list("CATEGORIES", missing));
    }
}
