//! `kontor app-password`.

use crate::house::{ANNA, kontor, server};
use kontor_testkit::until;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const EVENT: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                       DTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// The value of a field in pretty JSON.
fn field<'a>(json: &'a str, name: &str) -> &'a str {
    let (_, rest) =
        json.split_once(&format!("\"{name}\": ")).unwrap_or_else(|| panic!("no {name} in {json}"));
    rest.split([',', '\n']).next().unwrap().trim_matches('"')
}

#[test]
fn a_secret_for_one_device() {
    let server = server(&[ANNA]);
    let data = server.data();
    let made = kontor(&data, &["app-password", "create", "anna", "--label", "phone", "--json"]).done();
    let (id, secret) = (field(&made, "id").to_owned(), field(&made, "secret").to_owned());
    let reading = ["app-password", "create", "anna", "--label", "wall", "--scope", "calendar", "--read-only"];
    let wall = kontor(&data, &reading);
    assert_eq!(wall.code, 0);
    assert!(wall.err.contains("told only once"), "{wall:?}");
    let wall = wall.out.trim();

    let put = |secret: &str| {
        let client = server.client().with_basic("anna", secret);
        let headers = [("Content-Type", "text/calendar")];
        client.ask("PUT", "/dav/calendars/anna/default/1.ics", &headers, EVENT).status
    };
    let get = |secret: &str, path: &str| {
        server.client().with_basic("anna", secret).ask("GET", path, &[], b"").status
    };
    assert_eq!(put(&secret), 201);
    assert_eq!(put(wall), 403);
    assert_eq!(get(wall, "/dav/calendars/anna/default/1.ics"), 200);
    assert_ne!(get(wall, "/dav/addressbooks/anna/default/"), 200);

    let listed = kontor(&data, &["app-password", "list", "anna", "--json"]).done();
    assert_eq!(listed.matches("\"label\"").count(), 2);
    assert!(!listed.contains(&secret), "secrets are told once");
    assert!(kontor(&data, &["app-password", "list", "anna"]).done().contains("wall"));
    kontor(&data, &["app-password", "revoke", "anna", &id]).done();
    assert_eq!(put(&secret), 401);
    kontor(&data, &["app-password", "revoke", "anna", &id]).refused("no app password of that number");
    kontor(&data, &["app-password", "list", "nobody"]).refused("there is no user nobody");
}

/// What the admin socket answers to a command.
fn told(data: &Path, command: &str) -> String {
    let mut socket = UnixStream::connect(data.join("admin.sock")).unwrap();
    let length = command.len();
    let head = format!(
        "POST /command HTTP/1.1\r\nHost: kontor\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    socket.write_all((head + command).as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_ends_at_its_time() {
    let server = server(&[ANNA]);
    let past = ["app-password", "create", "anna", "--label", "old", "--expires", "2020-01-01"];
    kontor(&server.data(), &past).refused("in the past");
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let answer = told(
        &server.data(),
        &format!(r#"{{"command":"app-password-create","name":"anna","label":"brief","expires":"{end}"}}"#),
    );
    let secret = answer.split("\"secret\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let client = server.client().with_basic("anna", secret.unwrap_or_else(|| panic!("{answer}")));
    let status = || client.ask("GET", "/dav/calendars/anna/default/", &[], b"").status;
    assert_eq!(status(), 200);
    // Remembered or not: its last moment is its last.
    until("the app password to end", Duration::from_secs(10), || (status() == 401).then_some(()));
    assert!(jiff::Timestamp::now() >= end);
}
