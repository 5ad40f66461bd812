//! todoman, over vdirsyncer: tasks in a terminal.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run, until};

use crate::office::{ANNA, STAMP, TASKS, component};
use crate::vdirsyncer::Vdirsyncer;

/// A todoman that shows the lists below one folder.
struct Todoman {
    folder: Folder,
}

impl Todoman {
    fn new(lists: &std::path::Path) -> Todoman {
        let folder = Folder::new("todoman");
        let config = format!(
            "path = \"{}/*\"\ndate_format = \"%Y-%m-%d\"\ntime_format = \"%H:%M\"\ndefault_list = \"tasks\"\n\
             cache_path = \"{}\"\n",
            lists.display(),
            folder.join("todo.db").display(),
        );
        folder.write("config.py", config);
        Todoman { folder }
    }

    #[track_caller]
    fn command(&self, args: &[&str]) -> String {
        let mut command = Command::new(tools::python("todo"));
        command.arg("--config").arg(self.folder.join("config.py")).args(args).env("HOME", self.folder.path());
        run(command.env("LC_ALL", "C.UTF-8"), "", Duration::from_secs(60)).said_if_ok()
    }

    /// The number by which todoman calls the open task of this summary, when it sees one.
    fn number_of(&self, summary: &str) -> String {
        until(&format!("todoman to see {summary}"), Duration::from_secs(20), || {
            let listed: String = self.command(&["list"]);
            let line = listed.lines().find(|line| line.contains(summary))?;
            line.strip_prefix("[ ]")?.split_whitespace().next().map(str::to_owned)
        })
    }
}

#[test]
fn tasks_are_read_made_edited_done_and_deleted() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let path = format!("{TASKS}ours.ics");
    anna.put(&path, &component("VTODO", "ours", &format!("{STAMP}SUMMARY:Order chairs\r\n")));
    let sync = Vdirsyncer::new(&server, "caldav");
    sync.sync();
    let todo = Todoman::new(sync.local("tasks").parent().unwrap());
    let ours = todo.number_of("Order chairs");
    todo.command(&["edit", "--priority", "high", &ours]);
    todo.command(&["new", "--list", "tasks", "--due", "2027-03-05", "Made in todoman"]);
    sync.sync();
    assert!(anna.get(&path).unwrap().contains("PRIORITY:4"));
    let made =
        anna.members(TASKS).into_iter().find(|name| name != "ours.ics").expect("todoman's task is there");
    let made = format!("{TASKS}{made}");
    let text = anna.get(&made).unwrap();
    assert!(text.contains("SUMMARY:Made in todoman") && text.contains("DUE;VALUE=DATE:20270305"), "{text}");

    anna.put(&made, &text.replace("Made in todoman", "Edited on the server"));
    sync.sync();
    let theirs = todo.number_of("Edited on the server");
    todo.command(&["done", &todo.number_of("Order chairs")]);
    todo.command(&["delete", "--yes", &theirs]);
    sync.sync();
    assert!(anna.get(&path).unwrap().contains("STATUS:COMPLETED"));
    assert_eq!(anna.members(TASKS), ["ours.ics"]);
}
