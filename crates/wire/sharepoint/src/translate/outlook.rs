//! What Outlook knows of an item and no calendar or card has a word for: kept in properties of our own, and told again.

use kontor_contentline::Component;

use super::change::Changes;
use crate::row::Row;

/// How their names begin.
const OURS: &str = "X-KONTOR-OUTLOOK-";

/// Name of the property for a field: `X-KONTOR-OUTLOOK-MILEAGE`.
fn property(field: &str) -> String {
    format!("{OURS}{}", field.to_ascii_uppercase())
}

/// Longest value that is kept.
const LONGEST: usize = 64 * 1024;

/// Where a field stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A field of the list.
    Field,
    /// A value of the property bag.
    Bag,
}

/// Tells the fields that are there.
pub(crate) fn tell(component: Component<'_, '_>, fields: &[(&'static str, Place)], row: &mut Row) {
    // Most items have none.
    let is_ours = |name: &str| name.get(..OURS.len()).is_some_and(|start| start.eq_ignore_ascii_case(OURS));
    if !component.properties().any(|line| is_ours(line.name())) {
        return;
    }
    for (name, place) in fields {
        let Some(line) = component.property(&property(name)) else { continue };
        match place {
            Place::Field => row.push(*name, line.text().into_owned()),
            Place::Bag => row.push_bag(*name, line.text().into_owned()),
        }
    }
}

/// Takes over those that changed, wherever the client put them.
pub(crate) fn take(sent: &Row, fields: &[(&'static str, Place)], changes: &mut Changes<'_, '_>) {
    for (name, _) in fields {
        let Some(value) = sent.get(name).or_else(|| sent.bag(name)) else { continue };
        let name = property(name);
        if value.len() <= LONGEST && value.trim() != changes.text(&name).trim() {
            changes.set_text(&name, value.trim());
        }
    }
}
