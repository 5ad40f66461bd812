//! Bodies of PROPFIND, PROPPATCH, MKCOL, MKCALENDAR and LOCK. The body of ACL is [`crate::acl::Acl`].

mod lockinfo;
mod mkcol;
mod propfind;
mod proppatch;

pub use lockinfo::LockInfo;
pub use mkcol::{Make, Mkcol};
pub use propfind::{PropSet, Propfind};
pub use proppatch::{Proppatch, Update};

pub(crate) use propfind::names;
