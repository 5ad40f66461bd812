//! rclone: a thousand files there and back.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Ran, Server, User, run};

use super::DRIVE;
use crate::office::ANNA;

const FILES: usize = 1_000;

/// rclone with Anna's drive as `:webdav:`.
pub(super) struct Rclone {
    user: &'static str,
    url: String,
    secret: String,
    home: Folder,
}

impl Rclone {
    pub(super) fn new(server: &Server) -> Self {
        Self::of(server, DRIVE, ANNA)
    }

    /// Somebody's, with that place as `:webdav:`.
    pub(super) fn of(server: &Server, path: &str, user: User) -> Self {
        let home = Folder::new("rclone-home");
        let mut rclone = Self { user: user.name, url: server.url(path), secret: String::new(), home };
        rclone.secret = rclone.run(&["obscure", user.password]).said_if_ok().trim().to_owned();
        rclone
    }

    pub(super) fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(tools::debian("rclone", "rclone"));
        command.args(["--config", ""]).args(args).env("HOME", self.home.path());
        command.env("RCLONE_WEBDAV_URL", &self.url).env("RCLONE_WEBDAV_VENDOR", "other");
        command.env("RCLONE_WEBDAV_USER", self.user).env("RCLONE_WEBDAV_PASS", &self.secret);
        run(&mut command, "", Duration::from_secs(600))
    }

    /// Makes the second place like the first, then reads both through and compares every byte.
    #[track_caller]
    fn sync(&self, from: &str, to: &str) {
        self.run(&["sync", "--transfers", "16", "--checkers", "16", from, to]).said_if_ok();
        let said = self.run(&["check", "--download", "--checkers", "16", from, to]).said_if_ok();
        assert!(said.contains("0 differences found"), "{said}");
    }
}

fn text(n: usize) -> String {
    format!("file {n}\n").repeat(n % 50 + 1)
}

/// Names as people give them, in folders in folders.
fn name(n: usize) -> String {
    match n % 4 {
        0 => format!("a/{n}.txt"),
        1 => format!("a/b c/{n} & more.txt"),
        2 => format!("\u{e4}\u{20ac}/{n}%20#?.txt"),
        _ => format!("{n}.bin"),
    }
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

#[test]
fn a_thousand_files_are_kept_in_step_both_ways() {
    let server = Server::start(&[ANNA]);
    let rclone = Rclone::new(&server);
    let (here, there) = (Folder::new("rclone-here"), Folder::new("rclone-there"));
    for n in 0..FILES {
        here.write(&name(n), text(n));
    }
    let (ours, theirs) = (here.path().to_str().unwrap(), there.path().to_str().unwrap());
    rclone.sync(ours, ":webdav:work");
    rclone.sync(":webdav:work", theirs);
    assert_eq!(count(there.path()), FILES);
    // Changes on the other side come back: some files are new, some are others, some are gone, one has moved.
    for n in 0..20 {
        there.write(&name(n), format!("changed {n}"));
        there.write(&format!("new folder/{n}.txt"), text(n));
        fs::remove_file(there.join(&name(100 + n))).unwrap();
    }
    fs::rename(there.join(&name(500)), there.join("moved.txt")).unwrap();
    rclone.sync(theirs, ":webdav:work");
    rclone.sync(":webdav:work", ours);
    assert_eq!(count(here.path()), FILES);
    assert_eq!(fs::read_to_string(here.join("moved.txt")).unwrap(), text(500));
    assert!(!here.join(&name(500)).exists() && !here.join(&name(100)).exists());
    let anna = server.client_of(ANNA);
    assert_eq!(anna.get(&format!("{DRIVE}work/moved.txt")), Some(text(500)));
    rclone.run(&["purge", ":webdav:work"]).said_if_ok();
    assert_eq!(anna.members(DRIVE), [""; 0]);
}
