//! An upgrade, node by node.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::scope;

use kontor_testkit::{Client, Postgres, Server};

use super::load::under_load;
use super::node;
use crate::office::{ANNA, CALENDAR};

/// What the next version does to the schema. It sleeps with a lock in its hands, and takes the table that all need.
const STEP: &str = "\
    CREATE TABLE later (account BIGINT NOT NULL, PRIMARY KEY (account))\n\
    SELECT pg_sleep(1)\n\
    ALTER TABLE item ADD COLUMN later BIGINT\n\
    CREATE INDEX item_later ON item (account, later)";
const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>";

/// A socket that closes can break off the connection that came after its owner's last look at it: one at each stop.
const STOPS: usize = 2;

/// What readers met.
#[derive(Default)]
struct Read {
    answered: AtomicUsize,
    broken: AtomicUsize,
}

/// Asks again and again for all that there is, at one node or, where nobody takes the connection, at the other, as a proxy
/// would. Every answer is one.
fn read(nodes: &[Client], over: &AtomicBool, read: &Read) {
    for n in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let asked = nodes.iter().cycle().skip(n % nodes.len()).take(nodes.len()).find_map(|node| {
            let answer = node.try_ask("REPORT", CALENDAR, &[("Depth", "0")], SYNC.as_bytes());
            if answer.as_ref().is_err_and(|error| error.kind() != ErrorKind::ConnectionRefused) {
                read.broken.fetch_add(1, Ordering::SeqCst);
            }
            answer.ok()
        });
        let answer = asked.expect("one of the nodes to be there");
        assert_eq!(answer.status, 207, "{}", answer.text());
        read.answered.fetch_add(1, Ordering::SeqCst);
    }
}

/// Ends the reading, also when the test fails.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The version of the data, as the database knows it.
fn version(database: &Postgres) -> u32 {
    database.sql("kontor", "SELECT version FROM kontor_schema WHERE one = 1").parse().unwrap()
}

#[test]
fn an_upgrade_node_by_node_loses_no_request() {
    let database = Postgres::start("rolling");
    let url = database.create("kontor");
    let mut nodes = [node(&url, &[ANNA]), node(&url, &[])];
    let addresses = nodes.each_ref().map(Server::address);
    let today = version(&database);
    let over = AtomicBool::new(false);
    let readers = nodes.each_ref().map(|node| node.client_of(ANNA));
    let counts = Read::default();
    let (told, progress) = scope(|threads| {
        threads.spawn(|| read(&readers, &over, &counts));
        let _over = Over(&over);
        under_load(&addresses, 32, |progress| {
            progress.await_more(200);
            for node in &mut nodes {
                node.stop();
                progress.await_more(100);
                node.upgrade(STEP);
                node.restart();
                progress.await_more(200);
            }
        })
    });
    assert_eq!(version(&database), today + 1);
    let count = |what: &AtomicUsize| what.load(Ordering::SeqCst);
    assert!(count(&counts.answered) > 10 && count(&progress.absent) > 0, "nobody noticed");
    assert_eq!((count(&progress.refused), count(&progress.unsaid)), (0, 0), "told to wait, or not told");
    let broken = count(&progress.broken) + count(&counts.broken);
    assert!(broken <= STOPS, "{broken} connections broke off");
    for node in &nodes {
        told.judge(node, &database, "kontor");
    }
}
