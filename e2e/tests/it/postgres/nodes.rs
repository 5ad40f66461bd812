//! Nodes that are killed.

use std::sync::atomic::Ordering;

use kontor_testkit::Postgres;

use super::load::under_load;
use super::node;
use crate::office::ANNA;

const WRITERS: usize = 64;
const ROUNDS: usize = 4;

/// Either of two nodes is killed again and again; clients go to the other.
#[test]
fn a_killed_node_loses_nothing_and_does_nothing_twice() {
    let database = Postgres::start("killed");
    let url = database.create("kontor");
    let mut nodes = [node(&url, &[ANNA]), node(&url, &[])];
    let addresses = nodes.each_ref().map(kontor_testkit::Server::address);
    let (told, progress) = under_load(&addresses, WRITERS, |progress| {
        for round in 0..ROUNDS {
            progress.await_more(2 * WRITERS);
            nodes[round % 2].kill();
            progress.await_more(2 * WRITERS);
            nodes[round % 2].restart();
        }
    });
    assert!(progress.broken.load(Ordering::SeqCst) > 0, "nobody noticed");
    for node in &nodes {
        told.judge(node, &database, "kontor");
    }
}
