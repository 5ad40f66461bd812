//! Bodies of answers, and values of properties with a structure.

mod condition;
mod mkcol;
mod multistatus;
mod privilege;
pub mod property;
mod read;
mod search_set;
mod status;

pub use condition::{Condition, ErrorBody};
pub use mkcol::MkcolResponse;
pub use multistatus::Multistatus;
pub use privilege::{Grantable, SupportedPrivilege};
pub use read::{MultistatusBody, Outcome, Propstat, Response};
pub use search_set::PrincipalSearchPropertySet;
