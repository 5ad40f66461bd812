//! Bodies of PROPFIND, PROPPATCH, MKCOL and MKCALENDAR. The body of ACL is [`crate::acl::Acl`].

mod mkcol;
mod propfind;
mod proppatch;

pub use mkcol::{Make, Mkcol};
pub use propfind::{PropSet, Propfind};
pub use proppatch::{Proppatch, Update};

pub(crate) use propfind::names;
