//! The room from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod calendar;
mod contacts;
mod declared;
mod fields;
mod fixtures;
mod grammar;
mod messages;
mod occurrences;
mod office;
mod oracle;
mod outsps;
mod random;
mod related;
mod rules;
mod tasks;
mod transcripts;
mod traps;
