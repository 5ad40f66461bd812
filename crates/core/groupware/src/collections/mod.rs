//! Making, naming, copying and removing collections.

mod carry;
mod copy;
mod create;
mod folder;
mod remove;
mod tree;

pub use carry::Within;
pub use create::NewCollection;
pub use tree::DRIVE;

pub(crate) use create::{plan, siblings};
pub(crate) use tree::{above, along, apart, path_to, subtree};
