//! Real clients against a real Kontor, one file each.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod office;
mod thunderbird;
