//! Real clients against a real Kontor, one file each.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod buckets;
mod cadaver;
mod caldav;
mod commands;
mod cross_door;
mod curl;
mod digest;
mod disk;
mod files;
mod full_disk;
mod garbage;
mod guessing;
mod khal;
mod limits;
mod lists;
mod moves;
mod office;
mod outage;
mod outlook;
mod postgres;
mod slow;
mod thunderbird;
mod tls;
mod todoman;
mod trash;
mod vdirsyncer;
mod verify;
