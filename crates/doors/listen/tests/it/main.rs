//! A real server on real sockets, and clients that behave badly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod bodies;
mod crowd;
mod ending;
mod house;
mod proxies;
mod slow;
mod tls;
mod unix;
