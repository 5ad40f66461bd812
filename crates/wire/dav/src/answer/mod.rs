//! Bodies of answers, and values of properties with a structure.

mod byteranges;
mod condition;
mod lock;
mod mkcol;
mod multistatus;
mod privilege;
pub mod property;
mod read;
mod search_set;
mod status;

pub use byteranges::Byteranges;
pub use condition::{Condition, ErrorBody};
pub use lock::{ActiveLock, LockAnswer, LockScope, Owner, read_supported_locks, write_supported_locks};
pub use mkcol::MkcolResponse;
pub use multistatus::Multistatus;
pub use privilege::{Grantable, SupportedPrivilege};
pub use read::{MultistatusBody, Outcome, Propstat, Response};
pub use search_set::PrincipalSearchPropertySet;
