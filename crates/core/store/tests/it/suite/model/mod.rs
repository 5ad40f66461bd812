//! The model test: random verbs on a store and on a small office in memory, which must agree on every answer and,
//! again and again, on everything that can be asked; the store is closed and opened at random moments.

mod compare;
mod office;
mod past;
mod tides;
mod verbs;

use super::{Engine, engines_and_places};
use crate::blobs::bed::{collect, names};
use kontor_model::{Actor, Origin, Result, Timestamp};
use kontor_store::{BlobOptions, Receipt, Store, Verdict, Write};
use office::Office;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tides::Tides;
pub(super) use verbs::Dice;

const STEPS: usize = 1_500;
/// On a database where much is done twice.
const STEPS_OF_POORER: usize = 300;

#[test]
fn the_store_agrees_with_the_model_first() {
    run(1);
}

#[test]
fn the_store_agrees_with_the_model_second() {
    run(2);
}

#[test]
fn the_store_agrees_with_the_model_third() {
    run(3);
}

fn run(seed: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for engine in engines_and_places() {
        let mut store = open(&engine);
        let (mut office, mut dice, mut tides) = (Office::default(), Dice::new(seed), Tides::default());
        let steps = if engine.is_poorer() { STEPS_OF_POORER } else { STEPS };
        for step in 0..steps {
            let context = format!("{}, seed {seed}, step {step}", engine.name);
            runtime.block_on(act(&store, (&mut office, &mut tides), &mut dice, step, &context));
            if dice.one_in(40) {
                runtime.block_on(compare::everything(&store, &office, &mut dice, &context));
                runtime.block_on(tides.are_known(&store, &context));
            }
            if dice.one_in(30) {
                runtime.block_on(collect(&store.blobs().unwrap()));
            }
            if dice.one_in(150) {
                if dice.one_in(2) {
                    runtime.block_on(store.close()).unwrap();
                }
                drop(store);
                store = open(&engine);
            }
        }
        runtime.block_on(compare::everything(&store, &office, &mut dice, "at the end"));
        runtime.block_on(crate::moving::is_as_it_should_be(&store));
        runtime.block_on(objects_agree(&store, engine.name));
    }
}

/// What nothing refers to may be collected at any moment.
fn open(engine: &Engine) -> Arc<dyn Store> {
    let blobs = BlobOptions { keep_unused: Duration::ZERO, ..engine.blobs() };
    engine.open_keeping(blobs, past::KEPT).unwrap()
}

/// Each object is what something refers to, and what was put.
async fn objects_agree(store: &Arc<dyn Store>, engine: &str) {
    let blobs = store.blobs().unwrap();
    collect(&blobs).await;
    let (mut kept, mut all) = (BTreeSet::new(), blobs.kept());
    while let Some(blob) = all.next().await {
        let blob = blob.unwrap();
        assert_eq!(blobs.verify(&blob).await, Ok(Verdict::Good), "{engine}: {blob:?}");
        kept.insert(blob.object());
    }
    assert_eq!(names(&blobs).await, kept, "{engine}");
    assert!(!kept.is_empty(), "{engine}: nothing large was left");
}

/// One random write on both.
async fn act(
    store: &Arc<dyn Store>,
    (office, tides): (&mut Office, &mut Tides),
    dice: &mut Dice,
    step: usize,
    context: &str,
) {
    let at = Timestamp::from_millis(1_000 + i64::try_from(step).unwrap());
    if dice.one_in(60) {
        let before = at.plus_millis(-20);
        trim(store, office, before).await;
        tides.trim(before);
        return;
    }
    if dice.one_in(20) {
        tides.note(store, office, dice, at).await;
        return;
    }
    let ops = dice.ops(office);
    let told = format!("{context}: {ops:#?}");
    let before = office.clone();
    let expected: Result<Vec<_>> = ops.iter().map(|op| office.apply(op, at)).collect();
    let expected = expected.map(|done| Receipt { done, reached: Vec::new() });
    if expected.is_err() {
        *office = before;
    }
    let write = Write { actor: Actor::System, origin: Origin::Job, at, guards: Vec::new(), ops };
    assert_eq!(compare::plain(store.write(write).await), expected, "{told}");
}

async fn trim(store: &Arc<dyn Store>, office: &mut Office, before: Timestamp) {
    while store.trim(before).await.unwrap().more {}
    while store.forget_past(before).await.unwrap().more {}
    office.trim(before);
}
