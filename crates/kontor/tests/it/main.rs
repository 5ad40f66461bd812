//! The binary as an administrator, a script and a service manager see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod accounts;
mod app_passwords;
mod buckets;
mod configuration;
mod database;
mod demo;
mod ending;
mod history;
mod house;
mod monitoring;
mod moving;
mod starting;
