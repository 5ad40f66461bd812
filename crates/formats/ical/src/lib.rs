//! iCalendar.

mod budget;
mod civil;
mod code;
pub mod rule;
pub mod value;
pub mod zone;

pub use budget::{Budget, Exhausted};
pub use code::Malformed;
