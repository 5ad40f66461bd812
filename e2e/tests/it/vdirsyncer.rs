//! vdirsyncer: a folder and a collection kept alike, edited on both sides.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Ran, Server, run};

use crate::office::{ANNA, CALENDAR, CARDS, STAMP, TASKS, card, component, event};

/// A vdirsyncer with its own status, whose folder `local/NAME` mirrors collection NAME of Anna's.
pub(crate) struct Vdirsyncer {
    folder: Folder,
}

impl Vdirsyncer {
    /// Anna's `default` and `tasks` calendars (`kind` `caldav`) or address book (`carddav`). Neither side wins a
    /// conflict until [`Vdirsyncer::configure`] says so.
    pub(crate) fn new(server: &Server, kind: &str) -> Vdirsyncer {
        let us = Vdirsyncer { folder: Folder::new("vdirsyncer") };
        let collections: &[&str] = if kind == "caldav" { &["default", "tasks"] } else { &["default"] };
        for name in collections {
            fs::create_dir_all(us.local(name)).unwrap();
        }
        us.configure(server, kind, "null");
        us.command("discover").said_if_ok();
        us
    }

    /// Writes the configuration; `winner` is a value of `conflict_resolution` in its syntax.
    pub(crate) fn configure(&self, server: &Server, kind: &str, winner: &str) {
        let (local, status) = (self.folder.join("local"), self.folder.join("status"));
        let (collections, ending) = match kind {
            "caldav" => (r#"["default", "tasks"]"#, ".ics"),
            _ => (r#"["default"]"#, ".vcf"),
        };
        let config = format!(
            "[general]\nstatus_path = \"{}\"\n\n\
             [pair office]\na = \"here\"\nb = \"there\"\ncollections = {collections}\n\
             conflict_resolution = {winner}\nmetadata = [\"displayname\"]\n\n\
             [storage here]\ntype = \"filesystem\"\npath = \"{}\"\nfileext = \"{ending}\"\n\n\
             [storage there]\ntype = \"{kind}\"\nurl = \"{}\"\nusername = \"{}\"\npassword = \"{}\"\n",
            status.display(),
            local.display(),
            server.url("/"),
            ANNA.name,
            ANNA.password,
        );
        self.folder.write("config", config);
    }

    /// The folder of one collection.
    pub(crate) fn local(&self, collection: &str) -> PathBuf {
        self.folder.join("local").join(collection)
    }

    /// Makes both sides alike; returns what it said, panics if it failed.
    #[track_caller]
    pub(crate) fn sync(&self) -> String {
        self.command("sync").said_if_ok()
    }

    /// The same, with everything that it asks and does.
    #[track_caller]
    pub(crate) fn sync_told(&self) -> String {
        self.run(&["-vdebug", "sync"]).said_if_ok()
    }

    fn command(&self, verb: &str) -> Ran {
        self.run(&[verb])
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(tools::python("vdirsyncer"));
        command.arg("--config").arg(self.folder.join("config")).args(args).env("HOME", self.folder.path());
        run(&mut command, "", Duration::from_secs(240))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.local("default").join(name), text).unwrap();
    }

    /// Texts of the folder of `collection` by UID.
    pub(crate) fn here(&self, collection: &str) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.local(collection)).unwrap().map(|entry| entry.unwrap().path());
        let texts = files.filter(|path| path.extension().is_some_and(|e| e == "ics" || e == "vcf"));
        texts.map(|path| by_uid(&fs::read_to_string(path).unwrap())).collect()
    }
}

/// Texts of a collection on the server by UID: one GET a member, so that nothing but storage is between.
fn there(server: &Server, collection: &str) -> BTreeMap<String, String> {
    let anna = server.client_of(ANNA);
    let members = anna.members(collection);
    let texts = members.iter().filter_map(|name| anna.get(&format!("{collection}{name}")));
    texts.map(|text| by_uid(&text)).collect()
}

/// A text with its UID. Ends of lines are written as LF: XML parsers turn CRLF into it, so what vdirsyncer fetched by a
/// report has no CR, whatever the server stores.
fn by_uid(text: &str) -> (String, String) {
    let text = text.replace('\r', "");
    let uid = text.lines().find_map(|line| line.strip_prefix("UID:")).unwrap();
    (uid.to_owned(), text)
}

fn numbered(n: usize, summary: &str) -> String {
    let start = format!("2026{:02}{:02}T{:02}0000Z", 1 + n % 12, 1 + n % 28, n % 24);
    event(&format!("item-{n}"), &start, summary)
}

/// Both sides hold exactly these texts.
#[track_caller]
fn both_hold(server: &Server, us: &Vdirsyncer, expected: &BTreeMap<String, String>) {
    for (side, found) in [("the folder", us.here("default")), ("the server", there(server, CALENDAR))] {
        let wrong: Vec<&String> =
            expected.keys().chain(found.keys()).filter(|uid| found.get(*uid) != expected.get(*uid)).collect();
        assert!(wrong.is_empty(), "{side} differs in {wrong:?}");
    }
}

#[test]
fn a_thousand_events_are_edited_on_both_sides() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let us = Vdirsyncer::new(&server, "caldav");
    let mut expected = BTreeMap::new();
    let on_server = |n: usize| format!("{CALENDAR}item-{n}.ics");
    for n in 0..1000 {
        let text = numbered(n, "first");
        if n < 500 {
            us.write(&format!("item-{n}.ics"), &text);
        } else {
            anna.put(&on_server(n), &text);
        }
        expected.extend([by_uid(&text)]);
    }
    us.sync();
    both_hold(&server, &us, &expected);

    // The names that each side gave are the other's too, so each can be addressed from either side.
    for n in (0..1000).step_by(10) {
        let name = format!("item-{n}.ics");
        let (here, edited) = (n % 20 == 0, numbered(n, "second"));
        match (n % 50 == 0, here) {
            (true, true) => fs::remove_file(us.local("default").join(name)).unwrap(),
            (true, false) => anna.delete(&on_server(n)),
            (false, true) => us.write(&name, &edited),
            (false, false) => anna.put(&on_server(n), &edited),
        }
        match n % 50 == 0 {
            true => drop(expected.remove(&format!("item-{n}"))),
            false => expected.extend([by_uid(&edited)]),
        }
    }
    us.sync();
    both_hold(&server, &us, &expected);

    let idle = us.sync();
    assert!(!idle.contains("Copying") && !idle.contains("Deleting"), "nothing changed, and it said:\n{idle}");
}

/// What a client removed or changed in error is brought back on the server, and the client sees it.
#[test]
fn what_a_client_removed_comes_back() {
    let server = Server::start(&[ANNA]);
    let us = Vdirsyncer::new(&server, "caldav");
    let mut expected = BTreeMap::new();
    for n in 0..5 {
        let text = numbered(n, "first");
        us.write(&format!("item-{n}.ics"), &text);
        expected.extend([by_uid(&text)]);
    }
    us.sync();
    fs::remove_file(us.local("default").join("item-1.ics")).unwrap();
    us.write("item-2.ics", &numbered(2, "second"));
    us.sync();
    us.write("item-2.ics", &numbered(2, "in error"));
    us.sync();
    assert!(!there(&server, CALENDAR).contains_key("item-1"));
    let told = server.command(&["store", "history", "anna/default"]);
    assert!(told.contains("default/item-1.ics") && !told.contains("item-2"), "{told}");
    server.command(&["store", "restore", "anna/default/item-1.ics"]);
    server.command(&["store", "restore", "anna/default/item-2.ics"]);
    // Had it gone back to the very first text, vdirsyncer would not have noticed (COMPATIBILITY.md).
    expected.extend([by_uid(&numbered(2, "second"))]);
    us.sync();
    both_hold(&server, &us, &expected);
    let idle = us.sync();
    assert!(!idle.contains("Copying") && !idle.contains("Deleting"), "nothing changed, and it said:\n{idle}");
}

#[test]
fn a_conflict_is_told_and_then_decided() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let us = Vdirsyncer::new(&server, "caldav");
    us.write("item-1.ics", &numbered(1, "first"));
    us.sync();

    us.write("item-1.ics", &numbered(1, "edited here"));
    anna.put(&format!("{CALENDAR}item-1.ics"), &numbered(1, "edited there"));
    let told = us.command("sync");
    assert!(!told.ok && told.said.contains("onflict"), "{}", told.said);
    both_sides(&server, &us, "edited here", "edited there");

    us.configure(&server, "caldav", "\"a wins\"");
    us.sync();
    both_sides(&server, &us, "edited here", "edited here");

    us.write("item-1.ics", &numbered(1, "again here"));
    anna.put(&format!("{CALENDAR}item-1.ics"), &numbered(1, "again there"));
    us.configure(&server, "caldav", "\"b wins\"");
    us.sync();
    both_sides(&server, &us, "again there", "again there");
}

#[track_caller]
fn both_sides(server: &Server, us: &Vdirsyncer, here: &str, there: &str) {
    assert_eq!(us.here("default")["item-1"], by_uid(&numbered(1, here)).1);
    assert_eq!(self::there(server, CALENDAR)["item-1"], by_uid(&numbered(1, there)).1);
}

#[test]
fn contacts_tasks_and_names_of_collections_travel() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let contacts = Vdirsyncer::new(&server, "carddav");
    for n in 0..50 {
        anna.put(&format!("{CARDS}there-{n}.vcf"), &card(&format!("there-{n}"), "Dora"));
        contacts.write(&format!("here-{n}.vcf"), &card(&format!("here-{n}"), "Emil"));
    }
    contacts.sync();
    assert_eq!(contacts.here("default"), there(&server, CARDS));
    assert_eq!(contacts.here("default").len(), 100);

    let calendars = Vdirsyncer::new(&server, "caldav");
    let task = component("VTODO", "task", &format!("{STAMP}SUMMARY:Order chairs\r\n"));
    fs::write(calendars.local("tasks").join("task.ics"), &task).unwrap();
    calendars.sync();
    assert_eq!(there(&server, TASKS)["task"], by_uid(&task).1);

    let name_here = calendars.local("default").join("displayname");
    calendars.command("metasync").said_if_ok();
    assert!(!fs::read_to_string(&name_here).unwrap().is_empty(), "a new calendar has a name");
    fs::write(&name_here, "Anna at work").unwrap();
    calendars.command("metasync").said_if_ok();
    let ask = b"<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
    let headers = [("Depth", "0"), ("Content-Type", "application/xml")];
    let answer = anna.ask("PROPFIND", CALENDAR, &headers, ask).text();
    assert!(answer.contains(">Anna at work<"), "{answer}");
    let set = b"<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>Anna at home</displayname></prop></set></propertyupdate>";
    assert_eq!(anna.ask("PROPPATCH", CALENDAR, &headers, set).status, 207);
    calendars.command("metasync").said_if_ok();
    assert_eq!(fs::read_to_string(&name_here).unwrap(), "Anna at home");
}
