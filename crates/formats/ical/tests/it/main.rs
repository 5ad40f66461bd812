//! The room as its users see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod fixtures;
mod hostile;
mod oracle;
mod overlap;
mod shape;
mod timeline;
