//! The compiled time meaning of a calendar object: what a server keeps beside the text, so that questions about time are
//! answered without reading the text again.
//!
//! A [`Timeline`] holds all components of one UID: the master and its overrides, RANGE=THISANDFUTURE included. It goes
//! to a few bytes and back ([`Timeline::to_bytes`]); a one-off event with known zone is reduced to two instants.
//!
//! Rules that RFC 5545 leaves open are decided thus:
//! - DTSTART is always an instance, whether the rule yields it or not; COUNT counts what the rule yields.
//! - An instance that the start moves into a gap or an overlap follows RFC 5545 3.3.5 as [`crate::zone`] tells.
//! - Instances keep the exact length if the end was written as DTEND or DUE, and the nominal one if as DURATION.
//! - EXDATE beats an override of the same instance; a DATE in EXDATE takes out the whole day.
//! - An override whose RECURRENCE-ID the series does not have counts all the same.
//! - UNTIL as a date includes that day.

mod compile;
mod instances;
mod occurrence;
mod overlap;
mod repeat;
mod span;
mod stored;

pub use occurrence::{Occurrence, Period};
pub use span::Span;
pub use stored::VERSION;

use crate::rule::Rule;
use crate::stamp::Form;
use crate::value::Duration;

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// VEVENT.
    Event,
    /// VTODO.
    Todo,
    /// VJOURNAL.
    Journal,
    /// VFREEBUSY.
    FreeBusy,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy];

    /// The component's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
        }
    }

    /// The kind of a component by its name, in any letter case.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.name()))
    }
}

/// Instants from `start` (inclusive) to `end` (exclusive), seconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First instant; `i64::MIN` if open.
    pub start: i64,
    /// First instant after it; `i64::MAX` if open.
    pub end: i64,
}

impl Range {
    /// All time.
    pub const ALL: Self = Self { start: i64::MIN, end: i64::MAX };
}

/// What an event does to its owner's time (RFC 5545 3.2.9, RFC 4791 7.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Busy {
    /// Nothing.
    #[default]
    Free,
    /// BUSY-TENTATIVE.
    Tentative,
    /// BUSY.
    Busy,
    /// BUSY-UNAVAILABLE.
    Unavailable,
}

/// The compiled time meaning of a calendar object. See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    masters: Vec<Part>,
    /// Rising by recurrence id.
    overrides: Vec<Override>,
}

/// One component.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    kind: Kind,
    /// Which component inside VCALENDAR it came from, counted from 0 over all of them.
    source: u32,
    form: Form,
    anchor: Anchor,
    end: End,
    busy: Busy,
    repeat: Option<Box<Repeat>>,
    /// COMPLETED and CREATED of a VTODO that has no other date.
    completed: Option<i64>,
    created: Option<i64>,
    alarms: Vec<Alarm>,
    /// FREEBUSY of a VFREEBUSY.
    periods: Vec<Period>,
}

/// The date that a component hangs on, in local seconds of its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    None,
    Start(i64),
    /// DUE of a VTODO without DTSTART.
    Due(i64),
}

/// How the end was written, which decides what touching a range means (RFC 4791 9.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Not at all.
    Open,
    /// DTEND or DUE.
    Fixed(Duration),
    /// DURATION.
    Lasting(Duration),
}

/// A recurrence set, in local seconds of the master's form; each list rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Repeat {
    /// Rules without COUNT; UNTIL is local.
    rules: Vec<Rule>,
    exrules: Vec<Rule>,
    /// RDATE and the start.
    dates: Vec<i64>,
    /// RDATE with VALUE=PERIOD: start and length.
    lengths: Vec<(i64, Duration)>,
    except: Vec<i64>,
    /// EXDATE given as a DATE for a series of times: day numbers.
    except_days: Vec<i64>,
}

/// A component that stands in place of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Override {
    /// RECURRENCE-ID, in local seconds of the master's form (or its own, if there is no master).
    id: i64,
    /// RANGE=THISANDFUTURE: by how much later instances move, in local seconds.
    future: Option<i64>,
    part: Part,
}

/// When an alarm goes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Alarm {
    trigger: Trigger,
    /// Further times.
    repeat: u32,
    /// Seconds between them.
    every: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    At(i64),
    FromStart(Duration),
    FromEnd(Duration),
}

impl Part {
    /// Length of an instance if nothing else says how long it is.
    fn length(&self) -> Duration {
        match self.end {
            End::Fixed(length) | End::Lasting(length) => length,
            End::Open if self.form == Form::Date && matches!(self.anchor, Anchor::Start(_)) => {
                Duration { days: 1, seconds: 0 }
            }
            End::Open => Duration::default(),
        }
    }

    /// The anchor, whichever it is.
    fn anchor(&self) -> Option<i64> {
        match self.anchor {
            Anchor::None => None,
            Anchor::Start(local) | Anchor::Due(local) => Some(local),
        }
    }
}

impl Timeline {
    /// The kinds of its components, each once.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(|kind| self.parts().any(|part| part.kind == *kind))
    }

    /// Whether it has a rule or further dates.
    #[must_use]
    pub fn is_recurring(&self) -> bool {
        self.masters.iter().any(|part| part.repeat.is_some())
    }

    /// RECURRENCE-ID (in local seconds of the series) and source of every override.
    pub(crate) fn override_ids(&self) -> impl Iterator<Item = (i64, u32)> {
        self.overrides.iter().map(|one| (one.id, one.part.source))
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.masters.iter().chain(self.overrides.iter().map(|one| &one.part))
    }
}
