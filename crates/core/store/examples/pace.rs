//! How many durable writes a second an engine takes: `pace FOLDER|postgres://... [WRITERS [ACCOUNTS [SECONDS
//! [CONNECTIONS]]]]`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use bytes::Bytes;
use kontor_model::{
    AccountId, AccountName, Actor, AdminLevel, Collection, CollectionId, CollectionName, Components, ItemId,
    ItemName, Kind, Origin, Principal, PrincipalKind, Properties, Timestamp,
};
use kontor_store::{Body, Expect, Facets, Guard, Op, Source, Store, Write, postgres, sqlite};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const TEXT: [u8; 800] = [b'x'; 800];

fn write(ops: Vec<Op>, guards: Vec<Guard>) -> Write {
    Write { actor: Actor::System, origin: Origin::Job, at: Timestamp::from_millis(1), guards, ops }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, other: i64| args.get(at).map_or(other, |text| text.parse().unwrap());
    let (writers, accounts, seconds) = (number(1, 64), number(2, 1), number(3, 5));
    let usual = postgres::PostgresOptions::default();
    let connections = usize::try_from(number(4, 0)).unwrap();
    let writing = if connections == 0 { usual.writers } else { connections };
    let options = postgres::PostgresOptions { writers: writing, ..usual };
    let store = match args[0].contains("postgres") || args[0].contains("host=") {
        true => postgres::open(&args[0], &options).unwrap(),
        false => sqlite::open(Path::new(&args[0]), &sqlite::SqliteOptions::default()).unwrap(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(store, writers, accounts, Duration::from_secs(seconds.unsigned_abs())));
}

async fn run(store: Arc<dyn Store>, writers: i64, accounts: i64, time: Duration) {
    for account in 1..=accounts {
        make(&store, AccountId(account)).await;
    }
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let ids = Arc::new(AtomicI64::new(1_000));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let account = AccountId(1 + writer % accounts);
            let (store, stop, count, ids) = (store.clone(), stop.clone(), count.clone(), ids.clone());
            tokio::spawn(async move {
                let mut worst = Duration::ZERO;
                let shelf = store.shelf(account).await.unwrap().version;
                while !stop.load(Ordering::Relaxed) {
                    let one = Instant::now();
                    let id = ids.fetch_add(1, Ordering::Relaxed);
                    store
                        .write(write(
                            vec![put(account, id)],
                            vec![Guard { account, shelf, quota: kontor_model::Quota::default() }],
                        ))
                        .await
                        .unwrap();
                    worst = worst.max(one.elapsed());
                    count.fetch_add(1, Ordering::Relaxed);
                }
                worst
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut worst = Duration::ZERO;
    for task in tasks {
        worst = worst.max(task.await.unwrap());
    }
    let done = count.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!("{writers} writers, {accounts} accounts: {done:.0} writes/s, slowest {worst:?}");
    store.close().await.unwrap();
}

fn put(account: AccountId, id: i64) -> Op {
    let name = ItemName::new(&format!("{id}.ics")).unwrap();
    let span = Some(kontor_model::Span { first: id * 60, last: id * 60 + 3_600 });
    let facets = Facets {
        uid: Some(format!("uid-{id}")),
        components: 1,
        span,
        timeline: vec![1; 40],
        folded: b"a meeting about something".to_vec(),
    };
    let body =
        Body { media_type: "text/calendar".to_owned(), content: Bytes::from_static(&TEXT).into(), facets };
    let at = Source { account, collection: CollectionId(1), name };
    Op::Put { at, expect: Expect::Absent, new_id: ItemId(id), body, part: false }
}

async fn make(store: &Arc<dyn Store>, account: AccountId) {
    let name = format!("a{}", account.0);
    let principal = Principal {
        id: account,
        name: AccountName::new(&name).unwrap(),
        kind: PrincipalKind::User,
        full_name: name.clone(),
        email: format!("{name}@example.org"),
        aliases: Vec::new(),
        active: true,
        admin: AdminLevel::None,
        hidden: false,
        created: Timestamp::from_secs(1),
    };
    let collection = Collection {
        account,
        id: CollectionId(1),
        parent: None,
        name: CollectionName::new("work").unwrap(),
        kind: Kind::Calendar,
        components: Components::EVENT,
        created: Timestamp::from_secs(1),
        properties: Properties::new(),
    };
    let ops = vec![Op::CreatePrincipal(Box::new(principal)), Op::CreateCollection(Box::new(collection))];
    store.write(write(ops, Vec::new())).await.unwrap();
}
