//! Listeners: sockets, TLS and HTTP, and nothing of what is said over them.
//!
//! A [`Server`] takes connections from [`Listener`]s, reads HTTP/1.1 and HTTP/2, and hands each request to the
//! [`Door`] whose prefix in [`Routes`] fits its path. What it adds to every door alike: limits against slow, large
//! and many ([`Limits`]), the believed address of the asker behind trusted proxies ([`Peer`]), gzip, a request id,
//! the access log, numbers for the metrics page ([`Meter`]), a panic that costs one request, and an orderly end.
//!
//! Main types: [`Door`], [`Request`] with [`RequestBody`], [`Response`] with [`Body`] and [`BodySender`], [`Routes`],
//! [`Server`], [`Listener`], [`Tls`], [`Settings`].
//!
//! Laws: no configuration is read here, settings come in; nothing of a body or an Authorization header is ever
//! logged; memory for one connection is bounded by [`Limits`]; a request that needs no waiting sets no timer and
//! spawns no task (one clock per connection watches it, see `pulse`).
//!
//! Deliberately absent: who is let in (what was shown is only read), content types, URLs, size limits of bodies (a door names one when it reads a body).

mod accept;
mod address;
mod body;
mod connection;
mod credential;
mod door;
mod gzip;
mod incoming;
mod ledger;
mod listener;
mod meter;
mod pulse;
mod reserve;
mod server;
mod service;
mod settings;
mod stop;
mod stream;
mod tls;

pub use address::{AddressRange, ForwardedHeader, TrustedProxies};
pub use body::{Body, BodySender, CutOff, Gone};
pub use credential::{DigestShown, Shown, challenge, quotable};
pub use door::{Answering, Door, LoggedUser, Peer, Request, RequestId, Response, Routes};
pub use incoming::{BodyError, RequestBody};
pub use listener::{Listener, Plain, StartError, TcpOptions};
pub use meter::{BUCKETS_US, DoorNumbers, METHODS, Meter, Numbers};
pub use server::{Drained, Server};
pub use settings::{Limits, Settings};
pub use tls::{Signed, Tls};
