//! Reads, one file per sort. What is one statement runs on a shared connection, what is several as one view.

pub(super) mod blob;
pub(super) mod changes;
pub(super) mod collection;
pub(super) mod facets;
pub(super) mod item;
pub(super) mod ordinal;
pub(super) mod past;
pub(super) mod principal;
pub(super) mod tide;
pub(super) mod trash;
mod view;

pub(super) use view::{ATTEMPTS, View, viewed};

/// Where.
pub(in crate::postgres) type Place = (kontor_model::AccountId, kontor_model::CollectionId);
