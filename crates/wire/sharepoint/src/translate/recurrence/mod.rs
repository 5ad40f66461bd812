//! What repeats how: RecurrenceData to and from RRULE (MS-OUTSPS 2.2.4.2 to 2.2.4.5, RFC 5545 3.3.10).
//!
//! Outlook knows six patterns. Each has one RRULE that means the same days, for ever; a rule that has none of these
//! meanings is not squeezed into a pattern but told by its occurrences (`calendar::expand`).

mod days;
mod pattern;
mod rule;
mod xml;

pub(crate) use days::Days;
pub(crate) use pattern::{Anchor, End, Recurrence};
pub(crate) use xml::Data;

#[cfg(test)]
mod tests;
