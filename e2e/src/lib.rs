//! Real clients against a real Kontor: what brings them here and what steers them.
//!
//! [`tools`] installs a client when it is missing (Debian packages, a Python environment below `target/`), and fails
//! when it cannot: a client is never skipped. [`Marionette`] steers Thunderbird, [`Chromium`] a browser. The clients' own runs are in
//! `tests/it/`, one file each; every test starts a server of its own (`kontor_testkit::Server`).
//!
//! Laws: a test looks at the result from the other side. What a client wrote is read from the server over HTTP, what the
//! server changed is read from the client. No fixed sleep: every wait is on a condition, with a bound.
//!
//! It deliberately does not test what the client makes of an answer that no client needs: that is the door's own test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod chromium;
mod marionette;
pub mod tools;

pub use chromium::Chromium;
pub use marionette::Marionette;
