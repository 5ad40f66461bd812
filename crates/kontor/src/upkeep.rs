//! What a running server does by itself: it keeps the change log short, and knows whether its store is well.

use kontor_model::{Actor, Clock, Error, Origin, Result, SystemChance, SystemClock, Timestamp};
use kontor_store::{Blobs, Lease, Op, Store, Tenure, Write};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How often the change log is trimmed.
const TRIM_EVERY: Duration = Duration::from_secs(24 * 3600);
/// After the start, when clients have come back and asked for what they missed.
const TRIM_FIRST: Duration = Duration::from_secs(120);
/// Between two bounded steps of trimming, so that clients' writes come first.
const TRIM_REST: Duration = Duration::from_millis(200);
/// How often large bodies are removed that nothing refers to.
const COLLECT_EVERY: Duration = Duration::from_secs(3600);
/// Before a busy store is asked again.
const BUSY_REST: Duration = Duration::from_millis(500);

/// How long a server that ends takes to hand its jobs on.
const HANDING_ON: Duration = Duration::from_secs(2);

/// The name under which servers on one database show that it takes writes.
const HEALTH: &str = "health";

/// The jobs of a running server.
pub(crate) struct Upkeep {
    store: Arc<dyn Store>,
    ending: watch::Sender<bool>,
    jobs: JoinSet<()>,
    here: Here,
}

/// Which of the jobs are done here now.
#[derive(Clone, Default)]
pub(crate) struct Here(Arc<Mutex<BTreeMap<String, usize>>>);

impl Here {
    /// All that were begun, and whether this server does them.
    pub(crate) fn all(&self) -> Vec<(String, bool)> {
        self.lock().iter().map(|(job, count)| (job.clone(), *count > 0)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job is done here until what this gives is dropped.
    fn doing(&self, job: &str) -> Doing {
        *self.lock().entry(job.to_owned()).or_default() += 1;
        Doing(self.clone(), job.to_owned())
    }
}

/// A job under way.
struct Doing(Here, String);

impl Drop for Doing {
    fn drop(&mut self) {
        if let Some(count) = self.0.lock().get_mut(&self.1) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Upkeep {
    /// None yet.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let here = Here::default();
        Self { store, ending: watch::Sender::new(false), jobs: JoinSet::new(), here }
    }

    /// Which jobs are done here.
    pub(crate) fn here(&self) -> Here {
        self.here.clone()
    }

    /// Does a job here as long as no other server of the same data does it. It may be dropped wherever it waits, and be
    /// begun again, here or elsewhere.
    pub(crate) fn begin<F>(&mut self, name: &str, job: impl Fn(Arc<dyn Store>) -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send,
    {
        let mut lease = Lease::new(self.store.clone(), Arc::new(SystemClock), &SystemChance, name);
        let (store, mut ending) = (self.store.clone(), self.ending.subscribe());
        let (name, here) = (name.to_owned(), self.here());
        here.lock().entry(name.clone()).or_default();
        self.jobs.spawn(async move {
            let job = || {
                let (doing, job) = (here.doing(&name), job(store.clone()));
                async move {
                    job.await;
                    drop(doing);
                }
            };
            // An error means that the server is gone altogether, which is an end too.
            lease.hold(job, async { drop(ending.wait_for(|now| *now).await) }).await;
        });
    }

    /// Ends all jobs and hands them on.
    pub(crate) async fn end(mut self) {
        self.ending.send_replace(true);
        let _ = timeout(HANDING_ON, async { while self.jobs.join_next().await.is_some() {} }).await;
    }
}

/// Drops log entries that are older than `days`, once a day; 0 keeps them for ever.
pub(crate) async fn keep_trimmed(store: Arc<dyn Store>, days: u32) {
    if days == 0 {
        return;
    }
    sleep(TRIM_FIRST).await;
    loop {
        match trim(&*store, days).await {
            Ok(rows) => tracing::info!(rows, "change log trimmed"),
            Err(error) => tracing::error!(%error, "cannot trim the change log; trying again tomorrow"),
        }
        sleep(TRIM_EVERY).await;
    }
}

/// Drops what items said before that went more than `days` ago, and what is above the bound, once a day.
pub(crate) async fn keep_forgotten(store: Arc<dyn Store>, days: u32) {
    sleep(TRIM_FIRST).await;
    loop {
        match forget(&*store, days).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old texts of items are forgotten"),
            Err(error) => {
                tracing::error!(%error, "cannot drop old texts of items; trying again tomorrow");
            }
        }
        sleep(TRIM_EVERY).await;
    }
}

/// Removes large bodies that nothing refers to any more, once an hour.
pub(crate) async fn keep_collected(store: Arc<dyn Store>) {
    let Some(blobs) = store.blobs() else { return };
    sleep(TRIM_FIRST).await;
    loop {
        match collect(&blobs).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "large bodies that nothing referred to are gone"),
            Err(error) => tracing::warn!(%error, "cannot remove large bodies; trying again in an hour"),
        }
        sleep(COLLECT_EVERY).await;
    }
}

/// One round; how many went.
async fn collect(blobs: &Blobs) -> Result<u64> {
    let mut removed = 0;
    loop {
        let collected = blobs.collect().await?;
        removed += collected.removed;
        if !collected.more {
            return Ok(removed);
        }
        sleep(TRIM_REST).await;
    }
}

/// So many days ago.
fn ago(days: u32) -> Timestamp {
    SystemClock.now().plus_millis(-i64::from(days).saturating_mul(24 * 3600 * 1000))
}

/// One round; how many texts went.
async fn forget(store: &dyn Store, days: u32) -> Result<u64> {
    let (before, mut rows) = (ago(days), 0);
    loop {
        let trimmed = store.forget_past(before).await?;
        rows += trimmed.rows;
        if !trimmed.more {
            return Ok(rows);
        }
        sleep(TRIM_REST).await;
    }
}

/// One round; how many rows went.
async fn trim(store: &dyn Store, days: u32) -> Result<u64> {
    let before = ago(days);
    let mut rows = 0;
    loop {
        let trimmed = store.trim(before).await?;
        rows += trimmed.rows;
        if !trimmed.more {
            return Ok(rows);
        }
        sleep(TRIM_REST).await;
    }
}

/// Whether the store reads and takes writes. A store that is only ours is given one with nothing in it, which takes the
/// way of all writes and leaves nothing behind: on a full disk it is well, as far as anybody can tell without writing. One
/// in a database that is somebody else's business is written to in earnest: one row, the same for all servers. A queue that
/// is full is asked again, for as long as the caller has patience.
///
/// # Errors
/// What the store says, in words for the administrator.
pub(crate) async fn look_at(store: &dyn Store) -> std::result::Result<(), String> {
    let told = |error: Error| store.outage().unwrap_or_else(|| error.to_string());
    store.setting(HEALTH).await.map_err(told)?;
    loop {
        match touch(store).await {
            Err(Error::Busy { .. }) if store.outage().is_none() => sleep(BUSY_REST).await,
            // Another server was faster, which shows as much.
            Ok(()) | Err(Error::Stale { .. }) => return Ok(()),
            Err(error) => return Err(told(error)),
        }
    }
}

async fn touch(store: &dyn Store) -> Result<()> {
    let mut ops = Vec::new();
    if store.is_shared() {
        let (name, seen) = (HEALTH.to_owned(), store.lease(HEALTH).await?);
        // Nobody's: nothing is done under this name.
        let next = Tenure { holder: 0, beat: seen.map_or(1, |seen| seen.beat.wrapping_add(1)) };
        ops.push(Op::MoveLease { name, seen, next });
    }
    let (actor, origin) = (Actor::System, Origin::Job);
    let write = Write { actor, origin, at: SystemClock.now(), guards: Vec::new(), ops };
    store.write(write).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_groupware::{NewUser, Office, Parts, Place, Policy, Put};
    use kontor_model::{AccountName, FixedClock, ItemName, Kind, SystemChance, Version};
    use kontor_store::sqlite::{SqliteOptions, open};
    use kontor_store::{BlobOptions, BlobPlace, Expect, Select};

    const DAY_MS: i64 = 24 * 3600 * 1000;
    const CARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:X\r\nN:X;;;;\r\nEND:VCARD\r\n";

    fn store() -> (tempfile::TempDir, Arc<dyn Store>) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), &SqliteOptions::default()).unwrap();
        (folder, store)
    }

    /// An address book in which a card was written three times, so many days ago.
    async fn written(store: &Arc<dyn Store>, days_ago: i64) -> Place {
        put(store, days_ago, &[CARD; 3]).await
    }

    /// An address book in which a card was given these texts, one after the other.
    async fn put(store: &Arc<dyn Store>, days_ago: i64, texts: &[&'static [u8]]) -> Place {
        let clock = Arc::new(FixedClock::at(SystemClock.now().plus_millis(-days_ago * DAY_MS)));
        let (chance, policy) = (Arc::new(SystemChance), Policy::default());
        let office = Office::open(Parts { store: store.clone(), clock, chance, policy }).await.unwrap();
        let new = NewUser::person(AccountName::new("anna").unwrap(), "Anna", "anna@example.org", None);
        let anna = office.create_user(&kontor_groupware::Asker::system(Origin::Job), new).await.unwrap();
        let anna = kontor_groupware::Asker::account(anna, Origin::Job);
        let place = office.place(&anna, "anna", &[Kind::Contacts], "default").await.unwrap();
        for text in texts {
            let put = Put { media_type: "", bytes: bytes::Bytes::from_static(text), expect: Expect::Any };
            office.put(&anna, &place, &ItemName::new("x").unwrap(), put).await.unwrap();
        }
        place
    }

    /// Whether the store still knows what happened since the first of the writes.
    async fn knows(store: &Arc<dyn Store>, place: &Place) -> bool {
        let at = (place.collection.account, place.collection.id);
        match store.changes(at.0, at.1, Version(1), 10, Select::Meta).await {
            Ok(_) => true,
            Err(Error::GoneVersion) => false,
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_than_the_days_goes_soon_after_the_start() {
        let (_folder, store) = store();
        let place = written(&store, 181).await;
        let kept = tokio::spawn(keep_trimmed(store.clone(), 0));
        sleep(TRIM_EVERY * 2).await;
        assert!(kept.is_finished() && knows(&store, &place).await, "0 keeps it for ever");
        tokio::spawn(keep_trimmed(store.clone(), 180));
        sleep(TRIM_FIRST / 2).await;
        assert!(knows(&store, &place).await, "not before clients had time to come back");
        for _ in 0..1000 {
            sleep(TRIM_FIRST).await;
            if !knows(&store, &place).await {
                return;
            }
            // The clock of the runtime runs ahead of the store's own thread.
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("never trimmed");
    }

    #[tokio::test(start_paused = true)]
    async fn large_bodies_that_nothing_refers_to_go_soon_after_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobOptions::at(BlobPlace::Folder(folder.path().join("blobs")));
        let blobs = Some(BlobOptions { keep_unused: Duration::from_secs(3600), ..blobs });
        let store = open(folder.path(), &SqliteOptions { blobs, ..SqliteOptions::default() }).unwrap();
        let large = |letter: &str| -> &'static [u8] {
            let note = format!("NOTE:{}\r\nEND:VCARD", letter.repeat(70_000));
            String::from_utf8_lossy(CARD).replace("END:VCARD", &note).leak().as_bytes()
        };
        put(&store, 1, &[large("a"), large("b"), large("c")]).await;
        let objects = async |store: &Arc<dyn Store>| {
            let (mut objects, mut count) = (store.blobs().unwrap().objects(), 0);
            while objects.next().await.is_some() {
                count += 1;
            }
            count
        };
        assert_eq!(objects(&store).await, 3);
        tokio::spawn(keep_collected(store.clone()));
        for _ in 0..1000 {
            sleep(TRIM_FIRST).await;
            if objects(&store).await == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("never collected");
    }

    #[tokio::test]
    async fn what_is_younger_stays() {
        let (_folder, store) = store();
        let place = written(&store, 179).await;
        assert_eq!(trim(&*store, 180).await, Ok(0));
        assert!(knows(&store, &place).await);
        assert!(trim(&*store, 178).await.unwrap() > 0);
        assert!(!knows(&store, &place).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_has_ended_is_not_well() {
        let (_folder, store) = store();
        assert_eq!(look_at(&*store).await, Ok(()));
        store.close().await.unwrap();
        assert!(look_at(&*store).await.is_err());
    }
}
