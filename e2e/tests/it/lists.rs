//! The list door, as clients of SharePoint see it: PyPI `SharePlum`, and PyPI `zeep` over our own descriptions; and the
//! grammar of what its rows say, by libxml2.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Server, run};

use crate::office::ANNA;

/// Runs a script beside this file against the lists of a new account.
fn judged_by(script: &str) {
    let server = Server::start(&[ANNA]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(script);
    let mut python = Command::new(tools::python("python"));
    python.arg("-B").arg(script).args([&server.url("/lists"), ANNA.name, ANNA.password]);
    let said = run(&mut python, "", Duration::from_secs(180)).said_if_ok();
    assert!(said.ends_with("all operations work\n"), "{said}");
}

#[test]
fn shareplum_reads_and_writes_a_list() {
    judged_by("shareplum_lists.py");
}

#[test]
fn zeep_understands_our_descriptions() {
    judged_by("zeep_lists.py");
}

#[test]
fn what_rows_say_of_recurrences_and_zones_is_valid() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new(tools::python("python"));
    python.arg(here.join("tests/it/list_schemas.py")).arg(here.join("../fixtures/sharepoint"));
    let said = run(&mut python, "", Duration::from_secs(180)).said_if_ok();
    assert!(said.ends_with("all rows are valid\n"), "{said}");
}
