//! Rows of some accounts are held by somebody else: the others are written to all the same.

use super::{database, runtime};
use crate::suite::world::{WORK, World, body, collection, create, item_name};
use kontor_model::{AccountId, CollectionId, Error, Kind, Result, Version};
use kontor_store::postgres::{PostgresOptions, open};
use kontor_store::{Expect, Op, Source};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// More accounts than the node has connections that write.
const STUCK: std::ops::Range<i64> = 1_000..1_008;

/// A node with two connections that write, and accounts that will be held.
async fn few_writers(url: &str) -> Arc<World> {
    let options = PostgresOptions { writers: 2, ..PostgresOptions::default() };
    let world = World::new(open(url, &options).unwrap()).await;
    for id in STUCK {
        let calendar = collection(AccountId(id), CollectionId(id), "calendar", Kind::Calendar);
        let ops = vec![create(AccountId(id), &format!("a{id}")), Op::CreateCollection(Box::new(calendar))];
        world.write(ops).await.unwrap();
    }
    Arc::new(world)
}

/// A transaction of somebody else that holds the numbers of those accounts.
async fn hold(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT 1 FROM counter WHERE account >= 1000 FOR UPDATE").await.unwrap();
    client
}

async fn put(world: Arc<World>, id: i64, name: &'static str) -> Result<()> {
    let at = Source { account: AccountId(id), collection: CollectionId(id), name: item_name(name) };
    world.act(world.put_op(at, Expect::Any, body("x", Some(name)))).await.map(drop)
}

#[test]
fn accounts_that_are_held_do_not_stop_the_others() {
    let url = database("held");
    runtime().block_on(async {
        let world = few_writers(&url).await;
        let holder = hold(&url).await;
        let put_all = |name| STUCK.map(move |id| (id, name));
        let waiting: Vec<_> = put_all("one")
            .chain(put_all("two"))
            .map(|(id, name)| (id, name, tokio::spawn(put(Arc::clone(&world), id, name))))
            .collect();
        let others = async {
            for n in 0..50 {
                world.put(WORK, &format!("{n}"), "x").await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(120), others).await;
        assert!(waited.is_ok(), "an account that nobody holds is not written to");
        for id in STUCK {
            let version = world.store.version(AccountId(id), CollectionId(id)).await;
            assert_eq!(version, Ok(Version::ZERO), "it was held");
        }
        holder.batch_execute("COMMIT").await.unwrap();
        for (id, name, write) in waiting {
            match write.await.unwrap() {
                Ok(()) => {}
                // It was held for so long that whoever waited was told to come again.
                Err(Error::Busy { .. }) => put(Arc::clone(&world), id, name).await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
        for id in STUCK {
            let version = world.store.version(AccountId(id), CollectionId(id)).await;
            assert_eq!(version, Ok(Version(2)), "each was written once");
        }
    });
}

#[test]
fn a_store_closes_while_accounts_are_held() {
    let url = database("close");
    runtime().block_on(async {
        let world = few_writers(&url).await;
        let _holder = hold(&url).await;
        let waiting: Vec<_> = STUCK.map(|id| tokio::spawn(put(Arc::clone(&world), id, "one"))).collect();
        let other = tokio::spawn({
            let world = Arc::clone(&world);
            async move { world.put(WORK, "other", "x").await }
        });
        tokio::task::yield_now().await;
        let closed = tokio::time::timeout(Duration::from_secs(120), world.store.close()).await;
        assert!(matches!(closed, Ok(Ok(()))), "{closed:?}");
        for write in waiting {
            assert!(matches!(write.await.unwrap(), Err(Error::Busy { .. })));
        }
        // Written, or refused because it came too late.
        let _ = other.await;
    });
}
