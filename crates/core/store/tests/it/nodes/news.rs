//! What one node commits the others hear of: by hints where there are any, by asking elsewhere, and after a connection
//! was lost.

use super::{database, node, runtime};
use crate::suite::world::{ANNA, BERT, BERTS, CARDS, HOME, WORK, World};
use kontor_model::{AccountId, CollectionId, Grant, Grantee, News, Notice, PropertyKey, Role, Version};
use kontor_store::Op;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::{Postgres, postgres};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So seldom that nothing of these tests is heard by asking.
const NEVER: Duration = Duration::from_secs(3_600);
const PATIENCE: Duration = Duration::from_secs(60);

fn options(notify: bool, poll: Duration) -> PostgresOptions {
    PostgresOptions { notify, poll: Some(poll), ..PostgresOptions::default() }
}

fn world(url: &str, notify: bool, poll: Duration) -> World {
    World::again(open(url, &options(notify, poll)).unwrap())
}

/// What a node was told.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<News>>>);

impl Ear {
    fn of(world: &World) -> Self {
        let ear = Self::default();
        let all = Arc::clone(&ear.0);
        world.store.watch(Box::new(move |news| all.lock().unwrap().push(news.clone())));
        ear
    }

    fn heard(&self, news: &News) -> bool {
        self.0.lock().unwrap().contains(news)
    }

    async fn hears(&self, news: News) {
        let begun = Instant::now();
        while !self.heard(&news) {
            let all = self.0.lock().unwrap().len();
            assert!(begun.elapsed() < PATIENCE, "{news:?} is not heard of, but {all} others");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// That a collection came to its present number.
    async fn hears_latest(&self, one: &World, collection: CollectionId) {
        let version = one.version(collection).await;
        self.hears(change(crate::suite::world::owner(collection), Some(collection), version)).await;
    }
}

fn change(account: AccountId, collection: Option<CollectionId>, version: Version) -> News {
    News::Change(Notice { account, collection, version })
}

/// By the hint alone.
#[test]
fn a_hint_wakes_the_other_node() {
    let url = database("hints");
    runtime().block_on(async {
        let one = World::new(node(&url)).await;
        let other = world(&url, true, NEVER);
        let ear = Ear::of(&other);
        other.store.follow(vec![ANNA]).await.unwrap();
        for n in 0..20 {
            one.put(WORK, &format!("{n}"), "x").await;
            ear.hears_latest(&one, WORK).await;
        }
        // And back.
        let ear = Ear::of(&one);
        one.store.follow(vec![ANNA]).await.unwrap();
        other.put(HOME, "x", "x").await;
        ear.hears_latest(&other, HOME).await;
    });
}

#[test]
fn without_hints_it_is_asked() {
    let url = database("polls");
    runtime().block_on(async {
        let one = World::new(open(&url, &options(false, NEVER)).unwrap()).await;
        let other = world(&url, false, Duration::from_millis(20));
        let ear = Ear::of(&other);
        other.store.follow(vec![ANNA]).await.unwrap();
        for n in 0..5 {
            one.put(WORK, &format!("{n}"), "x").await;
            ear.hears_latest(&one, WORK).await;
        }
        let key = PropertyKey::new("color");
        let changes = vec![(key, Some(Vec::new()))];
        one.act(Op::SetCollectionProperties { account: ANNA, collection: WORK, changes }).await.unwrap();
        let shelf = Version(one.store.shelf(ANNA).await.unwrap().version);
        ear.hears(change(ANNA, None, shelf)).await;
    });
}

/// A hint that was lost is made up for, though hints are sent.
#[test]
fn a_lost_hint_is_made_up_for_by_asking() {
    let url = database("lost");
    runtime().block_on(async {
        let one = World::new(node(&url)).await;
        let other = world(&url, true, Duration::from_millis(20));
        let ear = Ear::of(&other);
        other.store.follow(vec![ANNA]).await.unwrap();
        // Written past all nodes.
        let sql = format!("UPDATE counter SET version = version + 1 WHERE collection = {}", WORK.0);
        postgres().sql(url.rsplit('/').next().unwrap(), &sql);
        ear.hears_latest(&one, WORK).await;
    });
}

/// Whatever was committed after a store began to be followed is told, and nothing of other stores.
#[test]
fn what_is_followed_is_told_from_that_moment_on() {
    let url = database("follow");
    runtime().block_on(async {
        let one = World::new(node(&url)).await;
        let other = world(&url, true, NEVER);
        let ear = Ear::of(&other);
        for n in 0..40 {
            one.put(WORK, &format!("before {n}"), "x").await;
            other.store.follow(vec![ANNA]).await.unwrap();
            one.put(WORK, &format!("after {n}"), "x").await;
            ear.hears_latest(&one, WORK).await;
            other.store.unfollow(&[ANNA]);
        }
        other.store.follow(vec![BERT]).await.unwrap();
        let before = ear.0.lock().unwrap().len();
        one.put(WORK, "unheard", "x").await;
        one.put(BERTS, "heard", "x").await;
        ear.hears_latest(&one, BERTS).await;
        let all = ear.0.lock().unwrap().split_off(before);
        assert!(all.iter().all(|news| !matches!(news, News::Change(one) if one.account == ANNA)), "{all:?}");
    });
}

/// What happens to accounts is told to all, whether they follow anybody or not.
#[test]
fn what_happens_to_accounts_is_told_everywhere() {
    for (notify, poll) in [(true, NEVER), (false, Duration::from_millis(20))] {
        let url = database(if notify { "accounts" } else { "asked" });
        runtime().block_on(async {
            let one = World::new(open(&url, &options(notify, NEVER)).unwrap()).await;
            let other = world(&url, notify, poll);
            let ear = Ear::of(&other);
            one.act(Op::SetPassword { id: ANNA, digest: None }).await.unwrap();
            ear.hears(News::Account(ANNA)).await;
            let grants = Some(vec![Grant { grantee: Grantee::Account(ANNA), rights: Role::Reader.rights() }]);
            one.act(Op::SetGrants { account: BERT, collection: Some(BERTS), grants }).await.unwrap();
            ear.hears(News::Grants(BERT)).await;
            assert!(!ear.heard(&News::Anything), "all of it is known");
        });
    }
}

/// A node that was away for long hears that anything may have happened.
#[test]
fn what_cannot_be_told_one_by_one_is_told_as_anything() {
    let url = database("trimmed");
    let name = url.rsplit('/').next().unwrap();
    runtime().block_on(async {
        let one = World::new(open(&url, &options(false, NEVER)).unwrap()).await;
        let other = world(&url, false, NEVER);
        let ear = Ear::of(&other);
        // It asks when it has connected, and then no more: it may have heard this or not.
        let hears = async |id, news: News| {
            one.act(Op::SetPassword { id, digest: None }).await.unwrap();
            while !ear.heard(&news) {
                cut_off(name);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        hears(BERT, News::Account(BERT)).await;
        one.act(Op::SetPassword { id: ANNA, digest: None }).await.unwrap();
        postgres().sql(name, "DELETE FROM account_change WHERE account = 0");
        assert!(!ear.heard(&News::Account(ANNA)) && !ear.heard(&News::Anything));
        cut_off(name);
        ear.hears(News::Anything).await;
        hears(ANNA, News::Account(ANNA)).await;
    });
}

/// Ends the connections on which nodes hear of each other; whether there were any.
fn cut_off(name: &str) -> bool {
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'kontor news'";
    postgres().sql(name, cut) != "0"
}

/// The connections are cut again and again while all sorts of things are written: in the end everything was told.
#[test]
fn nothing_is_missed_when_the_connection_is_lost() {
    let url = database("cut");
    let name = url.rsplit('/').next().unwrap().to_owned();
    runtime().block_on(async {
        let one = Arc::new(World::new(node(&url)).await);
        // By asking again it would hear of it too; not here.
        let other = world(&url, true, NEVER);
        let ear = Ear::of(&other);
        other.store.follow(vec![ANNA, BERT]).await.unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let cutting = {
            let over = Arc::clone(&over);
            tokio::task::spawn_blocking(move || {
                let mut cuts = 0;
                while !over.load(Ordering::SeqCst) || cuts < 5 {
                    cuts += usize::from(cut_off(&name));
                    std::thread::sleep(Duration::from_millis(30));
                }
                cuts
            })
        };
        for round in 0..12 {
            for n in 0..20 {
                let collection = [WORK, HOME, CARDS, BERTS][n % 4];
                one.put(collection, &format!("{round}-{n}"), "x").await;
            }
            one.act(Op::SetPassword { id: ANNA, digest: Some(format!("{round}")) }).await.unwrap();
            for collection in [WORK, HOME, CARDS, BERTS] {
                ear.hears_latest(&one, collection).await;
            }
            ear.hears(News::Account(ANNA)).await;
            ear.0.lock().unwrap().clear();
        }
        over.store(true, Ordering::SeqCst);
        assert!(cutting.await.unwrap() >= 5);
    });
}

/// How old the knowledge of a node is, it knows: by that it decides what it may go on believing.
#[test]
fn the_lag_grows_while_the_database_is_away() {
    let server = Postgres::start("lag");
    let url = server.create("lag");
    runtime().block_on(async {
        let store = open(&url, &options(true, Duration::from_millis(50))).unwrap();
        let until = async |what: &str, holds: &dyn Fn(Duration) -> bool| {
            let begun = Instant::now();
            while !holds(store.lag().unwrap()) {
                assert!(begun.elapsed() < PATIENCE, "{what}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let second = Duration::from_secs(1);
        until("it asks", &|lag| lag < second).await;
        server.stop();
        until("nothing more is known", &|lag| lag > second).await;
        server.run();
        until("it asks again", &|lag| lag < second).await;
    });
}
