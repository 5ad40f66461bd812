//! Reads, one file per sort. Each takes a connection and runs to its end.

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
