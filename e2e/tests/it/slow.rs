//! Clients that are slow, many, or long-winded, held against what `kontor.toml` says of them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kontor_testkit::{Server, until};

use crate::office::{ANNA, CALENDAR, configured};

const STRICT: &str = "
[connections]
max_connections_per_address = 5
max_header_bytes = 8192
max_header_count = 20
header_seconds = 1
idle_seconds = 2
body_seconds = 1
min_body_bytes_per_second = 1000
write_seconds = 1
";

/// Sends this, then a little more every tenth of a second, until the server has enough; what it said and when.
fn drip(server: &Server, first: &str, more: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let (begun, mut said) = (Instant::now(), Vec::new());
    // A connection that is closed while we write may be reset: its end all the same.
    let mut open = stream.write_all(first.as_bytes()).is_ok();
    while open {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server has patience without end");
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => said.extend_from_slice(&buffer[..count]),
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                open = stream.write_all(more.as_bytes()).is_ok();
            }
            Err(_) => break,
        }
    }
    (String::from_utf8_lossy(&said).into_owned(), begun.elapsed())
}

/// `Authorization: Basic ...` of Anna, taken from a request as our own client writes it.
fn put(server: &Server, length: usize) -> String {
    // "anna:a Password, with space"
    let basic = "YW5uYTphIFBhc3N3b3JkLCB3aXRoIHNwYWNl";
    format!(
        "PUT {CALENDAR}slow.ics HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {basic}\r\nContent-Length: {length}\r\n\r\n",
        server.address()
    )
}

#[test]
fn slow_clients_are_cut_or_refused() {
    let server = configured(STRICT, &[ANNA]);
    let within = |took: Duration, from: u64| {
        assert!((from..from + 8000).contains(&(took.as_millis() as u64)), "{took:?}");
    };
    let (said, took) = drip(&server, "GET / HTTP/1.1\r\nHost: x\r\n", "X-More: y\r\n");
    assert_eq!(said, "", "a head that never ends");
    within(took, 950);
    let (said, took) = drip(&server, &put(&server, 1500), "x");
    assert!(said.starts_with("HTTP/1.1 408 "), "a body that trickles: {said}");
    within(took, 950);
    let (said, took) = drip(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "");
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    within(took, 1900);
    assert_eq!(server.client_of(ANNA).members(CALENDAR), Vec::<String>::new(), "half a body is not stored");
}

#[test]
fn heads_beyond_their_limits_are_refused() {
    let server = configured(STRICT, &[ANNA]);
    let ask = |headers: String| {
        let text = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        drip(&server, &text, "").0.split(' ').nth(1).map(str::to_owned)
    };
    assert_eq!(ask(String::new()).as_deref(), Some("200"));
    assert_eq!(ask((0..30).map(|n| format!("X-{n}: y\r\n")).collect()).as_deref(), Some("431"));
    assert_eq!(ask(format!("X: {}\r\n", "y".repeat(9000))).as_deref(), Some("431"));
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let server = configured(STRICT, &[ANNA]);
    until("the first connections to be gone", Duration::from_secs(10), || {
        let held: Vec<_> = (0..5).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
        let mut sixth = TcpStream::connect(server.address()).unwrap();
        sixth.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut said = String::new();
        // Times out if it was let in.
        let _refused = sixth.read_to_string(&mut said);
        drop(held);
        (said.starts_with("HTTP/1.1 503 ") && said.contains("Retry-After: ")).then_some(())
    });
    until("a place to be free again", Duration::from_secs(10), || {
        let answer = server.client().try_ask("GET", "/", &[], b"").ok()?;
        (answer.status == 200).then_some(())
    });
}
