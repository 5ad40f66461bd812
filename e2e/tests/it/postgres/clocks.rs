//! Nodes whose clocks are minutes apart.

use kontor_testkit::{Postgres, Server, User, until};

use super::load::under_load;
use super::{Ear, PATIENCE};
use crate::office::{ANNA, CALENDAR, configured_on, event};

/// By so many seconds the clocks of the nodes are wrong.
const SKEWS: [i64; 3] = [0, 300, -300];
/// After four wrong passwords nothing is looked at for half an hour.
const STRICT: &str = "[sign_in]\nthrottle_longest_delay_seconds = 1\nthrottle_max_recent = 3\n";

/// Three nodes with this `kontor.toml` and these people, whose clocks are wrong by minutes, but for the first.
pub(super) fn apart(url: &str, toml: &str, people: &[User]) -> Vec<Server> {
    let node = |skew: i64| {
        let mut node = Server::node(url);
        node.skew(skew);
        configured_on(node, toml, if skew == 0 { people } else { &[] })
    };
    SKEWS.iter().map(|skew| node(*skew)).collect()
}

fn nodes(url: &str) -> Vec<Server> {
    apart(url, STRICT, &[ANNA])
}

/// Seconds since midnight of the Date that a node sends (RFC 9110 5.6.7).
fn clock(node: &Server) -> i64 {
    let answer = node.client().ask("GET", "/", &[], b"");
    let time = answer.header("date").unwrap().split(' ').nth(4).unwrap();
    time.split(':').fold(0, |seconds, part| seconds * 60 + part.parse::<i64>().unwrap())
}

#[test]
fn clocks_that_are_five_minutes_apart_change_nothing() {
    let database = Postgres::start("clocks");
    let nodes = nodes(&database.create("kontor"));
    let apart = (clock(&nodes[1]) - clock(&nodes[2])).rem_euclid(24 * 3600);
    assert!((590..=660).contains(&apart), "the clocks are {apart} s apart");
    let addresses: Vec<_> = nodes.iter().map(Server::address).collect();
    let (told, _) = under_load(&addresses, 32, |progress| progress.await_more(400));
    for node in &nodes {
        told.judge(node, &database, "kontor");
    }
    // News from a node in the future reaches one in the past, and back.
    for (from, to) in [(1, 2), (2, 1), (0, 1), (2, 0)] {
        let ear = Ear::of_anna(&nodes[to]);
        let uid = format!("from-{from}-to-{to}");
        nodes[from]
            .client_of(ANNA)
            .put(&format!("{CALENDAR}{uid}.ics"), &event(&uid, "20260302T100000Z", "x"));
        until("the stream to tell it", PATIENCE, || ear.text().contains(CALENDAR).then_some(()));
    }
}

/// What one node knows of passwords, those with other clocks know soon.
#[test]
fn passwords_and_guesses_count_whatever_the_clock() {
    let database = Postgres::start("guesses");
    let nodes = nodes(&database.create("kontor"));
    let status = |node: &Server, password: &str| {
        let client = node.client().with_basic("anna", password);
        client.ask("PROPFIND", "/dav/", &[("Depth", "0")], b"")
    };
    for (at, node) in nodes.iter().enumerate() {
        let (old, new) = (format!("the password number {at}"), format!("the password number {}", at + 1));
        if at == 0 {
            node.command(&["user", "password", "anna", "--password", &old]);
        }
        for other in &nodes {
            until("the old password", PATIENCE, || (status(other, &old).status == 207).then_some(()));
        }
        node.command(&["user", "password", "anna", "--password", &new]);
        for other in &nodes {
            until("the new password", PATIENCE, || (status(other, &new).status == 207).then_some(()));
            // It was remembered, and is looked up again after a second.
            until("the old one to be refused", PATIENCE, || {
                (status(other, &old).status == 401).then_some(())
            });
        }
    }
    // Guesses on any node count on all.
    for n in 0..20 {
        status(&nodes[n % 3], &format!("guess {n}"));
    }
    for node in &nodes {
        let answer = status(node, "another guess");
        assert_eq!(answer.status, 429, "{}", answer.text());
        let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1000..=1800 + 600).contains(&seconds), "{seconds}");
    }
}
