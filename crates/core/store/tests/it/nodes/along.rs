//! Writes of several accounts that one commit takes along: what comes in the way of one of them concerns no other.

use super::{database, runtime};
use crate::suite::world::{World, body, collection, create, item_name};
use kontor_model::{AccountId, CollectionId, Error, Kind, Result, Rule, Version};
use kontor_store::postgres::{PostgresOptions, open};
use kontor_store::{BATCH_BOUNDS, Done, Expect, Op, Source, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

const ACCOUNTS: std::ops::Range<i64> = 1_000..1_012;
/// Keeps the only connection that writes busy while the others queue.
const FIRST: i64 = 1_000;

/// A node with one connection that writes, and accounts with a calendar each.
async fn one_writer(url: &str) -> Arc<World> {
    let options = PostgresOptions { writers: 1, ..PostgresOptions::default() };
    let world = World::new(open(url, &options).unwrap()).await;
    for id in ACCOUNTS {
        let calendar = collection(AccountId(id), CollectionId(id), "calendar", Kind::Calendar);
        let ops = vec![create(AccountId(id), &format!("a{id}")), Op::CreateCollection(Box::new(calendar))];
        world.write(ops).await.unwrap();
        world.act(put_op(&world, id, "old", "old", Expect::Any)).await.unwrap();
    }
    Arc::new(world)
}

fn put_op(world: &World, id: i64, name: &str, uid: &str, expect: Expect) -> Op {
    let at = Source { account: AccountId(id), collection: CollectionId(id), name: item_name(name) };
    world.put_op(at, expect, body("x", Some(uid)))
}

/// Holds the numbers of an account until it is dropped or told otherwise.
async fn hold(url: &str, id: i64) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = format!("BEGIN; SELECT 1 FROM counter WHERE account = {id} FOR UPDATE");
    client.batch_execute(&sql).await.unwrap();
    client
}

/// The ops, each as a write of its own, all queued while the only connection waits for the first account.
async fn queue(url: &str, world: &Arc<World>, ops: Vec<Op>) -> Vec<JoinHandle<Result<Done>>> {
    let first = hold(url, FIRST).await;
    let mut waiting = vec![start(world, put_op(world, FIRST, "new", "new", Expect::Any))];
    while world.store.load().queued > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    waiting.extend(ops.into_iter().map(|op| start(world, op)));
    tokio::task::yield_now().await;
    first.batch_execute("COMMIT").await.unwrap();
    waiting
}

async fn answers(waiting: Vec<JoinHandle<Result<Done>>>) -> Vec<Result<Done>> {
    let mut answers = Vec::new();
    for one in waiting {
        answers.push(one.await.unwrap());
    }
    answers
}

fn start(world: &Arc<World>, op: Op) -> JoinHandle<Result<Done>> {
    let world = Arc::clone(world);
    tokio::spawn(async move { world.act(op).await })
}

/// Commits of one write, and of more.
fn commits(store: &Arc<dyn Store>) -> (u64, u64) {
    let batches = store.load().batches;
    assert_eq!(BATCH_BOUNDS[0], 1);
    (batches[0], batches[1..].iter().sum())
}

async fn version(world: &World, id: i64) -> Version {
    world.store.version(AccountId(id), CollectionId(id)).await.unwrap()
}

#[test]
fn accounts_go_along_with_others() {
    let url = database("along");
    runtime().block_on(async {
        let world = one_writer(&url).await;
        let before = commits(&world.store);
        let ops = ACCOUNTS.skip(1).map(|id| put_op(&world, id, "new", "new", Expect::Absent)).collect();
        for answer in answers(queue(&url, &world, ops).await).await {
            assert!(
                matches!(answer, Ok(Done::Item { version: Version(2), created: true, .. })),
                "{answer:?}"
            );
        }
        let (single, several) = commits(&world.store);
        let single = single - before.0;
        assert!(several > before.1 && single < 12, "{single} accounts were written to alone");
        for id in ACCOUNTS {
            assert_eq!(version(&world, id).await, Version(2));
        }
    });
}

#[test]
fn what_one_of_them_is_refused_is_its_own() {
    let url = database("refused");
    runtime().block_on(async {
        let world = one_writer(&url).await;
        let mut ops: Vec<Op> =
            (1_001..1_008).map(|id| put_op(&world, id, "new", "new", Expect::Absent)).collect();
        // Refused before anything is written; by the index over UIDs; by the database, which takes no NUL.
        ops.push(put_op(&world, 1_008, "old", "old", Expect::Absent));
        ops.push(put_op(&world, 1_009, "new", "old", Expect::Absent));
        ops.push(put_op(&world, 1_010, "new", "n\0l", Expect::Absent));
        let at = Source { account: AccountId(1_011), collection: CollectionId(7), name: item_name("x") };
        ops.push(Op::Remove { at, expect: Expect::Any });
        let mut answers = answers(queue(&url, &world, ops).await).await;
        let refused = answers.split_off(8);
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let told = [
            matches!(refused[0], Err(Error::Exists | Error::Stale { .. })),
            matches!(refused[1], Err(Error::Invalid { rule: Rule::UidConflict { .. }, .. })),
            matches!(refused[2], Err(Error::Invalid { rule: Rule::Data, .. })),
            matches!(refused[3], Err(Error::NotFound)),
        ];
        assert_eq!(told, [true; 4], "{refused:?}");
        for id in ACCOUNTS {
            assert_eq!(version(&world, id).await, Version(if id < 1_008 { 2 } else { 1 }), "{id}");
        }
    });
}

#[test]
fn who_is_held_stays_behind() {
    let url = database("behind");
    runtime().block_on(async {
        let world = one_writer(&url).await;
        let held = hold(&url, 1_005).await;
        let ops = ACCOUNTS.skip(1).map(|id| put_op(&world, id, "new", "new", Expect::Any)).collect();
        let mut waiting = queue(&url, &world, ops).await;
        let stuck = waiting.remove(5);
        let answers = tokio::time::timeout(Duration::from_secs(120), answers(waiting)).await;
        let answers = answers.expect("the others are written to");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(version(&world, 1_005).await, Version(1), "it is held");
        held.batch_execute("COMMIT").await.unwrap();
        match stuck.await.unwrap() {
            Ok(_) => assert_eq!(version(&world, 1_005).await, Version(2)),
            Err(Error::Busy { .. }) => assert_eq!(version(&world, 1_005).await, Version(1)),
            other => panic!("{other:?}"),
        }
    });
}
