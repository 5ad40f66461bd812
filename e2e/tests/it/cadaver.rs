//! cadaver: plain WebDAV, typed by hand.

use std::fs;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use crate::office::{ANNA, CALENDAR, event};

/// Types `lines` into cadaver at `path` of the server, in `folder`; returns all that it said.
fn cadaver(server: &Server, folder: &Folder, path: &str, lines: &[&str]) -> String {
    let login = format!("machine 127.0.0.1\nlogin {}\npassword \"{}\"\n", ANNA.name, ANNA.password);
    folder.write(".netrc", login);
    let mut command = Command::new(tools::debian("cadaver", "cadaver"));
    command.arg(server.url(path)).current_dir(folder.path()).env("HOME", folder.path());
    let input = format!("{}\nquit\n", lines.join("\n"));
    run(&mut command, &input, Duration::from_secs(60)).said_if_ok()
}

/// What followed the last prompt with this command.
#[track_caller]
fn after<'a>(said: &'a str, line: &str) -> &'a str {
    let (_, rest) =
        said.rsplit_once(&format!("> {line}\n")).unwrap_or_else(|| panic!("no `{line}` in\n{said}"));
    rest.split("\ndav:").next().unwrap()
}

#[test]
fn a_calendar_is_a_folder() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let made = anna.ask("MKCALENDAR", "/dav/calendars/anna/second/", &[], b"");
    assert_eq!(made.status, 201, "{}", made.text());
    let folder = Folder::new("cadaver");
    let text = event("lunch", "20260302T120000Z", "Lunch");
    folder.write("lunch.ics", &text);
    let said = cadaver(
        &server,
        &folder,
        "/dav/calendars/anna/",
        &[
            "ls",
            "cd default",
            "put lunch.ics",
            "ls .",
            "get lunch.ics back.ics",
            "propset . displayname Days",
            "propget . displayname",
            "propset . shade deep-blue",
            "propget . shade",
            "propnames lunch.ics",
            "move lunch.ics dinner.ics",
            "copy dinner.ics ../second/copy.ics",
            "cat ../second/copy.ics",
            "delete dinner.ics",
            "ls",
            "rmcol ../second",
            "ls ..",
        ],
    );
    let begin = after(&said, "ls ..");
    assert!(begin.contains("default") && begin.contains("tasks") && !begin.contains("second"), "{said}");
    assert!(after(&said, "put lunch.ics").contains("succeeded"), "{said}");
    assert!(after(&said, "ls .").contains(&text.len().to_string()), "{said}");
    assert_eq!(fs::read_to_string(folder.join("back.ics")).unwrap(), text);
    assert!(after(&said, "propget . displayname").contains("Days"), "{said}");
    assert!(after(&said, "propget . shade").contains("deep-blue"), "{said}");
    assert!(after(&said, "propnames lunch.ics").contains("getetag"), "{said}");
    assert!(after(&said, "move lunch.ics dinner.ics").contains("succeeded"), "{said}");
    assert!(after(&said, "copy dinner.ics ../second/copy.ics").contains("succeeded"), "{said}");
    assert!(after(&said, "cat ../second/copy.ics").contains("SUMMARY:Lunch"), "{said}");
    assert!(after(&said, "ls").contains("collection is empty"), "{said}");
    assert_eq!(anna.members(CALENDAR), [""; 0]);
    assert_eq!(anna.get("/dav/calendars/anna/second/copy.ics"), None);
}
