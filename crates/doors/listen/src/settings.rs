//! Every limit by name.

use crate::TrustedProxies;
use std::time::Duration;

/// What one server allows its clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections open at once; more are answered 503 and closed.
    pub connections: usize,
    /// Connections open at once from one address (IPv6: one /64); trusted proxies and unix sockets are exempt.
    pub connections_per_address: usize,
    /// Bytes of request line and header fields together (431). At least 8 KiB.
    pub header_bytes: usize,
    /// Number of header fields (431).
    pub header_count: usize,
    /// From the first byte of a request (or the start of a connection) to the end of its header fields.
    pub header_timeout: Duration,
    /// The TLS handshake.
    pub handshake_timeout: Duration,
    /// Without a request, before the connection is closed.
    pub idle_timeout: Duration,
    /// A request body may take this long whatever its size ...
    pub body_grace: Duration,
    /// ... and after it must come at this pace on average, in bytes per second.
    pub body_minimum_pace: u32,
    /// Bytes that the large bodies of all requests and answers may take in memory together (503); those up to 64 KiB
    /// are not counted.
    pub body_memory: usize,
    /// A client that takes nothing of its answer for so long is cut.
    pub write_timeout: Duration,
    /// Requests in progress on one HTTP/2 connection.
    pub streams_per_connection: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1_000,
            header_bytes: 32 * 1024,
            header_count: 100,
            header_timeout: Duration::from_secs(15),
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_grace: Duration::from_secs(20),
            body_minimum_pace: 1024,
            body_memory: 256 << 20,
            write_timeout: Duration::from_secs(60),
            streams_per_connection: 100,
        }
    }
}

/// How a server behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What clients are allowed.
    pub limits: Limits,
    /// Whose word on the client's address is believed.
    pub trusted_proxies: TrustedProxies,
    /// Compress answers for clients that accept it.
    pub gzip: bool,
    /// Requests that take longer are logged even if they succeed.
    pub slow_request: Duration,
    /// How long a stopping server waits for requests in flight.
    pub drain: Duration,
    /// How often certificate files are looked at for changes.
    pub certificate_check: Duration,
    /// Upper half of request ids, to tell runs of the server apart.
    pub run: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            trusted_proxies: TrustedProxies::default(),
            gzip: true,
            slow_request: Duration::from_secs(1),
            drain: Duration::from_secs(20),
            certificate_check: Duration::from_secs(30),
            run: 0,
        }
    }
}
