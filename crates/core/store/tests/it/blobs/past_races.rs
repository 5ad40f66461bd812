//! Nodes that replace, remove and bring back the same bytes while others collect whatever they can, and forget.

use super::bed::{LARGE, collect, names, noise, of};
use super::races::{collector, hasty, read, stubborn};
use crate::suite::world::{ANNA, WORK, World, item_name, source};
use crate::suite::{Engine, engines_and_places};
use kontor_model::{Error, Timestamp};
use kontor_store::blob::Verdict;
use kontor_store::{Expect, History, Op, OpenPast, Past};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const NODES: usize = 3;
const WRITERS: usize = 6;
const STEPS: usize = 40;
/// Different bodies: few, so that they meet.
const BODIES: u64 = 4;
/// Less than what all of them make, so that the oldest go all the time.
const KEPT: History = History { texts: 3, bytes: 16 * LARGE as u64 };

#[test]
fn what_is_past_can_be_read_for_as_long_as_it_is_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    for engine in engines_and_places() {
        runtime.block_on(race(&engine));
    }
}

async fn race(engine: &Engine) {
    let open = || engine.open_keeping(hasty(engine), KEPT).unwrap();
    let others = if engine.is_shared() { NODES - 1 } else { 0 };
    let mut nodes = vec![Arc::new(World::new(open()).await)];
    nodes.extend((0..others).map(|_| Arc::new(World::again(open()))));
    let (ended, removed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut helpers = Vec::new();
    for node in &nodes {
        helpers.push(tokio::spawn(collector(Arc::clone(node), Arc::clone(&ended), Arc::clone(&removed))));
        helpers.push(tokio::spawn(forgetter(Arc::clone(node), Arc::clone(&ended))));
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| tokio::spawn(writer(Arc::clone(&nodes[number % nodes.len()]), number)))
        .collect();
    let (mut model, mut brought) = (BTreeMap::new(), 0);
    for writer in writers {
        let (of_one, back) = writer.await.unwrap();
        model.extend(of_one);
        brought += back;
    }
    ended.store(true, Ordering::SeqCst);
    for helper in helpers {
        helper.await.unwrap();
    }
    assert!(removed.load(Ordering::SeqCst) > 0 && brought > 0, "{removed:?} collected, {brought} back");
    check(&nodes[0], &model).await;
    for node in nodes {
        node.store.close().await.unwrap();
    }
}

/// Nothing is too old, much is too much.
async fn forgetter(node: Arc<World>, ended: Arc<AtomicBool>) {
    while !ended.load(Ordering::SeqCst) {
        // Another one may be at it.
        let _ = node.store.forget_past(Timestamp::from_millis(0)).await;
        tokio::task::yield_now().await;
    }
}

type Model = BTreeMap<String, u64>;

/// Has names of its own, and bodies that all others have too; how many came back.
async fn writer(node: Arc<World>, number: usize) -> (Model, usize) {
    let (mut model, mut brought) = (Model::new(), 0);
    let mut dice = noise(number as u64 + 77, STEPS * 4).into_iter();
    let mut roll = |sides: u64| u64::from(dice.next().unwrap()) % sides;
    for _ in 0..STEPS {
        let name = format!("{number}-{}", roll(2));
        let at = source(WORK, &name);
        match roll(4) {
            0 if model.contains_key(&name) => {
                stubborn(&node, || Op::Remove { at: at.clone(), expect: Expect::Any }).await;
                model.remove(&name);
            }
            1 if !model.contains_key(&name) => {
                if let Some(which) = bring_back(&node, &name).await {
                    brought += 1;
                    model.insert(name.clone(), which);
                }
            }
            _ => {
                let which = roll(BODIES);
                stubborn(&node, || node.put_op(at.clone(), Expect::Any, of(noise(which, LARGE)))).await;
                model.insert(name.clone(), which);
            }
        }
        for past in told(&node, &name).await {
            // It may have been forgotten since.
            if let Some(open) = opened(&node, &past).await {
                which(&open).await;
            }
        }
        for (name, which) in &model {
            assert!(read(&node, WORK, name).await == noise(*which, LARGE), "{name}");
        }
    }
    (model, brought)
}

async fn told(node: &World, name: &str) -> Vec<Past> {
    loop {
        match node.store.past(ANNA, WORK, &item_name(name)).await {
            Err(Error::Busy { .. }) => tokio::task::yield_now().await,
            told => return told.unwrap(),
        }
    }
}

async fn opened(node: &World, past: &Past) -> Option<OpenPast> {
    for _ in 0..200 {
        match node.store.open_past(ANNA, past.item(), past.number).await {
            Err(Error::Busy { .. }) => tokio::task::yield_now().await,
            open => return open.unwrap(),
        }
    }
    panic!("never opened");
}

/// Which of the bodies it is; `None` if it was forgotten and collected while it was read.
async fn which(open: &OpenPast) -> Option<u64> {
    let (mut bytes, mut reader) = (Vec::new(), open.body.read_all());
    while let Some(piece) = reader.next().await {
        bytes.extend_from_slice(&piece.ok()?);
    }
    let which = (0..BODIES).find(|which| noise(*which, LARGE) == bytes);
    assert!(which.is_some(), "{:?} is something else", open.past);
    which
}

/// Brings the last text of a name back; which that was. `None` if it is forgotten.
async fn bring_back(node: &World, name: &str) -> Option<u64> {
    let past = told(node, name).await.pop()?;
    let open = opened(node, &past).await?;
    let which = which(&open).await?;
    for _ in 0..200 {
        let put = node.put_op(source(WORK, name), Expect::Absent, of(open.body.content()));
        let back = Op::TakeBack { item: past.item(), number: past.number, at: source(WORK, name) };
        match node.write(vec![put, back]).await {
            Ok(_) => return Some(which),
            // Forgotten, perhaps in the very moment: nothing refers to the body, and it may be doomed.
            Err(Error::NotFound) => return None,
            Err(Error::Busy { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error:?}"),
        }
        opened(node, &past).await?;
    }
    panic!("never done");
}

async fn check(node: &World, model: &Model) {
    let blobs = node.store.blobs().unwrap();
    collect(&blobs).await;
    for (name, which) in model {
        assert!(read(node, WORK, name).await == noise(*which, LARGE), "{name}");
    }
    let mut all = blobs.kept();
    let mut kept = std::collections::BTreeSet::new();
    while let Some(blob) = all.next().await {
        let blob = blob.unwrap();
        assert_eq!(blobs.verify(&blob).await, Ok(Verdict::Good));
        kept.insert(blob.object());
    }
    assert_eq!(names(&blobs).await, kept, "objects and rows agree");
    for number in 0..WRITERS {
        for name in [format!("{number}-0"), format!("{number}-1")] {
            for past in told(node, &name).await {
                let open = opened(node, &past).await.unwrap();
                assert!(which(&open).await.is_some(), "{past:?}");
            }
        }
    }
    crate::moving::is_as_it_should_be(&node.store).await;
}
