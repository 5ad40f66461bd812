//! `kontor verify`: what is well is told so, also while people write; what is damaged is found, named, and told with what to
//! do about it, on both engines, on a running and a stopped server, and in a backup.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use kontor_testkit::{Fault, Proxy, Ran, Server, postgres, s3};
use serde_json::{Value, json};

use crate::office::{ANNA, CALENDAR, CARDS, card, component, event};

/// A server of each engine with some of everything.
fn both() -> [Server; 2] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let url = postgres().create(&format!("verify{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    [Server::embedded(), Server::node(&url)].map(|mut server| {
        server.create(ANNA);
        server.restart();
        let client = server.client_of(ANNA);
        let put = |path: &str, body: &str| {
            let media_type = if path.ends_with(".vcf") { "text/vcard" } else { "text/calendar" };
            let answer = client.ask("PUT", path, &[("Content-Type", media_type)], body.as_bytes());
            assert_eq!(answer.status, 201, "{path}: {}", answer.text());
        };
        put(&format!("{CALENDAR}lunch.ics"), &event("lunch", "20260302T120000Z", "Lunch"));
        put(&format!("{CALENDAR}dinner.ics"), &event("dinner", "20260302T190000Z", "Dinner"));
        put(&format!("{CARDS}ben.vcf"), &card("ben", "Ben"));
        for name in ["plan", "map"] {
            let lines = format!("DTSTART:20260303T100000Z\r\nDESCRIPTION:{}\r\n", name.repeat(40_000));
            put(&format!("{CALENDAR}{name}.ics"), &component("VEVENT", name, &lines));
        }
        server
    })
}

/// Says something to the database itself, of a stopped server.
fn sql(server: &Server, statement: &str) {
    match server.store() {
        Some(url) => {
            let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
            postgres().sql(name, statement);
        }
        None => {
            let file = server.data().join("kontor.db");
            let program =
                "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()";
            let args = ["-c", program, file.to_str().unwrap(), statement];
            let ran = std::process::Command::new("python3").args(args).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}

/// The files of large bodies.
fn bodies(server: &Server) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(server.blobs())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    files
}

/// Large bodies, which are files.
const OUTSIDE: usize = 2;

/// One goes, one is changed.
fn spoil_bodies(server: &Server) {
    let files = bodies(server);
    let [gone, spoilt] = files.as_slice() else { panic!("{files:?}") };
    std::fs::remove_file(gone).unwrap();
    let mut bytes = std::fs::read(spoilt).unwrap();
    bytes[70_000] ^= 1;
    std::fs::write(spoilt, bytes).unwrap();
}

/// What it says in JSON: exit code, problems, and the result.
fn told(ran: &Ran) -> (Option<i32>, Vec<Value>, Value) {
    let lines = ran.said.lines().filter(|line| !line.starts_with("kontor: "));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).expect(line)).collect();
    let problems = lines.iter().filter(|line| line["event"] == "problem").cloned().collect();
    (ran.code, problems, lines.last().cloned().unwrap_or_else(|| panic!("{}", ran.complained)))
}

#[test]
fn what_is_well_is_told_so() {
    for mut server in both() {
        for running in [true, false] {
            let (code, problems, done) = told(&server.try_command(&["verify", "--json"], ""));
            assert_eq!((code, problems.len()), (Some(0), 0), "{problems:?} {done}");
            assert!(done["good"] == true && done["rows"].as_u64().unwrap() > 20, "{done}");
            let large = json!(OUTSIDE);
            assert_eq!((&done["large_bodies"], &done["large_bodies_read"]), (&large, &large));
            let said = server.command(&["verify"]);
            assert!(
                said.contains("all is as it should be") && said.contains(&format!("{large} large bodies of")),
                "{said}"
            );
            let rows = server.try_command(&["verify", "--rows-only", "--quiet"], "");
            assert_eq!((rows.code, rows.said.as_str(), rows.complained.as_str()), (Some(0), "", ""));
            if running {
                server.stop();
            }
        }
        let large = OUTSIDE;
        let backup = server.data().join("all.backup");
        server.command(&["backup", backup.to_str().unwrap()]);
        let said = server.command(&["verify", backup.to_str().unwrap()]);
        let whole = said.contains("all is as") && said.contains(&format!("{large} large bodies of"));
        assert!(whole, "{said}");
        let mut bytes = std::fs::read(&backup).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&backup, bytes).unwrap();
        let (code, problems, _) =
            told(&server.try_command(&["verify", "--json", backup.to_str().unwrap()], ""));
        assert_eq!((code, &problems[0]["rule"]), (Some(1), &"unreadable".into()), "{problems:?}");
    }
}

#[test]
fn nothing_is_found_while_people_write() {
    for server in both() {
        let (ended, written) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let (server, ended, written) = (&server, &ended, &written);
                scope.spawn(move || {
                    let client = server.client_of(ANNA);
                    for number in 0.. {
                        if ended.load(Ordering::Relaxed) {
                            return;
                        }
                        let name = format!("w{writer}-{}", number % 7);
                        let path = format!("{CALENDAR}{name}.ics");
                        let more = "x".repeat(number % 3 * 50_000);
                        let lines = format!("DTSTART:20260303T100000Z\r\nDESCRIPTION:{number} {more}\r\n");
                        let body = component("VEVENT", &name, &lines);
                        let answer = match number % 5 {
                            4 => client.ask("DELETE", &path, &[], b""),
                            _ => client.ask(
                                "PUT",
                                &path,
                                &[("Content-Type", "text/calendar")],
                                body.as_bytes(),
                            ),
                        };
                        assert!([200, 201, 204, 404].contains(&answer.status), "{}", answer.status);
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let (mut during, mut runs) = (0, 0);
            while during < 3 {
                let before = written.load(Ordering::Relaxed);
                let ran = server.try_command(&["verify", "--json"], "");
                during += u32::from(written.load(Ordering::Relaxed) > before);
                runs += 1;
                if ran.code != Some(0) || runs == 200 {
                    ended.store(true, Ordering::Relaxed);
                    panic!("{runs} runs; {:?}: {}{}", ran.code, ran.said, ran.complained);
                }
            }
            ended.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn damage_is_named_and_told_with_what_to_do() {
    for mut server in both() {
        server.stop();
        sql(&server, "DELETE FROM body WHERE item = (SELECT id FROM item WHERE name = 'lunch.ics')");
        sql(&server, "DELETE FROM span WHERE name = 'dinner.ics'");
        let mut expected =
            vec![("item-without-body", &["\"lunch.ics\""][..]), ("item-without-time", &["\"dinner.ics\""])];
        spoil_bodies(&server);
        expected.push(("blob-missing", &["\"plan.ics\"", "\"map.ics\""]));
        expected.push(("blob-damaged", &["\"plan.ics\"", "\"map.ics\""]));
        let count = expected.len();
        for running in [false, true] {
            if running {
                server.restart();
            }
            let (code, problems, done) = told(&server.try_command(&["verify", "--json"], ""));
            assert_eq!(
                (code, &done["good"], &done["problems"]),
                (Some(1), &false.into(), &json!(count)),
                "{done}"
            );
            let found = |rule: &str| {
                let one = problems.iter().find(|problem| problem["rule"] == rule);
                one.unwrap_or_else(|| panic!("no {rule}: {problems:?}"))
            };
            for (rule, items) in &expected {
                let problem = found(rule);
                assert!(items.contains(&problem["item"].as_str().unwrap()), "{problem}");
                assert!(problem["account"].as_str().unwrap().starts_with("anna ("), "{problem}");
                assert!(problem["collection"].as_str().unwrap().starts_with("default ("), "{problem}");
                assert!(problem["remedy"].as_str().unwrap().contains("put"), "{problem}");
            }
            let ran = server.try_command(&["verify"], "");
            assert_eq!((ran.code, ran.complained.lines().count()), (Some(1), 1), "{}", ran.complained);
            assert!(ran.complained.contains(&format!("{count} problems found")), "{}", ran.complained);
            assert!(
                ran.said.contains("account anna (") && ran.said.contains("[item-without-time]"),
                "{}",
                ran.said
            );
        }
        // What it says to do is done: all is well again.
        let client = server.client_of(ANNA);
        for name in ["lunch", "dinner", "plan", "map"] {
            let path = format!("{CALENDAR}{name}.ics");
            let body = event(name, "20260302T120000Z", "Again");
            if name != "dinner" {
                assert_eq!(client.ask("DELETE", &path, &[], b"").status, 204, "{name}");
            }
            let answer = client.ask("PUT", &path, &[("Content-Type", "text/calendar")], body.as_bytes());
            assert!([201, 204].contains(&answer.status), "{name}: {}", answer.text());
        }
        for name in ["lunch", "plan", "map"] {
            server.command(&["store", "purge", &format!("anna/default/{name}.ics")]);
        }
        server.command(&["verify"]);
    }
}

#[test]
fn bodies_in_a_bucket_are_looked_at_and_one_that_is_away_is_told() {
    let url = postgres().create("verify-bucket");
    for (bucket, mut server) in [("verify-lite", Server::embedded()), ("verify-shared", Server::node(&url))] {
        let proxy = Proxy::http(s3().address());
        s3().create(bucket);
        server.lay_bodies(bucket, &format!("http://{}", proxy.address()), 2);
        server.create(ANNA);
        server.restart();
        let client = server.client_of(ANNA);
        for name in ["plan", "map", "good"] {
            let lines = format!("DTSTART:20260303T100000Z\r\nDESCRIPTION:{}\r\n", name.repeat(40_000));
            client.put(&format!("{CALENDAR}{name}.ics"), &component("VEVENT", name, &lines));
        }
        let said = server.command(&["verify"]);
        assert!(said.contains("3 large bodies of") && said.contains("all is as it should be"), "{said}");
        let names = s3().objects(bucket);
        let body = |word: &[u8]| {
            let holds = |name: &&String| {
                let bytes = s3().get(bucket, name).unwrap();
                bytes.len() > 64 << 10 && bytes.windows(word.len()).any(|some| some == word)
            };
            names.iter().find(holds).unwrap_or_else(|| panic!("{names:?}"))
        };
        let (gone, spoilt) = (body(b"planplanplan"), body(b"mapmapmap"));
        s3().remove(bucket, gone);
        let mut bytes = s3().get(bucket, spoilt).unwrap();
        bytes[70_000] ^= 1;
        s3().put(bucket, spoilt, &bytes);
        for running in [true, false] {
            let (code, problems, _) = told(&server.try_command(&["verify", "--json"], ""));
            let found: BTreeMap<_, _> = problems
                .iter()
                .map(|one| (one["rule"].as_str().unwrap(), one["item"].as_str().unwrap()))
                .collect();
            let expected = [("blob-damaged", "\"map.ics\""), ("blob-missing", "\"plan.ics\"")];
            assert_eq!((code, found), (Some(1), BTreeMap::from(expected)), "running: {running}");
            if running {
                server.stop();
            }
        }
        server.restart();
        proxy.set(Fault::Cut);
        let (code, problems, done) = told(&server.try_command(&["verify", "--json"], ""));
        let rules: Vec<_> = problems.iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!((code, rules, &done["good"]), (Some(1), vec!["unreached"], &false.into()), "{problems:?}");
    }
}

/// An index is nothing that rows tell of.
#[test]
fn a_spoilt_page_is_found() {
    let [mut server, _] = both();
    server.stop();
    let file = server.data().join("kontor.db");
    let good = std::fs::read(&file).unwrap();
    let (mut found, mut pages) = (0, 0);
    for page in (2..good.len() / 4096).step_by(5) {
        let mut bytes = good.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0);
        std::fs::write(&file, bytes).unwrap();
        let ran = server.try_command(&["verify"], "");
        let told = ran.said.contains("[unreadable]") || ran.said.contains("problems found");
        found += u32::from(ran.code == Some(1) && told);
        pages += 1;
        assert!(ran.code == Some(1) || ran.said.contains("all is as it should be"), "{}", ran.complained);
        std::fs::write(&file, &good).unwrap();
    }
    // Some pages are free.
    assert!(found >= pages - 2, "{found} of {pages} found");
}
