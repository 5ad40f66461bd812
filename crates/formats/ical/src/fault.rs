//! What can be wrong with a calendar object, beyond the shape of its lines.

use std::fmt;

use crate::rule::RuleError;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A date property has a value that is no date, date-time or period; its name.
    Date(&'static str),
    /// A date before the year 1, which no client means; the name of its property.
    TooEarly(&'static str),
    /// What ends after the year 9999, so that its end cannot be written.
    TooLate,
    /// A duration property has a value that is no duration; its name.
    Duration(&'static str),
    /// A recurrence rule cannot be read.
    Rule(RuleError),
    /// A rule by the hour, minute or second on a series of whole days.
    RuleTooFine,
    /// COUNT is so high that counting takes more work than allowed.
    CountTooHigh,
    /// A TZID that nobody knows; its times are read as floating.
    Zone(String),
    /// The end lies before the start.
    EndBeforeStart,
    /// TRIGGER or DURATION of an alarm cannot be read; the alarm never goes off.
    Alarm,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(name) => write!(f, "{name} has a value that is no date"),
            Self::TooEarly(name) => write!(f, "{name} lies before the year 1"),
            Self::TooLate => f.write_str("it ends after the year 9999"),
            Self::Duration(name) => write!(f, "{name} has a value that is no duration"),
            Self::Rule(error) => write!(f, "recurrence rule cannot be read: {error}"),
            Self::RuleTooFine => f.write_str("a series of days cannot repeat by hours, minutes or seconds"),
            Self::CountTooHigh => f.write_str("COUNT is too high to be counted"),
            Self::Zone(tzid) => write!(f, "time zone {tzid} is not known"),
            Self::Alarm => f.write_str("alarm has no readable time"),
            Self::EndBeforeStart => f.write_str("end lies before start"),
        }
    }
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// 1-based number of the line.
    pub line: u32,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}
