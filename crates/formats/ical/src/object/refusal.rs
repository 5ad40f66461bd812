//! Why a calendar object is refused, with the line.

use std::fmt;

use kontor_contentline as contentline;

use crate::fault::Fault;

/// The CalDAV precondition that a refused text fails (RFC 4791 5.3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// `CALDAV:supported-calendar-data`: it is no iCalendar 2.0.
    SupportedCalendarData,
    /// `CALDAV:valid-calendar-data`: it is not as RFC 5545 wants it.
    ValidCalendarData,
    /// `CALDAV:valid-calendar-object-resource`: it is valid, but not one object (RFC 4791 4.1).
    ValidCalendarObjectResource,
    /// `CALDAV:supported-rscale`: a rule in a calendar scale that is not Gregorian (RFC 7529).
    SupportedRscale,
    /// `CALDAV:supported-calendar-component`: nobody here knows this kind of component.
    SupportedCalendarComponent,
    /// `CALDAV:max-resource-size`: it is too big.
    MaxResourceSize,
    /// `CALDAV:min-date-time`: a date before the year 1.
    MinDateTime,
    /// `CALDAV:max-date-time`: an end after the year 9999.
    MaxDateTime,
    /// `CALDAV:max-instances`: its series has too many instances.
    MaxInstances,
    /// `CALDAV:max-attendees-per-instance`: it has too many attendees.
    MaxAttendeesPerInstance,
}

/// What is wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The lines or their nesting.
    Text(contentline::Reason),
    /// A date, duration, rule or end.
    Value(Fault),
    /// There is a NUL byte.
    Nul,
    /// The text has no VCALENDAR.
    NoCalendar,
    /// The text has more than one VCALENDAR.
    ManyCalendars,
    /// Something stands outside VCALENDAR.
    Outside,
    /// VERSION is missing or is not 2.0.
    Version,
    /// The calendar has METHOD.
    Method,
    /// CALSCALE is not GREGORIAN.
    Calscale,
    /// There is no component but time zones.
    NoComponent,
    /// A component of a kind nobody here knows; its name.
    UnknownComponent(String),
    /// Components of more than one kind.
    ManyKinds,
    /// A component has no UID.
    NoUid,
    /// Components have different UIDs.
    ManyUids,
    /// More than one component has no RECURRENCE-ID.
    ManyMasters,
    /// Two components have the same RECURRENCE-ID.
    SameRecurrenceId,
    /// An event has no DTSTART.
    NoStart,
    /// A property that may occur once occurs more often; its name.
    Repeated(&'static str),
    /// The text has more bytes than allowed.
    TooLarge,
    /// A component has more attendees than allowed.
    ManyAttendees,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(reason) => reason.fmt(f),
            Self::Value(fault) => fault.fmt(f),
            Self::Nul => f.write_str("there is a NUL byte in it"),
            Self::NoCalendar => f.write_str("there is no VCALENDAR"),
            Self::ManyCalendars => f.write_str("there is more than one VCALENDAR"),
            Self::Outside => f.write_str("something stands outside VCALENDAR"),
            Self::Version => f.write_str("VERSION is not 2.0"),
            Self::Method => f.write_str("a stored object cannot have METHOD"),
            Self::Calscale => f.write_str("CALSCALE is not GREGORIAN"),
            Self::NoComponent => f.write_str("there is no event, task, journal entry or free-busy component"),
            Self::UnknownComponent(name) => write!(f, "components of kind {name} are not supported"),
            Self::ManyKinds => f.write_str("components of more than one kind in one object"),
            Self::NoUid => f.write_str("component has no UID"),
            Self::ManyUids => f.write_str("components with different UIDs in one object"),
            Self::ManyMasters => f.write_str("more than one component without RECURRENCE-ID"),
            Self::SameRecurrenceId => f.write_str("two components with one RECURRENCE-ID"),
            Self::NoStart => f.write_str("event has no DTSTART"),
            Self::Repeated(name) => write!(f, "{name} occurs more than once"),
            Self::TooLarge => f.write_str("the object is larger than allowed"),
            Self::ManyAttendees => f.write_str("component has more attendees than allowed"),
        }
    }
}

impl Precondition {
    /// Its element name in the namespace `urn:ietf:params:xml:ns:caldav`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SupportedCalendarData => "supported-calendar-data",
            Self::ValidCalendarData => "valid-calendar-data",
            Self::ValidCalendarObjectResource => "valid-calendar-object-resource",
            Self::SupportedRscale => "supported-rscale",
            Self::SupportedCalendarComponent => "supported-calendar-component",
            Self::MaxResourceSize => "max-resource-size",
            Self::MinDateTime => "min-date-time",
            Self::MaxDateTime => "max-date-time",
            Self::MaxInstances => "max-instances",
            Self::MaxAttendeesPerInstance => "max-attendees-per-instance",
        }
    }
}

/// A refused text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// 1-based number of the line.
    pub line: u32,
    /// What to tell a CalDAV client.
    pub precondition: Precondition,
    /// What to tell a person.
    pub reason: Reason,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for Invalid {}
