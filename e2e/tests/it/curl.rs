//! curl: what a script does, and how a client without a stored address finds its way.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kontor_e2e::tools;
use kontor_testkit::{Server, run};

use crate::office::{ANNA, CALENDAR, CARDS, TASKS, event};

/// Runs curl as Anna; returns headers and body of every answer on the way.
#[track_caller]
fn curl(server: &Server, args: &[&str], path: &str, input: &str) -> String {
    let mut command = Command::new(tools::debian("curl", "curl"));
    let login = format!("{}:{}", ANNA.name, ANNA.password);
    command.args([
        "--silent",
        "--show-error",
        "--include",
        "--location",
        "--max-redirs",
        "3",
        "--user",
        &login,
    ]);
    run(command.args(args).arg(server.url(path)), input, Duration::from_secs(20)).said_if_ok()
}

/// PROPFIND Depth: 0 for one property, redirects followed; the path is the text of the href inside it.
#[track_caller]
fn property(server: &Server, path: &str, namespace: &str, name: &str) -> String {
    let ask = format!("<propfind xmlns=\"DAV:\"><prop><{name} xmlns=\"{namespace}\"/></prop></propfind>");
    let args = [
        "--request",
        "PROPFIND",
        "--header",
        "Depth: 0",
        "--header",
        "Content-Type: text/xml",
        "--data",
        &ask,
    ];
    let said = curl(server, &args, path, "");
    assert!(said.contains(" 207 "), "{said}");
    let inside = said.split(name).nth(1).unwrap_or_else(|| panic!("{name} is not answered:\n{said}"));
    let (_, href) = inside.split_once("href>").unwrap_or_else(|| panic!("{name} has no href:\n{said}"));
    href.split('<').next().unwrap().to_owned()
}

/// RFC 6764: from a host name to the collections, with and without the slash that some clients add.
#[test]
fn collections_are_found_from_the_host_name() {
    let server = Server::start(&[ANNA]);
    for (service, namespace, home, collections) in [
        ("caldav", "urn:ietf:params:xml:ns:caldav", "calendar-home-set", [CALENDAR, TASKS].as_slice()),
        ("carddav", "urn:ietf:params:xml:ns:carddav", "addressbook-home-set", &[CARDS]),
    ] {
        for slash in ["", "/"] {
            let well_known = format!("/.well-known/{service}{slash}");
            let principal = property(&server, &well_known, "DAV:", "current-user-principal");
            let found = property(&server, &principal, namespace, home);
            let members = server.client_of(ANNA).members(&found);
            for collection in collections {
                let name = collection.trim_end_matches('/').rsplit('/').next().unwrap();
                assert!(members.iter().any(|m| m == name), "{name} is not in {members:?} of {found}");
            }
        }
    }
}

/// The commands of the README: store, fetch, fetch the whole calendar as one file, remove.
#[test]
fn an_event_is_stored_fetched_and_removed() {
    let server = Server::start(&[ANNA]);
    let path = format!("{CALENDAR}lunch.ics");
    let text = event("lunch", "20260302T120000Z", "Lunch");
    let put = ["--upload-file", "-", "--header", "Content-Type: text/calendar"];
    let stored = curl(&server, &put, &path, &text);
    assert!(stored.contains(" 201 "), "{stored}");
    assert!(curl(&server, &[], &path, "").ends_with(&text));
    let whole = curl(&server, &[], CALENDAR, "");
    assert!(whole.contains(" 200 ") && whole.contains("SUMMARY:Lunch"), "{whole}");
    let refused = curl(&server, &["--header", "If-Match: \"another\"", "--request", "DELETE"], &path, "");
    assert!(refused.contains(" 412 "), "{refused}");
    curl(&server, &["--request", "DELETE"], &path, "");
    assert!(curl(&server, &[], &path, "").contains(" 404 "));
}

/// A script that waits on the event stream learns of a change within 50 ms (the median of 21, as machines stutter).
#[test]
fn a_waiting_script_learns_of_a_change_at_once() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let mut waiting = Command::new(tools::debian("curl", "curl"))
        .args(["--silent", "--no-buffer", "--max-time", "60", "--user"])
        .arg(format!("{}:{}", ANNA.name, ANNA.password))
        .arg(server.url("/dav/changes"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(waiting.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with(':'), "the stream begins with a comment");
    let mut delays: Vec<Duration> = (0..21)
        .map(|n| {
            let begun = Instant::now();
            anna.put(
                &format!("{CALENDAR}e{n}.ics"),
                &event(&format!("e{n}"), "20260302T100000Z", "Soon known"),
            );
            // A hint about something else may come in between: it costs a question, no more.
            let told = |line: &String| line.starts_with("data:") && line.contains(CALENDAR);
            lines.find(told).expect("the stream goes on");
            begun.elapsed() // the PUT and its answer are in it
        })
        .collect();
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    delays.sort();
    assert!(delays[10] < Duration::from_millis(50), "{delays:?}");
}
