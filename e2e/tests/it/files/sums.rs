//! Checksums as a script uses them, by the recipe of docs/admin/files.md.

use std::fs;
use std::path::{Path, PathBuf};
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

/// The only large body in a folder.
fn only(folder: &Path) -> PathBuf {
    let inside = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all = inside(folder).filter(|path| path.is_dir()).flat_map(|account| inside(&account));
    let only = all.next().expect("it is there");
    assert_eq!(all.next(), None, "and no other");
    only
}

#[test]
fn a_damaged_disk_breaks_a_download_off() {
    let (server, folder) = (Server::start(&[ANNA]), Folder::new("damaged"));
    let film: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    folder.write("film.mkv", &film);
    let url = server.url(&format!("{DRIVE}film.mkv"));
    shell(&folder, &format!("curl --fail --upload-file film.mkv {url}"));
    let mut damaged = film.clone();
    damaged[2_500_000] ^= 1;
    fs::write(only(&server.blobs()), &damaged).unwrap();
    // 18: the answer ended too early.
    let ended = shell(&folder, &format!("curl --output came.mkv {url} 2>/dev/null; echo $?"));
    assert_eq!(ended.trim_end(), "18");
    let came = fs::read(folder.join("came.mkv")).unwrap();
    assert!(film.starts_with(&came) && came.len() <= 2 << 20, "{} bytes came", came.len());
    assert!(server.said().contains("is damaged"), "{}", server.said());
    shell(&folder, &format!("curl --fail --range 0-2000000 --output came.mkv {url}"));
    assert!(film[..=2_000_000] == fs::read(folder.join("came.mkv")).unwrap());
}
