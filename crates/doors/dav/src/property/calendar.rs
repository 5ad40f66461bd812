//! Properties of calendars and task lists (RFC 4791 5.2, RFC 6638 9.1, RFC 7809 5.2).

use super::apple::tell_kept;
use super::change::{self, COMPONENTS};
use super::{Live, kept, protected, tell_text, zone};
use crate::Session;
use crate::subject::{Subject, on};
use kontor_model::{Components, PropertyKey};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, caldav};

const HERE: u16 = on::CALENDAR;
const AROUND: u16 = on::CALENDAR | on::CALENDAR_HOME;

pub(super) const TABLE: &[Live] = &[
    kept(caldav::CALENDAR_DESCRIPTION, HERE, description, PropertyKey::DESCRIPTION, change::text),
    kept(caldav::CALENDAR_TIMEZONE, HERE, time_zone, PropertyKey::TIME_ZONE, zone::read_object),
    kept(caldav::CALENDAR_TIMEZONE_ID, HERE, time_zone_id, PropertyKey::TIME_ZONE, zone::read_name),
    kept(
        caldav::SCHEDULE_CALENDAR_TRANSP,
        HERE,
        transparency,
        PropertyKey::TRANSPARENCY,
        change::transparency,
    ),
    protected(caldav::SUPPORTED_CALENDAR_COMPONENT_SET, HERE, component_set),
    protected(caldav::SUPPORTED_CALENDAR_COMPONENT_SETS, on::CALENDAR_HOME, component_sets),
    protected(caldav::SUPPORTED_CALENDAR_DATA, AROUND, supported_calendar_data),
    protected(caldav::MAX_RESOURCE_SIZE, AROUND, max_resource_size),
    protected(caldav::MIN_DATE_TIME, AROUND, min_date_time),
    protected(caldav::MAX_DATE_TIME, AROUND, max_date_time),
    protected(caldav::MAX_INSTANCES, AROUND, max_instances),
    protected(caldav::MAX_ATTENDEES_PER_INSTANCE, AROUND, max_attendees),
    protected(caldav::SUPPORTED_COLLATION_SET, AROUND, supported_collation_set),
];

fn description(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_kept(subject, PropertyKey::DESCRIPTION, name, out)
}

fn kept_zone<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    match subject {
        Subject::Collection(view) => view.place.collection.text(PropertyKey::TIME_ZONE),
        _ => None,
    }
}

fn time_zone(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    kept_zone(subject).and_then(zone::object_of).is_some_and(|value| tell_text(out, name, &value))
}

fn time_zone_id(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    kept_zone(subject).and_then(zone::name_of).is_some_and(|value| tell_text(out, name, &value))
}

fn transparency(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Collection(view) = subject else { return false };
    let transparent = view.place.collection.text(PropertyKey::TRANSPARENCY) == Some("transparent");
    let word = if transparent { caldav::TRANSPARENT } else { caldav::OPAQUE };
    out.value(name, |w| w.empty(&word));
    true
}

fn component_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Collection(view) = subject else { return false };
    out.value(name, |w| {
        for component in component_names(view.place.collection.components) {
            w.empty_with(&caldav::COMP, &[("name", component)]);
        }
    });
    true
}

fn component_names(components: Components) -> impl Iterator<Item = &'static str> {
    COMPONENTS.into_iter().filter(move |(_, bit)| components.has(*bit)).map(|(name, _)| name)
}

/// Any set may be asked for, which an empty property says.
fn component_sets(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.empty(name);
    true
}

fn supported_calendar_data(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        w.empty_with(&caldav::CALENDAR_DATA, &[("content-type", "text/calendar"), ("version", "2.0")]);
    });
    true
}

fn max_resource_size(session: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, &session.office().limits().max_item_size.to_string())
}

fn min_date_time(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, "00010101T000000Z")
}

fn max_date_time(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, "99991231T235959Z")
}

fn max_instances(session: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, &session.office().limits().max_occurrences.to_string())
}

fn max_attendees(session: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, &session.office().limits().max_attendees.to_string())
}

/// RFC 4791 7.5.1, and i;unicode-casemap for those who ask for it.
fn supported_collation_set(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        for collation in ["i;ascii-casemap", "i;octet", "i;unicode-casemap"] {
            w.leaf(&caldav::SUPPORTED_COLLATION, collation);
        }
    });
    true
}
