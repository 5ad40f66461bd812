//! A disk without space under the embedded store: writes are refused, reads go on, and nothing that was acknowledged is
//! lost. What a full disk under PostgreSQL does is looked at in `postgres::disk`.

use std::fs;
use std::time::Duration;

use kontor_testkit::{Client, Server, until};

use crate::disk::Disk;
use crate::office::{ANNA, CALENDAR, component, configured_on, event};

/// An event of 20,000 bytes.
fn large(uid: &str) -> String {
    component("VEVENT", uid, &format!("DTSTART:20260302T100000Z\r\nDESCRIPTION:{}\r\n", "x".repeat(20_000)))
}

/// Stores an event; whether it was acknowledged. Panics unless it was or the disk is full.
#[track_caller]
fn put(anna: &Client, uid: &str, text: &str) -> bool {
    let answer = anna.ask("PUT", &format!("{CALENDAR}{uid}.ics"), &[], text.as_bytes());
    match answer.status {
        201 => true,
        507 => {
            assert!(answer.text().contains(":sufficient-disk-space/>"), "{}", answer.text());
            false
        }
        other => panic!("PUT: {other} {}", answer.text()),
    }
}

/// Stores until there is no space; the names that were acknowledged.
fn fill(anna: &Client) -> Vec<String> {
    let stored: Vec<String> =
        (0..2000).map(|n| format!("e{n}")).take_while(|uid| put(anna, uid, &large(uid))).collect();
    assert!((10..2000).contains(&stored.len()), "{} were stored", stored.len());
    stored
}

/// All that was acknowledged is there and whole, by every way of reading.
#[track_caller]
fn all_there(anna: &Client, stored: &[String]) {
    let mut expect: Vec<String> = stored.iter().map(|uid| format!("{uid}.ics")).collect();
    expect.sort();
    assert_eq!(anna.members(CALENDAR), expect);
    for uid in stored.iter().step_by(7) {
        assert_eq!(anna.get(&format!("{CALENDAR}{uid}.ics")), Some(large(uid)));
    }
    assert_eq!(anna.get(CALENDAR).unwrap().matches("BEGIN:VEVENT").count(), stored.len());
}

#[test]
fn a_store_that_may_not_grow_refuses_writes_and_goes_on_reading() {
    let mut server = configured_on(Server::embedded(), "[store]\nmax_bytes = 2000000\n", &[ANNA]);
    let anna = server.client_of(ANNA);
    let mut stored = fill(&anna);
    all_there(&anna, &stored);
    // What is removed makes room, without a restart.
    for _ in 0..2 {
        let gone = stored.remove(0);
        anna.delete(&format!("{CALENDAR}{gone}.ics"));
    }
    assert!(put(&anna, "again", &large("again")));
    stored.push("again".to_owned());
    server.stop();
    server.restart();
    all_there(&anna, &stored);
}

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let Some(disk) = Disk::new(12) else {
        return; // Not root, or in a container that may not mount: the test above has the same from the store's own bound.
    };
    let mut server = Server::embedded();
    fs::create_dir_all(server.data().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(disk.path(), server.data()).unwrap();
    server.create(ANNA);
    server.restart();
    let anna = server.client_of(ANNA);
    let mut stored = fill(&anna);
    all_there(&anna, &stored);
    // What is smaller may still fit, but not for long.
    until("the command to be refused", Duration::from_secs(20), || {
        let ran = server.try_command(&["user", "update", "anna", "--full-name", "Anna"], "");
        (ran.code == Some(1) && ran.complained.contains("the disk is full")).then_some(())
    });
    // A new log-in is not a write that may fail; nor is a wrong one.
    assert_eq!(server.client().with_basic("anna", "wrong").ask("GET", CALENDAR, &[], b"").status, 401);
    // Who starts on a full disk can read.
    server.kill();
    server.restart();
    all_there(&anna, &stored);
    assert!(!put(&anna, "no", &large("no")));
    disk.enlarge(40);
    until("the space to be noticed", Duration::from_secs(10), || {
        put(&anna, "after", &large("after")).then_some(())
    });
    stored.push("after".to_owned());
    anna.put(&format!("{CALENDAR}small.ics"), &event("small", "20260302T100000Z", "x"));
    anna.delete(&format!("{CALENDAR}small.ics"));
    all_there(&anna, &stored);
    server.stop();
    server.restart();
    all_there(&anna, &stored);
}
