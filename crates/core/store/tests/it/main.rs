//! The store from outside: one suite that every engine must pass, and what is particular to SQLite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod embedded;
mod suite;
