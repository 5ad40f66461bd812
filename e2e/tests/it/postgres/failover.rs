//! A standby that takes over.

use std::sync::atomic::Ordering;
use std::time::Instant;

use kontor_testkit::{Postgres, until};

use super::load::under_load;
use super::{BOUND, PATIENCE, must_wait, node, patiently};
use crate::office::{ANNA, CALENDAR, event};

/// A database that acknowledges when its standby has a write too; that standby; and a URL that names both.
fn pair(name: &str) -> (Postgres, Postgres, String) {
    let settings = ["synchronous_commit=remote_apply"];
    let first = Postgres::with(name, &settings);
    first.create("kontor");
    let second = first.standby("second", &settings);
    first.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'second'");
    first.sql("postgres", "SELECT pg_reload_conf()");
    until("the standby to be waited for", PATIENCE, || {
        (first.sql("postgres", "SELECT sync_state FROM pg_stat_replication") == "sync").then_some(())
    });
    let url = format!("postgres://kontor@{},{}/kontor", first.host(), second.host());
    (first, second, url)
}

#[test]
fn a_standby_that_takes_over_has_all_that_was_acknowledged() {
    let (first, second, url) = pair("first");
    let node = node(&url, &[ANNA]);
    let (told, progress) = under_load(&[node.address()], 32, |progress| {
        progress.await_more(300);
        first.kill();
        second.promote();
        // It has no standby itself.
        second.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = ''");
        second.sql("postgres", "SELECT pg_reload_conf()");
        progress.await_more(300);
    });
    assert!(progress.refused.load(Ordering::SeqCst) > 0, "nobody noticed");
    told.judge(&node, &second, "kontor");
}

/// The first hangs instead of dying: it lets in, and says nothing.
#[test]
fn one_that_hangs_does_not_hide_the_one_that_took_over() {
    let (first, second, url) = pair("hangs");
    let node = node(&url, &[ANNA]);
    let (told, _) = under_load(&[node.address()], 8, |progress| {
        progress.await_more(50);
        first.freeze();
        second.promote();
        progress.await_more(50);
    });
    told.judge(&node, &second, "kontor");
    first.kill();
}

/// While no standby confirms, nothing is acknowledged; PostgreSQL itself would give in after a bound for statements.
#[test]
fn without_its_standby_nothing_is_acknowledged() {
    let (first, second, url) = pair("lonely");
    let node = node(&url, &[ANNA]);
    let anna = node.client_of(ANNA);
    let path = format!("{CALENDAR}there.ics");
    let text = |summary: &str| event("there", "20260302T100000Z", summary);
    anna.put(&path, &text("both"));
    second.stop();
    let begun = Instant::now();
    must_wait(&anna.ask("PUT", &path, &[], text("one").as_bytes()));
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    assert!(anna.get(&path).unwrap().contains("SUMMARY:"), "reads go on");
    second.run();
    assert_eq!(patiently(&anna, "PUT", &path, &[], text("again").as_bytes()).status, 204);
    drop(first);
    second.promote();
    let found = patiently(&anna, "GET", &path, &[], b"");
    assert!(found.text().contains("SUMMARY:again"), "{}", found.text());
}
