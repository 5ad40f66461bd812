//! `kontor store copy`: clients of before the move notice nothing.

use super::client::{CALENDAR, Synced, Syncer};
use super::{BERT, empty, place, server_on, start_on};
use crate::house::{ANNA, binary, command, finish, kontor};
use kontor_testkit::{Engine, Server};
use std::process::{Child, Stdio};

fn names(all: &[&str]) -> Synced {
    Synced::Delta(all.iter().map(|name| (*name).to_owned()).collect())
}

/// Events, some changed, some removed, and what a client knows in the middle of it and in the end.
fn lived_in(server: &Server) -> (Syncer, Syncer) {
    let mut anna = Syncer::new(server, ANNA, CALENDAR);
    for n in 0..40 {
        assert_eq!(anna.put(&format!("{n}.ics"), "first"), 201);
    }
    anna.sync();
    let earlier = anna.clone();
    anna.put("3.ics", "second");
    anna.delete("7.ics");
    anna.put("new.ics", "first");
    anna.sync();
    (earlier, anna)
}

fn moved(from: Engine, to: Engine) {
    let mut server = server_on(from, &[ANNA, BERT]);
    let (mut earlier, mut latest) = lived_in(&server);
    let secret = server.command(&["app-password", "create", "anna", "--label", "phone"]);
    let secret = secret.lines().next().unwrap().to_owned();
    let (from, to) = (place(&server), empty(to, &server));
    if !from.starts_with("postgres") {
        kontor(&server.data(), &["store", "copy", &from, &to]).refused("a server uses");
    }
    server.stop();
    let said = kontor(&server.data(), &["store", "copy", &from, &to]).done();
    assert!(said.contains("every table has the same count and digest on both sides"), "{said}");
    assert!(said.contains("is closed for writing"), "{said}");
    // Nobody starts on the old data by mistake.
    let old = finish(&mut server.serving(), "");
    assert!(old.code == 1 && old.err.contains("closed"), "{old:?}");
    kontor(&server.data(), &["store", "copy", &from, &to]).refused("holds something already");

    start_on(&mut server, &to);
    assert_eq!(latest.sync(), names(&[]));
    assert_eq!(earlier.sync(), names(&["3.ics", "7.ics", "new.ics"]));
    assert_eq!(earlier.known, latest.known);
    let mut fresh = Syncer::new(&server, ANNA, CALENDAR);
    fresh.sync();
    assert_eq!(fresh.known, latest.known, "the entity tags are the same");
    assert_eq!(latest.put("3.ics", "third"), 204, "a condition from before the move holds");
    assert_eq!(earlier.put("3.ics", "too late"), 412);
    assert_eq!(fresh.sync(), names(&["3.ics"]));
    let by_phone = server.client().with_basic("anna", &secret);
    assert!(by_phone.get(&format!("{CALENDAR}3.ics")).unwrap().contains("third"));
    assert!(server.command(&["app-password", "list", "anna"]).contains("phone"));
    let wrong = server.client().with_basic("bert", "wrong").ask("GET", CALENDAR, &[], b"");
    assert_eq!(wrong.status, 401);
}

#[test]
fn clients_notice_nothing_of_a_move_to_postgres() {
    moved(Engine::Sqlite, Engine::Postgres);
}

#[test]
fn clients_notice_nothing_of_a_move_back() {
    moved(Engine::Postgres, Engine::Sqlite);
}

#[test]
fn clients_notice_nothing_of_a_move_within_an_engine() {
    moved(Engine::Sqlite, Engine::Sqlite);
    moved(Engine::Postgres, Engine::Postgres);
}

#[test]
fn a_server_on_a_database_refuses_writes_from_the_copy_on() {
    let server = server_on(Engine::Postgres, &[ANNA]);
    let (_, mut anna) = lived_in(&server);
    let (from, to) = (place(&server), empty(Engine::Sqlite, &server));
    kontor(&server.data(), &["store", "copy", &from, &to]).done();
    assert_eq!(anna.put("3.ics", "lost?"), 503, "it says so, rather than lose it");
    assert!(anna.get("3.ics").unwrap().contains("second"), "reads go on");
    let said = kontor(&server.data(), &["store", "reopen", &from]).done();
    assert!(said.contains("open again"), "{said}");
    kontor(&server.data(), &["store", "reopen", &from]).refused("is open");
    assert_eq!(anna.put("3.ics", "third"), 204);
}

#[test]
fn a_copy_of_an_open_store_says_so_and_leaps() {
    let mut server = server_on(Engine::Postgres, &[ANNA]);
    let (mut earlier, mut latest) = lived_in(&server);
    let (from, to) = (place(&server), empty(Engine::Sqlite, &server));
    let said = kontor(&server.data(), &["store", "copy", &from, &to, "--keep-open"]).done();
    assert!(said.contains("WHAT WAS WRITTEN THERE SINCE"), "{said}");
    assert_eq!(latest.put("late.ics", "not in the copy"), 201);
    latest.sync();
    server.stop();
    start_on(&mut server, &to);
    assert_eq!(latest.sync(), Synced::Refused);
    assert_eq!(earlier.sync(), names(&["3.ics", "7.ics", "new.ics"]));
}

/// Starts a copy and kills it after it told of so many lines of progress.
fn killed(server: &Server, args: &[&str], after: std::time::Duration) -> bool {
    let mut copy: Child =
        command(&server.data(), args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let _was_it_over = copy.kill();
    !copy.wait().unwrap().success()
}

#[test]
fn a_copy_that_is_killed_again_and_again_comes_to_its_end() {
    let mut server = server_on(Engine::Sqlite, &[ANNA, BERT]);
    let (_, mut latest) = lived_in(&server);
    server.stop();
    let (from, to) = (place(&server), empty(Engine::Postgres, &server));
    let args = ["store", "copy", from.as_str(), to.as_str(), "--json"];
    // Wherever that is in it: before it began, in the middle, at the end.
    let kills = [0, 20, 40, 60, 80, 120, 160, 200].map(std::time::Duration::from_millis);
    let killed = kills.into_iter().take_while(|after| killed(&server, &args, *after)).count();
    assert!(killed > 0);
    let said = kontor(&server.data(), &args);
    // Had the last one come to its end before it was killed, there is nothing left to do.
    if said.code == 0 {
        let done: serde_json::Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        assert_eq!((done["event"].as_str(), done["from_is_closed"].as_bool()), (Some("done"), Some(true)));
        let item = done["tables"].as_array().unwrap().iter().find(|table| table["table"] == "item").unwrap();
        assert_eq!(item["rows"], 41, "tombstones go along");
    } else {
        said.refused("holds something already");
    }
    start_on(&mut server, &to);
    assert_eq!(latest.sync(), names(&[]));
}

#[test]
fn usage_and_refusals_are_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let said = |args: &[&str]| kontor(folder.path(), args);
    said(&["store", "copy", "/nonexistent", folder.path().to_str().unwrap()])
        .refused("there is no store in /nonexistent");
    said(&["store", "copy", "@/nonexistent", "x"]).refused("cannot read /nonexistent");
    said(&["store", "copy", folder.path().to_str().unwrap(), "postgres://127.0.0.1:1/x?sslmode=disable"])
        .refused("127.0.0.1");
    said(&["store", "reopen", "/nonexistent"]).refused("there is no store");
    let help = finish(&mut command(folder.path(), &["store", "copy", "--help"]), "");
    assert!(help.out.contains("Examples:") && help.out.contains("--keep-open"));
    assert!(binary().exists());
}
