//! A later program brings the schema forward while this one works; what breaks off in the middle leaves it whole.

use super::{database, node, runtime};
use crate::suite::world::{WORK, World};
use kontor_model::Error;
use kontor_store::Store;
use kontor_store::postgres::{PostgresOptions, Rehearsal, open};
use kontor_testkit::postgres;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Opens as a program would that knows one step more.
fn later(url: &str, rehearsal: Rehearsal) -> kontor_model::Result<Arc<dyn Store>> {
    open(url, &PostgresOptions { rehearsal: Some(rehearsal), ..PostgresOptions::default() })
}

fn step(sql: &[&str]) -> Rehearsal {
    Rehearsal { step: sql.iter().map(|one| (*one).to_owned()).collect(), ..Rehearsal::default() }
}

const TABLE: &str = "CREATE TABLE later (account BIGINT NOT NULL, PRIMARY KEY (account))";
const COLUMN: &str = "ALTER TABLE item ADD COLUMN later BIGINT";
const INDEX: &str = "CREATE INDEX item_later ON item (account, later)";

fn sql(url: &str, sql: &str) -> String {
    postgres().sql(url.rsplit('/').next().unwrap(), sql)
}

/// Tables, columns and indexes that the step of these tests makes, and the version of the data.
fn made(url: &str) -> (String, i64) {
    let names = "SELECT string_agg(name, ' ' ORDER BY name) FROM (SELECT relname AS name FROM pg_class \
                 LEFT JOIN pg_index ON indexrelid = pg_class.oid WHERE relname IN ('later', 'item_later') \
                 AND indisvalid IS NOT FALSE UNION ALL SELECT attname FROM pg_attribute \
                 WHERE attrelid = 'item'::regclass AND attname = 'later') x";
    let version = sql(url, "SELECT version FROM kontor_schema WHERE one = 1").parse().unwrap();
    (sql(url, names), version)
}

#[test]
fn one_node_brings_the_schema_forward_and_the_others_wait() {
    let url = database("forward");
    let today = made_by_today(&url);
    let nodes: Vec<_> = (0..5)
        .map(|_| {
            let url = url.clone();
            // Run twice it would fail.
            std::thread::spawn(move || {
                later(&url, step(&[TABLE, "SELECT pg_sleep(0.5)", COLUMN, INDEX])).unwrap()
            })
        })
        .collect();
    let nodes: Vec<_> = nodes.into_iter().map(|one| one.join().unwrap()).collect();
    assert_eq!(made(&url), ("item_later later later".to_owned(), today + 1));
    runtime().block_on(async {
        World::new(Arc::clone(&nodes[0])).await;
        for node in nodes {
            World::again(node).put(WORK, "x", "x").await;
        }
    });
}

/// Makes the tables of today; their version.
fn made_by_today(url: &str) -> i64 {
    drop(node(url));
    made(url).1
}

/// The older node's writes and reads go on while the newer one is at work, and after it.
#[test]
fn a_node_goes_on_while_another_brings_the_schema_forward() {
    let url = database("meanwhile");
    runtime().block_on(async {
        let old = Arc::new(World::new(node(&url)).await);
        let over = Arc::new(AtomicBool::new(false));
        let writing = tokio::spawn(write_until(Arc::clone(&old), Arc::clone(&over)));
        let new = {
            let url = url.clone();
            // It sleeps with the new table in its hands, then takes the table of items for itself.
            let slow = step(&[TABLE, "SELECT pg_sleep(1)", COLUMN, INDEX]);
            tokio::task::spawn_blocking(move || later(&url, slow).unwrap()).await.unwrap()
        };
        over.store(true, Ordering::SeqCst);
        let during = writing.await.unwrap();
        assert!(during > 10, "{during} writes were done meanwhile");
        old.put(WORK, "after", "old").await;
        let new = World::again(new);
        assert_eq!(new.text(WORK, "after").await.as_deref(), Some("old"));
        new.put(WORK, "after", "new").await;
        assert_eq!(old.text(WORK, "after").await.as_deref(), Some("new"));
        // And it may be started again, for the new version allows for it.
        assert_eq!(World::again(node(&url)).text(WORK, "after").await.as_deref(), Some("new"));
    });
}

async fn write_until(world: Arc<World>, over: Arc<AtomicBool>) -> usize {
    for n in 0.. {
        let name = format!("{n}");
        world.put(WORK, &name, &name).await;
        assert_eq!(world.text(WORK, &name).await, Some(name));
        if over.load(Ordering::SeqCst) {
            return n;
        }
    }
    0
}

#[test]
fn a_node_that_is_too_old_is_refused_in_one_line() {
    let url = database("tooold");
    let today = made_by_today(&url);
    drop(later(&url, Rehearsal { oldest: today + 1, ..step(&[TABLE]) }).unwrap());
    let refused = open(&url, &PostgresOptions::default()).map(drop);
    let Err(Error::Unsupported { detail }) = refused else { panic!("{refused:?}") };
    assert!(detail.contains(&format!("schema version {}", today + 1)) && !detail.contains('\n'), "{detail}");
    assert!(detail.contains("use a newer one"), "{detail}");
}

/// A statement that fails undoes the step; so does a connection that is lost in the middle of it.
#[test]
fn what_breaks_off_in_the_middle_leaves_the_schema_whole() {
    let url = database("breaks");
    let today = made_by_today(&url);
    let bad = later(&url, step(&[TABLE, COLUMN, "SELECT no such thing"])).map(drop);
    assert!(bad.is_err());
    assert_eq!(made(&url), (String::new(), today));
    let cut = {
        let url = url.clone();
        std::thread::spawn(move || {
            later(&url, step(&[TABLE, COLUMN, "SELECT pg_sleep(600)", INDEX])).map(drop)
        })
    };
    cut_whoever_says(&url, "SELECT pg_sleep(600)");
    assert!(cut.join().unwrap().is_err());
    assert_eq!(made(&url), (String::new(), today));
    drop(later(&url, step(&[TABLE, COLUMN, INDEX])).unwrap());
    assert_eq!(made(&url), ("item_later later later".to_owned(), today + 1));
}

/// Waits until somebody is at that statement, and ends that connection.
fn cut_whoever_says(url: &str, statement: &str) {
    let cut = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%{statement}%'"
    );
    let begun = Instant::now();
    while sql(url, &cut) == "0" {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody says {statement}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// An index on a table in use is made beside the writes. One that was cut off is not taken for whole.
#[test]
fn an_index_that_was_cut_off_is_made_afresh() {
    let url = database("index");
    let today = made_by_today(&url);
    sql(&url, "CREATE INDEX item_later ON item (account, created)");
    sql(&url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'item_later'::regclass");
    drop(later(&url, step(&[TABLE, COLUMN, INDEX])).unwrap());
    assert_eq!(made(&url), ("item_later later later".to_owned(), today + 1));
    assert!(sql(&url, "SELECT pg_get_indexdef('item_later'::regclass)").contains("(account, later)"));
}

/// An engine that cannot undo half a step is left with one: the next program does the rest.
#[test]
fn half_a_step_is_finished_where_it_cannot_be_undone() {
    let url = database("half");
    let today = made_by_today(&url);
    let piecemeal = |sql: &[&str]| Rehearsal { piecemeal: true, ..step(sql) };
    for bad in 1..=3 {
        let mut all = vec![TABLE, COLUMN, INDEX];
        all.truncate(bad);
        all.push("SELECT no such thing");
        assert!(later(&url, piecemeal(&all)).is_err());
        assert_eq!(made(&url).1, today);
    }
    assert_ne!(made(&url).0, "", "half of it is there");
    runtime().block_on(async {
        // Which does not trouble those who work.
        World::new(node(&url)).await.put(WORK, "x", "x").await;
    });
    drop(later(&url, piecemeal(&[TABLE, COLUMN, INDEX])).unwrap());
    assert_eq!(made(&url), ("item_later later later".to_owned(), today + 1));
}

/// On such an engine our own steps can be run from anywhere, again and again.
#[test]
fn every_step_can_be_run_again() {
    let whole = database("whole");
    drop(node(&whole));
    let schema = |url: &str| {
        let columns = "SELECT string_agg(x, ',' ORDER BY x) FROM (SELECT table_name || '.' || column_name || '.' || \
                       data_type AS x FROM information_schema.columns WHERE table_schema = 'public' UNION ALL \
                       SELECT indexdef FROM pg_indexes WHERE schemaname = 'public') y";
        sql(url, columns)
    };
    let torn = database("torn");
    let today = made_by_today(&torn);
    sql(&torn, "UPDATE kontor_schema SET version = 0 WHERE one = 1");
    sql(&torn, &format!("UPDATE kontor_schema SET version = {today} WHERE one = 3"));
    drop(later(&torn, Rehearsal { piecemeal: true, ..step(&[]) }).unwrap());
    assert_eq!(made(&torn).1, today + 1);
    assert_eq!(schema(&torn), schema(&whole));
}
