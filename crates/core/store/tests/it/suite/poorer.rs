//! A database that has no more than CockroachDB, YugabyteDB and Citus have in common: PostgreSQL behind a wire that takes
//! the rest away. All transactions are serializable, so that they meet and are undone (SQLSTATE 40001), and some are
//! undone although they met nobody; planner settings, LISTEN, NOTIFY are unheard of.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;

/// What is said, and what the server hears: of the same length, so that no frame changes its own.
const HEARD: &[(&str, &str)] = &[
    ("ISOLATION LEVEL READ COMMITTED", "ISOLATION LEVEL SERIALIZABLE  "),
    ("ISOLATION LEVEL REPEATABLE READ READ ONLY", "ISOLATION LEVEL SERIALIZABLE READ ONLY   "),
    ("SET enable_", "SET unheard"),
    ("SET plan_cache_mode", "SET unheard_of_mode"),
    ("SET idle_in_transaction_session_timeout", "SET unheard_transaction_session_timeout"),
    ("LISTEN kontor_store", "LISTXN kontor_store"),
    ("pg_notify", "pg_unsaid"),
    // Waits for all that see an older state, as the one whose turn it is does here.
    ("INDEX CONCURRENTLY", "INDEX             "),
    ("pg_backend_pid", "pg_unheard_pid"),
];

/// What is undone now and then: one of so many.
const UNDONE: &[(&str, usize)] = &[("COMMIT", 7), ("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY   ", 5)];
/// How. A transaction that cannot be committed is over.
const UNDO: &str = "ROLLBACK; DO $$ BEGIN RAISE EXCEPTION 'met another' USING ERRCODE = '40001'; END $$";

/// Where the wire begins that leads to the server behind `socket`.
pub(crate) fn wire(socket: PathBuf) -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = UnixStream::connect(&socket) {
                    carry(client, server);
                }
            }
        });
        address
    })
}

fn carry(client: TcpStream, server: UnixStream) {
    let (mut asked, mut answers) = (client.try_clone().expect("a stream"), client);
    let (mut to_server, mut from_server) = (server.try_clone().expect("a stream"), server);
    let _ = answers.set_nodelay(true);
    thread::spawn(move || {
        // However it ends, the other side is told.
        let _ = speak(&mut asked, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut answers);
        let _ = answers.shutdown(std::net::Shutdown::Both);
    });
}

/// Frames are a sort, their length and so many bytes; the first has no sort (PostgreSQL 15, 55.2.1).
fn speak(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let first = frame(from, None)?;
    to.write_all(&first)?;
    let mut seen = [0; UNDONE.len()];
    loop {
        let mut sort = [0];
        from.read_exact(&mut sort)?;
        let mut frame = frame(from, Some(sort[0]))?;
        // A question, or one that is prepared.
        if matches!(sort[0], b'Q' | b'P') {
            HEARD.iter().for_each(|(said, heard)| replace(&mut frame, said.as_bytes(), heard.as_bytes()));
        }
        for ((said, every), seen) in UNDONE.iter().zip(&mut seen) {
            if frame == question(said) {
                *seen += 1;
                if *seen % every == 0 {
                    frame = question(UNDO);
                }
            }
        }
        to.write_all(&frame)?;
    }
}

/// A frame that asks this.
fn question(sql: &str) -> Vec<u8> {
    let length = u32::try_from(sql.len() + 5).unwrap().to_be_bytes();
    [&b"Q"[..], &length, sql.as_bytes(), &[0]].concat()
}

fn frame(from: &mut impl Read, sort: Option<u8>) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut bytes: Vec<u8> = sort.into_iter().chain(length).collect();
    let head = bytes.len();
    let rest = u32::from_be_bytes(length) as usize - 4;
    bytes.resize(head + rest, 0);
    from.read_exact(&mut bytes[head..])?;
    Ok(bytes)
}

fn replace(bytes: &mut [u8], said: &[u8], heard: &[u8]) {
    assert_eq!(said.len(), heard.len(), "{}", String::from_utf8_lossy(said));
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(said.len()).position(|window| window == said) {
        at += found;
        bytes[at..at + said.len()].copy_from_slice(heard);
    }
}
