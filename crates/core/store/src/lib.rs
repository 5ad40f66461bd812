//! The change log and all that hangs on it: the only room that knows a database.
//!
//! Main types: [`Store`], the trait of domain operations that every engine implements; [`Write`] with its [`Op`]s,
//! applied all or not at all, and the [`Done`] that each returns; [`Facets`], by which items are found without
//! reading them; [`Changes`], what happened since a version; [`Blobs`], where large bodies lie. [`sqlite::open`] gives
//! the embedded engine, [`postgres::open`] that for several nodes, and [`Lease`] the jobs of which one does each.
//!
//! Laws: every write names an actor and an origin and *is* a change entry (law 2): an item's in the log of its
//! collection, under the number that the collection got by it; anything else in the log of its account. Bodies and
//! facets go in and come out as bytes, nothing here parses content (law 3). A write that returned is on disk. SQL
//! lives in `sql`, shared by all engines; an engine binds, decodes and batches.
//!
//! Deliberately absent: who may do it (`groupware::access`), what a body means (`formats`), ids and times (they come
//! from the caller, out of `model`).

mod allowance;
pub mod blob;
pub mod contract;
mod encode;
mod expect;
mod growth;
mod lease;
pub mod moving;
pub mod postgres;
mod span;
mod sql;
pub mod sqlite;
mod tally;
mod trash;

pub use blob::{
    BlobOptions, BlobPlace, BlobReader, BlobRef, BlobWriter, Blobs, INLINE_BYTES, OpenBody, Verdict,
};
pub use contract::*;
pub use lease::Lease;
