//! Categories: the lists of CATEGORIES, and a field that lists them all (MS-OUTSPS 3.2.4.2.1).

use kontor_contentline::{Component, Property, value};

use super::change::{Changes, revalued};
use crate::row::Row;

/// All categories, in order.
pub(crate) fn of(component: Component<'_, '_>) -> Vec<String> {
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

/// As the field tells them.
pub(crate) fn joined(categories: &[String]) -> String {
    categories.join("; ")
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
pub(crate) fn take(before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let now = of(changes.component());
    let changed = |name: &str| fields.get(name).filter(|sent| before.get(name) != Some(sent.trim()));
    let wanted = match (changed("Categories"), changed("Category")) {
        (Some(list), _) => {
            if listed(list) == listed(&joined(&now)) {
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
