//! PyPI `caldav`, the library under many tools: its operations, in `caldav_operations.py` beside this file.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Server, run};

use crate::office::ANNA;

#[test]
fn the_library_s_operations_work() {
    let server = Server::start(&[ANNA]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/caldav_operations.py");
    let mut python = Command::new(tools::python("python"));
    python.arg(script).args([&server.url("/"), ANNA.name, ANNA.password]);
    let said = run(&mut python, "", Duration::from_secs(120)).said_if_ok();
    assert!(said.ends_with("all operations work\n"), "{said}");
}
