//! vCard seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod any;
mod card;
mod convert;
mod corpus;
mod select;
mod validate;
