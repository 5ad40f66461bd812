//! SharePoint list messages, both ways, and rows to and from iCalendar and vCard (MS-LISTSWS, MS-OUTSPS, MS-STSSYN).
//!
//! - [`mod@xml`] - bounded reading, writing; [`soap`] - envelopes and faults; [`guid`] - names of lists and items
//! - [`op`] - every operation, requests and answers; [`list`] - definitions of lists; [`wsdl`] - services described
//! - [`link`] - `stssync://` links
//! - [`attach`] - attachments of items and photos of contacts
//! - [`row`] - one row of a list, which part of an item it tells, and what a translation has to know
//! - [`translate`] - items as rows, and rows as edits on canonical text
//!
//! Laws: pure. No input or output, no clock, no randomness, no logging, no async. What comes from outside is hostile:
//! memory and time are bounded, and a wrong message is an error that names reason and place.
//!
//! It does not know who may read a list, where items are kept, how rows are numbered, or which HTTP library carries
//! the bytes.

pub mod attach;
pub mod error;
pub mod guid;
pub mod link;
pub mod list;
pub mod op;
pub mod row;
pub mod soap;
pub mod translate;
pub mod wsdl;
pub mod xml;

pub use error::{Error, ErrorKind, Result};
pub use guid::Guid;
