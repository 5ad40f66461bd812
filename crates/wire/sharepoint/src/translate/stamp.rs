//! What says that a component was changed: DTSTAMP, LAST-MODIFIED, SEQUENCE (RFC 5545 3.8.7).

use kontor_contentline::Property;
use kontor_ical::value::When;

use super::change::Changes;

/// Whether the change moves the item in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Marks a changed component, if there are changes: times where they stand already, and a further SEQUENCE when it moves.
pub(crate) fn mark(changes: &mut Changes<'_, '_>, moved: Moved, now: i64) {
    let component = changes.component();
    for name in ["DTSTAMP", "LAST-MODIFIED"] {
        if component.property(name).is_some() {
            changes.set(name, 0, Property::raw(name, When::Utc(now).to_string()));
        }
    }
    if let Some(line) = component.property("SEQUENCE").filter(|_| moved == Moved::Yes) {
        let next = line.value_str().trim().parse::<u32>().unwrap_or(0).saturating_add(1);
        changes.set("SEQUENCE", 0, Property::raw("SEQUENCE", next.to_string()));
    }
}
