//! Bodies of answers.

mod multistatus;
mod status;

pub use multistatus::Multistatus;
