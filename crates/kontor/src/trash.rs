//! What a running server does by itself about the trash of accounts: it is emptied of what is too old, and of what is too
//! much.

use kontor_model::{AccountId, Actor, Clock, Error, Origin, Result, SystemClock, Timestamp};
use kontor_store::{Op, Store, Trashed, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How often it is looked through.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// After the start, when clients have come back.
const FIRST: Duration = Duration::from_secs(180);
/// Between two that go, so that clients' writes come first.
const REST: Duration = Duration::from_millis(200);
/// Trees looked at by one question.
const PAGE: usize = 200;
/// Collections that the trash of one account may hold, whatever their size: the rows of each are work for backups.
const MOST_COLLECTIONS: u64 = 100_000;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// How much stays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) days: u32,
    /// Of one account.
    pub(crate) bytes: u64,
}

/// Keeps the trash of all accounts within these bounds.
pub(crate) async fn keep_bounded(store: Arc<dyn Store>, bounds: Bounds) {
    sleep(FIRST).await;
    loop {
        match empty(&*store, bounds, SystemClock.now()).await {
            Ok(0) => {}
            Ok(trees) => tracing::info!(trees, "what was in the trash for long, or was too much, is gone"),
            Err(error) => tracing::error!(%error, "cannot empty the trash; trying again tomorrow"),
        }
        sleep(EVERY).await;
    }
}

/// One round; how many trees went.
async fn empty(store: &dyn Store, bounds: Bounds, now: Timestamp) -> Result<u64> {
    let (mut gone, mut after) = (0, None);
    while let Some(account) = store.next_trash(after).await? {
        after = Some(account);
        for tree in beyond(store, account, bounds, now).await? {
            gone += u64::from(purge(store, account, &tree, now).await?);
            sleep(REST).await;
        }
    }
    Ok(gone)
}

/// What of an account's trash is to go.
async fn beyond(
    store: &dyn Store,
    account: AccountId,
    bounds: Bounds,
    now: Timestamp,
) -> Result<Vec<Trashed>> {
    let oldest = now.plus_millis(-i64::from(bounds.days).saturating_mul(DAY_MS));
    let (mut gone, mut before) = (Vec::new(), None);
    let (mut bytes, mut collections) = (0_u64, 0_u64);
    loop {
        let some = store.trash(account, before, PAGE).await?;
        let Some(last) = some.last() else { return Ok(gone) };
        before = Some((last.at, last.root));
        for tree in some {
            bytes = bytes.saturating_add(tree.bytes);
            collections = collections.saturating_add(tree.collections);
            let much = bytes > bounds.bytes || collections > MOST_COLLECTIONS;
            gone.extend((tree.at < oldest || much).then_some(tree));
        }
    }
}

/// Whether it went by this: somebody may have restored it.
async fn purge(store: &dyn Store, account: AccountId, tree: &Trashed, now: Timestamp) -> Result<bool> {
    let ops = vec![Op::PurgeCollection { account, root: tree.root }];
    let write = Write { actor: Actor::System, origin: Origin::Job, at: now, guards: Vec::new(), ops };
    match store.write(write).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_groupware::{Asker, NewCollection, NewUser, Office, Parts, Policy, Put};
    use kontor_model::{
        AccountName, CollectionName, Components, FixedClock, ItemName, Kind, Properties, SystemChance,
    };
    use kontor_store::Expect;
    use kontor_store::sqlite::{SqliteOptions, open};

    /// An account in whose trash are address books of a card of so many bytes, removed on so many days.
    async fn full(store: &Arc<dyn Store>, books: &[(i64, usize)]) -> (Office, Asker, Timestamp) {
        let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_000 * DAY_MS)));
        let (chance, policy) = (Arc::new(SystemChance), Policy::default());
        let parts = Parts { store: store.clone(), clock: clock.clone(), chance, policy };
        let office = Office::open(parts).await.unwrap();
        let new = NewUser::person(AccountName::new("anna").unwrap(), "Anna", "anna@example.org", None);
        let anna = office.create_user(&Asker::system(Origin::Job), new).await.unwrap();
        let anna = Asker::account(anna, Origin::Job);
        let begin = clock.now();
        for (days, bytes) in books {
            clock.set_by_millis(begin.plus_millis(days * DAY_MS).millis() - clock.now().millis());
            let name = CollectionName::new(&format!("{days}")).unwrap();
            let kind = Kind::Contacts;
            let new =
                NewCollection { kind, name, components: Components::NONE, properties: Properties::new() };
            let place = office.create_collection(&anna, "anna", new).await.unwrap();
            let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:X\r\nN:X;;;;\r\nNOTE:\r\nEND:VCARD\r\n";
            let note = format!("NOTE:{}", "x".repeat(bytes - card.len()));
            let card = card.replace("NOTE:", &note);
            let put = Put { media_type: "", bytes: card.into(), expect: Expect::Any };
            office.put(&anna, &place, &ItemName::new("x").unwrap(), put).await.unwrap();
            office.remove_collection(&anna, &place).await.unwrap();
        }
        (office, anna, begin)
    }

    /// What is left, by the days on which it was removed.
    async fn left(office: &Office, who: &Asker) -> Vec<String> {
        let trash = office.trash(who, "anna", None, 99).await.unwrap();
        trash.iter().map(|one| one.tree.name.as_str().to_owned()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_goes_and_what_is_too_much_the_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), &SqliteOptions::default()).unwrap();
        let (office, anna, begin) =
            full(&store, &[(1, 1_000), (2, 2_000), (3, 3_000), (4, 4_000), (5, 500)]).await;
        let bounds = |days, bytes| Bounds { days, bytes };
        let at = |days: i64| begin.plus_millis(days * DAY_MS + 1);
        assert_eq!(empty(&*store, bounds(10_000, u64::MAX), at(10_000)).await, Ok(0));
        assert_eq!(left(&office, &anna).await, ["5", "4", "3", "2", "1"]);
        assert_eq!(empty(&*store, bounds(10, 20_000), at(11)).await, Ok(1));
        assert_eq!(left(&office, &anna).await, ["5", "4", "3", "2"]);
        // The smaller one that is older than what is too much goes too: who is told of it reads no riddles.
        assert_eq!(empty(&*store, bounds(100, 4_600), at(11)).await, Ok(2));
        assert_eq!(left(&office, &anna).await, ["5", "4"]);
        let name = CollectionName::new("back").unwrap();
        let root = office.trash(&anna, "anna", None, 1).await.unwrap()[0].tree.root;
        assert_eq!(office.restore_collection(&anna, "anna", root, Some(&name)).await.unwrap().path, "back");
        let task = tokio::spawn(keep_bounded(store.clone(), bounds(1, u64::MAX)));
        for _ in 0..1000 {
            sleep(FIRST).await;
            if left(&office, &anna).await.is_empty() {
                assert!(!task.is_finished());
                return;
            }
            // The clock of the runtime runs ahead of the store's own thread.
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("never emptied");
    }
}
