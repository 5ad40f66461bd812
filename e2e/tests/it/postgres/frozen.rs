//! A node that stands still for a while, as on a machine that was suspended, and knows nothing of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use kontor_testkit::{Postgres, Server, User, basic, until};

use super::load::{Work, under};
use super::metrics::does_the_job;
use super::{Ear, PATIENCE, must_wait, node, patiently};
use crate::office::{ANNA, CALENDAR, STAMP, TASKS, component, event};

const BEN: User = User { name: "ben", password: "another good one" };
/// A client, or the proxy in front, that gives up on a node and asks the next.
const GIVES_UP: Duration = Duration::from_secs(3);
/// Some take away again what they made, by way of the other node: a late request that makes it would be harm.
const WORK: Work = Work { writers: 16, patience: GIVES_UP };

const CALENDAR_TEXT: (&str, &str) = ("Content-Type", "text/calendar");

/// Who has the lease of a job.
fn holder(database: &Postgres) -> String {
    database.sql("kontor", "SELECT holder FROM lease WHERE name = 'trim'")
}

/// What the frozen one remembers of passwords is a minute old. It says no, or to come back, from its first answer on.
fn lets_nobody_in(node: &Server) {
    until("the old password to be refused", PATIENCE, || {
        let answer = node.client_of(BEN).ask("PROPFIND", "/dav/", &[("Depth", "0")], b"");
        if answer.status == 503 {
            must_wait(&answer);
            return None;
        }
        assert_eq!(answer.status, 401, "{}", answer.text());
        Some(())
    });
}

#[test]
fn a_node_that_wakes_after_another_took_over_does_no_harm() {
    let database = Postgres::start("standstill");
    let url = database.create("kontor");
    let nodes = [node(&url, &[ANNA, BEN]), node(&url, &[])];
    let at = until("one of them to begin with the job", PATIENCE, || nodes.iter().position(does_the_job));
    let (frozen, other) = (&nodes[at], &nodes[1 - at]);
    let before = holder(&database);
    let home = frozen.client_of(BEN).ask("PROPFIND", "/dav/", &[("Depth", "0")], b"");
    assert_eq!(home.status, 207, "{}", home.text());
    let ear = Ear::of_anna(frozen);
    let path = format!("{TASKS}late.ics");
    let text = |summary: &str| component("VTODO", "late", &format!("{STAMP}SUMMARY:{summary}\r\n"));
    other.client_of(ANNA).put(&path, &text("first"));

    let addresses = [frozen.address(), other.address()];
    let (told, progress) = under(&addresses, WORK, |progress| {
        progress.await_more(100);
        frozen.freeze();
        // Somebody asks without a condition, and goes elsewhere.
        let mut gone = TcpStream::connect(frozen.address()).unwrap();
        let (who, body) = (basic(ANNA.name, ANNA.password), text("late"));
        let head =
            format!("Authorization: {who}\r\nContent-Type: text/calendar\r\nContent-Length: {}", body.len());
        write!(gone, "PUT {path} HTTP/1.1\r\nHost: x\r\n{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
        let other_way =
            patiently(&other.client_of(ANNA), "PUT", &path, &[CALENDAR_TEXT], text("second").as_bytes());
        assert_eq!(other_way.status, 204, "{}", other_way.text());
        // Others get on, and what it held in its hands is let go.
        progress.await_more(100);
        until("the other one to take over", PATIENCE, || does_the_job(other).then_some(()));
        assert_ne!(holder(&database), before);
        other.command(&["user", "password", "ben", "--password", "a new and better one"]);
        frozen.thaw();
        lets_nobody_in(frozen);
        let mut answer = String::new();
        gone.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        progress.await_more(100);
    });
    assert!(progress.broken.into_inner() > 0, "nobody noticed");
    until("it to know that it lost the job", PATIENCE, || (!does_the_job(frozen)).then_some(()));
    assert_eq!(other.client_of(ANNA).get(&path), Some(text("second")));
    assert!(does_the_job(other) && holder(&database) != before);
    for node in &nodes {
        told.judge(node, &database, "kontor");
    }
    // It hears what others do.
    let ear = if ear.ended() { Ear::of_anna(frozen) } else { ear };
    let begun = ear.text().len();
    other.client_of(ANNA).put(&format!("{CALENDAR}later.ics"), &event("later", "20260302T100000Z", "x"));
    until("the stream to tell it", PATIENCE, || ear.text()[begun..].contains(CALENDAR).then_some(()));
}
