//! What can go wrong around PostgreSQL, with real processes: what was acknowledged is there, nothing is there twice, who
//! has to wait is told so in bounded time, and all goes on by itself.

mod clocks;
mod connections;
mod conversation;
mod disk;
mod failover;
mod frozen;
mod load;
mod metrics;
mod nodes;
mod outage;
mod rolling;
mod rows;
mod silence;
mod wake;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kontor_testkit::{Answer, Client, Server, User, basic, until};

use crate::office::ANNA;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a request may take, whatever the database does: 20 seconds of its silence, 15 for an attempt to connect.
const BOUND: Duration = Duration::from_secs(45);

/// A first node on that database, with these people.
fn node(url: &str, users: &[User]) -> Server {
    let mut node = Server::node(url);
    for user in users {
        node.create(*user);
    }
    node.restart();
    node
}

/// An answer that says when to come back.
#[track_caller]
fn must_wait(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    let seconds = answer.header("retry-after").expect("Retry-After").parse::<u32>().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

/// Asks until the answer is another than 503.
#[track_caller]
fn patiently(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    until(&format!("{method} {path}"), PATIENCE, || {
        let answer = client.ask(method, path, headers, body);
        if answer.status == 503 {
            must_wait(&answer);
            return None;
        }
        Some(answer)
    })
}

/// Somebody who waits on an event stream.
struct Ear {
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    text: String,
    /// How the stream ended, if it did.
    end: Option<std::io::Result<()>>,
}

impl Ear {
    /// Waits as Anna.
    fn of_anna(node: &Server) -> Ear {
        let mut stream = TcpStream::connect(node.address()).unwrap();
        let who = basic(ANNA.name, ANNA.password);
        write!(stream, "GET /dav/changes HTTP/1.1\r\nHost: x\r\nAuthorization: {who}\r\n\r\n").unwrap();
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let ear = Ear { heard: Arc::clone(&heard) };
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                let got = stream.read(&mut piece);
                let mut heard = heard.lock().unwrap();
                match got {
                    Ok(0) => return heard.end = Some(Ok(())),
                    Ok(count) => heard.text.push_str(&String::from_utf8_lossy(&piece[..count])),
                    Err(error) => return heard.end = Some(Err(error)),
                }
            }
        });
        until("the stream to begin", PATIENCE, || ear.text().contains(": here").then_some(()));
        ear
    }

    fn text(&self) -> String {
        self.heard.lock().unwrap().text.clone()
    }

    /// Whether it ended. If it did, then politely: with the last chunk, after which the connection is good for another
    /// request (RFC 9112 7.1).
    fn ended(&self) -> bool {
        let heard = self.heard.lock().unwrap();
        let whole = heard.text.ends_with("\r\n0\r\n\r\n");
        assert!(whole || heard.end.is_none(), "broken off: {:?} {:?}", heard.text, heard.end);
        whole
    }
}
