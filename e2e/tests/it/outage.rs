//! Power cuts and restarts, seen by clients.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use kontor_testkit::{Server, until};

use crate::office::{ANNA, CALENDAR, event};
use crate::vdirsyncer::Vdirsyncer;

const WRITERS: usize = 64;
const ROUNDS: u64 = 4;

/// What was acknowledged is there after SIGKILL, whole; what was not is there whole or not at all.
#[test]
fn what_was_acknowledged_survives_kill_9() {
    let mut server = Server::start(&[ANNA]);
    let acknowledged = Mutex::new(Vec::new());
    for round in 0..ROUNDS {
        let over = AtomicBool::new(false);
        let (anna, acknowledged, over) = (server.client_of(ANNA), &acknowledged, &over);
        scope(|threads| {
            for writer in 0..WRITERS {
                let anna = anna.clone();
                threads.spawn(move || {
                    for n in 0.. {
                        let uid = format!("r{round}-w{writer}-{n}");
                        let text = event(&uid, "20260302T100000Z", &uid);
                        let put = anna.try_ask("PUT", &format!("{CALENDAR}{uid}.ics"), &[], text.as_bytes());
                        match put {
                            Ok(answer) if answer.status == 201 => {
                                acknowledged.lock().unwrap().push((uid, text))
                            }
                            Ok(answer) => panic!("PUT: {} {}", answer.status, answer.text()),
                            Err(_) => return, // cut off in the middle: nothing was promised
                        }
                        if over.load(Ordering::Relaxed) {
                            return;
                        }
                    }
                });
            }
            let before = acknowledged.lock().unwrap().len();
            until("the first writes of this round", Duration::from_secs(60), || {
                (acknowledged.lock().unwrap().len() > before).then_some(())
            });
            sleep(Duration::from_millis(170 * round)); // the moment of the cut is what varies, nothing waits for it
            server.kill();
            over.store(true, Ordering::Relaxed);
        });
        server.restart();
        let anna = server.client_of(ANNA);
        let members = anna.members(CALENDAR);
        let promised = acknowledged.lock().unwrap();
        for (uid, text) in promised.iter() {
            assert!(
                members.binary_search(&format!("{uid}.ics")).is_ok(),
                "{uid} was acknowledged and is gone"
            );
            if uid.starts_with(&format!("r{round}-w1")) {
                assert_eq!(anna.get(&format!("{CALENDAR}{uid}.ics")).as_ref(), Some(text));
            }
        }
        let whole = anna.get(CALENDAR).unwrap();
        assert_eq!(whole.matches("BEGIN:VEVENT").count(), members.len(), "an item is torn or twice");
        assert_eq!(whole.matches("END:VEVENT").count(), members.len(), "an item is torn");
        let of = |name: &str| -> BTreeSet<&str> {
            whole.lines().filter_map(|line| line.trim_end().strip_prefix(name)).collect()
        };
        let uids = of("UID:");
        assert_eq!(uids.len(), members.len(), "an item is twice");
        assert_eq!(of("SUMMARY:"), uids, "each has the text that it was given");
        let named: BTreeSet<&str> = members.iter().filter_map(|name| name.strip_suffix(".ics")).collect();
        assert_eq!(named, uids, "each under its own name");
    }
}

/// A client's state is good after the server was away: only what changed travels.
#[test]
fn a_client_goes_on_after_a_restart() {
    let mut server = Server::start(&[ANNA]);
    let path = |n: usize| format!("{CALENDAR}e{n}.ics");
    for n in 0..20 {
        server.client_of(ANNA).put(&path(n), &event(&format!("e{n}"), "20260302T100000Z", "before"));
    }
    let sync = Vdirsyncer::new(&server, "caldav");
    sync.sync();
    server.stop();
    server.restart();
    assert!(!sync.sync().contains("Copying"));
    server.client_of(ANNA).put(&path(3), &event("e3", "20260302T100000Z", "after"));
    server.kill();
    server.restart();
    assert_eq!(sync.sync().matches("Copying").count(), 1);
}
