//! What is to be told to other nodes: a hint for each change, the latest of its place.

use kontor_model::{AccountId, CollectionId, Notice, Version};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Places that may wait; of more the others learn when they ask.
const MOST: usize = 65_536;
/// Notices in one message: it may have 8,000 bytes (PostgreSQL 15, NOTIFY).
const AT_ONCE: usize = 120;
/// Said when something happened to an account as such: the log of the house tells what.
const HOUSE: &str = "house;";

/// See above.
#[derive(Default)]
pub(in crate::postgres) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Default)]
struct State {
    changes: HashMap<(AccountId, Option<CollectionId>), Version>,
    house: bool,
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A store changed.
    Change(Notice),
    /// Something happened to an account as such.
    House,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be told.
    pub(in crate::postgres) fn put(&self, notice: &Notice) {
        let mut state = self.lock();
        let spot = (notice.account, notice.collection);
        if state.changes.len() >= MOST && !state.changes.contains_key(&spot) {
            return;
        }
        let latest = state.changes.entry(spot).or_insert(notice.version);
        *latest = (*latest).max(notice.version);
        drop(state);
        self.filled.notify_one();
    }

    /// The same, that something happened to an account as such.
    pub(in crate::postgres) fn put_house(&self) {
        self.lock().house = true;
        self.filled.notify_one();
    }

    /// The next message, when there is one.
    pub(super) async fn next(&self) -> String {
        loop {
            let filled = self.filled.notified();
            let message = self.take();
            if !message.is_empty() {
                return message;
            }
            filled.await;
        }
    }

    fn take(&self) -> String {
        let mut state = self.lock();
        let spots: Vec<_> = state.changes.keys().take(AT_ONCE).copied().collect();
        let mut text = if std::mem::take(&mut state.house) { HOUSE.to_owned() } else { String::new() };
        for spot in spots {
            if let Some(version) = state.changes.remove(&spot) {
                let collection = spot.1.map_or(0, |id| id.0);
                // Writing to a text does not fail.
                let _ = write!(text, "{}.{collection}.{};", spot.0.0, version.0);
            }
        }
        text
    }

    /// A message that was not delivered.
    pub(super) fn put_back(&self, message: &str) {
        for hint in read(message) {
            match hint {
                Hint::Change(notice) => self.put(&notice),
                Hint::House => self.put_house(),
            }
        }
    }
}

/// `account.collection.version`, one after the other; collection 0 is the shelf. What is something else is left out:
/// a later version may say more.
pub(super) fn read(message: &str) -> impl Iterator<Item = Hint> {
    message.split_inclusive(';').filter_map(|one| {
        if one == HOUSE {
            return Some(Hint::House);
        }
        let mut parts = one.strip_suffix(';')?.split('.').map(str::parse::<i64>);
        let (account, collection, version) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        let collection = (collection != 0).then_some(CollectionId(collection));
        Some(Hint::Change(Notice { account: AccountId(account), collection, version: Version(version) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(collection: Option<i64>, version: i64) -> Notice {
        let collection = collection.map(CollectionId);
        Notice { account: AccountId(i64::MAX), collection, version: Version(version) }
    }

    #[test]
    fn hints_travel_the_latest_of_each_place() {
        let outbox = Outbox::default();
        outbox.put(&notice(None, 3));
        outbox.put(&notice(Some(i64::MAX), 5));
        outbox.put(&notice(Some(i64::MAX), i64::MAX));
        outbox.put(&notice(Some(i64::MAX), 4));
        outbox.put_house();
        let message = outbox.take();
        let hints: Vec<_> = read(&message).collect();
        assert_eq!(hints.len(), 3);
        for hint in
            [Hint::House, Hint::Change(notice(None, 3)), Hint::Change(notice(Some(i64::MAX), i64::MAX))]
        {
            assert!(hints.contains(&hint), "{message}");
        }
        assert_eq!(outbox.take(), "");
        outbox.put_back(&message);
        assert_eq!(read(&outbox.take()).count(), 3);
        assert_eq!(read("1.2;x.y.z;;7.8.9;1").count(), 1);
    }

    #[test]
    fn messages_are_short_and_what_waits_is_bounded() {
        let outbox = Outbox::default();
        for n in 0..=i64::try_from(MOST).unwrap() {
            outbox.put(&notice(Some(i64::MAX - n), i64::MAX));
        }
        outbox.put_house();
        let mut hints = 0;
        while let message = outbox.take()
            && !message.is_empty()
        {
            assert!(message.len() < 8_000);
            hints += read(&message).count();
        }
        assert_eq!(hints, MOST + 1);
    }
}
