//! khal, over vdirsyncer: a calendar in a terminal.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run, until};

use crate::office::{ANNA, CALENDAR, event};
use crate::vdirsyncer::Vdirsyncer;

/// A khal that shows one folder.
struct Khal {
    folder: Folder,
}

impl Khal {
    fn new(calendar: &std::path::Path) -> Khal {
        let folder = Folder::new("khal");
        let config = format!(
            "[calendars]\n[[default]]\npath = {}\ntype = calendar\n\
             [locale]\nlocal_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\ntimeformat = %H:%M\n\
             dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n\
             longdatetimeformat = %Y-%m-%d %H:%M\n\
             [default]\ndefault_calendar = default\n[sqlite]\npath = {}\n",
            calendar.display(),
            folder.join("khal.db").display(),
        );
        folder.write("config", config);
        Khal { folder }
    }

    /// Runs khal and answers its questions with `input`.
    #[track_caller]
    fn command(&self, args: &[&str], input: &str) -> String {
        let mut command = Command::new(tools::python("khal"));
        command.arg("--config").arg(self.folder.join("config")).args(args).env("HOME", self.folder.path());
        run(command.env("LC_ALL", "C.UTF-8"), input, Duration::from_secs(60)).said_if_ok()
    }

    fn list(&self) -> String {
        self.command(&["list", "2026-03-01", "31d"], "")
    }
}

#[test]
fn events_are_read_made_edited_and_deleted() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let path = format!("{CALENDAR}ours.ics");
    anna.put(&path, &event("ours", "20260302T100000Z", "From the server"));
    anna.put(&format!("{CALENDAR}stays.ics"), &event("stays", "20260303T100000Z", "Untouched"));
    let sync = Vdirsyncer::new(&server, "caldav");
    let khal = Khal::new(&sync.local("default"));
    sync.sync();
    let listed = khal.list();
    assert!(listed.contains("2026-03-02") && listed.contains("11:00-12:00 From the server"), "{listed}");

    khal.command(&["new", "2026-03-05", "10:00", "11:00", "Made in khal"], "");
    khal.command(&["edit", "--show-past", "From the server"], "s\nEdited in khal\nn\n");
    sync.sync();
    assert!(anna.get(&path).unwrap().contains("SUMMARY:Edited in khal"));
    let made = anna.members(CALENDAR).into_iter().find(|name| name != "ours.ics" && name != "stays.ics");
    let made = format!("{CALENDAR}{}", made.expect("khal's event is there"));
    let text = anna.get(&made).unwrap();
    assert!(
        text.contains("SUMMARY:Made in khal") && text.contains("DTSTART;TZID=Europe/Berlin:20260305T100000"),
        "{text}"
    );

    anna.put(&made, &text.replace("SUMMARY:Made in khal", "SUMMARY:Edited on the server"));
    anna.delete(&path);
    sync.sync();
    // khal sees a changed file by its modification time, of whole seconds on some file systems: ask until it has.
    let listed = until("khal to see the change", Duration::from_secs(20), || {
        Some(khal.list()).filter(|listed| listed.contains("Edited on the server"))
    });
    assert!(!listed.contains("Edited in khal"), "{listed}");

    khal.command(&["edit", "--show-past", "Edited on the server"], "D\ny\n");
    sync.sync();
    assert_eq!(anna.members(CALENDAR), ["stays.ics"]);
}
