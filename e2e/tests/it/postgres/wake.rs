//! An event stream on one node tells of what is written on another: where nodes tell each other, and where each asks.

use kontor_testkit::{Client, Postgres, Server, until};

use super::{Ear, PATIENCE};
use crate::office::{ANNA, CALENDAR, CARDS, card, configured_on, event};

const HOME: &str = "/dav/calendars/anna/";
/// As on a database that has no NOTIFY.
const DEAF: &str = "[store]\nnotify = false\n";

fn sync(client: &Client, path: &str, token: &str) -> String {
    let body = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
         <prop><getetag/></prop></sync-collection>"
    );
    let answer = client.ask("REPORT", path, &[("Depth", "0")], body.as_bytes());
    assert_eq!(answer.status, 207, "{}", answer.text());
    answer.text()
}

/// Does something on one node, and waits for the other one's stream to tell of `path`; the token that it tells.
fn told(ear: &Ear, path: &str, does: impl FnOnce()) -> String {
    let begun = ear.text().len();
    does();
    let mark = format!("{{\"collection\":\"{path}\",\"token\":");
    until(&format!("the stream to tell of {path}"), PATIENCE, || {
        let text = ear.text();
        let rest = text[begun..].rsplit_once(&mark)?.1;
        let (token, _) = rest.split_once('}')?;
        Some(token.trim_matches('"').to_owned())
    })
}

fn wakes(name: &str, toml: &str) {
    let database = Postgres::start(name);
    let url = database.create("kontor");
    let node = |people| configured_on(Server::node(&url), toml, people);
    let (one, other) = (node(&[ANNA]), node(&[]));
    let (here, there) = (one.client_of(ANNA), other.client_of(ANNA));
    let (path, text) = (format!("{CALENDAR}a.ics"), event("a", "20260302T100000Z", "x"));
    here.put(&path, &text);
    let ear = Ear::of_anna(&other);

    let token = told(&ear, CALENDAR, || here.put(&path, &event("a", "20260302T100000Z", "y")));
    assert!(!sync(&there, CALENDAR, &token).contains("<D:response>"), "the token is that of this change");
    let removed = told(&ear, CALENDAR, || here.delete(&path));
    let since = sync(&there, CALENDAR, &token);
    assert!(since.contains("a.ics") && since.contains("404") && since.contains(&removed), "{since}");
    told(&ear, CARDS, || here.put(&format!("{CARDS}c.vcf"), &card("c", "Carl")));
    let made = told(&ear, HOME, || {
        assert_eq!(here.ask("MKCALENDAR", "/dav/calendars/anna/new/", &[], b"").status, 201);
    });
    assert_eq!(made, "null");
    told(&ear, "/dav/calendars/anna/new/", || here.put("/dav/calendars/anna/new/b.ics", &text));
    // And back, to one that writes itself.
    let ear = Ear::of_anna(&one);
    told(&ear, CALENDAR, || there.put(&path, &text));
    assert_eq!(here.get(&path), Some(text));
}

#[test]
fn a_stream_is_woken_by_hints() {
    wakes("hints", "");
}

#[test]
fn a_stream_is_woken_by_asking() {
    wakes("asking", DEAF);
}
