//! Writers who never give up, and what must be there in the end.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use kontor_testkit::{Answer, Client, Postgres, Server, until};

use super::PATIENCE;
use crate::office::{ANNA, CALENDAR, event};

/// What writers met so far.
#[derive(Default)]
pub(super) struct Progress {
    /// Changes that were acknowledged.
    acknowledged: AtomicUsize,
    /// Answers 503.
    pub(super) refused: AtomicUsize,
    /// Connections that nobody took.
    pub(super) absent: AtomicUsize,
    /// Connections that broke.
    pub(super) broken: AtomicUsize,
    /// Changes that turned out to be done although nobody said so.
    pub(super) unsaid: AtomicUsize,
    over: AtomicBool,
}

impl Progress {
    /// Waits for so many more acknowledged changes.
    #[track_caller]
    pub(super) fn await_more(&self, count: usize) {
        let goal = self.acknowledged.load(Ordering::SeqCst) + count;
        until("changes to be acknowledged", PATIENCE, || {
            (self.acknowledged.load(Ordering::SeqCst) >= goal).then_some(())
        });
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

/// What must be there in the end.
#[derive(Default)]
pub(super) struct Told {
    /// The summaries of items that are there, by UID; those that are gone have none.
    items: BTreeMap<String, Option<String>>,
    /// How many changes were made.
    changes: usize,
}

/// How writers work.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) writers: usize,
    /// How long they wait for an answer before they ask the next node.
    pub(super) patience: Duration,
}

/// Lets so many writers work as Anna on any of these nodes while `faults` happen, and a little longer.
pub(super) fn under_load(
    nodes: &[SocketAddr],
    writers: usize,
    faults: impl FnOnce(&Progress),
) -> (Told, Progress) {
    under(nodes, Work { writers, patience: Duration::from_secs(60) }, faults)
}

/// The same for writers of any manner.
pub(super) fn under(nodes: &[SocketAddr], manner: Work, faults: impl FnOnce(&Progress)) -> (Told, Progress) {
    let client = |at: &SocketAddr| Client::new(*at).with_basic(ANNA.name, ANNA.password);
    let nodes: Vec<Client> = nodes.iter().map(|at| client(at).with_patience(manner.patience)).collect();
    let progress = Progress::default();
    let mut told = Told::default();
    scope(|threads| {
        let (nodes, progress) = (&nodes, &progress);
        let work = |number| {
            let writer = Writer { number, nodes, at: number, progress, told: Told::default() };
            threads.spawn(move || writer.work())
        };
        let writers: Vec<_> = (0..manner.writers).map(work).collect();
        let over = Over(progress);
        progress.await_more(1);
        faults(progress);
        progress.await_more(1);
        drop(over);
        for writer in writers {
            let some = writer.join().unwrap();
            told.items.extend(some.items);
            told.changes += some.changes;
        }
    });
    (told, progress)
}

/// Ends the work, also when a fault test fails.
struct Over<'p>(&'p Progress);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

struct Writer<'a> {
    number: usize,
    nodes: &'a [Client],
    /// The node that is asked, once divided by their number.
    at: usize,
    progress: &'a Progress,
    told: Told,
}

/// What a change came to.
enum Outcome {
    /// Done; its entity tag.
    Done(String),
    /// Another item has its UID.
    Taken,
}

/// A request that changes something.
struct Change<'c> {
    method: &'static str,
    name: &'c str,
    condition: (&'static str, &'c str),
    /// What is there after it; nothing if it removes.
    text: Option<String>,
}

impl Writer<'_> {
    fn work(mut self) -> Told {
        for n in 0.. {
            if self.progress.is_over() {
                break;
            }
            let name = format!("w{}-{n}", self.number);
            match n % 4 {
                3 => self.rival(&name, n),
                _ => self.life(&name, n),
            }
        }
        self.told
    }

    /// Makes an item, changes it, and perhaps removes it.
    fn life(&mut self, name: &str, n: usize) {
        let Outcome::Done(tag) = self.put(name, name, "first", ("If-None-Match", "*")) else {
            panic!("{name}")
        };
        self.told.items.insert(name.to_owned(), Some("first".to_owned()));
        let Outcome::Done(tag) = self.put(name, name, "second", ("If-Match", &tag)) else { panic!("{name}") };
        self.told.items.insert(name.to_owned(), Some("second".to_owned()));
        if n.is_multiple_of(3) {
            self.decide(&Change { method: "DELETE", name, condition: ("If-Match", &tag), text: None });
            self.told.items.insert(name.to_owned(), None);
        }
    }

    /// Makes an item with a UID that another writer wants too.
    fn rival(&mut self, name: &str, n: usize) {
        let uid = format!("rival-{}-{n}", self.number / 2);
        if let Outcome::Done(_) = self.put(name, &uid, name, ("If-None-Match", "*")) {
            self.told.items.insert(uid, Some(name.to_owned()));
        }
    }

    fn put(&mut self, name: &str, uid: &str, summary: &str, condition: (&'static str, &str)) -> Outcome {
        let text = Some(event(uid, "20260302T100000Z", summary));
        self.decide(&Change { method: "PUT", name, condition, text })
    }

    /// Asks one node after the other until it is clear what became of it.
    fn decide(&mut self, change: &Change<'_>) -> Outcome {
        let (begun, mut doubt) = (Instant::now(), false);
        loop {
            assert!(begun.elapsed() < PATIENCE, "{} {} is never decided", change.method, change.name);
            let body = change.text.as_deref().unwrap_or_default();
            let Some(answer) = self.ask(change.method, change.name, &[change.condition], body) else {
                doubt = true;
                continue;
            };
            match answer.status {
                201 | 204 => return self.done(answer.header("etag").unwrap_or_default().to_owned()),
                409 if answer.text().contains("no-uid-conflict") => return Outcome::Taken,
                404 | 412 if doubt => return self.find_out(change),
                other => panic!("{} {}: {other} {}", change.method, change.name, answer.text()),
            }
        }
    }

    /// One of the attempts that were not answered was successful: nobody else touches this item.
    fn find_out(&mut self, change: &Change<'_>) -> Outcome {
        self.progress.unsaid.fetch_add(1, Ordering::SeqCst);
        let begun = Instant::now();
        let there = loop {
            assert!(begun.elapsed() < PATIENCE, "{} cannot be read", change.name);
            if let Some(answer) = self.ask("GET", change.name, &[], "") {
                break answer;
            }
        };
        let text = (there.status == 200).then(|| there.text());
        assert_eq!(text, change.text, "{} {}: {}", change.method, change.name, there.status);
        self.done(there.header("etag").unwrap_or_default().to_owned())
    }

    fn done(&mut self, tag: String) -> Outcome {
        self.told.changes += 1;
        self.progress.acknowledged.fetch_add(1, Ordering::SeqCst);
        Outcome::Done(tag)
    }

    /// Asks a node; `None` if it gave no clear answer, after which the next one is asked.
    fn ask(&mut self, method: &str, name: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let node = &self.nodes[self.at % self.nodes.len()];
        match node.try_ask(method, &format!("{CALENDAR}{name}.ics"), headers, body.as_bytes()) {
            Ok(answer) if answer.status == 503 => {
                super::must_wait(&answer);
                self.progress.refused.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => return Some(answer),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                self.progress.absent.fetch_add(1, Ordering::SeqCst);
            }
            Err(_) => _ = self.progress.broken.fetch_add(1, Ordering::SeqCst),
        }
        self.at += 1;
        sleep(Duration::from_millis(50));
        None
    }
}

impl Told {
    /// Holds all that can be read from that node against what writers were told, and against the log.
    #[track_caller]
    pub(super) fn judge(&self, node: &Server, database: &Postgres, name: &str) {
        let anna = node.client_of(ANNA);
        let there: BTreeMap<&String, &String> =
            self.items.iter().filter_map(|(uid, summary)| Some((uid, summary.as_ref()?))).collect();
        assert_eq!(anna.members(CALENDAR).len(), there.len(), "as many as were acknowledged");
        let whole = anna.get(CALENDAR).unwrap();
        let of = |name: &str| -> Vec<String> {
            let lines = whole.lines().filter_map(|line| line.trim_end().strip_prefix(name));
            lines.map(str::to_owned).collect()
        };
        let (uids, summaries) = (of("UID:"), of("SUMMARY:"));
        assert_eq!(uids.len(), summaries.len(), "a torn item");
        let found: BTreeMap<&String, &String> = uids.iter().zip(&summaries).collect();
        assert_eq!(found.len(), uids.len(), "a UID is there twice");
        assert!(found == there, "what is there is not what was acknowledged");
        // Every change is in the log once, and moved the number of the collection by one.
        let collection = "(SELECT collection FROM counter ORDER BY version DESC LIMIT 1)";
        let log = format!(
            "SELECT count(*), count(DISTINCT version), min(version), max(version) FROM change \
             WHERE collection = {collection}"
        );
        let changes = self.changes;
        assert_eq!(
            database.sql(name, &log),
            format!("{changes}|{changes}|1|{changes}"),
            "changes in the log"
        );
    }
}
