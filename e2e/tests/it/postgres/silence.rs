//! A network between node and database that loses what it carries, and tells nobody.

use std::sync::Arc;
use std::thread::scope;
use std::time::Instant;

use kontor_testkit::{Client, Fault, Namespace, Postgres, Proxy, Server, until};

use super::load::under_load;
use super::{BOUND, Ear, PATIENCE, must_wait, node, patiently};
use crate::office::{ANNA, CALENDAR, configured_on, event};

fn path(uid: &str) -> String {
    format!("{CALENDAR}{uid}.ics")
}

fn text(uid: &str, summary: &str) -> String {
    event(uid, "20260302T100000Z", summary)
}

/// What a node does while it hears nothing from the database, and after.
fn lives_through(node: &Server, database: &Postgres, cut: impl Fn(), heal: impl Fn()) {
    let other = Server::node(&database.url("kontor"));
    let other = started(other);
    let ear = Ear::of_anna(node);
    let (told, progress) = under_load(&[node.address()], 16, |progress| {
        progress.await_more(100);
        cut();
        let clients = [
            node.client_of(ANNA),
            node.client().with_basic("anna", "wrong"),
            node.client().with_basic("x", "y"),
        ];
        scope(|threads| {
            for client in &clients {
                for method in ["GET", "PUT", "DELETE", "PROPFIND"] {
                    threads.spawn(move || silence_is_told(client, method));
                }
            }
        });
        heal();
        progress.await_more(100);
    });
    assert!(progress.refused.into_inner() > 0, "nobody noticed");
    told.judge(node, database, "kontor");
    // The node hears again what others do.
    let ear = if ear.ended() { Ear::of_anna(node) } else { ear };
    let begun = ear.text().len();
    other.client_of(ANNA).put(&path("elsewhere"), &text("elsewhere", "x"));
    until("the stream to tell of the other node", PATIENCE, || {
        ear.text()[begun..].contains(CALENDAR).then_some(())
    });
}

fn started(mut node: Server) -> Server {
    node.restart();
    node
}

/// Bounded, and never 401: what cannot be looked up is not known to be wrong.
fn silence_is_told(client: &Client, method: &str) {
    let begun = Instant::now();
    let body = if method == "PUT" { text("silence", "x") } else { String::new() };
    let answer = client.ask(method, &path("silence"), &[("Depth", "0")], body.as_bytes());
    assert!(answer.status == 503, "{method}: {} {}", answer.status, answer.text());
    must_wait(&answer);
    assert!(begun.elapsed() < BOUND, "{method} took {:?}", begun.elapsed());
}

/// A proxy that holds everything back.
fn a_silent_line(name: &str) {
    let database = Postgres::start(name);
    database.create("kontor");
    let proxy = Proxy::socket(&database.socket());
    let node = node(&format!("postgres://kontor@{}/kontor", proxy.address()), &[ANNA]);
    lives_through(&node, &database, || proxy.set(Fault::Stall), || proxy.set(Fault::None));
}

#[test]
fn a_line_that_carries_nothing_is_given_up_and_taken_up_again() {
    a_silent_line("line");
}

#[test]
fn a_line_that_carries_no_answers_is_given_up_and_taken_up_again() {
    let database = Postgres::start("deaf");
    database.create("kontor");
    let proxy = Proxy::socket(&database.socket());
    let node = node(&format!("postgres://kontor@{}/kontor", proxy.address()), &[ANNA]);
    lives_through(&node, &database, || proxy.set(Fault::StallAnswers), || proxy.set(Fault::None));
}

#[test]
fn a_cable_that_is_pulled_out_is_noticed() {
    let Some(network) = Namespace::new() else {
        // Not root, or in a container that may not: the same without the system's help.
        return a_silent_line("cable");
    };
    let network = Arc::new(network);
    let database = Postgres::elsewhere("cable", &network);
    database.create("kontor");
    let node = node(&format!("postgres://kontor@{}/kontor?sslmode=disable", network.address()), &[ANNA]);
    lives_through(&node, &database, || network.cut(), || network.heal());
}

/// The answer to COMMIT is lost. The client is told that it is not known, and finds out by repeating what it asked with
/// the same condition; the node repeats nothing.
#[test]
fn a_commit_whose_answer_is_lost_is_not_repeated() {
    let database = Postgres::start("commit");
    database.create("kontor");
    let proxy = Proxy::socket(&database.socket());
    // One writer: what it said before need not be prepared again.
    let node = Server::node(&format!("postgres://kontor@{}/kontor", proxy.address()));
    let node = configured_on(node, "[store]\nwriters = 1\n", &[ANNA]);
    let anna = node.client_of(ANNA);
    let ask = |method: &str, uid: &str, summary: &str, condition: (&str, &str)| {
        let body = if method == "PUT" { text(uid, summary) } else { String::new() };
        anna.ask(method, &path(uid), &[condition], body.as_bytes())
    };
    let mut changes = 0;
    let mut lost = |method: &'static str, summary: &'static str, make: bool, status: u16| {
        for uid in ["a", "b", "c"] {
            let tag = if make {
                None
            } else {
                anna.ask("HEAD", &path(uid), &[], b"").header("etag").map(str::to_owned)
            };
            let condition = tag.as_deref().map_or(("If-None-Match", "*"), |tag| ("If-Match", tag));
            if uid == "c" {
                proxy.set(Fault::StallAfter(if method == "PUT" { summary } else { "remove" }));
                let begun = Instant::now();
                must_wait(&ask(method, uid, summary, condition));
                assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
                assert_eq!(proxy.fault(), Fault::StallAnswers, "{summary} was never sent");
                proxy.set(Fault::None);
                let body = if method == "PUT" { text(uid, summary) } else { String::new() };
                let again = patiently(&anna, method, &path(uid), &[condition], body.as_bytes());
                assert_eq!(
                    again.status,
                    status,
                    "{method} {summary} was done the first time: {}",
                    again.text()
                );
            } else {
                // All that is prepared for it on this connection is so now.
                let done = ask(method, uid, summary, condition);
                assert!(
                    matches!(done.status, 201 | 204),
                    "{method} {summary}: {} {}",
                    done.status,
                    done.text()
                );
            }
            changes += 1;
        }
    };
    lost("PUT", "made and not said", true, 412);
    lost("PUT", "changed and not said", false, 412);
    assert_eq!(anna.get(&path("c")), Some(text("c", "changed and not said")));
    lost("DELETE", "", false, 404);
    assert_eq!(anna.members(CALENDAR), Vec::<String>::new());
    assert_eq!(
        database.sql("kontor", "SELECT count(*), max(version) FROM change"),
        format!("{changes}|{changes}")
    );
}
