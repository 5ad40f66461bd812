//! A network that goes wrong when it is told to: stands between a client and a server on loopback.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What goes wrong. It holds for connections that are there and for new ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Every connection is closed at once, in the middle of whatever it was doing.
    Cut,
    /// Nothing comes through; connections stay open, and what was held back comes later.
    Stall,
    /// What is asked comes through, what is answered comes later.
    StallAnswers,
    /// As soon as a question holds this, the fault is [`Fault::StallAnswers`]: it is done, and nobody hears of it.
    StallAfter(&'static str),
    /// Each connection is closed when so many bytes of answers came through it.
    CutAfter(usize),
    /// Each 16 KiB of an answer come so much later.
    Slow(Duration),
    /// Of so many HTTP requests one is answered with `status` and does not reach the server; 1 is all of them.
    Answer {
        /// The status code.
        status: u16,
        /// One of how many.
        of: u32,
    },
}

/// A proxy in front of one server; gone, with its connections, when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<Wire>,
}

/// What all connections share.
#[derive(Debug)]
struct Wire {
    to: Target,
    http: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
enum Target {
    Port(SocketAddr),
    Socket(PathBuf),
}

impl Target {
    fn connect(&self) -> std::io::Result<TcpStream> {
        match self {
            Target::Port(address) => TcpStream::connect(address),
            // The type knows no more than that it is a stream.
            Target::Socket(path) => {
                UnixStream::connect(path).map(|stream| TcpStream::from(OwnedFd::from(stream)))
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    fault: Fault,
    /// Ends of connections, to close them.
    open: HashMap<u64, [TcpStream; 2]>,
    connections: u64,
    requests: u32,
    asked: u64,
    answered: u64,
    ended: bool,
}

impl Proxy {
    /// Stands before a server of any protocol; [`Fault::Answer`] does nothing here.
    pub fn tcp(to: SocketAddr) -> Proxy {
        Proxy::before(Target::Port(to), false)
    }

    /// The same before a server that listens on a Unix socket.
    pub fn socket(to: &Path) -> Proxy {
        Proxy::before(Target::Socket(to.to_owned()), false)
    }

    /// Stands before an HTTP/1.1 server, and knows where a request begins.
    pub fn http(to: SocketAddr) -> Proxy {
        Proxy::before(Target::Port(to), true)
    }

    fn before(to: Target, http: bool) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Wire { to, http, state: Mutex::default(), changed: Condvar::new() });
        let shared = Arc::clone(&wire);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.lock().ended {
                    break;
                }
                Wire::connect(&shared, client);
            }
        });
        Proxy { address, wire }
    }

    /// Where clients come to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this goes wrong.
    pub fn set(&self, fault: Fault) {
        let mut state = self.wire.lock();
        state.fault = fault;
        if fault == Fault::Cut {
            state.close_all();
        }
        self.wire.changed.notify_all();
    }

    /// How many HTTP requests came, answered by whomever.
    pub fn requests(&self) -> u32 {
        self.wire.lock().requests
    }

    /// Bytes that clients have sent, on whatever connection.
    pub fn asked(&self) -> u64 {
        self.wire.lock().asked
    }

    /// Bytes that were passed on to clients.
    pub fn answered(&self) -> u64 {
        self.wire.lock().answered
    }

    /// What goes wrong now.
    pub fn fault(&self) -> Fault {
        self.wire.lock().fault
    }

    /// How many connections were made.
    pub fn connections(&self) -> u64 {
        self.wire.lock().connections
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.wire.lock();
        state.ended = true;
        state.fault = Fault::Cut;
        state.close_all();
        drop(state);
        self.wire.changed.notify_all();
        // So that the listener looks up and sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn close_all(&mut self) {
        for stream in self.open.drain().flat_map(|(_, both)| both) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Wire {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(wire: &Arc<Wire>, client: TcpStream) {
        let mut state = wire.lock();
        state.connections += 1;
        if state.fault == Fault::Cut {
            return;
        }
        let Ok(server) = wire.to.connect() else { return };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let clone = |stream: &TcpStream| stream.try_clone().unwrap();
        let number = state.connections;
        state.open.insert(number, [clone(&client), clone(&server)]);
        drop(state);
        let (up, down) = ((clone(&client), clone(&server)), (server, client));
        for asks in [true, false] {
            let wire = Arc::clone(wire);
            let (mut from, mut to) =
                if asks { (clone(&up.0), clone(&up.1)) } else { (clone(&down.0), clone(&down.1)) };
            thread::spawn(move || {
                let _ = if asks { wire.ask(&mut from, &mut to) } else { wire.answer(&mut from, &mut to) };
                let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
                wire.lock().open.remove(&number);
            });
        }
    }

    /// Waits as long as one of these holds; what goes wrong then.
    fn after(&self, stalls: &[Fault]) -> Fault {
        let mut state = self.lock();
        while stalls.contains(&state.fault) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.fault
    }

    /// Server to client.
    fn answer(&self, from: &mut TcpStream, to: &mut TcpStream) -> std::io::Result<()> {
        let mut passed = 0;
        let mut piece = [0; 16 * 1024];
        loop {
            let got = from.read(&mut piece)?;
            let fault = self.after(&[Fault::Stall, Fault::StallAnswers]);
            if got == 0 || fault == Fault::Cut {
                return Ok(());
            }
            if let Fault::Slow(by) = fault {
                thread::sleep(by);
            }
            passed += got;
            self.lock().answered += got as u64;
            if let Fault::CutAfter(most) = fault
                && passed > most
            {
                return to.write_all(&piece[..got.saturating_sub(passed - most)]);
            }
            to.write_all(&piece[..got])?;
        }
    }

    /// Client to server.
    fn ask(&self, from: &mut TcpStream, to: &mut TcpStream) -> std::io::Result<()> {
        let (mut held, mut tail) = (Vec::new(), Vec::new());
        let mut piece = [0; 16 * 1024];
        loop {
            let got = from.read(&mut piece)?;
            self.lock().asked += got as u64;
            match self.after(&[Fault::Stall]) {
                Fault::Cut => return Ok(()),
                Fault::StallAfter(words) => self.look_for(words, &mut tail, &piece[..got]),
                _ => {}
            }
            if got == 0 {
                return Ok(());
            }
            if !self.http {
                to.write_all(&piece[..got])?;
                continue;
            }
            held.extend_from_slice(&piece[..got]);
            while let Some(whole) = request(&held) {
                let rest = held.split_off(whole);
                match self.refusal() {
                    Some(status) => {
                        refuse(from, status)?;
                        if says(&held, "connection: close") {
                            return Ok(());
                        }
                    }
                    None => to.write_all(&held)?,
                }
                held = rest;
            }
        }
    }

    /// Looks for words in what is asked, of which `tail` came before.
    fn look_for(&self, words: &'static str, tail: &mut Vec<u8>, piece: &[u8]) {
        tail.extend_from_slice(piece);
        let mut state = self.lock();
        let found = tail.windows(words.len()).any(|some| some == words.as_bytes());
        if found && state.fault == Fault::StallAfter(words) {
            state.fault = Fault::StallAnswers;
        }
        tail.drain(..tail.len().saturating_sub(words.len() - 1));
    }

    /// Counts a request; what it is answered with, if it is not to reach the server.
    fn refusal(&self) -> Option<u16> {
        let mut state = self.lock();
        state.requests += 1;
        match state.fault {
            Fault::Answer { status, of } => state.requests.is_multiple_of(of).then_some(status),
            _ => None,
        }
    }
}

/// Bytes of the first request, once it is there with its whole body.
fn request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let whole = head + length.map_or(0, |length| length.trim().parse::<usize>().unwrap_or(0));
    (bytes.len() >= whole).then_some(whole)
}

/// Whether the head of a request has this line.
fn says(request: &[u8], line: &str) -> bool {
    String::from_utf8_lossy(request)
        .lines()
        .take_while(|one| !one.is_empty())
        .any(|one| one.eq_ignore_ascii_case(line))
}

fn refuse(client: &mut TcpStream, status: u16) -> std::io::Result<()> {
    client.write_all(format!("HTTP/1.1 {status} As Told\r\nContent-Length: 0\r\n\r\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Client;

    /// Answers every request with 200 and 100,000 bytes.
    fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut asked = Vec::new();
                let mut piece = [0; 1024];
                let mut got = 1;
                while got > 0 && request(&asked).is_none() {
                    got = stream.read(&mut piece).unwrap_or(0);
                    asked.extend_from_slice(&piece[..got]);
                }
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&[b'x'; 100_000]));
            }
        });
        address
    }

    #[test]
    fn goes_wrong_as_told() {
        let proxy = Proxy::http(server());
        let client = Client::new(proxy.address());
        let ask = || client.try_ask("PUT", "/", &[], &[b'y'; 50_000]);
        assert_eq!(ask().unwrap().body.len(), 100_000);
        proxy.set(Fault::Answer { status: 500, of: 1 });
        assert_eq!(ask().unwrap().status, 500);
        proxy.set(Fault::Answer { status: 503, of: 2 });
        let mut told = [ask().unwrap().status, ask().unwrap().status];
        told.sort_unstable();
        assert_eq!(told, [200, 503]);
        proxy.set(Fault::Cut);
        assert!(ask().is_err());
        proxy.set(Fault::CutAfter(5_000));
        assert!(ask().map_or(0, |answer| answer.body.len()) < 5_000);
        proxy.set(Fault::Slow(Duration::from_millis(1)));
        assert_eq!(ask().unwrap().body.len(), 100_000);
        assert_eq!((proxy.requests(), proxy.connections()), (6, 7));
        assert!(proxy.asked() > 300_000 && proxy.answered() > 200_000, "{proxy:?}");
    }

    #[test]
    fn what_was_held_back_comes_later() {
        for fault in [Fault::Stall, Fault::StallAnswers, Fault::StallAfter("Host:")] {
            let proxy = Proxy::tcp(server());
            proxy.set(fault);
            let client = Client::new(proxy.address());
            let asking = thread::spawn(move || client.ask("GET", "/", &[], b"").status);
            let seen = || (proxy.connections() > 0).then_some(());
            crate::until("the connection", Duration::from_secs(60), seen);
            assert!(!asking.is_finished());
            proxy.set(Fault::None);
            assert_eq!(asking.join().unwrap(), 200);
        }
    }

    #[test]
    fn stands_before_a_socket_too() {
        let folder = crate::Folder::new("socket");
        let listener = std::os::unix::net::UnixListener::bind(folder.join("s")).unwrap();
        let proxy = Proxy::socket(&folder.join("s"));
        let mut near = TcpStream::connect(proxy.address()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        far.write_all(b"far").unwrap();
        near.write_all(b"near").unwrap();
        let (mut heard, mut told) = ([0; 3], [0; 4]);
        near.read_exact(&mut heard).unwrap();
        far.read_exact(&mut told).unwrap();
        assert_eq!((&heard, &told), (b"far", b"near"));
        proxy.set(Fault::Cut);
        assert_eq!((near.read(&mut heard).unwrap(), far.read(&mut told).unwrap()), (0, 0));
    }
}
