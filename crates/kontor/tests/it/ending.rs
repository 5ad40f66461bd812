//! Ending in order.

use crate::house::{ANNA, server};
use kontor_testkit::until;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:half\r\n\
                     DTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:half\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

// "anna:a long and good one"
const BASIC: &str = "YW5uYTphIGxvbmcgYW5kIGdvb2Qgb25l";

#[test]
fn sigterm_finishes_a_put_that_is_half_sent() {
    let mut server = server(&[ANNA]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "PUT /dav/calendars/anna/default/half.ics HTTP/1.1\r\nHost: h\r\nAuthorization: Basic {BASIC}\r\n\
         Content-Type: text/calendar\r\nContent-Length: {}\r\n\r\n",
        EVENT.len()
    );
    let (first, second) = EVENT.split_at(60);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    // The server has the request when it has answered another one that came later.
    server.client_of(ANNA).ask("GET", "/dav/calendars/anna/default/", &[], b"");

    let address = server.address();
    let sender = std::thread::spawn(move || {
        until("the server to close its port", Duration::from_secs(10), || TcpStream::connect(address).err());
        stream.write_all(second.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    server.stop();
    let answer = sender.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(!server.data().join("admin.sock").exists(), "the socket goes with the server");
    server.restart();
    let kept = server.client_of(ANNA).get("/dav/calendars/anna/default/half.ics");
    assert_eq!(kept.as_deref(), Some(EVENT));
}

#[test]
fn event_streams_do_not_hold_up_the_end() {
    let mut server = server(&[ANNA]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let ask = format!("GET /dav/changes HTTP/1.1\r\nHost: h\r\nAuthorization: Basic {BASIC}\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut begin = [0; 15];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200 OK");
    server.stop();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream ends in order: {rest}");
}

#[test]
fn a_kill_leaves_nothing_in_the_way() {
    let mut server = server(&[ANNA]);
    server.kill();
    assert!(server.data().join("admin.sock").exists());
    assert!(server.command(&["user", "list"]).contains("anna"), "the left-over socket does not confuse");
    server.restart();
    assert!(server.command(&["user", "list"]).contains("anna"));
}
