//! The verbs over the embedded engine, in a temporary folder, and on several nodes over PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod bed;
mod collections;
mod digest;
mod folders;
mod history;
mod items;
mod lately;
mod leaks;
mod locks;
mod meanwhile;
mod nodes;
mod public_store;
mod query;
mod rights;
mod sign_in;
mod trash;
mod users;
mod watch;
