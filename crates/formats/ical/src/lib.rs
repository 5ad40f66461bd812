//! iCalendar: what calendar objects mean, above all in time (RFC 5545, and CalDAV's view of it in RFC 4791).
//!
//! **For**: checking what somebody wants to store, answering questions about time without reading text twice, giving
//! text out in the shape somebody asks for, and changing it with edits that touch only their own lines.
//!
//! Main types:
//! - [`Object`] and [`validate`]: one calendar object resource, its lines and its meaning;
//! - [`timeline::Timeline`]: the compiled time meaning, a few bytes that a server keeps beside the text: span, overlap with
//!   a range, occurrences, busy time;
//! - [`filter::Filter`]: which objects a calendar-query asks for;
//! - [`shape`]: expansion, limits, parts, many objects as one, busy time as text;
//! - [`edit`]: one occurrence changed or taken out of a series;
//! - [`zone::Zone`], [`rule::Rule`], [`stamp::Stamp`], [`value`]: time zones, recurrence rules, dates and durations;
//! - [`Budget`]: how much work one question may cost.
//!
//! Laws:
//! - pure: no I/O, no clock, no randomness, no logging; zones come from the IANA database compiled in;
//! - every question about a series takes a [`Budget`], and a window of an old series costs what one of a new series costs;
//! - stored bytes and texts are hostile: memory and time are bounded, nothing panics;
//! - what is not rewritten is copied byte for byte.
//!
//! What it does not do: scheduling (who is told what), access, storage, XML. Instants are seconds since 1970 in UTC;
//! wall-clock times are *local seconds*: the same count as if the clock showed UTC.

mod budget;
mod civil;
mod code;
pub mod edit;
mod fault;
pub mod filter;
pub mod object;
pub mod rule;
pub mod shape;
pub mod stamp;
pub mod timeline;
pub mod value;
pub mod zone;

pub use budget::{Budget, Exhausted};
pub use code::Malformed;
pub use fault::{Fault, Problem};
pub use object::{Invalid, Limits, Object, Precondition, validate};
