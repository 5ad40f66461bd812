//! Waiting for changes.
//!
//! One hub hears of every commit and finds out whom it concerns: the store's owner, the accounts granted something
//! there, everybody if everyone was. Only their watchers are touched, and only for what they may see. A watcher costs
//! a slot in a table, no task and no timer. What is not fetched in time collapses: a notice is a hint, the change
//! number in the store is the truth.
//!
//! A watch ends when what its asker showed would not let it in any more. Where other processes work on the same data
//! nothing is told to an asker of whom that is not known to be so up to a moment ago.

mod audience;
mod hub;
mod sights;

use crate::{Asker, Office};
use audience::Audience;
use kontor_directory::Gate;
use kontor_model::{AccountId, CollectionId, Notice, Result, Version};
use kontor_store::Store;
use sights::Sights;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// More waiting notices than this for one watcher, and they collapse to one for each store.
const MOST_WAITING: usize = 256;

/// Where something changed; `None` stands for the set of collections.
type Spot = (AccountId, Option<CollectionId>);

/// Hears of commits and tells watchers.
pub(crate) struct Hub {
    store: Arc<dyn Store>,
    gate: Arc<Gate>,
    /// What was not dealt with yet.
    pending: Mutex<Pending>,
    wake: Notify,
    closed: AtomicBool,
    /// How many watchers there are; nothing is gathered while there are none.
    watching: AtomicUsize,
    slots: Mutex<HashMap<AccountId, Vec<Arc<Slot>>>>,
    /// Who could see something in a store when it was last looked at, where that is more than its owner: so that
    /// those are told too who lose sight of it.
    audiences: Mutex<HashMap<AccountId, Audience>>,
    sights: Mutex<Sights>,
    next: AtomicU64,
}

/// What was heard.
#[derive(Default)]
struct Pending {
    changes: HashMap<Spot, Version>,
    /// Accounts that something happened to as such.
    accounts: HashSet<AccountId>,
    /// Stores whose access lists changed.
    grants: HashSet<AccountId>,
    /// All of that may have happened to anybody.
    anything: bool,
}

/// One watcher.
struct Slot {
    number: u64,
    who: Asker,
    waiting: Mutex<BTreeMap<Spot, Version>>,
    wake: Notify,
    ended: AtomicBool,
    /// Stores that it sees something in, where they have to be followed.
    held: Mutex<HashSet<AccountId>>,
}

/// Waits for changes that its asker may see. Dropping it ends the watching.
pub struct Watch {
    hub: Arc<Hub>,
    slot: Arc<Slot>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("who", &self.slot.who.principal.name).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Office {
    /// Watches on behalf of an account: its own store, and whatever it was granted sight of in others. What comes
    /// with being an administrator is left out. Changes before this call are not told; all that are committed after it
    /// returned are, whichever node commits them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn watch(&self, who: &Asker) -> Result<Watch> {
        let watch = self.inner.hub.clone().watch(who);
        watch.hub.sight(&watch.slot).await?;
        Ok(watch)
    }
}

impl Watch {
    /// The next change; `None` when what the asker showed lets nobody in any more, or the office ends. Changes of the same
    /// collection that were not fetched yet are told as one, the latest. Safe to drop and call again.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            let woken = self.slot.wake.notified();
            if let Some(((account, collection), version)) = lock(&self.slot.waiting).pop_first() {
                return Some(Notice { account, collection, version });
            }
            if self.slot.ended.load(Ordering::Acquire) {
                return None;
            }
            woken.await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut slots = lock(&self.hub.slots);
        let id = self.slot.who.principal.id;
        if let Some(of_account) = slots.get_mut(&id) {
            of_account.retain(|one| one.number != self.slot.number);
            if of_account.is_empty() {
                slots.remove(&id);
            }
        }
        drop(slots);
        self.hub.watching.fetch_sub(1, Ordering::AcqRel);
        self.hub.let_go(&self.slot);
    }
}

impl Slot {
    fn tell(&self, spot: Spot, version: Version) {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= MOST_WAITING && !waiting.contains_key(&spot) {
            let stores: HashSet<AccountId> = waiting.keys().map(|(account, _)| *account).collect();
            *waiting = stores.into_iter().map(|account| ((account, None), Version::ZERO)).collect();
        }
        let latest = waiting.entry(spot).or_insert(version);
        *latest = (*latest).max(version);
        drop(waiting);
        self.wake.notify_one();
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake.notify_one();
    }
}
