//! Several nodes on one PostgreSQL: what one decides the others know, whatever their clocks say.

mod clocks;
mod guessing;
mod shut_out;

use crate::bed::{BOOKS, CALENDARS, NOW, policy};
use kontor_groupware::{
    Asker, Attempt, Denied, Expect, NewUser, Office, Parts, Place, Policy, Put, Scope, Watch,
};
use kontor_model::{AccountName, FixedClock, ItemName, Origin, SeededChance, Timestamp};
use kontor_store::Store;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::postgres;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// So seldom that it does not happen in a test.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);
/// How long what has to happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const MINUTES: i64 = 60_000;

/// An empty database; its URL.
fn database() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    postgres().create(&format!("office{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// An engine on an empty database.
pub(crate) async fn store() -> Arc<dyn Store> {
    let url = database();
    tokio::task::spawn_blocking(move || open(&url, &options(Hearing::Hints)).unwrap()).await.unwrap()
}

/// How nodes hear of each other.
#[derive(Clone, Copy, Debug)]
enum Hearing {
    /// By hints alone.
    Hints,
    /// By asking alone.
    Asking,
    /// Not at all.
    Deaf,
}

fn options(hearing: Hearing) -> PostgresOptions {
    let (notify, poll) = match hearing {
        Hearing::Hints => (true, NEVER),
        Hearing::Asking => (false, Duration::from_millis(20)),
        Hearing::Deaf => (false, NEVER),
    };
    PostgresOptions { notify, poll: Some(poll), ..PostgresOptions::default() }
}

/// One node, with a clock of its own.
struct Node {
    office: Office,
    store: Arc<dyn Store>,
    clock: Arc<FixedClock>,
    root: Asker,
}

impl Node {
    /// A node whose clock shows so much more than it should.
    async fn with(url: &str, hearing: Hearing, skew_ms: i64, policy: Policy) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(100);
        let (url, options) = (url.to_owned(), options(hearing));
        let opened = tokio::task::spawn_blocking(move || open(&url, &options).unwrap());
        let store = opened.await.unwrap();
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(NOW).plus_millis(skew_ms)));
        let chance = Arc::new(SeededChance::new(NEXT.fetch_add(1, Ordering::Relaxed)));
        let parts = Parts { store: store.clone(), clock: clock.clone(), chance, policy };
        let office = Office::open(parts).await.unwrap();
        Self { office, store, clock, root: Asker::system(Origin::Admin) }
    }

    async fn new(url: &str, hearing: Hearing) -> Self {
        Self::with(url, hearing, 0, policy()).await
    }

    /// An account whose password is its name.
    async fn user(&self, name: &str) -> Asker {
        let email = format!("{name}@example.com");
        let new = NewUser::person(AccountName::new(name).unwrap(), name, &email, Some(name));
        Asker::account(self.office.create_user(&self.root, new).await.unwrap(), Origin::Dav)
    }

    async fn sign_in(&self, name: &str, password: &str) -> Result<Asker, Denied> {
        self.sign_in_from(name, password, "192.0.2.1").await
    }

    async fn sign_in_from(&self, name: &str, password: &str, from: &str) -> Result<Asker, Denied> {
        let attempt = Attempt { name, password, address: from.parse().unwrap(), scope: Scope::Dav };
        self.office.sign_in(attempt).await
    }

    async fn calendar(&self, who: &Asker, owner: &str) -> kontor_model::Result<Place> {
        self.office.place(who, owner, CALENDARS, "default").await
    }

    async fn book(&self, who: &Asker, owner: &str) -> Place {
        self.office.place(who, owner, BOOKS, "default").await.unwrap()
    }

    async fn put(&self, who: &Asker, at: &Place, name: &str, text: &str) -> kontor_model::Result<()> {
        let bytes = bytes::Bytes::copy_from_slice(text.as_bytes());
        let put = Put { media_type: "", bytes, expect: Expect::Any };
        self.office.put(who, at, &ItemName::new(name).unwrap(), put).await.map(drop)
    }

    /// Waits until this node knows of nothing that happened within the last second: as if cut off.
    async fn grows_old(&self) {
        until("to know nothing for a second", async || self.store.lag().unwrap() > Duration::from_secs(1))
            .await;
    }
}

/// Asks again and again until it holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "waited for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// That a watch ends, whatever it still tells.
async fn ends(watch: &mut Watch) {
    let over = async { while watch.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, over).await.expect("the watch goes on");
}
