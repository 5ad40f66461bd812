//! A store that is not in the data folder: where it is said, what keeps it from being used, what is never shown.

use crate::house::{Said, command, finish, kontor};
use kontor_testkit::{Folder, Postgres, own_address, until};
use std::net::TcpListener;
use std::time::Duration;

const FREE: &str = "127.0.0.1:0";
const SECRET: &str = "SECRET-SWORDFISH";

/// An empty database whose user has that password; its URL without it, over the network of this machine.
fn database(name: &str) -> (Postgres, String) {
    let rules = std::env::temp_dir().join(format!("kontor-rules-{}-{name}", std::process::id()));
    std::fs::write(&rules, "local all all trust\nhost all all all scram-sha-256\n").unwrap();
    std::fs::set_permissions(&rules, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let address = own_address();
    let listen = format!("listen_addresses={address}");
    let server = Postgres::with(name, &[&listen, &format!("hba_file={}", rules.display())]);
    let _ = std::fs::remove_file(rules);
    server.create("office");
    server.sql("postgres", &format!("ALTER ROLE kontor PASSWORD '{SECRET}'"));
    (server, format!("postgres://kontor@{address}/office"))
}

/// Runs it with these variables; nothing that it says may hold the password.
fn run(folder: &Folder, variables: &[(&str, &str)], args: &[&str]) -> Said {
    let said = finish(command(folder.path(), args).envs(variables.iter().copied()), "");
    assert!(!said.out.contains(SECRET) && !said.err.contains(SECRET), "{said:?}");
    said
}

#[test]
fn a_store_in_a_database_is_found_and_its_password_is_kept() {
    let folder = Folder::new("found");
    let (_server, url) = database("found");
    let with_password = url.replace("kontor@", &format!("kontor:{SECRET}@"));
    let create = ["user", "create", "x", "--email", "x@example.org", "--full-name", "X", "--password", "p"];
    let password = folder.write("password", format!("{SECRET}\n"));
    let password = password.to_str().unwrap();
    // As systemd hands it over: LoadCredential and a variable that names the file.
    let variables = [("KONTOR_STORE_URL", url.as_str()), ("KONTOR_STORE_PASSWORD_FILE", password)];
    run(&folder, &variables, &create).done();
    assert!(!folder.join("kontor.db").exists());
    assert!(run(&folder, &variables, &["user", "list"]).done().contains("x@example.org"));
    // The same from every other place.
    let found = |said: Said| assert!(said.done().contains("x@example.org"));
    found(run(&folder, &[("KONTOR_STORE_URL", &with_password)], &["user", "list"]));
    found(run(&folder, &[("KONTOR_STORE_PASSWORD", SECRET)], &["--store", &url, "user", "list"]));
    let file = folder.write("url", &with_password);
    found(run(&folder, &[("KONTOR_STORE_URL_FILE", file.to_str().unwrap())], &["user", "list"]));
    folder.write("kontor.toml", format!("[store]\nurl = \"{url}\"\npassword_file = \"{password}\"\n"));
    found(run(&folder, &[], &["user", "list"]));
    run(&folder, &[], &["config", "check"]).done();
    // It works on the command line too, but not without a word.
    folder.write("kontor.toml", "");
    let said = run(&folder, &[], &["--store", &with_password, "user", "list"]);
    assert!(said.out.contains("x@example.org"), "{said:?}");
    assert!(said.err.contains("everybody on this machine can see the password in --store"), "{said:?}");
    assert!(said.err.contains("KONTOR_STORE_URL_FILE") && said.err.lines().count() == 1, "{said:?}");
}

#[test]
fn what_holds_is_shown_without_secrets() {
    let folder = Folder::new("shown");
    let file = folder.write("url", format!("postgres://kontor:{SECRET}@nowhere/office?sslmode=disable\n"));
    folder.write("kontor.toml", format!("[store]\nurl_file = \"{}\"\nwriters = 3\n", file.display()));
    let variables = [("KONTOR_STORE_READERS", "2"), ("KONTOR_STORE_PASSWORD", SECRET)];
    let shown = run(&folder, &variables, &["config", "show"]).done();
    for line in [
        format!("url = \"(set, not shown)\"  # store.url_file, {}", file.display()),
        "password = \"(set, not shown)\"  # KONTOR_STORE_PASSWORD".to_owned(),
        "password_file = \"\"  # default".to_owned(),
        "writers = 3  # kontor.toml".to_owned(),
        "readers = 2  # KONTOR_STORE_READERS".to_owned(),
        "listen = [\"127.0.0.1:8080\"]  # default".to_owned(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    run(&folder, &variables, &["config", "check"]).refused("store.password another: leave one out");
    let shown = run(&folder, &[], &["--store", "postgres://kontor@nowhere/office", "config", "show"]).done();
    assert!(shown.contains("url = \"(set, not shown)\"  # --store"), "{shown}");
    // What was shown is a configuration again.
    let again = kontor(Folder::new("again").path(), &["config", "show"]).done();
    folder.write("kontor.toml", again);
    run(&folder, &[], &["config", "check"]).done();
}

#[test]
fn what_is_said_twice_or_wrongly_is_told() {
    let folder = Folder::new("twice");
    let file = folder.write("url", "postgres://kontor@nowhere/office");
    let path = file.to_str().unwrap();
    let both = [("KONTOR_STORE_URL", "postgres://kontor@nowhere/office"), ("KONTOR_STORE_URL_FILE", path)];
    run(&folder, &both, &["config", "check"])
        .refused("KONTOR_STORE_URL and KONTOR_STORE_URL_FILE are both set");
    run(&folder, &[("KONTOR_STORE_PASSWORD_FILE", "/nowhere/x")], &["serve"])
        .refused("cannot read /nowhere/x");
    run(&folder, &[], &["--store", &format!("mysql://a:{SECRET}@h/x"), "user", "list"])
        .refused("--store: store.url begins with postgres://");
    folder.write("kontor.toml", "[store]\nurl = \"postgres://a@h/x?sslmode=never\"\n");
    run(&folder, &[], &["config", "check"]).refused("verify-full");
    folder.write("kontor.toml", "[store]\nurl = \"postgres://a@h/x\"\nca_file = \"/nowhere/ca.pem\"\n");
    run(&folder, &[], &["config", "check"]).refused("/nowhere/ca.pem");
    run(&folder, &[], &["serve", "--listen", FREE]).refused("/nowhere/ca.pem");
    folder.write("kontor.toml", "[store]\nwriters = 257\n");
    run(&folder, &[], &["config", "check"]).refused("kontor.toml:2: store.writers is 257, but at most 256");
}

/// Each command ends, with one line and exit code 1. What else there can be `reaching` in the store's tests shows.
#[test]
fn a_database_that_cannot_be_used() {
    let folder = Folder::new("refused");
    let (server, url) = database("refused");
    let check = |url: &str, password: &str, holds: &str| {
        for args in [&["serve", "--listen", FREE][..], &["user", "list"], &["demo"]] {
            run(&folder, &[("KONTOR_STORE_URL", url), ("KONTOR_STORE_PASSWORD", password)], args)
                .refused(holds);
        }
    };
    std::fs::create_dir_all(folder.path()).unwrap();
    let closed = TcpListener::bind(FREE).unwrap().local_addr().unwrap();
    check(&format!("postgres://kontor@{closed}/office"), SECRET, &format!("no database listens at {closed}"));
    check(&url, "SECRET-GUESS", "does not accept the password of kontor");
    check(&url.replace("office", "nothing"), SECRET, "there is no database \"nothing\"");
    server.sql("office", "CREATE TABLE customers (id BIGINT)");
    check(&url, SECRET, "belongs to something else");
    server.sql("office", "DROP TABLE customers");
    check(&format!("{url}?sslmode=require"), SECRET, "does not speak TLS");
    assert!(!folder.join("kontor.db").exists(), "nothing is made in the folder instead");
}

#[test]
fn the_log_does_not_hold_the_password() {
    let folder = Folder::new("log");
    let (server, url) = database("log");
    let url = url.replace("kontor@", &format!("kontor:{SECRET}@"));
    let log = folder.join("log");
    let mut serve = command(folder.path(), &["--store", &url, "serve", "--listen", FREE]);
    serve.env("KONTOR_LOG_LEVEL", "trace").stderr(std::fs::File::create(&log).unwrap());
    let mut child = serve.spawn().unwrap();
    let said = |words: &str| {
        until(words, Duration::from_secs(60), || {
            let log = std::fs::read_to_string(&log).unwrap();
            log.contains(words).then_some(log)
        })
    };
    let begin = said("\"serving\"");
    assert!(begin.contains("everybody on this machine can see the password in --store"), "{begin}");
    assert!(
        begin.contains("the store is in a PostgreSQL") && begin.contains("\"connections\":23"),
        "{begin}"
    );
    server.stop();
    // Whatever it does next needs the database.
    let ran = finish(&mut command(folder.path(), &["user", "list"]), "");
    let end = said("no database listens at");
    assert!(ran.code != 0 && !ran.err.contains(SECRET), "{ran:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!end.contains(SECRET), "{end}");
}
