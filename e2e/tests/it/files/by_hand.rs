//! cadaver, and PyPI `webdav4`: what a person types, what a script does.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use super::DRIVE;
use crate::office::ANNA;

#[test]
fn cadaver_keeps_house() {
    let server = Server::start(&[ANNA]);
    let folder = Folder::new("cadaver-files");
    folder
        .write(".netrc", format!("machine 127.0.0.1\nlogin {}\npassword \"{}\"\n", ANNA.name, ANNA.password));
    folder.write("one.txt", "one");
    folder.write("two.bin", [0_u8, 255, 13, 10]);
    let lines = [
        "mkcol letters",
        "cd letters",
        "mkcol old",
        "mput one.txt two.bin",
        "move one.txt old/first.txt",
        "copy old older",
        "propset two.bin shade deep-blue",
        "propget two.bin shade",
        "get two.bin back.bin",
        "cat older/first.txt",
        "rmcol old",
        "ls",
        "quit",
    ];
    let mut command = Command::new(tools::debian("cadaver", "cadaver"));
    command.arg(server.url(DRIVE)).current_dir(folder.path()).env("HOME", folder.path());
    let said = run(&mut command, &format!("{}\n", lines.join("\n")), Duration::from_secs(60)).said_if_ok();
    assert!(!said.contains("failed"), "{said}");
    assert!(said.contains("deep-blue") && said.contains("older"), "{said}");
    assert_eq!(fs::read(folder.join("back.bin")).unwrap(), [0, 255, 13, 10]);
    let anna = server.client_of(ANNA);
    assert_eq!(anna.get(&format!("{DRIVE}letters/older/first.txt")).as_deref(), Some("one"));
    assert_eq!(anna.get(&format!("{DRIVE}letters/old/first.txt")), None);
    assert_eq!(anna.members(&format!("{DRIVE}letters/")), ["older", "two.bin"]);
}

#[test]
fn a_script_with_webdav4() {
    let server = Server::start(&[ANNA]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/files/webdav4_files.py");
    let mut python = Command::new(tools::python("python"));
    python.arg(script).args([&server.url(DRIVE), ANNA.name, ANNA.password]);
    let said = run(&mut python, "", Duration::from_secs(180)).said_if_ok();
    assert!(said.ends_with("all operations work\n"), "{said}");
}
