//! Taking connections from a socket.

use crate::connection::{self, Origin};
use crate::ledger::{Admission, Full};
use crate::listener::Waiting;
use crate::server::Shared;
use crate::stop::Phase;
use crate::stream::Wire;
use crate::{Listener, Tls, address};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long accepting rests when the process has no file descriptors left.
const REST: Duration = Duration::from_millis(100);

/// Accepts until the server stops.
pub(crate) async fn run(shared: Arc<Shared>, listener: Listener) {
    let _listening = shared.ledger.listen();
    let stopping = shared.stop.reaches(Phase::Draining);
    tokio::pin!(stopping);
    if let Some(tls) = &listener.tls {
        tokio::spawn(look_after_certificate(shared.clone(), tls.clone()));
    }
    let mut exhausted = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stopping => break,
            accepted = accept(&listener.socket) => accepted,
        };
        match accepted {
            Ok((wire, origin)) => {
                exhausted = false;
                admit(&shared, wire, origin, listener.tls.clone());
            }
            Err(error) if is_passing(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut exhausted, true) {
                    tracing::error!(%error, "cannot accept connections; trying on");
                }
                tokio::time::sleep(REST).await;
            }
        }
    }
    take_the_last(&shared, listener);
}

/// Takes those that the system let in before the socket closes: to them a server that is gone would look like one that
/// broke off. The one that comes between the last look and the closing is the only one that does.
fn take_the_last(shared: &Arc<Shared>, listener: Listener) {
    let Listener { socket: Waiting::Tcp(socket), tls } = listener else { return };
    // It stays one that does not wait.
    let Ok(socket) = socket.into_std() else { return };
    loop {
        let accepted = socket.accept().and_then(|(stream, from)| {
            stream.set_nonblocking(true)?;
            Ok(tcp(TcpStream::from_std(stream)?, from))
        });
        match accepted {
            Ok((wire, origin)) => admit(shared, wire, origin, tls.clone()),
            Err(error) if is_passing(&error) => {}
            Err(_) => return,
        }
    }
}

fn tcp(stream: TcpStream, from: SocketAddr) -> (Wire, Origin) {
    // An answer must never wait in Nagle's algorithm for the client's next packet.
    // Fails only for a client that has left already, which reading will notice.
    let _left = stream.set_nodelay(true);
    (Wire::Plain(stream), Origin { address: from.ip().to_canonical(), uid: None, secure: false })
}

async fn accept(socket: &Waiting) -> io::Result<(Wire, Origin)> {
    match socket {
        Waiting::Tcp(socket) => {
            let (stream, from) = socket.accept().await?;
            Ok(tcp(stream, from))
        }
        Waiting::Unix(socket) => {
            let (stream, _) = socket.accept().await?;
            let uid = stream.peer_cred().ok().map(|process| process.uid());
            Ok((Wire::Local(stream), Origin { address: address::HERE, uid, secure: true }))
        }
    }
}

/// Errors of one connection, not of the socket: the client left before it was accepted.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

fn admit(shared: &Arc<Shared>, wire: Wire, origin: Origin, tls: Option<Arc<Tls>>) {
    match shared.ledger.admit(limited_as(shared, &origin), &shared.settings.limits) {
        Ok(admission) => {
            tokio::spawn(attend(shared.clone(), wire, origin, tls, admission));
        }
        Err(full) => turn_away(&wire, &origin, full, tls.is_some()),
    }
}

/// Clients behind a trusted proxy share its address, so that one is not limited.
fn limited_as(shared: &Shared, origin: &Origin) -> Option<IpAddr> {
    let exempt = origin.uid.is_some() || shared.settings.trusted_proxies.trusts(origin.address);
    (!exempt).then_some(origin.address)
}

/// Says why in one packet if the client can read it, and closes. Never waits.
fn turn_away(wire: &Wire, origin: &Origin, full: Full, encrypted: bool) {
    tracing::debug!(address = %origin.address, ?full, "connection refused");
    if let (Wire::Plain(stream), false) = (wire, encrypted) {
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _best_effort = stream.try_write(answer);
    }
}

async fn attend(
    shared: Arc<Shared>,
    wire: Wire,
    mut origin: Origin,
    tls: Option<Arc<Tls>>,
    admission: Admission,
) {
    let wire = match (wire, tls) {
        (Wire::Plain(stream), Some(tls)) => {
            // Boxed, so that its room is given back when the hands are shaken.
            let Some(stream) = Box::pin(shake_hands(&shared, stream, &tls)).await else { return };
            origin.secure = true;
            stream
        }
        (wire, _) => wire,
    };
    connection::attend(&shared, wire, origin).await;
    drop(admission);
}

async fn shake_hands(shared: &Shared, stream: TcpStream, tls: &Tls) -> Option<Wire> {
    let patience = shared.settings.limits.handshake_timeout;
    let result = tokio::select! {
        result = tokio::time::timeout(patience, tls.acceptor().accept(stream)) => result,
        () = shared.stop.reaches(Phase::Draining) => return None,
    };
    match result {
        Ok(Ok(stream)) => Some(Wire::Encrypted(Box::new(stream))),
        Ok(Err(error)) => {
            shared.meter.handshakes_failed.fetch_add(1, Relaxed);
            tracing::debug!(%error, "TLS handshake failed");
            None
        }
        Err(_) => {
            shared.meter.handshakes_failed.fetch_add(1, Relaxed);
            tracing::debug!("TLS handshake took too long");
            None
        }
    }
}

/// Reads the certificate again when its files change.
async fn look_after_certificate(shared: Arc<Shared>, tls: Arc<Tls>) {
    let stopping = shared.stop.reaches(Phase::Draining);
    tokio::pin!(stopping);
    loop {
        tokio::select! {
            () = &mut stopping => return,
            () = tokio::time::sleep(shared.settings.certificate_check) => {}
        }
        let tls = tls.clone();
        match tokio::task::spawn_blocking(move || tls.reload_if_changed()).await {
            Ok(Ok(true)) => tracing::info!("TLS certificate reloaded"),
            Ok(Ok(false)) | Err(_) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "TLS certificate not reloaded; the old one stays in use")
            }
        }
    }
}
