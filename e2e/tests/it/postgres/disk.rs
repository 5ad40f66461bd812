//! A database that cannot write: its disk is full, or it may not.

use std::time::Duration;

use kontor_testkit::{Client, Postgres, Server, until};

use super::{PATIENCE, must_wait, node, patiently};
use crate::disk::Disk;
use crate::office::{ANNA, CALENDAR, admin, component, event};

/// An event of 20,000 bytes.
fn large(uid: &str) -> String {
    // Not all the same letter: the database packs what repeats.
    let mut dice: u64 = 0x9e37_79b9_7f4a_7c15;
    let letters: String = (0..20_000)
        .map(|_| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            char::from(b'a' + (dice % 26) as u8)
        })
        .collect();
    component("VEVENT", uid, &format!("DTSTART:20260302T100000Z\r\nDESCRIPTION:{letters}\r\n"))
}

fn path(uid: &str) -> String {
    format!("{CALENDAR}{uid}.ics")
}

/// Stores until there is no space; the names that were acknowledged, and the refusal.
fn fill(anna: &Client, prefix: &str) -> Vec<String> {
    let mut stored = Vec::new();
    for n in 0..20_000 {
        let uid = format!("{prefix}{n}");
        let answer = anna.ask("PUT", &path(&uid), &[], large(&uid).as_bytes());
        match answer.status {
            201 => stored.push(uid),
            // The table cannot grow; or its log cannot, for which the database stops working altogether.
            507 => {
                assert!(answer.text().contains(":sufficient-disk-space/>"), "{}", answer.text());
                return stored;
            }
            _ => {
                must_wait(&answer);
                return stored;
            }
        }
    }
    panic!("{} were stored", stored.len());
}

#[track_caller]
fn all_there(anna: &Client, stored: &[String]) {
    let mut expect: Vec<String> = stored.iter().map(|uid| format!("{uid}.ics")).collect();
    expect.sort();
    assert_eq!(anna.members(CALENDAR), expect);
    for uid in stored.iter().step_by(11) {
        assert_eq!(anna.get(&path(uid)), Some(large(uid)));
    }
}

#[test]
fn a_full_disk_under_the_database_loses_nothing() {
    let Some(disk) = Disk::new(120) else {
        return; // Not root, or in a container that may not mount.
    };
    // Small files of the log, and few, so that tables get their share.
    let settings = ["max_wal_size=32MB", "min_wal_size=32MB", "wal_keep_size=0"];
    let database = Postgres::on_disk("full", disk.path(), &settings);
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let anna = node.client_of(ANNA);
    let mut stored = fill(&anna, "a");
    assert!(stored.len() > 50, "{} were stored", stored.len());
    // Reads go on, unless the database itself has stopped.
    let read = anna.ask("GET", &path(&stored[0]), &[], b"");
    assert!(matches!(read.status, 200 | 503), "{}", read.status);
    disk.enlarge(400);
    if !database.is_running() {
        database.run();
    }
    let after = large("after");
    assert_eq!(patiently(&anna, "PUT", &path("after"), &[], after.as_bytes()).status, 201);
    stored.push("after".to_owned());
    all_there(&anna, &stored);
    let text = event("small", "20260302T100000Z", "x");
    anna.put(&path("small"), &text);
    anna.delete(&path("small"));
    all_there(&anna, &stored);
}

/// As when an administrator says so, or a standby was taken for the one that is written to.
#[test]
fn a_database_that_may_only_be_read_is_told_of_and_recovers() {
    let database = Postgres::start("reading");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let anna = node.client_of(ANNA);
    let text = event("there", "20260302T100000Z", "x");
    anna.put(&path("there"), &text);
    let only_read = |yes: &str| {
        database.sql("postgres", &format!("ALTER SYSTEM SET default_transaction_read_only = {yes}"));
        database.sql("postgres", "SELECT pg_reload_conf()");
        until("the setting", PATIENCE, || {
            (database.sql("kontor", "SHOW default_transaction_read_only") == yes).then_some(())
        });
    };
    only_read("on");
    let put = || anna.ask("PUT", &path("there"), &[], event("there", "20260302T100000Z", "y").as_bytes());
    // A session takes notice of the setting when it is next asked something.
    until("a write to be refused", PATIENCE, || (put().status == 503).then_some(()));
    must_wait(&put());
    // A load balancer is told, and the administrator why.
    let health = admin(&node, "/healthz");
    assert!(health.starts_with("HTTP/1.1 503") && health.contains("only reads"), "{health}");
    until("the log to say why", PATIENCE, || node.said().contains("only reads").then_some(()));
    assert!(matches!(anna.ask("GET", &path("there"), &[], b"").status, 200 | 503));
    only_read("off");
    let again = patiently(&anna, "PUT", &path("there"), &[], text.as_bytes());
    assert_eq!(again.status, 204, "{}", again.text());
    until("the node to be well", PATIENCE, || {
        admin(&node, "/healthz").starts_with("HTTP/1.1 200").then_some(())
    });
    // A node that starts on such a database says so and ends.
    only_read("on");
    let late = Server::node(&url);
    let ran = kontor_testkit::run(&mut late.serving(), "", Duration::from_secs(120));
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert!(
        ran.complained.contains("only reads") && ran.complained.lines().count() == 1,
        "{}",
        ran.complained
    );
    only_read("off");
}
