//! vCard: what a stored contact means, whether it may be stored, and how it looks to clients that ask for less or for
//! another version.
//!
//! **For**: contacts and groups of contacts as bytes of vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
//!
//! Main types and functions:
//! - [`Card`] and [`Prop`]: a lenient view of the first card of a text; never fails on odd bytes;
//! - [`validate`]: the rules for a resource of an address book (RFC 6352 5.1 and 6.3.2.1), with line and reason;
//! - [`convert`]: the same card as 3.0 or 4.0;
//! - [`select`]: some of its properties (RFC 6352 10.4);
//! - [`filter::Filter`]: whether it is one that a client asks for (RFC 6352 10.5).
//!
//! Laws:
//! - reading changes nothing; the bytes stay the truth;
//! - converting and selecting hand on every line they need not change byte for byte, unknown ones included;
//! - time and memory are linear in the input; no I/O, no clock, no logging, no panic.
//!
//! What it does not do: compare text under collations (`contentline` does), or decide who sees what. Edits of a card are
//! [`kontor_contentline::Edit`]s.

mod card;
mod convert;
mod decode;
pub mod filter;
mod prop;
mod select;
mod validate;

pub use card::{Card, Kind, Name, Version};
pub use convert::convert;
pub use prop::Prop;
pub use select::{Select, select};
pub use validate::{Error, ErrorKind, validate};
