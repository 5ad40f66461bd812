//! Opening sockets.

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Connections that wait to be accepted; a burst of clients after a restart is larger than the usual 128.
const BACKLOG: i32 = 4096;
/// Longest path that fits into the address of a unix socket.
const LONGEST_PATH: usize = 100;

/// Where the admin socket of a data folder is.
pub(crate) fn admin_path(data: &Path) -> PathBuf {
    data.join("admin.sock")
}

/// Binds a TCP address.
///
/// # Errors
/// One line: the port is taken, the address is not ours, a privilege is missing.
pub(crate) fn tcp(address: SocketAddr) -> Result<TcpListener, String> {
    bind(address).map_err(|error| {
        let reason = match error.kind() {
            ErrorKind::AddrInUse => "the port is taken by another program".to_owned(),
            ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
            ErrorKind::PermissionDenied => {
                "ports below 1024 need a privilege that this user lacks".to_owned()
            }
            _ => error.to_string(),
        };
        format!("cannot listen on {address}: {reason}")
    })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted server must not wait until old connections are forgotten.
    socket.set_reuse_address(true)?;
    // Accepted sockets inherit it: clients that vanished without a word are noticed.
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// The admin socket, with the user id of its owner. Removed when dropped.
pub(crate) struct AdminSocket {
    path: PathBuf,
    pub(crate) owner: u32,
}

/// Binds the admin socket of a data folder that is ours, in place of a left-over one. Only its owner (and root) can
/// open it.
///
/// # Errors
/// One line.
pub(crate) fn admin(data: &Path) -> Result<(UnixListener, AdminSocket), String> {
    let path = admin_path(data);
    let (listener, owner) =
        bind_private(&path).map_err(|error| format!("cannot listen on {}: {error}", path.display()))?;
    Ok((listener, AdminSocket { path, owner }))
}

fn bind_private(path: &Path) -> io::Result<(UnixListener, u32)> {
    let (_kept, path) = reachable(path)?;
    // Made under another name and renamed when its mode is right: at no moment can others connect.
    let fresh = path.with_extension("new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600))?;
    let owner = std::fs::metadata(&fresh)?.uid();
    std::fs::rename(&fresh, &path)?;
    Ok((listener, owner))
}

/// A path to the same file that fits into a socket address, and what has to be kept for as long as it is used: where
/// the folder's path is too long, the folder is opened and named by its descriptor.
pub(crate) fn reachable(path: &Path) -> io::Result<(Option<File>, PathBuf)> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if path.as_os_str().len() > LONGEST_PATH => {
            let folder = File::open(folder)?;
            let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
            Ok((Some(folder), short))
        }
        _ => Ok((None, path.to_owned())),
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        // A left-over socket does no harm: the next start replaces it.
        let _gone = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    fn check(folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(admin_path(folder), "left over").unwrap();
        let (_listener, socket) = admin(folder).unwrap();
        let facts = std::fs::metadata(admin_path(folder)).unwrap();
        assert_eq!((facts.mode() & 0o777, facts.uid()), (0o600, socket.owner));
        let (_kept, path) = reachable(&admin_path(folder)).unwrap();
        UnixStream::connect(path).unwrap();
        drop(socket);
        assert!(!admin_path(folder).exists());
    }

    #[test]
    fn the_admin_socket_is_private_however_long_its_path() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("short"));
        check(&folder.path().join("l".repeat(120)).join("o".repeat(120)));
    }

    #[test]
    fn a_taken_port_is_told() {
        let first = tcp(([127, 0, 0, 1], 0).into()).unwrap();
        let why = tcp(first.local_addr().unwrap()).unwrap_err();
        assert!(why.contains("taken"), "{why}");
        assert!(tcp(([192, 0, 2, 1], 0).into()).unwrap_err().contains("does not have"));
    }
}
