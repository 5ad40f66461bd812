//! What a text must be to be stored (RFC 4791 4.1 and 5.3.2.1, RFC 5545).
//!
//! Strict where the meaning would be in doubt, lenient where clients err without harm. Stored as they come: no PRODID, no
//! DTSTAMP, no VTIMEZONE for a TZID, Windows or made-up TZIDs, any X- thing, bytes that are not UTF-8, DTEND equal to
//! DTSTART, both DTEND and DURATION, COUNT and UNTIL, tasks due before they start, alarms that make no sense.

use std::collections::BTreeSet;

use kontor_contentline::{Component, Tree};

use super::{Invalid, Object, Precondition, Reason};
use crate::budget::Budget;
use crate::fault::Fault;
use crate::rule::RuleError;
use crate::timeline::Kind;

/// What a server allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object.
    pub bytes: usize,
    /// ATTENDEE properties of one component.
    pub attendees: usize,
    /// Steps that counting out COUNT may take, about one per instance.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 10 << 20, attendees: 10_000, steps: 100_000 }
    }
}

/// Properties of which a component may have one (RFC 5545 3.6.1 to 3.6.4), as far as two would leave the meaning in doubt.
const ONCE: [&str; 5] = ["UID", "DTSTART", "DTEND", "DUE", "RECURRENCE-ID"];

/// Checks a text that somebody wants to store, and reads it.
///
/// # Errors
/// [`Invalid`] with the first thing that is wrong.
pub fn validate<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Object<'a>, Invalid> {
    use Precondition::{MaxResourceSize, ValidCalendarData};
    if bytes.len() > limits.bytes {
        return refuse(1, MaxResourceSize, Reason::TooLarge);
    }
    let tree = Tree::parse(bytes);
    if tree.root().child("VCALENDAR").is_none() {
        return refuse(1, ValidCalendarData, Reason::NoCalendar);
    }
    if let Some(problem) = tree.problems().first() {
        return refuse(problem.line, ValidCalendarData, Reason::Text(problem.reason));
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        let before = tree.lines().iter().take_while(|line| line.span().start <= at).last();
        return refuse(before.map_or(1, |line| line.number()), ValidCalendarData, Reason::Nul);
    }
    check_calendar(&tree)?;
    let object = Object::compile(tree, &mut Budget::new(limits.steps));
    check_object(&object)?;
    for component in object.components() {
        check_component(component, limits)?;
    }
    check_values(&object)?;
    check_recurrence_ids(&object)?;
    Ok(object)
}

fn refuse<T>(line: u32, precondition: Precondition, reason: Reason) -> Result<T, Invalid> {
    Err(Invalid { line, precondition, reason })
}

/// One calendar, of the right version, and nothing else.
fn check_calendar(tree: &Tree<'_>) -> Result<(), Invalid> {
    use Precondition::{SupportedCalendarData, ValidCalendarData, ValidCalendarObjectResource};
    let root = tree.root();
    if let Some(line) = root.properties().next() {
        return refuse(line.number(), ValidCalendarData, Reason::Outside);
    }
    for (nth, component) in root.children().enumerate() {
        if !component.is("VCALENDAR") {
            return refuse(component.number(), ValidCalendarData, Reason::Outside);
        }
        if nth > 0 {
            return refuse(component.number(), ValidCalendarData, Reason::ManyCalendars);
        }
        match component.property("VERSION") {
            Some(line) if line.value_str().trim() == "2.0" => {}
            line => {
                let at = line.map_or(component.number(), |line| line.number());
                return refuse(at, SupportedCalendarData, Reason::Version);
            }
        }
        if let Some(line) = component.property("METHOD") {
            return refuse(line.number(), ValidCalendarObjectResource, Reason::Method);
        }
        if let Some(line) = component.property("CALSCALE")
            && !line.value_str().trim().eq_ignore_ascii_case("GREGORIAN")
        {
            return refuse(line.number(), SupportedCalendarData, Reason::Calscale);
        }
    }
    Ok(())
}

/// One kind, one UID, one master.
fn check_object(object: &Object<'_>) -> Result<(), Invalid> {
    use Precondition::{SupportedCalendarComponent, ValidCalendarObjectResource};
    let Some(kind) = object.kind() else {
        let foreign =
            |component: &Component<'_, '_>| !component.is("VTIMEZONE") && !is_experimental(component);
        return match object.calendar().children().find(foreign) {
            Some(other) => {
                let name = other.name().chars().take(40).collect();
                refuse(other.number(), SupportedCalendarComponent, Reason::UnknownComponent(name))
            }
            None => refuse(object.calendar().number(), ValidCalendarObjectResource, Reason::NoComponent),
        };
    };
    let (mut uid, mut has_master) = (None, false);
    for component in object.components() {
        let wrong = |reason| refuse(component.number(), ValidCalendarObjectResource, reason);
        if !component.is(kind.name()) {
            return wrong(Reason::ManyKinds);
        }
        let own = component.property("UID").map(|line| line.text().trim().to_owned());
        let Some(own) = own.filter(|uid| !uid.is_empty()) else { return wrong(Reason::NoUid) };
        if *uid.get_or_insert_with(|| own.clone()) != own {
            return wrong(Reason::ManyUids);
        }
        if component.property("RECURRENCE-ID").is_none() && std::mem::replace(&mut has_master, true) {
            return wrong(Reason::ManyMasters);
        }
    }
    Ok(())
}

/// `X-` components, and those that a vendor put a dot or underscore into, go along with anything.
fn is_experimental(component: &Component<'_, '_>) -> bool {
    component.name().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"))
}

fn check_component(component: Component<'_, '_>, limits: &Limits) -> Result<(), Invalid> {
    use Precondition::{MaxAttendeesPerInstance, ValidCalendarData};
    for name in ONCE {
        if let Some(second) = component.properties_named(name).nth(1) {
            return refuse(second.number(), ValidCalendarData, Reason::Repeated(name));
        }
    }
    if component.is(Kind::Event.name()) && component.property("DTSTART").is_none() {
        return refuse(component.number(), ValidCalendarData, Reason::NoStart);
    }
    if let Some(line) = component.properties_named("ATTENDEE").nth(limits.attendees) {
        return refuse(line.number(), MaxAttendeesPerInstance, Reason::ManyAttendees);
    }
    Ok(())
}

/// Dates, durations and rules that decide when something is must be readable; others need not.
fn check_values(object: &Object<'_>) -> Result<(), Invalid> {
    for problem in object.problems() {
        let precondition = match &problem.fault {
            Fault::Zone(_) | Fault::Alarm => continue,
            Fault::Date("COMPLETED" | "CREATED" | "FREEBUSY") => continue,
            // Task lists let people start a task after it is due.
            Fault::EndBeforeStart if object.kind() == Some(Kind::Todo) => continue,
            Fault::Rule(RuleError::Scale) => Precondition::SupportedRscale,
            Fault::CountTooHigh => Precondition::MaxInstances,
            Fault::TooEarly(_) => Precondition::MinDateTime,
            Fault::TooLate => Precondition::MaxDateTime,
            _ => Precondition::ValidCalendarData,
        };
        return refuse(problem.line, precondition, Reason::Value(problem.fault.clone()));
    }
    Ok(())
}

fn check_recurrence_ids(object: &Object<'_>) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    for (id, source) in object.timeline().override_ids() {
        if !seen.insert(id) {
            let line =
                object.calendar().children().nth(source as usize).map_or(1, |component| component.number());
            return refuse(line, Precondition::ValidCalendarObjectResource, Reason::SameRecurrenceId);
        }
    }
    Ok(())
}
