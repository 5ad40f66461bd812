//! Content lines: the lossless text layer under iCalendar and vCard.
//!
//! **For**: reading any bytes as the lines of RFC 5545 3.1 / RFC 6350 3.2, seeing what they mean, and changing one of
//! them while every other byte stays as it came.
//!
//! Main types:
//! - [`Text`] and [`Lines`]: the bytes cut into logical lines, without copying;
//! - [`Line`]: group, name, parameters and value of one line, or the [`Flaw`] that keeps it opaque;
//! - [`Tree`] and [`Component`]: the nesting of `BEGIN`/`END`, with a [`Path`] as the address of a component;
//! - [`Edit`]: set, add or remove a property, a parameter or a component; [`apply`] turns edits into new bytes;
//! - [`Property`] and [`Writer`]: fresh lines, folded and escaped;
//! - [`collation`] and [`filter`]: comparing text as a client asked for;
//! - [`value`]: escapes of text values, lists and structured values.
//!
//! Laws:
//! - the lines of a text, written one after the other, are the text: garbage, mixed line ends, NUL bytes and all;
//! - an edit leaves untouched lines byte-identical; new lines take the document's own line end;
//! - time and memory are linear in the input, depth is bounded by [`MAX_DEPTH`], lines in a tree by [`MAX_LINES`];
//! - no I/O, no clock, no logging, no panic.
//!
//! What it does not do: know any property. Dates, rules, addresses and required properties belong to `ical` and
//! `vcard`; whether a flaw is reason enough to refuse a text is theirs to say.

pub mod collation;
mod component;
mod edit;
pub mod filter;
mod line;
mod param;
mod problem;
mod text;
mod tree;
pub mod value;
mod write;

pub use component::{Children, Component, Path, Properties, Step};
pub use edit::{Edit, EditError, EditErrorKind, Nth, apply};
pub use line::{Flaw, Line};
pub use param::{Param, Params, Values};
pub use problem::{Problem, Reason};
pub use text::{Ending, Lines, Text};
pub use tree::{MAX_DEPTH, MAX_LINES, MAX_PROBLEMS, Tree};
pub use write::{FOLD_AT, Property, Writer, fold};
