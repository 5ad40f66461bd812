//! `kontor store history` and `restore`, and the same for files, on a running server and on a stopped one.

use crate::house::{ANNA, Said, server};
use kontor_testkit::Server;

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:meeting\r\n\
    DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T080000Z\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// With what the server is given too: where its database is.
fn said(server: &Server, args: &[&str]) -> Said {
    let ran = server.try_command(args, "");
    let out = ran.said.strip_suffix(&ran.complained).unwrap().to_owned();
    Said { code: ran.code.unwrap(), out, err: ran.complained }
}

fn restores(server: &Server) {
    let run = |args: &[&str]| said(server, args);
    let told = run(&["store", "history", "anna/default"]).done();
    assert!(told.contains("removed") && told.contains("default/meeting.ics"), "{told}");
    assert!(told.lines().any(|line| line.contains(" anna ") && line.contains(" dav ")), "{told}");
    let told = run(&["store", "history", "anna/default", "--json"]).done();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let past = &told["past"][0];
    assert_eq!((past["end"].as_str(), past["by"].as_str()), (Some("removed"), Some("anna")), "{told}");
    assert_eq!((past["kind"].as_str(), past["size"].as_u64()), (Some("calendar"), Some(EVENT.len() as u64)));
    let done = run(&["store", "restore", "anna/default/meeting.ics"]).done();
    assert!(done.contains("anna/default/meeting.ics is there again"), "{done}");
    run(&["store", "restore", "anna/default/meeting.ics"])
        .refused("nothing is kept of anna/default/meeting.ics");
    assert_eq!(run(&["store", "history", "anna/default"]).done(), "nothing that was removed is kept\n");
    run(&["store", "history", "anna/default/never.ics"]).refused("there is no anna/default/never.ics");
    run(&["store", "history", "anna/nowhere"]).refused("there is no anna/nowhere");
    run(&["store", "restore", "anna"]).refused("names no collection");
    assert_eq!(run(&["store", "history", "anna"]).done(), "the trash is empty\n");
    run(&["store", "history", "nobody"]).refused("there is no user nobody");
    run(&["store", "history", "nobody/default"]).refused("there is no nobody/default");

    let told = run(&["files", "history", "anna/offer.txt", "--json"]).done();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let sizes: Vec<_> = told["past"].as_array().unwrap().iter().map(|past| past["size"].as_u64()).collect();
    assert_eq!((told["now"]["size"].as_u64(), sizes), (Some(5), vec![Some(3), Some(3)]), "{told}");
    let first = told["past"][1]["revision"].to_string();
    let done = run(&["files", "restore", "anna/offer.txt", "--revision", &first, "--as", "old.txt"]).done();
    assert!(done.contains("anna/files/old.txt is there again"), "{done}");
    let done = run(&["files", "restore", "anna/offer.txt", "--revision", &first]).done();
    assert!(done.contains("what it was until now is kept"), "{done}");
    run(&["files", "restore", "anna/offer.txt", "--as", "old.txt"]).refused("old.txt is there already");
    for name in ["anna/offer.txt", "anna/old.txt"] {
        let to = server.data().join("fetched");
        run(&["files", "get", name, to.to_str().unwrap(), "--replace"]).done();
        assert_eq!(std::fs::read(to).unwrap(), b"one", "{name}");
    }
    let told = run(&["files", "restore", "anna/offer.txt", "--json"]).done();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (told["path"].as_str(), told["created"].as_bool()),
        (Some("anna/files/offer.txt"), Some(false))
    );
}

#[test]
fn what_went_comes_back() {
    for running in [true, false] {
        let mut server = server(&[ANNA]);
        let client = server.client().with_basic(ANNA.name, ANNA.password);
        let event = "/dav/calendars/anna/default/meeting.ics";
        assert_eq!(
            client.ask("PUT", event, &[("Content-Type", "text/calendar")], EVENT.as_bytes()).status,
            201
        );
        assert_eq!(client.ask("DELETE", event, &[], b"").status, 204);
        for text in ["one", "two", "three"] {
            let status = client.ask("PUT", "/dav/files/anna/offer.txt", &[], text.as_bytes()).status;
            assert!(status == 201 || status == 204, "{status}");
        }
        if !running {
            server.stop();
        }
        restores(&server);
        if running {
            assert_eq!(client.ask("GET", event, &[], b"").text(), EVENT);
        }
    }
}

#[test]
fn nothing_is_kept_where_that_is_switched_off() {
    let mut server = server(&[ANNA]);
    let client = |server: &Server| server.client().with_basic(ANNA.name, ANNA.password);
    let put = |server: &Server, text: &str| {
        client(server).ask("PUT", "/dav/files/anna/a.txt", &[], text.as_bytes()).status
    };
    assert_eq!((put(&server, "one"), put(&server, "two")), (201, 204));
    let texts = |server: &Server| {
        let told = said(server, &["files", "history", "anna/a.txt", "--json"]).done();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        told["past"].as_array().unwrap().len()
    };
    assert_eq!(texts(&server), 1);
    server.stop();
    server.set("KONTOR_HISTORY_DAYS", "0");
    server.restart();
    assert_eq!((put(&server, "three"), texts(&server)), (204, 1));
    assert_eq!(client(&server).ask("DELETE", "/dav/files/anna/a.txt", &[], b"").status, 204);
    said(&server, &["files", "restore", "anna/a.txt"]).refused("nothing is kept");
    let calendar = "/dav/calendars/anna/default/";
    assert_eq!(client(&server).ask("DELETE", calendar, &[], b"").status, 204);
    assert_eq!(said(&server, &["store", "history", "anna"]).done(), "the trash is empty\n");
}
