//! The store from outside: one suite that every engine must pass, what is particular to SQLite, whole stores on their way,
//! several nodes on one PostgreSQL, and getting to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod blobs;
mod embedded;
mod moving;
mod nodes;
mod reaching;
mod suite;
