//! Sockets that wait for connections.

use crate::Tls;
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
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

/// How to listen on a TCP address.
#[derive(Clone, Debug, Default)]
pub struct TcpOptions {
    /// Encrypts; without it HTTP is plain.
    pub tls: Option<Arc<Tls>>,
    /// Where plain HTTP is allowed.
    pub plain: Plain,
}

/// A bound socket.
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Waiting,
    pub(crate) tls: Option<Arc<Tls>>,
}

#[derive(Debug)]
pub(crate) enum Waiting {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

/// Connections that wait to be accepted; a burst of clients after a restart is larger than the usual 128.
const BACKLOG: i32 = 4096;

impl Listener {
    /// Binds a TCP address. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The address is taken or not ours, or plain HTTP was asked for where it is not allowed.
    pub fn tcp(address: SocketAddr, options: TcpOptions) -> Result<Self, StartError> {
        let plain = options.tls.is_none();
        if plain && options.plain == Plain::LoopbackOnly && !address.ip().to_canonical().is_loopback() {
            return Err(StartError(format!(
                "refusing plain HTTP on {address}, which is not a loopback address: give a TLS certificate, or set \
                 allow_plain_http = true if a proxy in front encrypts"
            )));
        }
        let socket = bind(address).map_err(|error| StartError(why_not(address, &error)))?;
        Ok(Self { socket: Waiting::Tcp(socket), tls: options.tls })
    }

    /// Binds a unix socket that only this user (and root) can open, in place of a left-over one of that name. Must be
    /// called inside a tokio runtime.
    ///
    /// # Errors
    /// The folder cannot be written, or the path is too long for a socket.
    pub fn unix(path: &Path) -> Result<Self, StartError> {
        let failed =
            |error: io::Error| StartError(format!("cannot listen on the socket {}: {error}", path.display()));
        // Made under another name and renamed when its mode is right: at no moment can others connect.
        let fresh = path.with_extension("sock.new");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let socket = UnixListener::bind(&fresh).map_err(failed)?;
        let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&fresh, only_owner).map_err(failed)?;
        std::fs::rename(&fresh, path).map_err(failed)?;
        Ok(Self { socket: Waiting::Unix(socket, path.to_owned()), tls: None })
    }

    /// The TCP address it is bound to, with the port that was chosen if 0 was asked for.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Waiting::Tcp(socket) => socket.local_addr().ok(),
            Waiting::Unix(..) => None,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Waiting::Unix(_, path) = &self.socket {
            // A left-over socket does no harm; the next start replaces it.
            let _gone = std::fs::remove_file(path);
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    // Accepted sockets inherit these: answers never wait in Nagle's algorithm, and dead peers are noticed.
    socket.set_tcp_nodelay(true)?;
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn why_not(address: SocketAddr, error: &io::Error) -> String {
    let reason = match error.kind() {
        io::ErrorKind::AddrInUse => "the port is taken by another program".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege that this user lacks".to_owned()
        }
        _ => error.to_string(),
    };
    format!("cannot listen on {address}: {reason}")
}
