//! The trash: folders that a client removed come back, file by file and byte by byte.

use kontor_testkit::{Folder, Server};
use serde_json::Value;

use super::DRIVE;
use super::rclone::Rclone;
use crate::office::ANNA;

const FILES: usize = 100;

fn trash(server: &Server) -> Vec<Value> {
    let told = server.command(&["store", "history", "anna", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    told["trash"].as_array().unwrap().clone()
}

/// Folders in folders, small files and large ones.
fn fill(folder: &Folder) {
    for n in 0..FILES {
        let name = format!("{}/{}/{n} \u{e4}.bin", ["a", "b c"][n % 2], n % 7);
        let size = if n % 25 == 0 { 300_000 } else { 10 * n };
        folder.write(&name, vec![u8::try_from(n).unwrap(); size]);
    }
}

#[test]
fn a_tree_that_rclone_purged_is_there_again() {
    let mut server = Server::start(&[ANNA]);
    let rclone = Rclone::new(&server);
    let here = Folder::new("rclone-trash");
    fill(&here);
    let ours = here.path().to_str().unwrap().to_owned();
    let same = |place: &str| {
        let said = rclone.run(&["check", "--download", &ours, place]).said_if_ok();
        assert!(said.contains("0 differences found"), "{said}");
    };
    rclone.run(&["copy", &ours, ":webdav:work/letters"]).said_if_ok();
    rclone.run(&["purge", ":webdav:work"]).said_if_ok();
    let anna = server.client_of(ANNA);
    assert_eq!(anna.members(DRIVE), [""; 0]);
    // Clients remove a tree at once, or folder by folder from the inside; the outermost one went last.
    let all = trash(&server);
    let told = (&all[0]["path"], &all[0]["kind"], &all[0]["by"], &all[0]["door"]);
    assert_eq!(told, (&"files/work".into(), &"files".into(), &"anna".into(), &"dav".into()));
    assert_eq!((all.len(), all[0]["items"].as_u64()), (1, Some(FILES as u64)), "{all:?}");
    assert!(server.command(&["store", "history", "anna"]).contains("files/work"));
    let said = server.command(&["files", "restore", "anna/work"]);
    assert!(said.contains("anna/files/work is there again"), "{said}");
    same(":webdav:work/letters");
    assert!(trash(&server).is_empty());

    // What a MOVE overwrites can come back too, beside what took its place; on a stopped server as well.
    rclone.run(&["copy", &ours, ":webdav:other"]).said_if_ok();
    let to = server.url(&format!("{DRIVE}other/"));
    let moved = anna.ask("MOVE", &format!("{DRIVE}work/"), &[("Destination", &to), ("Overwrite", "T")], b"");
    assert_eq!(moved.status, 204);
    server.stop();
    let said = server.command(&["store", "restore", "anna/files/other", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["path"], &said["in_place"]), (&"anna/files/other (restored)".into(), &false.into()));
    server.restart();
    let rclone = Rclone::new(&server);
    for place in [":webdav:other/letters", ":webdav:other (restored)"] {
        let said = rclone.run(&["check", "--download", &ours, place]).said_if_ok();
        assert!(said.contains("0 differences found"), "{place}: {said}");
    }
}

#[test]
fn what_is_purged_does_not_come_back() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    let refused = |args: &[&str]| {
        let ran = server.try_command(args, "");
        assert!(!ran.ok, "{}", ran.said);
        ran.said
    };
    for name in ["one", "two", "three"] {
        assert_eq!(anna.ask("MKCOL", &format!("{DRIVE}{name}/"), &[], b"").status, 201);
        assert_eq!(anna.ask("PUT", &format!("{DRIVE}{name}/x.txt"), &[], b"text").status, 201);
        assert_eq!(anna.ask("DELETE", &format!("{DRIVE}{name}/"), &[], b"").status, 204);
    }
    assert_eq!(trash(&server).len(), 3);
    let id = trash(&server)[2]["id"].as_str().unwrap().to_owned();
    let said = server.command(&["store", "purge", &format!("anna/{id}")]);
    assert!(said.contains("gone for good"), "{said}");
    assert!(refused(&["files", "restore", "anna/one"]).contains("nothing is kept"));
    assert!(refused(&["store", "purge", "anna/files/one"]).contains("not in the trash"));
    let said = server.command(&["store", "restore", "anna/files/two", "--as", "2"]);
    assert!(said.contains("anna/files/2"), "{said}");
    assert_eq!(anna.get(&format!("{DRIVE}2/x.txt")).as_deref(), Some("text"));
    assert!(refused(&["store", "purge", "anna"]).contains("kontor store"));
    assert_eq!(server.command(&["store", "purge", "anna", "--all", "--json"]).trim(), "{\"purged\":1}");
    assert!(server.command(&["store", "history", "anna"]).contains("the trash is empty"));
    assert!(refused(&["store", "history", "nobody"]).contains("no user nobody"));
}
