//! The drill: a server under load is backed up, goes on, dies; everything is restored elsewhere, and its clients go on.

use super::client::{CALENDAR, Synced, Syncer};
use super::{BERT, empty, server_on, start_on};
use crate::house::{ANNA, command, finish, kontor};
use kontor_testkit::{Engine, Server, until};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const BERTS: &str = "/dav/calendars/bert/default/";
const PATIENCE: Duration = Duration::from_secs(60);

/// People who write all the time, until told to stop or the server dies; each gives the names that were acknowledged.
struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn on(server: &Server, which: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let writers = (0..4).map(|n| {
            let (user, at) = if n % 2 == 0 { (ANNA, CALENDAR) } else { (BERT, BERTS) };
            let (mut writer, stop) = (Syncer::new(server, user, at), stop.clone());
            std::thread::spawn(move || write(&mut writer, &format!("{which}{n}"), &stop))
        });
        let writers = writers.collect();
        Self { stop, writers }
    }

    fn end(self) -> BTreeSet<String> {
        self.stop.store(true, Ordering::Release);
        self.writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    }
}

fn write(writer: &mut Syncer, who: &str, stop: &AtomicBool) -> Vec<String> {
    let mut done = Vec::new();
    for round in 0.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let name = format!("{who}-{round}.ics");
        match writer.try_put(&name, "first") {
            Some(201) => done.push(name.clone()),
            Some(other) => panic!("PUT answered {other}"),
            None => break,
        }
        // Some are changed, some go away.
        if round % 3 == 1 && writer.try_put(&name, "second").is_none() {
            break;
        }
        if round % 5 == 4 {
            let name = done.pop().unwrap();
            if writer.try_delete(&name).is_none() {
                break;
            }
        }
    }
    done
}

fn backup(server: &Server, file: &Path) -> String {
    kontor(&server.data(), &["backup", file.to_str().unwrap()]).done()
}

/// Nothing is told, and what is known is what a client that comes anew is told.
fn agree(clients: &mut [&mut Syncer], server: &Server) {
    let mut fresh = Syncer::new(server, ANNA, CALENDAR);
    fresh.sync();
    for (at, client) in clients.iter_mut().enumerate() {
        assert_ne!(client.sync(), Synced::Refused, "client {at}");
        assert_eq!(client.known, fresh.known, "client {at}");
    }
}

fn drill(from: Engine, to: Engine) {
    let mut server = server_on(from, &[ANNA, BERT]);
    let secret = server.command(&["app-password", "create", "anna", "--label", "phone"]);
    let secret = secret.lines().next().unwrap().to_owned();
    let before = Load::on(&server, "before");
    let mut early = Syncer::new(&server, ANNA, CALENDAR);
    until("some writes", PATIENCE, || {
        early.sync();
        (early.known.len() > 15).then_some(())
    });
    early.put("mine.ics", "before the backup");
    let acknowledged = before.end();
    early.sync();

    // Under load.
    let load = Load::on(&server, "during");
    let file = server.data().with_file_name("drill.backup");
    let said = backup(&server, &file);
    assert!(said.contains("rows of"), "{said}");
    // What comes after it will be lost, and clients see it come.
    let mut late = Syncer::new(&server, ANNA, CALENDAR);
    late.sync();
    assert_eq!(late.put("mine.ics", "lost"), 204);
    for n in 0..30 {
        assert_eq!(late.put(&format!("lost-{n}.ics"), "lost"), 201);
    }
    late.sync();
    server.kill();
    load.end();

    let place = empty(to, &server);
    let mut elsewhere = Server::of(crate::house::binary(), &[]);
    elsewhere.stop();
    let target: Vec<&str> = if place.starts_with("postgres") { vec!["--store", &place] } else { vec![] };
    let data = if target.is_empty() { PathBuf::from(&place) } else { elsewhere.data() };
    let args = [&target[..], &["restore", file.to_str().unwrap()]].concat();
    let said = finish(&mut command(&data, &args), "").done();
    assert!(said.contains("holds all") && said.contains("start afresh"), "{said}");
    finish(&mut command(&data, &args), "").refused("holds something already");
    start_on(&mut elsewhere, &place);

    early.moves_to(&elsewhere, ANNA);
    late.moves_to(&elsewhere, ANNA);
    assert_ne!(early.sync(), Synced::Refused, "who saw nothing of what is lost notices nothing");
    assert_eq!(late.sync(), Synced::Refused, "who saw it starts afresh");
    late.afresh();
    agree(&mut [&mut early, &mut late], &elsewhere);
    let names: BTreeSet<String> = early.known.keys().cloned().collect();
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|name| name.starts_with("before0") || name.starts_with("before2"))
        .collect();
    assert!(
        !lost.is_empty() && lost.iter().all(|name| names.contains(*name)),
        "acknowledged before the backup: {lost:?}"
    );
    assert!(early.get("mine.ics").unwrap().contains("before the backup"));
    // The numbers of the lost course of events come up again: nobody must take them for what they were.
    let mut other = Syncer::new(&elsewhere, ANNA, CALENDAR);
    other.sync();
    for n in 0..60 {
        assert_eq!(other.put(&format!("since-{n}.ics"), "since the restore"), 201);
    }
    assert_eq!(other.put("mine.ics", "since the restore"), 204);
    agree(&mut [&mut early, &mut late], &elsewhere);
    assert!(late.known.contains_key("since-59.ics") && !late.known.contains_key("lost-3.ics"));
    let by_phone = elsewhere.client().with_basic("anna", &secret);
    assert!(by_phone.get(&format!("{CALENDAR}mine.ics")).unwrap().contains("since the restore"));
}

#[test]
fn the_drill_from_the_folder_to_a_database() {
    drill(Engine::Sqlite, Engine::Postgres);
}

#[test]
fn the_drill_from_a_database_to_a_folder() {
    drill(Engine::Postgres, Engine::Sqlite);
}

#[test]
fn a_backup_is_taken_of_a_stopped_server_too() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let mut server = server_on(engine, &[ANNA]);
        server.client_of(ANNA).put(&format!("{CALENDAR}a.ics"), &super::client::event("a.ics", "a"));
        let (running, stopped) =
            (server.data().with_file_name("running"), server.data().with_file_name("stopped"));
        let run = |server: &Server, file: &PathBuf| {
            let said = server.try_command(&["backup", file.to_str().unwrap(), "--json"], "");
            let done: serde_json::Value = serde_json::from_str(said.said.lines().last().unwrap()).unwrap();
            assert_eq!(done["event"], "done", "{said:?}");
            done["tables"].clone()
        };
        let first = run(&server, &running);
        server.stop();
        assert_eq!(run(&server, &stopped), first, "the same rows, with the same digests");
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&stopped).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds secrets");
        let again = server.try_command(&["backup", stopped.to_str().unwrap()], "");
        assert!(!again.ok && again.complained.contains("exists already"), "{again:?}");
    }
}

#[test]
fn a_backup_goes_to_stdout_and_comes_back_from_stdin() {
    let mut server = server_on(Engine::Sqlite, &[ANNA]);
    server.client_of(ANNA).put(&format!("{CALENDAR}a.ics"), &super::client::event("a.ics", "a"));
    let to = server.data().with_file_name("restored");
    let script = "\"$0\" --data \"$1\" backup - | \"$0\" --data \"$2\" restore -";
    let mut shell = std::process::Command::new("bash");
    shell.args(["-o", "pipefail", "-c", script]).arg(crate::house::binary()).args([&server.data(), &to]);
    let said = finish(&mut shell, "");
    assert!(said.code == 0 && said.out.contains("holds all"), "{said:?}");
    server.stop();
    start_on(&mut server, to.to_str().unwrap());
    assert!(server.client_of(ANNA).get(&format!("{CALENDAR}a.ics")).is_some());
}

#[test]
fn a_folder_gets_a_file_named_after_the_time() {
    let server = server_on(Engine::Sqlite, &[ANNA]);
    let folder = server.data().with_file_name("backups");
    std::fs::create_dir(&folder).unwrap();
    let said = kontor(&server.data(), &["backup", folder.to_str().unwrap()]).done();
    assert!(said.contains("kontor-20") && said.contains("Z.backup: "), "{said}");
    assert_eq!(kontor(&server.data(), &["backup", "--quiet", folder.join("x").to_str().unwrap()]).done(), "");
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(
        names.len() == 2 && names.iter().all(|name| !name.to_string_lossy().contains("part")),
        "{names:?}"
    );
    kontor(&server.data(), &["backup", "/nonexistent/x"]).refused("cannot write");
    kontor(&server.data(), &["restore", "/nonexistent/x"]).refused("cannot open /nonexistent/x");
    let something = server.data().with_file_name("something");
    std::fs::write(&something, "no backup").unwrap();
    let target = server.data().with_file_name("never");
    kontor(&target, &["restore", something.to_str().unwrap()]).refused("it is not a backup");
    kontor(&server.data(), &["restore", folder.join("x").to_str().unwrap()]).refused("a server uses");
}
