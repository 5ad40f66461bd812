//! Bodies that are much larger than the memory of the server may get.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, basic, run};

use super::DRIVE;
use crate::office::ANNA;

/// Many times what it may take.
const SIZE: u64 = 512 << 20;
/// So much a server may need for a body on its way, whatever its size.
const MEMORY: u64 = 64 << 20;

fn curl(server: &Server, name: &str, args: &[&str]) {
    let mut command = Command::new(tools::debian("curl", "curl"));
    let login = format!("{}:{}", ANNA.name, ANNA.password);
    command.args(["--silent", "--show-error", "--fail", "--user", &login]).args(args);
    run(command.arg(server.url(&format!("{DRIVE}{name}"))), "", Duration::from_secs(300)).said_if_ok();
}

/// Asks for a file and takes the head of the answer, but nothing of what follows.
fn asks(server: &Server, name: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let (login, host) = (basic(ANNA.name, ANNA.password), server.address());
    write!(stream, "GET {DRIVE}{name} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {login}\r\n\r\n").unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    stream
}

#[test]
fn a_huge_file_goes_up_and_down_through_little_memory() {
    let (server, folder) = (Server::start(&[ANNA]), Folder::new("huge"));
    // A file of nothing but holes: what matters is how much comes.
    let (sent, came) = (folder.join("sent"), folder.join("came"));
    File::create(&sent).unwrap().set_len(SIZE).unwrap();
    // Signing in takes memory, too.
    curl(&server, "", &["--request", "PROPFIND", "--header", "Depth: 0"]);
    let before = server.peak_memory();
    let taken = || server.peak_memory() - before;
    curl(&server, "huge", &["--upload-file", &sent.display().to_string()]);
    assert!(taken() <= MEMORY, "{} bytes for an upload", taken());
    curl(&server, "huge", &["--output", &came.display().to_string()]);
    assert!(taken() <= MEMORY, "{} bytes for a download", taken());
    assert_eq!(came.metadata().unwrap().len(), SIZE);
    // Clients that take nothing cost little each, and are not waited for.
    let slow: Vec<TcpStream> = (0..12).map(|_| asks(&server, "huge")).collect();
    curl(&server, "huge", &["--output", &came.display().to_string()]);
    assert!(taken() <= 2 * MEMORY, "{} bytes for 12 slow downloads and a fast one", taken());
    slow.iter().for_each(|stream| stream.shutdown(Shutdown::Both).unwrap());
}
