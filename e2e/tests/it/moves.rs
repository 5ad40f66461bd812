//! A store goes elsewhere, and those who synchronise with it notice nothing: copied to the other engine and back under the
//! same URL, and restored from a backup.

use std::sync::atomic::{AtomicU32, Ordering};

use kontor_testkit::{Client, Server, postgres};
use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::changes::GetListItemChangesSinceToken;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::soap::{Envelope, Version};
use kontor_wire_sharepoint::xml::Limits;

use crate::office::{ANNA, CALENDAR, component, event};
use crate::vdirsyncer::Vdirsyncer;

/// A database of one's own.
fn database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    postgres().create(&format!("moves{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A folder with fifty events of Anna's, one of them large, and two that are gone.
fn furnished() -> Server {
    let mut server = Server::embedded();
    // One line for each request.
    server.set("KONTOR_LOG_LEVEL", "debug");
    server.create(ANNA);
    server.restart();
    let anna = server.client_of(ANNA);
    for n in 0..50 {
        anna.put(&path(n), &numbered(n, "first"));
    }
    let lines =
        format!("DTSTART:20260303T100000Z\r\nSUMMARY:Plan\r\nDESCRIPTION:{}\r\n", "plan ".repeat(30_000));
    anna.put(&path(50), &component("VEVENT", "item-50", &lines));
    anna.delete(&path(0));
    anna.delete(&path(1));
    server
}

fn path(n: usize) -> String {
    format!("{CALENDAR}item-{n}.ics")
}

fn numbered(n: usize, summary: &str) -> String {
    event(&format!("item-{n}"), &format!("2026{:02}{:02}T100000Z", 1 + n % 12, 1 + n % 28), summary)
}

/// Stops it, copies its store to a new database or back into its folder, and starts it there, under the same URL.
fn move_over(server: &mut Server) {
    server.stop();
    let folder = server.data().display().to_string();
    match server.store().map(str::to_owned) {
        None => {
            let url = database();
            server.command(&["store", "copy", &folder, &url]);
            server.move_to(Some(&url));
        }
        Some(url) => {
            for file in ["kontor.db", "kontor.db-wal", "kontor.db-shm"] {
                let _not_there = std::fs::remove_file(server.data().join(file));
            }
            server.command(&["store", "copy", &url, &folder]);
            server.move_to(None);
        }
    }
    server.restart();
}

/// What changed since a token (RFC 6578): hrefs, and the next token; the status if the token is refused.
fn dav_changes(anna: &Client, token: &str) -> Result<(Vec<String>, String), u16> {
    let ask = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>\
         </sync-collection>"
    );
    let answer = anna.ask("REPORT", CALENDAR, &[("Content-Type", "application/xml")], ask.as_bytes());
    if answer.status != 207 {
        return Err(answer.status);
    }
    let text = answer.text();
    let between = |piece: &str, end: &str| piece.split(end).next().unwrap().to_owned();
    let hrefs = text.split("<D:href>").skip(1).map(|piece| between(piece, "</D:href>")).collect();
    let token = text.split("<D:sync-token>").nth(1).map(|piece| between(piece, "</D:sync-token>")).unwrap();
    Ok((hrefs, token))
}

/// What a client of the list door is told since a token.
fn list_changes(anna: &Client, token: Option<&str>) -> Listing {
    let ask = Ask { utc: true, limit: Some(500), ..Ask::default() };
    let request =
        GetListItemChangesSinceToken { list: "Calendar".into(), ask, token: token.map(str::to_owned) };
    let message = request.message(Version::V11);
    let headers = [("Content-Type", "text/xml; charset=utf-8")];
    let answer = anna.ask("POST", "/lists/_vti_bin/lists.asmx", &headers, &message);
    assert_eq!(answer.status, 200, "{}", answer.text());
    Listing::read(&Envelope::read(&answer.body, &Limits::default()).unwrap().body).unwrap()
}

/// What vdirsyncer did to either side.
fn transferred(said: &str) -> Vec<&str> {
    let words = ["Copying", "Deleting", "calendar-multiget"];
    said.lines().filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

#[test]
fn vdirsyncer_transfers_nothing_after_a_move() {
    let mut server = furnished();
    let us = Vdirsyncer::new(&server, "caldav");
    let first = us.sync_told();
    assert!(transferred(&first).len() >= 49, "it tells what it does:\n{first}");
    assert_eq!(us.here("default").len(), 49);
    let token = dav_changes(&server.client_of(ANNA), "").unwrap().1;
    for turn in 0..2 {
        let before = server.said().len();
        move_over(&mut server);
        let anna = server.client_of(ANNA);
        let idle = us.sync_told();
        assert!(transferred(&idle).is_empty(), "turn {turn}:\n{idle}");
        let asked = server.said().split_off(before);
        assert!(
            asked.contains("\"method\":\"PROPFIND\"") || asked.contains("\"method\":\"REPORT\""),
            "{asked}"
        );
        for method in ["GET", "PUT", "DELETE"] {
            assert!(!asked.contains(&format!("\"method\":\"{method}\",\"path\":\"{CALENDAR}")), "{asked}");
        }
        assert_eq!(dav_changes(&anna, &token), Ok((vec![], token.clone())), "turn {turn}: the token is good");
    }
    // And what changes then is told, alone.
    let anna = server.client_of(ANNA);
    anna.put(&path(7), &numbered(7, "second"));
    let (changed, next) = dav_changes(&anna, &token).unwrap();
    assert!(changed == [path(7)] && next != token, "{changed:?}");
    let told = us.sync_told();
    assert_eq!(told.lines().filter(|line| line.contains("Copying")).count(), 1, "{told}");
    assert!(us.here("default")["item-7"].contains("SUMMARY:second"));
    assert_eq!(anna.get(&path(50)).unwrap().matches("plan ").count(), 30_000, "the large body came along");
    server.command(&["verify"]);
}

#[test]
fn a_client_of_lists_goes_on_after_a_move() {
    let mut server = furnished();
    let first = list_changes(&server.client_of(ANNA), None);
    assert_eq!(first.rows.len(), 49);
    let id = |row: &kontor_wire_sharepoint::row::Row| row.get("ID").unwrap().to_owned();
    let of_seven = first.rows.iter().find(|row| row.get("Title") == Some("first")).map(id).unwrap();
    let mut token = first.token.unwrap();
    for turn in 0..2 {
        move_over(&mut server);
        let anna = server.client_of(ANNA);
        let idle = list_changes(&anna, Some(&token));
        assert!(
            !idle.invalid_token && idle.rows.is_empty() && idle.deleted.is_empty(),
            "turn {turn}: {idle:?}"
        );
        let summary = format!("after move {turn}");
        anna.put(&path(2), &numbered(2, &summary));
        let delta = list_changes(&anna, Some(&token));
        let rows: Vec<_> = delta.rows.iter().map(|row| (row.get("Title"), id(row) == of_seven)).collect();
        assert_eq!(rows, [(Some(summary.as_str()), rows[0].1)]);
        token = delta.token.unwrap();
    }
    let whole = list_changes(&server.client_of(ANNA), None);
    assert!(whole.rows.iter().any(|row| id(row) == of_seven), "rows keep their numbers");
}

/// A backup is a step back: who saw more than it holds starts afresh, the others notice nothing.
#[test]
fn clients_of_both_doors_know_a_restored_store() {
    let mut server = furnished();
    let anna = server.client_of(ANNA);
    let (dav, list) = (dav_changes(&anna, "").unwrap().1, list_changes(&anna, None).token.unwrap());
    let backup = server.data().join("office.backup");
    server.command(&["backup", backup.to_str().unwrap()]);
    anna.put(&path(60), &numbered(60, "lost"));
    let (later_dav, later_list) =
        (dav_changes(&anna, &dav).unwrap().1, list_changes(&anna, Some(&list)).token.unwrap());
    assert!(later_dav != dav && later_list != list);
    server.stop();
    for url in [Some(database()), None] {
        let mut restored = match &url {
            Some(url) => Server::node(url),
            None => Server::embedded(),
        };
        restored.command(&["restore", backup.to_str().unwrap()]);
        restored.restart();
        let anna = restored.client_of(ANNA);
        assert_eq!(dav_changes(&anna, &dav).map(|(changed, _)| changed), Ok(vec![]));
        assert_eq!(dav_changes(&anna, &later_dav), Err(403), "a token of a state that is lost");
        let idle = list_changes(&anna, Some(&list));
        assert!(!idle.invalid_token && idle.rows.is_empty() && idle.deleted.is_empty(), "{idle:?}");
        assert!(list_changes(&anna, Some(&later_list)).invalid_token, "a token of a state that is lost");
        anna.put(&path(61), &numbered(61, "new"));
        assert_eq!(dav_changes(&anna, &dav).unwrap().0, [path(61)]);
        let told = list_changes(&anna, Some(&list));
        assert_eq!(told.rows.iter().map(|row| row.get("Title")).collect::<Vec<_>>(), [Some("new")]);
        restored.command(&["verify"]);
    }
}
