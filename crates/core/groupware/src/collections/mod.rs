//! Making, naming, copying and removing collections.

mod carry;
mod create;
mod remove;

pub use create::NewCollection;

pub(crate) use create::{plan, siblings};
