//! A database that is stopped, or crashes.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kontor_testkit::{Client, Postgres, Server, User, until};

use super::load::under_load;
use super::{BOUND, Ear, PATIENCE, must_wait, node, patiently};
use crate::office::{ANNA, CALENDAR, CARDS, admin, event};

const BEN: User = User { name: "ben", password: "another good one" };
/// How long the database is stopped.
const AWAY: Duration = Duration::from_secs(10);

const LISTING: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
const QUERY: &str = "<c:calendar-query xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><c:calendar-data/></prop>\
    <c:filter><c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\"/></c:comp-filter></c:filter></c:calendar-query>";
const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>";
const NAME: &str =
    "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>x</displayname></prop></set></propertyupdate>";

const LISTS: &str = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><GetListCollection \
    xmlns=\"http://schemas.microsoft.com/sharepoint/soap/\"/></s:Body></s:Envelope>";

/// Method, path, headers, body.
type Request = (&'static str, String, Vec<(&'static str, String)>, String);

/// Everything that Anna may want, each of which needs the database.
fn everything(node: &Server) -> Vec<Request> {
    let item = format!("{CALENDAR}there.ics");
    let fresh = format!("{CALENDAR}fresh.ics");
    let depth = |depth: &str| vec![("Depth", depth.to_owned()), ("Content-Type", "text/xml".to_owned())];
    let target = vec![("Destination", node.url(&fresh))];
    vec![
        ("GET", item.clone(), vec![], String::new()),
        ("HEAD", item.clone(), vec![], String::new()),
        ("GET", CALENDAR.to_owned(), vec![], String::new()),
        ("PUT", fresh, vec![], event("fresh", "20260302T100000Z", "x")),
        ("DELETE", item.clone(), vec![], String::new()),
        ("COPY", item.clone(), target.clone(), String::new()),
        ("MOVE", item, target, String::new()),
        ("PROPFIND", CALENDAR.to_owned(), depth("1"), LISTING.to_owned()),
        ("PROPFIND", "/dav/calendars/anna/".to_owned(), depth("1"), String::new()),
        ("PROPPATCH", CARDS.to_owned(), vec![], NAME.to_owned()),
        ("REPORT", CALENDAR.to_owned(), depth("1"), QUERY.to_owned()),
        ("REPORT", CALENDAR.to_owned(), depth("0"), SYNC.to_owned()),
        ("MKCALENDAR", "/dav/calendars/anna/fresh/".to_owned(), vec![], String::new()),
        ("POST", "/lists/_vti_bin/lists.asmx".to_owned(), depth("0"), LISTS.to_owned()),
        ("GET", "/dav/changes".to_owned(), vec![], String::new()),
    ]
}

/// Nobody is told that something is not there, or that a password is wrong, by a node that cannot know.
fn all_must_wait(node: &Server, app_password: &str) {
    let check = |client: &Client, (method, path, headers, body): &Request| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let begun = Instant::now();
        let answer = client.ask(method, path, &headers, body.as_bytes());
        assert!(answer.status == 503, "{method} {path}: {} {}", answer.status, answer.text());
        must_wait(&answer);
        assert!(begun.elapsed() < BOUND, "{method} {path} took {:?}", begun.elapsed());
    };
    for request in everything(node) {
        check(&node.client_of(ANNA), &request);
    }
    let home = |name: &str| ("PROPFIND", format!("/dav/calendars/{name}/"), vec![], String::new());
    let with = |name: &str, password: &str| node.client().with_basic(name, password);
    check(&node.client_of(BEN), &home("ben")); // known, and not signed in before
    check(&with("anna", app_password), &home("anna")); // right, and never shown before
    check(&with("anna", "wrong"), &home("anna"));
    check(&with("nobody", "wrong"), &home("nobody"));
    // What needs no database is answered as ever.
    assert_eq!(node.client().ask("GET", "/", &[], b"").status, 200);
    assert_eq!(node.client().ask("PROPFIND", "/dav/", &[], b"").status, 401, "without a password");
}

#[test]
fn while_the_database_is_stopped_all_are_told_and_then_all_goes_on() {
    let database = Postgres::start("stopped");
    let url = database.create("kontor");
    let mut node = node(&url, &[ANNA, BEN]);
    let made = node.command(&["app-password", "create", "anna", "--label", "fresh"]);
    let app_password = made.lines().next().unwrap();
    let anna = node.client_of(ANNA);
    let text = event("there", "20260302T100000Z", "x");
    anna.put(&format!("{CALENDAR}there.ics"), &text);
    let ear = Ear::of_anna(&node);

    database.stop();
    until("the password to be looked up again", PATIENCE, || {
        (anna.ask("PROPFIND", "/dav/principals/anna/", &[("Depth", "0")], b"").status == 503).then_some(())
    });
    let begun = Instant::now();
    while begun.elapsed() < AWAY {
        all_must_wait(&node, app_password);
        sleep(Duration::from_millis(200));
    }
    let health = admin(&node, "/healthz");
    assert!(health.starts_with("HTTP/1.1 503") && health.contains("no database listens"), "{health}");
    database.run();

    let found = patiently(&anna, "GET", &format!("{CALENDAR}there.ics"), &[], b"");
    assert_eq!((found.status, found.text()), (200, text), "and nothing of all that was done");
    assert_eq!(anna.members(CALENDAR), ["there.ics"]);
    // A stream that lived through it, or was ended politely and begun again, tells what happens now.
    let ear = if ear.ended() { Ear::of_anna(&node) } else { ear };
    let soon = patiently(
        &anna,
        "PUT",
        &format!("{CALENDAR}soon.ics"),
        &[],
        event("soon", "20260302T100000Z", "x").as_bytes(),
    );
    assert_eq!(soon.status, 201, "{}", soon.text());
    until("the stream to tell it", PATIENCE, || ear.text().contains(CALENDAR).then_some(()));
    for client in [node.client_of(BEN), node.client().with_basic("anna", app_password)] {
        assert_eq!(patiently(&client, "PROPFIND", "/dav/", &[("Depth", "0")], b"").status, 207);
    }
    until("the node to be well", PATIENCE, || {
        admin(&node, "/healthz").starts_with("HTTP/1.1 200").then_some(())
    });
    let said = node.said();
    assert_eq!(said.matches("the database is away").count(), 1, "the log tells it once:\n{said}");
    assert!(said.contains("the database is back"), "{said}");
    node.stop();
}

#[test]
fn what_was_acknowledged_survives_a_crash_of_the_database() {
    let database = Postgres::start("crash");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let (told, progress) = under_load(&[node.address()], 64, |progress| {
        for round in 0..4 {
            progress.await_more(200);
            if round == 3 {
                database.stop()
            } else {
                database.kill()
            }
            database.run();
        }
    });
    assert!(progress.refused.load(Ordering::SeqCst) > 0, "nobody noticed");
    assert_eq!(progress.broken.load(Ordering::SeqCst), 0, "the node itself answers always");
    told.judge(&node, &database, "kontor");
}

/// Its processes stand still, as those of a machine whose disk hangs.
#[test]
fn a_database_that_hangs_keeps_nobody_waiting_for_long() {
    let database = Postgres::start("frozen");
    let url = database.create("kontor");
    let node = node(&url, &[ANNA]);
    let anna = node.client_of(ANNA);
    let path = format!("{CALENDAR}there.ics");
    anna.put(&path, &event("there", "20260302T100000Z", "x"));
    database.freeze();
    for (method, body) in [("GET", String::new()), ("PUT", event("there", "20260302T100000Z", "y"))] {
        let begun = Instant::now();
        must_wait(&anna.ask(method, &path, &[], body.as_bytes()));
        assert!(begun.elapsed() < BOUND, "{method} took {:?}", begun.elapsed());
    }
    database.thaw();
    assert_eq!(
        patiently(&anna, "PUT", &path, &[], event("there", "20260302T100000Z", "z").as_bytes()).status,
        204
    );
    assert!(anna.get(&path).unwrap().contains("SUMMARY:z"));
}
