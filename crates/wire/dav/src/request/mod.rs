//! Bodies of PROPFIND, PROPPATCH, MKCOL, MKCALENDAR and ACL.

mod propfind;

pub use propfind::{PropSet, Propfind};
