//! Killed at random moments under 64 writers: every acknowledged write is there, none is torn, none is there twice.

use super::{open_at, runtime};
use crate::suite::world::{ANNA, WORK, World, body, item_name, source, texts};
use kontor_model::Version;
use kontor_store::{Expect, Op, Select};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Names the data folder to the child.
const FOLDER: &str = "KONTOR_STORE_TEST_KILL_FOLDER";
/// Names the round.
const ROUND: &str = "KONTOR_STORE_TEST_KILL_ROUND";
const WRITERS: usize = 64;
/// Before each kill: milliseconds after the first acknowledgement.
const MOMENTS: [u64; 6] = [3, 211, 67, 390, 20, 137];

/// The child: writes pairs and acknowledges them, until it is killed. Does nothing when run as a test.
#[test]
fn writes_until_it_is_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else { return };
    let runtime = runtime();
    let store = open_at(Path::new(&folder));
    let world = runtime.block_on(async {
        match store.shelf(ANNA).await {
            Ok(_) => World::again(store),
            Err(_) => World::new(store).await,
        }
    });
    let world = Arc::new(world);
    runtime.block_on(async {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(Arc::clone(&world), format!("{round}-{writer}"))))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

async fn write(world: Arc<World>, writer: String) {
    for n in 0.. {
        let pair = format!("{writer}-{n}");
        let put = |half: &str| {
            let name = format!("{pair}-{half}");
            let mut body = body(&text(&pair), Some(&name));
            body.facets.folded = pair.clone().into_bytes();
            world.put_op(source(WORK, &name), Expect::Absent, body)
        };
        world.write(vec![put("a"), put("b")]).await.unwrap();
        acknowledge(&pair);
        if n % 5 == 4 {
            let gone = format!("{writer}-{}", n - 2);
            let remove = |half: &str| Op::Remove {
                at: source(WORK, &format!("{gone}-{half}")),
                expect: Expect::Present,
            };
            world.write(vec![remove("a"), remove("b")]).await.unwrap();
            acknowledge(&format!("-{gone}"));
        }
    }
}

/// Long enough for several pages now and then.
fn text(pair: &str) -> String {
    pair.repeat(1 + pair.len() % 3 * 400)
}

/// One line in one system call, so that it is whole or not there.
fn acknowledge(what: &str) {
    let line = format!("\nack {what} .\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (mut put, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for (round, moment) in MOMENTS.into_iter().enumerate() {
        for line in run_and_kill(folder.path(), round, Duration::from_millis(moment)) {
            match line.strip_prefix('-') {
                Some(gone) => removed.insert(gone.to_owned()),
                None => put.insert(line),
            };
        }
        let start = Instant::now();
        let store = open_at(folder.path());
        assert!(start.elapsed() < Duration::from_secs(5), "opening took {:?}", start.elapsed());
        runtime().block_on(check(&World::again(store), &put, &removed));
    }
    assert!(put.len() > 500 && !removed.is_empty(), "{} pairs were acknowledged", put.len());
}

fn run_and_kill(folder: &Path, round: usize, moment: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::kill::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let whole = |line: String| Some(line.strip_prefix("ack ")?.strip_suffix(" .")?.to_owned());
    let first = lines.by_ref().find_map(whole).expect("the child acknowledges");
    let killer = std::thread::spawn(move || {
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let mut acknowledged = vec![first];
    acknowledged.extend(lines.filter_map(whole));
    killer.join().unwrap();
    acknowledged
}

async fn check(world: &World, put: &BTreeSet<String>, removed: &BTreeSet<String>) {
    crate::moving::is_as_it_should_be(&world.store).await;
    let mut pairs: BTreeMap<String, usize> = BTreeMap::new();
    let (mut after, mut count) = (None, 0);
    loop {
        let page = world.store.page(ANNA, WORK, after.as_ref(), 1_000_000, Select::Body).await.unwrap();
        for item in &page.items {
            let pair = item.meta.name.as_str().rsplit_once('-').unwrap().0.to_owned();
            assert!(item.body[..] == *text(&pair).as_bytes(), "{pair} is torn");
            *pairs.entry(pair).or_default() += 1;
        }
        count += page.items.len();
        after = page.items.last().map(|item| item.meta.name.clone());
        if !page.more {
            break;
        }
    }
    assert!(pairs.values().all(|halves| *halves == 2), "half a write");
    for pair in put.difference(removed) {
        // Its removal may have been done and not yet acknowledged.
        let there = pairs.contains_key(pair) || was_removed(world, pair).await;
        assert!(there, "{pair} was acknowledged and is lost");
    }
    for pair in removed {
        assert!(!pairs.contains_key(pair), "{pair} is back");
    }
    let told = world.store.changes(ANNA, WORK, Version(0), 1_000_000, Select::Meta).await.unwrap();
    assert_eq!(told.changed.len(), count);
    let folded = texts(&world.store, ANNA, WORK).await.unwrap();
    assert_eq!(folded.len(), count);
    counted_once(world, count).await;
}

/// Every write counts once: each put and each removal took exactly one number.
async fn counted_once(world: &World, living: usize) {
    let version = world.version(WORK).await;
    let all = world.store.changes(ANNA, WORK, Version(1), 1_000_000, Select::Meta).await.unwrap();
    let puts = (living + all.removed.len()) as i64;
    assert_eq!(version.0, puts + all.removed.len() as i64, "{living} living, {} dead", all.removed.len());
    assert_eq!(world.store.usage(ANNA, WORK).await.unwrap().0, living as u64);
}

async fn was_removed(world: &World, pair: &str) -> bool {
    let all = world.store.changes(ANNA, WORK, Version(1), 1_000_000, Select::Meta).await.unwrap();
    all.removed.iter().any(|(name, _)| *name == item_name(&format!("{pair}-a")))
}
