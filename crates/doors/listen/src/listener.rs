//! Sockets that wait for connections. Whoever reads the configuration opens them and hands them over.

use crate::Tls;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, UnixListener};

/// Why a server could not start, in one line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(pub(crate) String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// Where plain HTTP, which shows passwords to everyone on the way, may be spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plain {
    /// On loopback addresses.
    #[default]
    LoopbackOnly,
    /// Anywhere: behind a proxy that encrypts, or in a network that one trusts.
    Anywhere,
}

impl Plain {
    /// Whether plain HTTP may be spoken on this address.
    ///
    /// # Errors
    /// Not there; the text says what to do instead.
    pub fn allows(self, address: SocketAddr) -> Result<(), StartError> {
        if self == Self::Anywhere || address.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        Err(StartError(format!(
            "refusing plain HTTP on {address}, which is not a loopback address: give a TLS certificate, or set \
             allow_plain_http = true if a proxy in front encrypts"
        )))
    }
}

/// How to talk on a TCP address.
#[derive(Clone, Debug, Default)]
pub struct TcpOptions {
    /// Encrypts; without it HTTP is plain.
    pub tls: Option<Arc<Tls>>,
    /// Where plain HTTP is allowed.
    pub plain: Plain,
}

/// A socket that listens.
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Waiting,
    pub(crate) tls: Option<Arc<Tls>>,
}

#[derive(Debug)]
pub(crate) enum Waiting {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Takes a bound TCP socket. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// Plain HTTP was asked for where it is not allowed, or the socket cannot be used.
    pub fn tcp(socket: std::net::TcpListener, options: TcpOptions) -> Result<Self, StartError> {
        let address = socket.local_addr().map_err(|error| unusable(&error))?;
        if options.tls.is_none() {
            options.plain.allows(address)?;
        }
        socket.set_nonblocking(true).map_err(|error| unusable(&error))?;
        let socket = TcpListener::from_std(socket).map_err(|error| unusable(&error))?;
        Ok(Self { socket: Waiting::Tcp(socket), tls: options.tls })
    }

    /// Takes a bound unix socket; each request then tells the user id of the process at the other end. Must be called
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// The socket cannot be used.
    pub fn unix(socket: std::os::unix::net::UnixListener) -> Result<Self, StartError> {
        socket.set_nonblocking(true).map_err(|error| unusable(&error))?;
        let socket = UnixListener::from_std(socket).map_err(|error| unusable(&error))?;
        Ok(Self { socket: Waiting::Unix(socket), tls: None })
    }

    /// The TCP address it is bound to, with the port that was chosen if 0 was asked for.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Waiting::Tcp(socket) => socket.local_addr().ok(),
            Waiting::Unix(_) => None,
        }
    }
}

fn unusable(error: &std::io::Error) -> StartError {
    StartError(format!("cannot use the listening socket: {error}"))
}
