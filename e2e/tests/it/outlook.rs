//! Outlook, as far as its messages are known (MS-OUTSPS, MS-LISTSWS): every pattern it has, and a day of work.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use crate::office::ANNA;

const PATIENCE: Duration = Duration::from_secs(600);

#[test]
fn a_drive_is_a_library_of_documents_to_be_read() {
    let server = Server::start(&[ANNA]);
    let mut python = Command::new(tools::python("python"));
    python.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/documents_lists.py"));
    python.args([&server.url(""), ANNA.name, ANNA.password]);
    let said = run(&mut python, "", PATIENCE).said_if_ok();
    assert!(said.ends_with("the library is read\n"), "{said}");
}

#[test]
fn outlook_makes_and_reads_all_its_patterns() {
    let server = Server::start(&[ANNA]);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let oracle = here.join("../crates/wire/sharepoint/tests/oracle/patterns.py");
    let mut python = Command::new(tools::python("python"));
    let patterns = run(python.arg("-B").arg(oracle), "", PATIENCE).said_if_ok();
    let folder = Folder::new("outlook");
    let patterns = folder.write("patterns.json", patterns);
    let mut python = Command::new(tools::python("python"));
    python.arg("-B").arg(here.join("tests/it/outlook_lists.py"));
    python.args([&server.url("/lists"), ANNA.name, ANNA.password]).arg(patterns);
    let said = run(&mut python, "", PATIENCE).said_if_ok();
    assert!(said.ends_with("Outlook is content\n"), "{said}");
}
