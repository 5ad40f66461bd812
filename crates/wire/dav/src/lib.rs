//! WebDAV, CalDAV and CardDAV messages, both ways: requests read and written, answers written and read.
//!
//! - [`mod@xml`] - reading within limits into a tree of resolved names, writing into a buffer
//! - [`mod@name`] - expanded names and the constants of every namespace we speak
//! - [`mod@request`] - bodies of PROPFIND, PROPPATCH, MKCOL, MKCALENDAR; [`mod@acl`] - of ACL
//! - [`mod@report`] - bodies of REPORT, one type a report
//! - [`mod@answer`] - multistatus, DAV:error, values of properties
//! - [`mod@header`] - Depth, If, Prefer and other headers
//! - [`mod@href`] - paths in URLs
//!
//! Laws: pure. No input or output, no clock, no randomness, no logging, no async. What comes from outside is hostile:
//! memory and time are bounded by [`xml::Limits`], and a wrong message is an [`Error`] that names reason and place.
//!
//! It does not know what a calendar holds, who may read it, or which HTTP library carries the bytes.

pub mod acl;
pub mod answer;
pub mod error;
pub mod header;
pub mod href;
pub mod name;
pub mod report;
pub mod request;
pub mod xml;

pub use error::{At, Error, ErrorKind, Result};
pub use name::{Name, ns};
pub use xml::Limits;
