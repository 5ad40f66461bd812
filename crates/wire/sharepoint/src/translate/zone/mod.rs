//! Time zones as lists tell them: XMLTZone and TimeZone, to and from the zones of calendars (MS-OUTSPS 2.2.4.6 to 2.2.4.8,
//! 3.2.4.2.2).
//!
//! XMLTZone is one rule for all years, as Windows has it: an offset, a second one for summer, and the two days on which
//! clocks change. [`Rule::of`] makes it from a zone, as it holds in one year; [`find`] goes the other way and looks for
//! the zone that somebody must have meant. TimeZone is a number in SharePoint's list of zones ([`numbers`]).

mod find;
mod numbers;
pub(crate) mod recent;
mod rule;
mod xml;

pub(crate) use find::{Meant, find};
pub(crate) use numbers::number_of;
pub(crate) use rule::Rule;

#[cfg(test)]
use rule::On;

#[cfg(test)]
mod tests;
