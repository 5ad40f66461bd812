//! The door as a client sees it, without sockets: an office on a store of its own, and requests as text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod browse;
mod checksums;
mod clients;
mod condition;
mod copy;
mod dialogue;
mod events;
mod files;
mod fixtures;
mod get;
mod identity;
mod locking;
mod make;
mod noise;
mod partial;
mod parts;
mod past;
mod post;
mod propfind;
mod proppatch;
mod public_store;
mod put;
mod quotas;
mod reckoning;
mod report_contacts;
mod report_data;
mod report_free_busy;
mod report_model;
mod report_multiget;
mod report_principals;
mod report_query;
mod report_scene;
mod report_sync;
mod report_tasks;
mod report_tree;
mod rights;
mod scene;
mod sign_in;
