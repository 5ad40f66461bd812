//! Parts of files with curl: downloads and uploads that go on where they stopped.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Ran, Server, basic, run};

use super::DRIVE;
use crate::office::ANNA;

/// Above this a body lies outside of the database and is streamed.
const SIZE: usize = 3_000_000;

fn text(bytes: usize) -> String {
    (0..).flat_map(|n: u32| format!("{n:08} ").into_bytes()).map(char::from).take(bytes).collect()
}

fn curl(server: &Server, name: &str, args: &[&str]) -> Ran {
    let mut command = Command::new(tools::debian("curl", "curl"));
    let login = format!("{}:{}", ANNA.name, ANNA.password);
    command.args(["--silent", "--show-error", "--user", &login]);
    run(command.args(args).arg(server.url(&format!("{DRIVE}{name}"))), "", Duration::from_secs(60))
}

/// Head and body of an answer with its status line, as curl shows them.
fn shown(server: &Server, args: &[&str]) -> String {
    curl(server, "film.txt", &[&["--include"], args].concat()).said_if_ok()
}

fn furnished() -> (Server, String) {
    let server = Server::start(&[ANNA]);
    let whole = text(SIZE);
    server.client_of(ANNA).put(&format!("{DRIVE}film.txt"), &whole);
    (server, whole)
}

#[test]
fn curl_is_given_the_ranges_that_it_asks_for() {
    let (server, whole) = furnished();
    let one = shown(&server, &["--range", "1000000-1000008"]);
    assert!(one.contains(" 206 ") && one.ends_with(&format!("\r\n\r\n{}", &whole[1_000_000..1_000_009])));
    assert!(one.to_lowercase().contains("content-range: bytes 1000000-1000008/3000000\r\n"), "{one}");
    let last = curl(&server, "film.txt", &["--range", "-2000000"]).said_if_ok();
    assert!(last == whole[1_000_000..]);
    let rest = curl(&server, "film.txt", &["--range", "2999990-"]).said_if_ok();
    assert_eq!(rest, whole[2_999_990..]);
    let several = shown(&server, &["--range", "0-8,2000000-2099999,-9"]);
    assert!(several.contains(" 206 ") && several.contains("multipart/byteranges; boundary="));
    for (first, last) in [(0, 8), (2_000_000, 2_099_999), (2_999_991, 2_999_999)] {
        let part =
            format!("Content-Range: bytes {first}-{last}/{SIZE}\r\n\r\n{}\r\n--", &whole[first..=last]);
        assert!(several.contains(&part), "{first}-{last}");
    }
    let none = shown(&server, &["--range", "3000000-"]);
    assert!(none.contains(" 416 ") && none.to_lowercase().contains("content-range: bytes */3000000\r\n"));
}

#[test]
fn a_part_belongs_to_the_file_that_it_began_with() {
    let (server, whole) = furnished();
    let path = format!("{DRIVE}film.txt");
    let head = server.client_of(ANNA).ask("HEAD", &path, &[], b"");
    let condition = format!("If-Range: {}", head.header("etag").unwrap());
    let ask = ["--range", "0-8", "--header", &condition];
    let same = shown(&server, &ask);
    assert!(same.contains(" 206 ") && same.ends_with(&format!("\r\n\r\n{}", &whole[..9])), "{same}");
    server.client_of(ANNA).put(&path, "another film");
    let other = shown(&server, &ask);
    assert!(other.contains(" 200 ") && other.ends_with("\r\n\r\nanother film"), "{other}");
}

#[test]
fn a_download_goes_on_where_it_stopped() {
    let (server, whole) = furnished();
    let folder = Folder::new("curl-resume");
    for have in [1, 65_536, 2_999_999] {
        let file = folder.write("film.txt", &whole[..have]);
        let to = file.to_str().unwrap();
        let sent = ["--continue-at", "-", "--output", to, "--write-out", "%{http_code} %{size_download}"];
        let said = curl(&server, "film.txt", &sent).said_if_ok();
        assert_eq!(said, format!("206 {}", SIZE - have));
        assert!(fs::read_to_string(&file).unwrap() == whole, "{have}");
    }
}

/// As a script does it that sends a large file over a line that breaks.
#[test]
fn an_upload_goes_on_where_it_stopped() {
    let (server, whole) = furnished();
    let folder = Folder::new("curl-parts");
    let told = curl(&server, "", &["--include", "--request", "OPTIONS"]).said_if_ok();
    assert!(told.contains("sabredav-partialupdate"), "{told}");
    let kind = "Content-Type: application/x-sabredav-partialupdate";
    let first = folder.write("part", &whole[..1_000_000]);
    let upload = ["--fail", "--upload-file", first.to_str().unwrap()];
    curl(&server, "sent.txt", &upload).said_if_ok();
    let second = folder.write("part", &whole[1_000_000..1_040_000]);
    let data = format!("@{}", second.display());
    let append = ["--fail", "--request", "PATCH", "--header", kind, "--header", "X-Update-Range: append"];
    curl(&server, "sent.txt", &[&append[..], &["--data-binary", &data]].concat()).said_if_ok();
    // curl's own way: it says PUT with Content-Range, and leaves out what is there.
    let file = folder.write("whole", &whole);
    let rest = ["--fail", "--continue-at", "1040000", "--upload-file", file.to_str().unwrap()];
    curl(&server, "sent.txt", &rest).said_if_ok();
    assert!(curl(&server, "sent.txt", &[]).said_if_ok() == whole);
    let short = folder.write("short", "short");
    let all = ["--fail", "--continue-at", "-", "--upload-file", short.to_str().unwrap()];
    curl(&server, "sent.txt", &all).said_if_ok();
    assert_eq!(curl(&server, "sent.txt", &[]).said_if_ok(), "short");
    let stale = [&append[..], &["--header", "If-Match: \"1-1\"", "--data-binary", "x"]].concat();
    assert!(!curl(&server, "sent.txt", &stale).ok);
    assert_eq!(curl(&server, "sent.txt", &[]).said_if_ok(), "short");
}

/// Whichever way it was sent, half a part is no part.
#[test]
fn a_part_that_breaks_off_changes_nothing() {
    let (server, whole) = furnished();
    let patch = "Content-Type: application/x-sabredav-partialupdate\r\nX-Update-Range: append";
    for (method, how) in [("PATCH", patch), ("PUT", "Content-Range: bytes 0-1999999/*")] {
        let mut line = TcpStream::connect(server.address()).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let login = basic(ANNA.name, ANNA.password);
        let head =
            format!("{method} {DRIVE}film.txt HTTP/1.1\r\nHost: x\r\nAuthorization: {login}\r\n{how}\r\n");
        line.write_all(format!("{head}Content-Length: 2000000\r\n\r\n").as_bytes()).unwrap();
        line.write_all(&[b'x'; 1_000_000]).unwrap();
        line.shutdown(Shutdown::Write).unwrap();
        // Whatever the server says to that, it is done with it then.
        let mut said = Vec::new();
        let _ = line.read_to_end(&mut said);
        assert!(!String::from_utf8_lossy(&said).contains(" 204 "), "{method}");
        assert!(curl(&server, "film.txt", &[]).said_if_ok() == whole, "{method}");
    }
}
