//! The trash: a calendar that somebody removed comes back, and clients go on as if nothing had happened.

use std::collections::BTreeMap;
use std::fs;

use kontor_testkit::Server;

use crate::office::{ANNA, CALENDAR, event};
use crate::vdirsyncer::Vdirsyncer;

fn numbered(n: usize, summary: &str) -> String {
    event(&format!("item-{n}"), &format!("2026{:02}{:02}T080000Z", 1 + n % 12, 1 + n % 28), summary)
}

/// What changed since a token, and the next one.
fn report(server: &Server, token: &str) -> (String, String) {
    let body = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
         <prop><getetag/></prop></sync-collection>"
    );
    let headers = [("Content-Type", "application/xml"), ("Depth", "0")];
    let answer = server.client_of(ANNA).ask("REPORT", CALENDAR, &headers, body.as_bytes());
    assert_eq!(answer.status, 207, "{}", answer.text());
    let text = answer.text();
    let begin = text.find("sync-token>").unwrap() + "sync-token>".len();
    let end = begin + text[begin..].find('<').unwrap();
    (text[begin..end].to_owned(), text)
}

#[test]
fn a_calendar_comes_back_and_vdirsyncer_loses_nothing() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let us = Vdirsyncer::new(&server, "caldav");
    let name = |n: usize| format!("item-{n}.ics");
    let mut expected = BTreeMap::new();
    for n in 0..40 {
        let text = numbered(n, "first");
        match n % 2 {
            0 => fs::write(us.local("default").join(name(n)), &text).unwrap(),
            _ => anna.put(&format!("{CALENDAR}{}", name(n)), &text),
        }
        expected.insert(format!("item-{n}"), text.replace('\r', ""));
    }
    us.sync();
    assert_eq!(us.here("default"), expected);
    let (token, _) = report(&server, "");

    assert_eq!(anna.ask("DELETE", CALENDAR, &[], b"").status, 204);
    assert_eq!(anna.ask("PROPFIND", CALENDAR, &[("Depth", "0")], b"").status, 404);
    let said = server.command(&["store", "history", "anna"]);
    assert!(said.contains("calendar") && said.contains("default") && said.contains("40"), "{said}");
    let said = server.command(&["store", "restore", "anna/default"]);
    assert!(said.contains("anna/default is there again"), "{said}");

    // Both sides go on.
    let (again, news) = report(&server, &token);
    assert_eq!(again, token, "nothing happened to it");
    assert!(!news.contains("<href>") && !news.contains(":href>"), "{news}");
    let (here, there) = (numbered(4, "edited here"), numbered(7, "edited there"));
    fs::write(us.local("default").join(name(4)), &here).unwrap();
    anna.put(&format!("{CALENDAR}{}", name(7)), &there);
    anna.delete(&format!("{CALENDAR}{}", name(8)));
    expected.insert("item-4".to_owned(), here.replace('\r', ""));
    expected.insert("item-7".to_owned(), there.replace('\r', ""));
    expected.remove("item-8");
    us.sync();
    assert_eq!(us.here("default"), expected);
    let (_, news) = report(&server, &token);
    for (n, told) in [(4, true), (7, true), (8, true), (9, false)] {
        assert_eq!(news.contains(&format!("/{}<", name(n))), told, "{n}: {news}");
    }
    server.command(&["verify"]);
}
