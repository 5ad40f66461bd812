//! Connections that cannot be had, are taken away, or are all in use.

use std::sync::atomic::Ordering;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use kontor_testkit::{Postgres, User, until};

use super::load::under_load;
use super::{BOUND, PATIENCE, must_wait, node, patiently};
use crate::office::{ANNA, CALENDAR, event};

const BEN: User = User { name: "ben", password: "another good one" };
const OURS: &str =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'kontor'";

/// The server gives no more connections than it has given, and takes those away.
#[test]
fn a_server_that_takes_no_more_connections_is_waited_for() {
    let database = Postgres::start("crowded");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let anna = node.client_of(ANNA);
    let path = |n: usize| format!("{CALENDAR}e{n}.ics");
    let text = |n: usize| event(&format!("e{n}"), "20260302T100000Z", "x");
    anna.put(&path(0), &text(0));

    database.sql("postgres", "ALTER DATABASE kontor CONNECTION LIMIT 0");
    database.sql("postgres", OURS);
    for (method, body) in [("GET", String::new()), ("PUT", text(0))] {
        let begun = Instant::now();
        must_wait(&anna.ask(method, &path(0), &[], body.as_bytes()));
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    }
    database.sql("postgres", "ALTER DATABASE kontor CONNECTION LIMIT -1");
    until("all to be as before", PATIENCE, || {
        let reads: Vec<_> = (0..30).map(|_| anna.ask("GET", &path(0), &[], b"").status).collect();
        let writes: Vec<_> =
            (0..30).map(|n| anna.ask("PUT", &path(n), &[], text(n).as_bytes()).status).collect();
        let well = |all: &[u16]| all.iter().all(|status| matches!(status, 200 | 201 | 204));
        (well(&reads) && well(&writes)).then_some(())
    });
    assert_eq!(anna.members(CALENDAR).len(), 30);
}

#[test]
fn connections_that_are_ended_again_and_again_lose_nothing() {
    let database = Postgres::start("ended");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let (told, progress) = under_load(&[node.address()], 32, |progress| {
        for round in 0..30 {
            progress.await_more(20);
            database.sql("postgres", OURS);
            sleep(Duration::from_millis(7 * round)); // the moment is what varies
        }
    });
    assert!(progress.refused.load(Ordering::SeqCst) > 0, "nobody noticed");
    told.judge(&node, &database, "kontor");
}

/// Somebody holds a row that all writes into one calendar need: these wait, for a bounded time, and nobody else.
#[test]
fn writes_that_wait_for_a_lock_are_given_up_and_hold_up_nobody_else() {
    let database = Postgres::start("locked");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA, BEN]);
    let (anna, ben) = (node.client_of(ANNA), node.client_of(BEN));
    let path = |n: usize| format!("{CALENDAR}e{n}.ics");
    let text = |n: usize| event(&format!("e{n}"), "20260302T100000Z", "x");
    anna.put(&path(0), &text(0));

    let mut holder = database.visitor("kontor").unwrap();
    holder.say("BEGIN; SELECT 'held' FROM counter WHERE items > 0 FOR UPDATE");
    let (anna, waiting) = (&anna, 30);
    scope(|threads| {
        let writers: Vec<_> = (1..=waiting)
            .map(|n| {
                threads.spawn(move || {
                    let begun = Instant::now();
                    must_wait(&anna.ask("PUT", &path(n), &[], text(n).as_bytes()));
                    begun.elapsed()
                })
            })
            .collect();
        let mut others = 0;
        while !writers.iter().all(|writer| writer.is_finished()) {
            let there = format!("/dav/calendars/ben/default/e{others}.ics");
            ben.put(&there, &text(others));
            assert!(anna.get(&path(0)).is_some(), "reads do not wait");
            others += 1;
            sleep(Duration::from_millis(100));
        }
        for writer in writers {
            let took = writer.join().unwrap();
            assert!(took < BOUND, "{took:?}");
        }
        assert!(others > 3, "{others}");
    });
    drop(holder);
    assert_eq!(patiently(anna, "PUT", &path(99), &[], text(99).as_bytes()).status, 201);
    assert_eq!(anna.members(CALENDAR), ["e0.ics", "e99.ics"], "what was given up was not done");
}
