//! `/metrics`, `/healthz`, and the log.

use crate::house::{ANNA, command, kontor};
use kontor_testkit::{Client, Folder, signal, until};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A server whose log is read for its address.
struct Logged {
    child: Ended,
    log: BufReader<std::process::ChildStderr>,
    address: SocketAddr,
}

/// Ends with the test, however that ends.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _status = self.0.wait();
    }
}

fn start(folder: &Folder, more: &[&str]) -> Logged {
    let args = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
    let mut child = Ended(command(folder.path(), &args).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(child.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"serving\"") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "the server ended");
    }
    let address = line.split("\"address\":\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    Logged { child, log, address }
}

impl Logged {
    /// Ends it and gives the rest of its log.
    fn end(mut self) -> String {
        assert!(signal("TERM", self.child.0.id()));
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.0.wait().unwrap().code(), Some(0), "{rest}");
        rest
    }
}

#[test]
fn the_admin_address() {
    let folder = Folder::new("admin");
    let admin = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let running = start(&folder, &["--admin-listen", &admin.to_string()]);
    let client = Client::new(running.address);
    assert_eq!(client.ask("GET", "/", &[], b"").status, 200);
    assert_eq!(client.ask("GET", "/metrics", &[], b"").status, 404, "not where clients come to");
    let admin = Client::new(admin);
    let health = admin.ask("GET", "/healthz", &[], b"");
    assert_eq!((health.status, health.text().as_str()), (200, "ok\n"));
    let page = until("the request to be counted", Duration::from_secs(5), || {
        let page = admin.ask("GET", "/metrics", &[], b"").text();
        page.contains("kontor_requests_total{door=\"web\",method=\"GET\",status=\"2xx\"} 1").then_some(page)
    });
    assert!(page.contains("process_resident_memory_bytes "), "{page}");
    let command = admin.ask("POST", "/command", &[], b"{\"command\":\"user-list\"}");
    assert_eq!(command.status, 403, "no commands over TCP");
    running.end();
}

#[test]
fn health_on_the_socket() {
    let folder = Folder::new("socket");
    let running = start(&folder, &[]);
    let mut stream = UnixStream::connect(folder.join("admin.sock")).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: kontor\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    running.end();
}

/// The disk that the log goes to is full, or whoever read it has left: lines are lost, requests are answered.
#[test]
fn a_log_that_nobody_takes_does_not_end_the_server() {
    let folder = Folder::new("untaken");
    let Logged { mut child, log, address } = start(&folder, &[]);
    drop(log);
    for _ in 0..3 {
        // Refused at level info: there is something to log.
        assert_eq!(Client::new(address).ask("GET", "/nowhere", &[], b"").status, 404);
    }
    assert!(signal("TERM", child.0.id()));
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
}

#[test]
fn wrong_passwords_are_in_the_log_with_their_address() {
    let folder = Folder::new("guesses");
    let running = start(&folder, &[]);
    let client = Client::new(running.address);
    assert_eq!(client.ask("GET", "/dav/", &[], b"").status, 401);
    assert_eq!(
        client.with_basic("SECRET-NAME", "SECRET-GUESS").ask("GET", "/dav/calendars/x/", &[], b"").status,
        401
    );
    let log = running.end();
    let refused: Vec<_> = log.lines().filter(|line| line.contains("\"status\":401")).collect();
    assert_eq!(refused.len(), 1, "{log}");
    assert!(
        refused[0].contains("\"path\":\"/dav/calendars/x/\"")
            && refused[0].contains("\"address\":\"127.0.0.1\"")
    );
    // Who mistypes writes the password where the name should be.
    assert!(!log.contains("SECRET"), "{log}");
}

#[test]
fn the_log_is_structured_and_holds_no_secrets() {
    let folder = Folder::new("log");
    let create = ["user", "create", "anna", "--email", "a@example.org", "--full-name", "A"];
    kontor(folder.path(), &[&create[..], &["--password", ANNA.password]].concat()).done();
    folder.write("kontor.toml", "[log]\nlevel = \"debug\"\n");
    let running = start(&folder, &[]);
    let client = Client::new(running.address);
    let anna = client.with_basic("anna", ANNA.password);
    assert_eq!(anna.ask("GET", "/dav/calendars/anna/default/?secret-query", &[], b"").status, 200);
    let bad = anna.ask(
        "PUT",
        "/dav/calendars/anna/default/x.ics",
        &[("Content-Type", "text/calendar")],
        b"SECRET-BODY",
    );
    assert!((400..500).contains(&bad.status));
    let id = bad.headers.iter().find(|(name, _)| name == "x-request-id").map(|(_, id)| id.clone()).unwrap();
    assert_eq!(client.with_basic("anna", "SECRET-GUESS").ask("GET", "/dav/", &[], b"").status, 401);
    kontor(folder.path(), &["user", "password", "anna", "--password", "SECRET-NEW"]).done();
    let log = running.end();
    assert!(log.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{log}");
    assert!(log.lines().any(|line| line.contains(&id) && line.contains("\"user\":\"anna\"")), "{log}");
    assert!(log.contains("\"path\":\"/dav/calendars/anna/default/\""), "{log}");
    for secret in [ANNA.password, "SECRET-", "secret-query", "YW5uYTph"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
