//! Nodes that write, move and remove the same bytes while other nodes collect whatever they can.

use super::bed::{LARGE, collect, names, noise, of};
use crate::suite::world::{ANNA, BERTS, HOME, WORK, World, owner, source};
use crate::suite::{Engine, engines_and_places};
use kontor_model::{CollectionId, Error};
use kontor_store::blob::Verdict;
use kontor_store::{BlobOptions, Expect, Op};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const NODES: usize = 3;
const WRITERS: usize = 6;
const STEPS: u64 = 60;
/// Different bodies: few, so that they meet.
const BODIES: u64 = 4;

/// Everything that nothing refers to may be collected at once, even what is just being laid down.
pub(super) fn hasty(engine: &Engine) -> BlobOptions {
    BlobOptions { keep_unused: Duration::ZERO, ..engine.blobs() }
}

#[test]
fn nothing_that_is_referred_to_is_ever_collected() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for engine in engines_and_places() {
        runtime.block_on(race(&engine));
    }
}

async fn race(engine: &Engine) {
    let first = engine.open_with(hasty(engine)).unwrap();
    let others = if engine.is_shared() { NODES - 1 } else { 0 };
    let mut nodes = vec![Arc::new(World::new(Arc::clone(&first)).await)];
    nodes.extend((0..others).map(|_| Arc::new(World::again(engine.open_with(hasty(engine)).unwrap()))));
    let (ended, removed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let collectors: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(collector(Arc::clone(node), Arc::clone(&ended), Arc::clone(&removed))))
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| tokio::spawn(writer(Arc::clone(&nodes[number % nodes.len()]), number)))
        .collect();
    let mut model = BTreeMap::new();
    for writer in writers {
        model.extend(writer.await.unwrap());
    }
    ended.store(true, Ordering::SeqCst);
    for collector in collectors {
        collector.await.unwrap();
    }
    assert!(removed.load(Ordering::SeqCst) > 0, "nothing was collected meanwhile");
    check(&nodes[0], &model).await;
    for node in nodes {
        node.store.close().await.unwrap();
    }
}

pub(super) async fn collector(node: Arc<World>, ended: Arc<AtomicBool>, removed: Arc<AtomicU64>) {
    let blobs = node.store.blobs().unwrap();
    while !ended.load(Ordering::SeqCst) {
        // Another node may have the same one under its hands.
        if let Ok(collected) = blobs.collect().await {
            removed.fetch_add(collected.removed, Ordering::SeqCst);
        }
        tokio::task::yield_now().await;
    }
}

type Model = BTreeMap<(CollectionId, String), u64>;

/// Has names of its own, and bodies that all others have too; reads back each that was acknowledged.
async fn writer(node: Arc<World>, number: usize) -> Model {
    let mut model = Model::new();
    let mut dice = noise(number as u64 + 1, STEPS as usize * 4).into_iter();
    let mut roll = |sides: u64| u64::from(dice.next().unwrap()) % sides;
    for _ in 0..STEPS {
        let collection = [WORK, HOME, BERTS][usize::try_from(roll(3)).unwrap()];
        let name = format!("{number}-{}", roll(2));
        let (which, verb) = (roll(BODIES), roll(6));
        let key = (collection, name.clone());
        let at = source(collection, &name);
        match verb {
            0 if model.contains_key(&key) => {
                stubborn(&node, || Op::Remove { at: at.clone(), expect: Expect::Any }).await;
                model.remove(&key);
            }
            1 | 2 if let Some((from, known)) = model.iter().next_back().map(|(a, b)| (a.clone(), *b)) => {
                if from == key {
                    continue;
                }
                let (from_at, new_id) = (source(from.0, &from.1), node.id());
                let (expect, target) = (Expect::Any, Expect::Any);
                let (copy, to) = (verb == 1, at);
                stubborn(&node, || {
                    let (from, to) = (from_at.clone(), to.clone());
                    if copy {
                        Op::Copy { from, expect, to, target, new_id }
                    } else {
                        Op::Relocate { from, expect, to, target, new_id }
                    }
                })
                .await;
                if !copy {
                    model.remove(&from);
                }
                model.insert(key, known);
            }
            _ => {
                let put = || node.put_op(at.clone(), Expect::Any, of(noise(which, LARGE)));
                stubborn(&node, put).await;
                model.insert(key, which);
            }
        }
        for ((collection, name), which) in &model {
            let found = read(&node, *collection, name).await;
            assert!(found == noise(*which, LARGE), "{collection:?} {name}");
        }
    }
    model
}

/// Writes until it is done: what is doomed in the very moment is told to come back.
pub(super) async fn stubborn(node: &World, op: impl Fn() -> Op) {
    for _ in 0..200 {
        match node.act(op()).await {
            Err(Error::Busy { .. }) => tokio::task::yield_now().await,
            done => {
                done.unwrap();
                return;
            }
        }
    }
    panic!("never done");
}

pub(super) async fn read(node: &World, collection: CollectionId, name: &str) -> Vec<u8> {
    let (account, name) = (owner(collection), crate::suite::world::item_name(name));
    loop {
        match node.store.item(account, collection, &name).await {
            Err(Error::Busy { .. }) => tokio::task::yield_now().await,
            found => return found.unwrap().unwrap().body.to_vec(),
        }
    }
}

async fn check(node: &World, model: &Model) {
    let blobs = node.store.blobs().unwrap();
    collect(&blobs).await;
    for ((collection, name), which) in model {
        assert!(read(node, *collection, name).await == noise(*which, LARGE), "{collection:?} {name}");
    }
    let (mut kept, mut all) = (BTreeSet::new(), blobs.kept());
    while let Some(blob) = all.next().await {
        let blob = blob.unwrap();
        assert_eq!(blobs.verify(&blob).await, Ok(Verdict::Good));
        kept.insert(blob.object());
    }
    assert_eq!(names(&blobs).await, kept, "objects and rows agree");
    let of_anna = format!("{:016x}/", ANNA.0);
    let referred: BTreeSet<_> = model.iter().map(|((at, _), which)| (owner(*at) == ANNA, *which)).collect();
    let objects = |mine: bool| kept.iter().filter(|name| name.starts_with(&of_anna) == mine).count();
    // Two that laid the same bytes down at the same moment may both have theirs.
    for mine in [true, false] {
        let distinct = referred.iter().filter(|(anna, _)| *anna == mine).count();
        assert!(objects(mine) >= distinct && objects(mine) <= model.len(), "{} of {distinct}", objects(mine));
    }
}
