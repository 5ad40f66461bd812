//! A drive that is full: what clients are told, and when.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, basic, run};

use super::DRIVE;
use super::rclone::Rclone;
use crate::office::ANNA;

const LIMIT: usize = 1_000_000;

fn limited() -> Server {
    let server = Server::start(&[ANNA]);
    server.command(&["user", "quota", ANNA.name, "--hard", "1MB"]);
    server
}

/// What is answered to the head of an upload and a piece of its body, which is never sent to its end.
fn begun(server: &Server, how: &str, piece: &[u8]) -> String {
    let mut line = TcpStream::connect(server.address()).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let login = basic(ANNA.name, ANNA.password);
    let head = format!("PUT {DRIVE}film.txt HTTP/1.1\r\nHost: x\r\nAuthorization: {login}\r\n{how}\r\n\r\n");
    line.write_all(head.as_bytes()).unwrap();
    line.write_all(piece).unwrap();
    let mut said = Vec::new();
    let mut some = [0; 4096];
    while !String::from_utf8_lossy(&said).contains("</D:error>") {
        match line.read(&mut some).unwrap() {
            0 => break,
            count => said.extend_from_slice(&some[..count]),
        }
    }
    String::from_utf8(said).unwrap()
}

#[test]
fn nobody_sends_four_gigabytes_to_be_told_that_there_is_no_room() {
    let server = limited();
    let length = 4_u64 << 30;
    let chunked = "Transfer-Encoding: chunked";
    let chunk = format!("{:x}\r\n{}\r\n", LIMIT + 1, "x".repeat(LIMIT + 1));
    for (how, piece) in [
        (format!("Content-Length: {length}"), ""),
        (format!("Content-Length: {length}\r\nExpect: 100-continue"), ""),
        (format!("{chunked}\r\nX-Expected-Entity-Length: {length}"), ""),
        (chunked.to_owned(), chunk.as_str()),
    ] {
        let said = begun(&server, &how, piece.as_bytes());
        assert!(said.starts_with("HTTP/1.1 507 "), "{how}\n{said}");
        assert!(said.contains("<D:quota-not-exceeded/>"), "{how}\n{said}");
    }
    let anna = server.client_of(ANNA);
    assert!(anna.members(DRIVE).is_empty());
    anna.put(&format!("{DRIVE}film.txt"), &"x".repeat(LIMIT));
}

/// What is set for an account goes before what is set for all.
#[test]
fn limits_for_all_and_for_one() {
    let mut server = Server::prepare();
    server.create(ANNA);
    server.set_always("KONTOR_QUOTA_HARD", "1000");
    server.set_always("KONTOR_QUOTA_WARN", "500");
    server.restart();
    let anna = server.client_of(ANNA);
    let put = |size: usize| anna.ask("PUT", &format!("{DRIVE}a"), &[], "x".repeat(size).as_bytes()).status;
    let reached = || {
        let said = server.said();
        said.lines().filter(|line| line.contains("reached a limit") && line.contains(ANNA.name)).count()
    };
    assert_eq!((put(499), reached()), (201, 0));
    assert_eq!((put(600), reached()), (204, 1));
    assert_eq!((put(700), reached()), (204, 1));
    assert_eq!((put(1001), reached()), (507, 1));
    let told: serde_json::Value =
        serde_json::from_str(&server.command(&["user", "quota", "--json"])).unwrap();
    let one = |told: &serde_json::Value| (told["used"].clone(), told["level"].clone(), told["hard"].clone());
    assert_eq!(one(&told[0]), (700.into(), "warn".into(), 1000.into()), "{told}");
    server.command(&["user", "quota", ANNA.name, "--hard", "none"]);
    assert_eq!(put(5000), 204);
    server.command(&["user", "quota", ANNA.name, "--hard", "default"]);
    assert_eq!((put(5001), put(5000), put(1)), (507, 204, 204));
    assert_eq!(server.try_command(&["user", "quota", "--hard", "5"], "").code, Some(2));
}

#[test]
fn curl_and_rclone_hear_how_much_room_there_is() {
    let server = limited();
    let folder = Folder::new("full");
    let upload = |name: &str, bytes: usize| {
        let file = folder.write(name, "x".repeat(bytes));
        let login = format!("{}:{}", ANNA.name, ANNA.password);
        let mut curl = Command::new(tools::debian("curl", "curl"));
        curl.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--user", &login]);
        curl.arg("--upload-file").arg(&file).arg(server.url(&format!("{DRIVE}{name}")));
        run(&mut curl, "", Duration::from_secs(60)).said_if_ok()
    };
    assert_eq!(upload("a.bin", 700_000), "201");
    assert_eq!(upload("b.bin", 300_001), "507");
    let rclone = Rclone::new(&server);
    // What all drives lie in tells of one's own.
    for there in [&rclone, &Rclone::of(&server, "/dav/files/", ANNA)] {
        let told = there.run(&["about", "--json", ":webdav:"]).said_if_ok();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["used"], &told["free"]), (&700_000.into(), &300_000.into()), "{told}");
    }
    let there = folder.join("a.bin");
    assert!(!rclone.run(&["copyto", "--retries", "1", there.to_str().unwrap(), ":webdav:b.bin"]).ok);
    assert_eq!(upload("a.bin", 10), "204");
    rclone.run(&["copyto", folder.join("b.bin").to_str().unwrap(), ":webdav:b.bin"]).said_if_ok();
}
