//! Checksums as a script uses them, by the recipe of docs/admin/files.md.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use super::DRIVE;
use crate::office::ANNA;

/// Runs a line of shell in a folder, with `curl` signing in as Anna.
fn shell(folder: &Folder, line: &str) -> String {
    let (curl, openssl) = (tools::debian("curl", "curl"), tools::debian("openssl", "openssl"));
    let login = format!("{}:{}", ANNA.name, ANNA.password);
    let line = format!(
        "curl() {{ command {curl} --silent --show-error --user '{login}' \"$@\"; }}; openssl() {{ command {openssl} \"$@\"; }}; {line}",
        curl = curl.display(),
        openssl = openssl.display(),
    );
    let mut command = Command::new("sh");
    run(command.args(["-c", &line]).current_dir(folder.path()), "", Duration::from_secs(60)).said_if_ok()
}

#[test]
fn a_script_is_sure_of_what_it_sends_and_gets() {
    let (server, folder) = (Server::start(&[ANNA]), Folder::new("sums"));
    let film: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    folder.write("film.mkv", &film);
    folder.write("other.mkv", &film[4..]);
    let url = server.url(&format!("{DRIVE}film.mkv"));
    let sum = "sum=$(openssl dgst -sha256 -binary film.mkv | openssl base64 -A)";
    let put = |file: &str| {
        let header = "--header \"Repr-Digest: sha-256=:$sum:\"";
        shell(
            &folder,
            &format!("{sum}; curl --write-out '%{{http_code}}' {header} --upload-file {file} {url}"),
        )
    };
    let refused = put("other.mkv");
    assert!(refused.ends_with("400") && refused.contains("Repr-Digest"), "{refused}");
    assert_eq!(shell(&folder, &format!("curl --head {url} | head -1")).trim_end(), "HTTP/1.1 404 Not Found");
    assert_eq!(put("film.mkv"), "201");
    assert!(put("other.mkv").ends_with("400"), "the old file stays");
    let ask = "--header 'Want-Repr-Digest: sha-256=1' --dump-header head --output came.mkv";
    let same = "grep --ignore-case \"^repr-digest: sha-256=:$sum:\" head && cmp came.mkv film.mkv";
    shell(&folder, &format!("{sum}; curl {ask} {url} && {same}"));
    let told = "grep --ignore-case \"^repr-digest: sha-256=:$sum:\"";
    shell(&folder, &format!("{sum}; curl --head --header 'Want-Repr-Digest: sha-256=1' {url} | {told}"));
}
