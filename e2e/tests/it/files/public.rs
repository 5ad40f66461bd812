//! The public store: one person's client puts, another's reads, changes and makes folders.

use std::fs;
use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Folder, Server, User, run};

use super::rclone::Rclone;
use crate::office::ANNA;

const BEN: User = User { name: "ben", password: "another one" };
const PUBLIC: &str = "/dav/files/public/";

#[test]
fn rclone_and_cadaver_meet_in_the_public_store() {
    let server = Server::start(&[ANNA, BEN]);
    let folder = Folder::new("public-store");
    folder.write("plan.txt", "by anna");
    folder.write("changed.txt", "by ben");
    folder.write(".netrc", format!("machine 127.0.0.1\nlogin {}\npassword \"{}\"\n", BEN.name, BEN.password));
    let rclone = Rclone::of(&server, "/dav/files/", ANNA);
    let seen = rclone.run(&["lsf", ":webdav:"]).said_if_ok();
    assert_eq!(seen.lines().collect::<Vec<_>>(), ["anna/", "public/"]);
    let plan = folder.join("plan.txt");
    rclone.run(&["copyto", plan.to_str().unwrap(), ":webdav:public/plan.txt"]).said_if_ok();
    let lines = [
        "get plan.txt read.txt",
        "put changed.txt plan.txt",
        "mkcol old",
        "copy plan.txt old/plan.txt",
        "quit",
    ];
    let mut cadaver = Command::new(tools::debian("cadaver", "cadaver"));
    cadaver.arg(server.url(PUBLIC)).current_dir(folder.path()).env("HOME", folder.path());
    let said = run(&mut cadaver, &format!("{}\n", lines.join("\n")), Duration::from_secs(60)).said_if_ok();
    assert!(!said.contains("failed"), "{said}");
    assert_eq!(fs::read_to_string(folder.join("read.txt")).unwrap(), "by anna");
    assert_eq!(rclone.run(&["cat", ":webdav:public/old/plan.txt"]).said_if_ok(), "by ben");
    assert_eq!(rclone.run(&["cat", ":webdav:public/plan.txt"]).said_if_ok(), "by ben");

    server.command(&["public-store", "everyone", "reader"]);
    assert!(!rclone.run(&["copyto", "--retries", "1", plan.to_str().unwrap(), ":webdav:public/more.txt"]).ok);
    server.command(&["public-store", "everyone", "none"]);
    assert_eq!(rclone.run(&["lsf", ":webdav:"]).said_if_ok().trim(), "anna/");
    assert_eq!(server.client_of(ANNA).get(&format!("{PUBLIC}plan.txt")), None);
}

#[test]
fn it_is_made_at_the_first_start_and_stays() {
    let mut server = Server::prepare();
    server.create(ANNA);
    assert_eq!(server.try_command(&["public-store", "show"], "").code, Some(1));
    server.restart();
    let made = || server.said().matches("made the public store").count();
    assert_eq!(made(), 1);
    let told: serde_json::Value =
        serde_json::from_str(&server.command(&["public-store", "show", "--json"])).unwrap();
    assert_eq!((&told["name"], &told["everyone"]), (&"public".into(), &"editor".into()));
    let again = server.try_command(&["public-store", "create"], "");
    assert!(again.code == Some(1) && again.said.contains("already exists"), "{}", again.said);
    let removed = server.try_command(&["user", "delete", "public"], "");
    assert!(removed.code == Some(1) && removed.said.contains("take away instead"), "{}", removed.said);
    server.client_of(ANNA).put(&format!("{PUBLIC}a.txt"), "a");
    server.command(&["user", "update", "public", "--rename", "commons"]);
    server.restart();
    assert_eq!(server.client_of(ANNA).get("/dav/files/commons/a.txt").as_deref(), Some("a"));
    assert!(server.command(&["public-store", "show"]).contains("/dav/files/commons/"));
}
