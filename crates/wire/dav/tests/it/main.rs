//! The one integration binary of this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod golden;
mod headers;
mod hostile;
mod multistatus;
mod reports;
mod roundtrip;
mod xml;
