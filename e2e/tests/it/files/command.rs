//! `kontor files`: the same at a running server and on the data folder of a stopped one.

use std::fs;

use kontor_testkit::{Folder, Server};

use super::DRIVE;
use crate::office::ANNA;

#[track_caller]
fn all_of_it(server: &Server, top: &str) {
    let folder = Folder::new("files-command");
    let text = "line\n".repeat(20_000);
    let file = folder.write("a & b.txt", &text);
    let file = file.to_str().unwrap();
    let there = format!("anna/{top}");
    assert_eq!(
        server.command(&["files", "put", file, &format!("{there}/")]).trim(),
        format!("{there}/a & b.txt stored, 100,000 bytes")
    );
    let again = server.try_command(&["files", "put", file, &format!("{there}/")], "");
    assert!(again.code == Some(1) && again.said.contains("--replace"), "{}", again.said);
    let piped =
        server.try_command(&["files", "put", "-", &format!("{there}/\u{e9}?#%.bin"), "--json"], "piped");
    let told: serde_json::Value = serde_json::from_str(&piped.said_if_ok()).unwrap();
    assert_eq!((told["size"].as_u64(), told["created"].as_bool()), (Some(5), Some(true)));

    let listed = server.command(&["files", "ls", &there, "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let rows: Vec<_> = listed.as_array().unwrap().iter().map(|row| (&row["name"], &row["size"])).collect();
    assert_eq!(
        format!("{rows:?}"),
        "[(String(\"a & b.txt\"), Number(100000)), (String(\"\u{e9}?#%.bin\"), Number(5))]"
    );
    assert!(server.command(&["files", "ls", "anna"]).contains(&format!("{top}/")));

    let back = folder.join("back.txt");
    let back = back.to_str().unwrap();
    server.command(&["files", "get", &format!("{there}/a & b.txt"), back]);
    assert_eq!(fs::read_to_string(back).unwrap(), text);
    assert_eq!(server.command(&["files", "get", &format!("{there}/\u{e9}?#%.bin"), "-"]), "piped");

    for (refused, why) in [
        (vec!["files", "rm", &there], "--recursive"),
        (vec!["files", "get", &there], "folder"),
        (vec!["files", "get", "anna/nothing", "x"], "there is no anna/nothing"),
        (vec!["files", "ls", "anna/nothing"], "there is no anna/nothing"),
        (vec!["files", "ls", "nobody"], "there is no nobody"),
        (vec!["files", "put", file, "anna/no/such/folder/x"], "is not there"),
        (vec!["files", "put", file, "nobody/x"], "nobody"),
        (vec!["files", "get", &format!("{there}/a & b.txt"), back], "--replace"),
    ] {
        let ran = server.try_command(&refused, "");
        assert!(ran.code == Some(1) && ran.said.contains(why), "{refused:?}: {}", ran.said);
    }
    server.command(&["files", "rm", &format!("{there}/a & b.txt")]);
    server.command(&["files", "rm", "--recursive", &there]);
    assert_eq!(server.command(&["files", "ls", "anna", "--json"]).trim(), "[]");
}

#[test]
fn files_are_listed_stored_fetched_and_removed() {
    let mut server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    assert_eq!(anna.ask("MKCOL", &format!("{DRIVE}running"), &[], b"").status, 201);
    all_of_it(&server, "running");
    assert_eq!(anna.ask("MKCOL", &format!("{DRIVE}stopped"), &[], b"").status, 201);
    server.stop();
    all_of_it(&server, "stopped");
    server.restart();
    assert_eq!(server.client_of(ANNA).members(DRIVE), [""; 0]);
}
