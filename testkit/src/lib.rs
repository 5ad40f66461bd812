//! What tests of several rooms share: a Kontor that runs for one test, a folder that lasts as long, a plain HTTP client,
//! and waiting that has an end. [`engines`] is the one switch between databases: `KONTOR_TEST_STORE`.
//!
//! Main types: [`Server`] (a freshly started binary on a free port with its own data folder, gone when dropped),
//! [`Folder`], [`Client`] with [`Answer`], [`Postgres`], [`S3`], [`Proxy`] (a network that goes wrong when told to),
//! [`tools`] (how programs come here), and [`until`].
//!
//! Laws: nothing here sleeps a fixed time and hopes; every wait is on a condition and has a bound. Nothing here judges
//! text: a test states itself what it expects. A failure panics with what was tried and what came back.
//!
//! It deliberately knows no crate of the product: it sees Kontor as a client does, through its binary and its port.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

mod address;
mod engine;
mod folder;
mod http;
mod leash;
mod namespace;
mod postgres;
mod proxy;
mod s3;
mod server;
pub mod tools;
mod wait;

pub use address::own_address;
pub use engine::{Engine, engines};
pub use folder::Folder;
pub use http::{Answer, Client, basic};
pub use namespace::Namespace;
pub use postgres::{Postgres, Visitor, postgres};
pub use proxy::{Fault, Proxy};
pub use s3::{S3, s3};
pub use server::{Server, User};
pub use wait::{Ran, run, signal, until};
