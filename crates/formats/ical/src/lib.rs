//! iCalendar.

mod budget;
mod civil;
mod code;
mod fault;
pub mod filter;
pub mod object;
pub mod rule;
pub mod stamp;
pub mod timeline;
pub mod value;
pub mod zone;

pub use budget::{Budget, Exhausted};
pub use code::Malformed;
pub use fault::{Fault, Problem};
pub use object::{Invalid, Limits, Object, Precondition, validate};
