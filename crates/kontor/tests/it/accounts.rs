//! `kontor user`, on a stopped server and on a running one.

use crate::house::{ANNA, Said, binary, command, finish, kontor, server};
use kontor_testkit::{Client, Folder, run};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The whole life of an account; the same wherever the office is.
fn life(data: &Path) {
    let run = |args: &[&str]| kontor(data, args);
    let create = ["user", "create", "ben", "--email", "ben@example.org", "--full-name", "Ben Castro"];
    let made = run(&[&create[..], &["--password", "first", "--json"]].concat()).done();
    assert!(made.contains("\"name\": \"ben\"") && made.contains("\"admin\": false"), "{made}");
    run(&[&create[..], &["--password", "other"]].concat())
        .refused("the name ben or the mail address ben@example.org is taken");
    let same_address =
        ["user", "create", "bob", "--email", "BEN@example.org", "--full-name", "B", "--password", "p"];
    run(&same_address).refused("the mail address BEN@example.org is taken");
    run(&["user", "update", "ben", "--rename", "anna"]).refused("kontor: the name anna is taken");
    run(&["user", "update", "ben", "--rename", "SYSTEM"]).refused("reserved");
    run(&["user", "update", "ben", "--alias", "b@example.org", "--alias", "anna@example.org"])
        .refused("b@example.org or the mail address anna@example.org is taken");

    assert_eq!(run(&["user", "update", "ben", "--full-name", "Ben C."]).done(), "ben updated\n");
    let shown = run(&["user", "show", "ben"]).done();
    assert!(shown.contains("full name  Ben C.") && shown.contains("email      ben@example.org"), "{shown}");
    let shown = run(&["user", "show", "ben", "--json"]).done();
    assert!(shown.contains("\"full_name\": \"Ben C.\""), "{shown}");
    let listed = run(&["user", "list", "--json"]).done();
    assert_eq!(listed.matches("\"name\": \"ben\"").count(), 1, "{listed}");
    assert!(run(&["user", "list"]).done().contains("ben@example.org"));

    assert_eq!(run(&["user", "password", "ben", "--password", "second"]).done(), "password of ben set\n");
    run(&["user", "update", "ben", "--rename", "benjamin", "--alias", "b@example.org", "--admin", "yes"])
        .done();
    let shown = run(&["user", "show", "benjamin"]).done();
    assert!(shown.contains("aliases    b@example.org") && shown.contains("admin      yes"), "{shown}");
    run(&["user", "show", "ben"]).refused("there is no user ben");
    run(&["user", "delete", "benjamin"]).done();
    run(&["user", "delete", "benjamin"]).refused("there is no user benjamin");
}

#[test]
fn the_life_of_an_account_on_a_stopped_server() {
    let folder = Folder::new("accounts");
    let data = folder.join("data");
    kontor(&data, &["user", "list"]).refused("there is no data folder");
    assert!(!data.exists());
    let first =
        ["user", "create", "anna", "--email", "anna@example.org", "--full-name", "Anna", "--password", "p"];
    assert_eq!(kontor(&data, &first).done(), "anna created\n");
    life(&data);
    assert!(!data.join("admin.sock").exists());
}

#[test]
fn the_life_of_an_account_on_a_running_server() {
    life(&server(&[ANNA]).data());
}

fn may_log_in(client: &Client, name: &str, password: &str) -> bool {
    let path = format!("/dav/calendars/{name}/");
    match client.with_basic(name, password).ask("PROPFIND", &path, &[("Depth", "0")], b"").status {
        207 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn changes_take_effect_at_once() {
    let server = server(&[ANNA]);
    let client = server.client();
    assert!(may_log_in(&client, "anna", ANNA.password));
    server.command(&["user", "password", "anna", "--password", "a new one"]);
    assert!(!may_log_in(&client, "anna", ANNA.password));
    assert!(may_log_in(&client, "anna", "a new one"));
    server.command(&["user", "update", "anna", "--active", "no"]);
    assert!(!may_log_in(&client, "anna", "a new one"));
    server.command(&["user", "update", "anna", "--active", "yes"]);
    assert!(may_log_in(&client, "anna", "a new one"));
    server.command(&["user", "delete", "anna"]);
    assert!(!may_log_in(&client, "anna", "a new one"));
}

fn with_stdin(data: &Path, args: &[&str], text: &str) -> Said {
    finish(&mut command(data, args), text)
}

#[test]
fn passwords_come_from_stdin_or_are_asked_for() {
    let folder = Folder::new("stdin");
    let create = |name| ["user", "create", name, "--email", "x@example.org", "--full-name", "X"];
    let piped = [&create("x")[..], &["--password-stdin"]].concat();
    with_stdin(folder.path(), &piped, "\n").refused("the password is empty");
    with_stdin(folder.path(), &piped, "secret\nnext line\n").done();
    kontor(folder.path(), &create("y")).usage("--password-stdin");
    let both = [&create("y")[..], &["--password-stdin", "--password", "p"]].concat();
    kontor(folder.path(), &both).usage("cannot be used with");
}

/// At a terminal, which `script` makes for us.
#[test]
fn passwords_are_asked_for_twice() {
    let folder = Folder::new("terminal");
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "old"];
    kontor(folder.path(), &create).done();
    let ask = |typed: &str| {
        let line = format!("{} --data {} user password x", binary().display(), folder.path().display());
        run(Command::new("script").args(["-qec", &line, "/dev/null"]), typed, Duration::from_secs(60))
    };
    let differ = ask("one\ntwo\n");
    assert_eq!(differ.code, Some(1), "{differ:?}");
    assert!(differ.said.contains("the two passwords differ; nothing was changed"), "{differ:?}");
    let done = ask("one\none\n");
    assert!(done.ok && done.said.contains("password of x set"), "{done:?}");
    let empty = ask("\n\n");
    assert!(empty.code == Some(1) && empty.said.contains("the password is empty"), "{empty:?}");
}

#[test]
fn every_command_answers_in_json() {
    let folder = Folder::new("json");
    let ask = |args: &[&str]| -> serde_json::Value {
        let said = kontor(folder.path(), &[args, &["--json"]].concat()).done();
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{args:?}: {error}: {said}"))
    };
    let made = ask(&["user", "create", "x", "--email", "x@e.org", "--full-name", "X", "--password", "p"]);
    let user = serde_json::json!({
        "name": "x", "full_name": "X", "email": "x@e.org", "aliases": [], "kind": "user", "active": true,
        "admin": false, "hidden": false, "created": made["created"],
    });
    assert_eq!(made, user);
    assert_eq!(ask(&["user", "show", "x"]), user);
    assert_eq!(ask(&["user", "list"]), serde_json::json!([user]));
    let told = ask(&["user", "update", "x", "--active", "no", "--alias", "y@e.org", "--hidden", "yes"]);
    assert_eq!(
        (&told["active"], &told["aliases"][0], &told["hidden"]),
        (&false.into(), &"y@e.org".into(), &true.into())
    );
    let done = serde_json::json!({"done": true});
    assert_eq!(ask(&["user", "password", "x", "--password", "q"]), done);
    let order =
        ["app-password", "create", "x", "--label", "phone", "--scope", "calendar,tasks", "--read-only"];
    let made = ask(&[&order[..], &["--expires", "2999-12-31"]].concat());
    assert_eq!(made["id"], 1);
    assert!(made["secret"].as_str().is_some_and(|secret| secret.len() == 39), "{made}");
    let listed = ask(&["app-password", "list", "x"]);
    let known = serde_json::json!([{
        "id": 1, "label": "phone", "scopes": ["calendar", "tasks"], "read_only": true,
        "created": listed[0]["created"], "expires": "3000-01-01T00:00:00Z", "last_used": null,
    }]);
    assert_eq!(listed, known);
    assert_eq!(ask(&["app-password", "revoke", "x", "1"]), done);
    assert_eq!(ask(&["app-password", "list", "x"]), serde_json::json!([]));
    assert_eq!(ask(&["user", "delete", "x"]), done);
    assert_eq!(ask(&["user", "list"]), serde_json::json!([]));
}

#[test]
fn wrong_usage_is_told_apart() {
    let folder = Folder::new("usage");
    let check = |args: &[&str], holds: &str| kontor(folder.path(), args).usage(holds);
    check(&["user", "create", "x"], "--email");
    check(&["user", "update", "x"], "nothing to change");
    check(&["user", "update", "x", "--active", "perhaps"], "yes or no");
    check(&["user", "rename", "x"], "unrecognized");
    check(&["sing"], "unrecognized");
    check(&["app-password", "create", "x", "--label", "l", "--scope", "fax"], "fax");
    check(&["app-password", "create", "x", "--label", "l", "--expires", "tomorrow"], "2027-12-31");
    check(&["serve", "--listen", "localhost"], "localhost");
    check(&["serve", "--tls-cert", "x"], "--tls-key");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "wrong usage leaves nothing behind");
    assert_eq!(kontor(folder.path(), &["--version"]).code, 0);
    assert!(kontor(folder.path(), &["user", "create", "--help"]).done().contains("Examples:"));
}

#[test]
fn names_and_addresses_are_checked() {
    let folder = Folder::new("names");
    let check = |name: &str, email: &str, holds: &str| {
        let args = ["user", "create", name, "--email", email, "--full-name", "X", "--password", "p"];
        kontor(folder.path(), &args).refused(holds);
    };
    check("SYSTEM", "x@example.org", "reserved");
    check("a/b", "x@example.org", "only letters");
    check("everyone", "x@example.org", "reserved");
    check("x", "nobody", "not a mail address");
    let nameless = ["user", "create", "x", "--email", "x@example.org", "--full-name", " ", "--password", "p"];
    kontor(folder.path(), &nameless).refused("full name");
}
