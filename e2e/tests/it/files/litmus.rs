//! litmus, the compliance suite of neon: every test of every suite that is run passes, and none is skipped.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use super::DRIVE;
use crate::office::ANNA;

/// Runs suites one after the other, on the drive of a new account.
#[track_caller]
fn passes(suites: &[&str]) {
    let server = Server::start(&[ANNA]);
    let folder = Folder::new("litmus");
    let mut command = Command::new(tools::debian("litmus", "litmus"));
    command.arg("-k").arg(server.url(DRIVE)).args([ANNA.name, ANNA.password]);
    command.env("TESTS", suites.join(" ")).current_dir(folder.path());
    let said = run(&mut command, "", Duration::from_secs(300)).said;
    for suite in suites {
        let (_, summary) = said
            .split_once(&format!("summary for `{suite}': "))
            .unwrap_or_else(|| panic!("{suite} did not come to its end:\n{said}"));
        let line = summary.lines().next().unwrap_or_default();
        // `of 16 tests run: 16 passed, 0 failed. 100.0%`
        assert!(line.contains(" 0 failed. 100.0%"), "{suite}: {line}\n{said}");
    }
    // What it warns of is a target with a fragment, which is cut off by the HTTP library before anybody here sees it.
    for bad in ["FAIL", "were skipped", "SKIPPED"] {
        assert!(!said.contains(bad), "{bad}:\n{said}");
    }
}

#[test]
fn files_and_folders() {
    passes(&["basic", "copymove", "http"]);
}

#[test]
fn locks() {
    passes(&["locks"]);
}

#[test]
fn properties() {
    passes(&["props"]);
}
