//! Files that rclone wrote over and removed come back, and curl lists what they were.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, run};

use super::DRIVE;
use super::rclone::Rclone;
use crate::office::ANNA;

/// What curl says as Anna.
#[track_caller]
fn curl(server: &Server, args: &[&str], path: &str) -> String {
    let mut command = Command::new(tools::debian("curl", "curl"));
    let login = format!("{}:{}", ANNA.name, ANNA.password);
    command.args(["--silent", "--show-error", "--fail", "--user", &login]).args(args);
    run(command.arg(server.url(path)), "", Duration::from_secs(60)).said_if_ok()
}

/// What stands in each element of that name.
fn each(xml: &str, name: &str) -> Vec<String> {
    let open = format!("<D:{name}>");
    xml.split(&open).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// So many bytes, others for each number.
fn text(number: u8, size: usize) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ number).collect()
}

#[test]
fn what_rclone_wrote_over_and_removed_comes_back() {
    let server = Server::start(&[ANNA]);
    let rclone = Rclone::new(&server);
    let here = Folder::new("history");
    let path = format!("{DRIVE}film.bin");
    // Small ones lie in the database, large ones outside of it.
    for size in [100, 3_000_000] {
        for number in 1..=3 {
            std::fs::write(here.join("film.bin"), text(number, size + usize::from(number))).unwrap();
            let local = here.join("film.bin");
            rclone
                .run(&["copyto", "--ignore-times", local.to_str().unwrap(), ":webdav:film.bin"])
                .said_if_ok();
        }
        let asked =
            "<version-tree xmlns='DAV:'><prop><version-name/><getcontentlength/></prop></version-tree>";
        let told = curl(&server, &["--request", "REPORT", "--data", asked], &path);
        let (names, sizes) = (each(&told, "version-name"), each(&told, "getcontentlength"));
        let last: Vec<String> = (1..=3).map(|number| (size + number).to_string()).collect();
        assert_eq!(sizes[sizes.len() - 3..], last, "{told}");
        let first = &names[names.len() - 3];
        let part = curl(&server, &["--range", "10-19"], &format!("{path}?version={first}"));
        assert_eq!(part.as_bytes(), &text(1, size)[10..20]);

        server.command(&["files", "restore", "anna/film.bin", "--revision", first]);
        let fetch = |name: &str| {
            let to = here.join("fetched");
            rclone.run(&["copyto", &format!(":webdav:{name}"), to.to_str().unwrap()]).said_if_ok();
            std::fs::read(to).unwrap()
        };
        assert!(fetch("film.bin") == text(1, size + 1));
        // By curl, what it was before that.
        let second = format!("{path}?version={}", names[names.len() - 2]);
        let to = format!("Destination: {}", server.url(&path));
        curl(&server, &["--request", "COPY", "--header", &to], &second);
        assert!(fetch("film.bin") == text(2, size + 2));

        rclone.run(&["deletefile", ":webdav:film.bin"]).said_if_ok();
        let told = server.command(&["files", "history", "anna"]);
        assert!(told.contains("removed") && told.contains("files/film.bin"), "{told}");
        server.command(&["files", "restore", "anna/film.bin"]);
        assert!(fetch("film.bin") == text(2, size + 2));
        rclone.run(&["deletefile", ":webdav:film.bin"]).said_if_ok();
    }
}
