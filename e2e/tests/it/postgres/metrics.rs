//! What `/metrics` tells of a node's work with its database.

use std::collections::BTreeMap;

use kontor_testkit::{Postgres, Server, until};

use super::{PATIENCE, node};
use crate::office::{ANNA, CALENDAR, admin, event};

/// All samples, by name and labels as they are written.
fn samples(node: &Server) -> BTreeMap<String, f64> {
    let page = admin(node, "/metrics");
    let lines = page.lines().filter(|line| line.starts_with("kontor_"));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

fn sample(node: &Server, name: &str) -> f64 {
    let all = samples(node);
    *all.get(name).unwrap_or_else(|| panic!("{name} is not among {:?}", all.keys()))
}

/// Whether a node trims, for all of them.
pub(super) fn does_the_job(node: &Server) -> bool {
    sample(node, "kontor_job_here{job=\"trim\"}") > 0.5
}

#[test]
fn the_store_tells_what_it_does() {
    let database = Postgres::start("figures");
    let url = database.create("kontor");
    let nodes = [node(&url, &[ANNA]), node(&url, &[])];
    let anna = nodes[0].client_of(ANNA);
    let path = format!("{CALENDAR}a.ics");
    let before = sample(&nodes[0], "kontor_store_batch_writes_sum");
    for n in 0..10 {
        anna.put(&path, &event("a", "20260302T100000Z", &n.to_string()));
    }
    assert!(sample(&nodes[0], "kontor_store_batch_writes_sum") >= before + 10.0);
    let (small, all) = ("kontor_store_batch_writes_bucket{le=\"1\"}", "kontor_store_batch_writes_count");
    assert!(sample(&nodes[0], small) > 0.0 && sample(&nodes[0], all) >= sample(&nodes[0], small));
    let pool = |node, name: &str, state: &str| {
        sample(node, &format!("kontor_store_connections{{pool=\"{name}\",state=\"{state}\"}}"))
    };
    for name in ["read", "scan", "write"] {
        let (most, open, idle) =
            (pool(&nodes[0], name, "most"), pool(&nodes[0], name, "open"), pool(&nodes[0], name, "idle"));
        assert!(idle <= open && open <= most && most >= 1.0, "{name}: {idle} of {open} of {most}");
    }
    assert!(pool(&nodes[0], "write", "open") > 0.0);

    // Somebody holds what a write needs: it waits, and that is seen.
    let mut holder = database.visitor("kontor").unwrap();
    holder.say("BEGIN; SELECT 'held' FROM counter WHERE items > 0 FOR UPDATE");
    let undone = "kontor_store_undone_total{cause=\"held\"}";
    assert!(sample(&nodes[0], undone).abs() < 0.5);
    std::thread::scope(|threads| {
        threads.spawn(|| anna.put(&path, &event("a", "20260302T100000Z", "held")));
        until("an attempt to be given up", PATIENCE, || (sample(&nodes[0], undone) > 0.0).then_some(()));
        until("the write to be queued again", PATIENCE, || {
            (sample(&nodes[0], "kontor_store_queue_writes") > 0.0).then_some(())
        });
        drop(holder);
    });
    assert!(sample(&nodes[0], "kontor_store_queue_writes").abs() < 0.5);
}

/// Exactly one node does a job, and another when that one ends.
#[test]
fn one_node_does_the_job() {
    let database = Postgres::start("jobs");
    let url = database.create("kontor");
    let mut nodes = vec![node(&url, &[]), node(&url, &[])];
    let doing = until("one of them to begin", PATIENCE, || nodes.iter().position(does_the_job));
    assert_eq!(nodes.iter().filter(|node| does_the_job(node)).count(), 1);
    nodes.remove(doing).stop();
    until("the other one to go on with it", PATIENCE, || does_the_job(&nodes[0]).then_some(()));
}
