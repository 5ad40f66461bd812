//! The command line as scripts use it: names, exit codes, JSON, and what a change means for who is logged in.

use std::time::Duration;

use kontor_testkit::{Client, Server, until};
use serde_json::Value;

use crate::office::{ANNA, CALENDAR, event};

fn status(client: &Client, method: &str, path: &str, body: &str) -> u16 {
    client.ask(method, path, &[("Content-Type", "text/calendar"), ("Depth", "0")], body.as_bytes()).status
}

#[track_caller]
fn json(server: &Server, args: &[&str]) -> Value {
    let said = server.command(args);
    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{args:?}: {e}\n{said}"))
}

/// The same commands on a stopped and on a running server.
#[test]
fn accounts_are_looked_after() {
    let mut server = Server::prepare();
    for running in [false, true] {
        if running {
            server.restart();
        }
        let name = if running { "berta" } else { "carl" };
        let (mail, other) = (format!("{name}@example.org"), format!("{name}@example.net"));
        let create =
            ["user", "create", name, "--email", &mail, "--full-name", "Some One", "--password-stdin"];
        server.try_command(&create, "the first one\n").said_if_ok();
        assert!(server.command(&["user", "list", "--json"]).contains(name));
        server.command(&["user", "update", name, "--email", &other]);
        assert!(json(&server, &["user", "show", name, "--json"]).to_string().contains(&other));
        server.try_command(&["user", "password", name, "--password-stdin"], "the second one\n").said_if_ok();
        let told = json(&server, &["user", "quota", name, "--warn", "20GB", "--hard", "2GiB", "--json"]);
        assert_eq!((&told["used"], &told["hard"]), (&0.into(), &(2_u64 << 30).into()));
        server.command(&["user", "quota", name, "--hard", "none"]);
        assert!(server.command(&["user", "quota", name]).contains("20 GB"));
        if running {
            let home = format!("/dav/calendars/{name}/");
            let with = |password: &str| server.client().with_basic(name, password);
            assert_eq!(status(&with("the first one"), "PROPFIND", &home, ""), 401);
            assert_eq!(status(&with("the second one"), "PROPFIND", &home, ""), 207);
            server.command(&["user", "delete", name]);
            assert_eq!(status(&with("the second one"), "PROPFIND", &home, ""), 401);
        } else {
            server.command(&["user", "delete", name]);
        }
        assert_eq!(server.try_command(&["user", "show", name], "").code, Some(1));
    }
}

#[test]
fn an_app_password_works_until_it_is_revoked() {
    let server = Server::start(&[ANNA]);
    let make = |more: &[&str]| {
        let made = json(
            &server,
            &[&["app-password", "create", ANNA.name, "--json", "--label", "phone"], more].concat(),
        );
        (made["id"].to_string(), server.client().with_basic(ANNA.name, made["secret"].as_str().unwrap()))
    };
    let (id, phone) = make(&[]);
    let (_, display) = make(&["--scope", "calendar", "--read-only"]);
    let path = format!("{CALENDAR}lunch.ics");
    let lunch = event("lunch", "20260302T120000Z", "Lunch");
    assert_eq!(status(&phone, "PUT", &path, &lunch), 201);
    assert_eq!(status(&display, "GET", &path, ""), 200);
    assert_eq!(status(&display, "DELETE", &path, ""), 403);
    assert_ne!(status(&display, "PROPFIND", "/dav/addressbooks/anna/default/", ""), 207);
    assert_eq!(json(&server, &["app-password", "list", ANNA.name, "--json"]).as_array().unwrap().len(), 2);
    server.command(&["app-password", "revoke", ANNA.name, &id]);
    assert_eq!(status(&phone, "GET", &path, ""), 401);
    assert_eq!(status(&display, "GET", &path, ""), 200);
}

/// 0 done, 1 refused or failed with one clear line on stderr, 2 wrong usage.
#[test]
fn exit_codes_tell_what_happened() {
    let server = Server::start(&[ANNA]);
    let refused = |args: &[&str]| {
        let ran = server.try_command(args, "");
        assert_eq!(ran.code, Some(1), "{args:?}: {}", ran.said);
        assert_eq!(ran.complained.trim_end().lines().count(), 1, "{args:?}: {}", ran.complained);
        ran.complained
    };
    let again =
        ["user", "create", ANNA.name, "--email", "a@b.c", "--full-name", "A", "--password", "another one"];
    assert!(refused(&again).contains("anna"));
    assert!(refused(&["user", "show", "nobody"]).contains("nobody"));
    refused(&["serve", "--listen", &server.address().to_string()]);
    for wrong in [
        &["no-such-command"][..],
        &["user", "create"],
        &["serve", "--listen", "nowhere"],
        &["--no-such-flag"],
    ] {
        assert_eq!(server.try_command(wrong, "").code, Some(2), "{wrong:?}");
    }
    assert_eq!(server.try_command(&["--version"], "").code, Some(0));
}

/// What `cargo xtask up` makes on first use: four people with the passwords that are printed, each with something to see.
#[test]
fn the_demo_office_is_as_it_is_told() {
    let mut server = Server::prepare();
    let told = server.command(&["demo"]);
    server.restart();
    let people: Vec<(&str, &str)> = told
        .lines()
        .filter(|line| !line.starts_with("NAME"))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    assert_eq!(people.len(), 4, "{told}");
    let (mut recurring, mut exceptions) = (0, 0);
    for (name, password) in people {
        let client = server.client().with_basic(name, password);
        let whole = |kind: &str, collection: &str| {
            client
                .get(&format!("/dav/{kind}/{name}/{collection}/"))
                .unwrap_or_else(|| panic!("{name} has no {collection}"))
        };
        let events = whole("calendars", "default");
        assert!(events.contains("BEGIN:VEVENT"), "{name} has no event");
        recurring += events.matches("RRULE").count();
        exceptions += events.matches("RECURRENCE-ID").count();
        assert!(whole("calendars", "tasks").contains("BEGIN:VTODO"), "{name} has no task");
        assert!(whole("addressbooks", "default").contains("BEGIN:VCARD"), "{name} has no contact");
    }
    assert!(recurring > 0 && exceptions > 0, "{recurring} series, {exceptions} exceptions");
    assert_eq!(server.try_command(&["demo"], "").code, Some(1), "the demo was made twice");
}

/// A folder has one server at a time: the second is refused and the first goes on.
#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = Server::start(&[ANNA]);
    let second = server.try_command(&["serve", "--listen", "127.0.0.1:1"], "");
    assert_eq!(second.code, Some(1), "{}", second.said);
    until("the first server to answer", Duration::from_secs(5), || {
        (status(&server.client_of(ANNA), "PROPFIND", CALENDAR, "") == 207).then_some(())
    });
}
