//! The list door as a client sees it, without sockets: an office on a store of its own, and typed messages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod batch;
mod documents;
mod hostile;
mod numbers;
mod pages;
mod people;
mod related;
mod rights;
mod scene;
mod series;
