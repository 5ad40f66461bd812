//! Waiting for changes.
//!
//! One hub hears of every commit and finds out whom it concerns: the store's owner, the accounts granted something
//! there, everybody if everyone was. Only their watchers are touched, and only for what they may see. A watcher costs
//! a slot in a table, no task and no timer. What is not fetched in time collapses: a notice is a hint, the change
//! number in the store is the truth.

use crate::{Asker, Office, access};
use kontor_model::{AccountId, Collection, CollectionId, Error, Grantee, Notice, Right, Version};
use kontor_store::{Shelf, Store};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// More waiting notices than this for one watcher, and they collapse to one for each store.
const MOST_WAITING: usize = 256;

/// Before a store that is away is looked at again.
const PAUSE: Duration = Duration::from_millis(500);

/// Where something changed; `None` stands for the set of collections.
type Spot = (AccountId, Option<CollectionId>);

/// Hears of commits and tells watchers.
pub(crate) struct Hub {
    store: Arc<dyn Store>,
    /// Changes that were not told yet.
    pending: Mutex<HashMap<Spot, Version>>,
    wake: Notify,
    closed: AtomicBool,
    /// How many watchers there are; nothing is gathered while there are none.
    watching: AtomicUsize,
    slots: Mutex<HashMap<AccountId, Vec<Arc<Slot>>>>,
    /// Who could see something in a store when it was last looked at, where that is more than its owner: so that
    /// those are told too who lose sight of it.
    audiences: Mutex<HashMap<AccountId, Audience>>,
    next: AtomicU64,
}

/// Who may see something in a store, besides its owner.
#[derive(Clone, Default, PartialEq, Eq)]
struct Audience {
    accounts: HashSet<AccountId>,
    everyone: bool,
}

/// One watcher.
struct Slot {
    number: u64,
    who: Asker,
    waiting: Mutex<BTreeMap<Spot, Version>>,
    wake: Notify,
    ended: AtomicBool,
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
    /// with being an administrator is left out. Changes before this call are not told.
    pub fn watch(&self, who: &Asker) -> Watch {
        self.inner.hub.clone().watch(who)
    }
}

impl Watch {
    /// The next change; `None` when the account was closed or removed, or the office ends. Changes of the same
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
        self.hub.watching.fetch_sub(1, Ordering::Relaxed);
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

impl Hub {
    /// A hub on that store, and the task that tells.
    pub(crate) fn start(store: Arc<dyn Store>) -> Arc<Self> {
        let hub = Arc::new(Self {
            store: store.clone(),
            pending: Mutex::default(),
            wake: Notify::new(),
            closed: AtomicBool::new(false),
            watching: AtomicUsize::new(0),
            slots: Mutex::default(),
            audiences: Mutex::default(),
            next: AtomicU64::new(1),
        });
        let heard = Arc::downgrade(&hub);
        store.watch(Box::new(move |notice| {
            if let Some(hub) = heard.upgrade() {
                hub.hear(notice);
            }
        }));
        tokio::spawn(hub.clone().run());
        hub
    }

    /// Ends every watch and the task.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        lock(&self.slots).values().flatten().for_each(|slot| slot.end());
        self.wake.notify_one();
    }

    /// Ends the watches of an account that was closed or removed.
    pub(crate) fn end(&self, account: AccountId) {
        lock(&self.slots).get(&account).into_iter().flatten().for_each(|slot| slot.end());
    }

    /// Called by the engine's own thread: must not block.
    fn hear(&self, notice: &Notice) {
        if self.watching.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut pending = lock(&self.pending);
        let latest = pending.entry((notice.account, notice.collection)).or_insert(notice.version);
        *latest = (*latest).max(notice.version);
        drop(pending);
        self.wake.notify_one();
    }

    fn watch(self: Arc<Self>, who: &Asker) -> Watch {
        let slot = Arc::new(Slot {
            number: self.next.fetch_add(1, Ordering::Relaxed),
            who: who.clone(),
            waiting: Mutex::default(),
            wake: Notify::new(),
            ended: AtomicBool::new(self.closed.load(Ordering::Acquire)),
        });
        self.watching.fetch_add(1, Ordering::Relaxed);
        lock(&self.slots).entry(who.principal.id).or_default().push(slot.clone());
        Watch { hub: self, slot }
    }

    async fn run(self: Arc<Self>) {
        while !self.closed.load(Ordering::Acquire) {
            self.wake.notified().await;
            let pending = std::mem::take(&mut *lock(&self.pending));
            let mut later = false;
            for ((account, collection), version) in pending {
                if !self.spread(account, collection, version).await {
                    self.hear(&Notice { account, collection, version });
                    later = true;
                }
            }
            if later {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Remembers who may see something in a store, before that is changed.
    pub(crate) fn remember(&self, shelf: &Shelf) {
        let audience = Audience::of(shelf);
        if audience != Audience::default() {
            lock(&self.audiences).entry(shelf.account).or_default().join(audience);
        }
    }

    /// Tells whom it concerns; false if that cannot be found out now.
    async fn spread(&self, account: AccountId, collection: Option<CollectionId>, version: Version) -> bool {
        let shelf = match self.store.shelf(account).await {
            Err(Error::Busy { .. }) => return false,
            // One that is gone is told as changed to its owner only.
            shelf => shelf.ok(),
        };
        let now = shelf.as_deref().map(Audience::of).unwrap_or_default();
        let found = collection.and_then(|id| shelf.as_ref().and_then(|shelf| shelf.collection(id)).cloned());
        let shelf = shelf.as_deref();
        let see = |slot: &Slot| sees(&slot.who, account, shelf, collection, found.as_deref());
        let audience = match collection {
            Some(_) => now,
            // The set changed: whoever saw something before has to look again.
            None => self.renew(account, now),
        };
        for slot in self.reach(account, &audience) {
            if collection.is_none() || see(&slot) {
                slot.tell((account, collection), version);
            }
        }
        true
    }

    /// Keeps the audience for the next time; gives back who belonged to it before or does now.
    fn renew(&self, account: AccountId, now: Audience) -> Audience {
        let mut audiences = lock(&self.audiences);
        let before = if now == Audience::default() {
            audiences.remove(&account)
        } else {
            audiences.insert(account, now.clone())
        };
        let mut both = now;
        both.join(before.unwrap_or_default());
        both
    }

    /// The watchers of the owner and of the audience.
    fn reach(&self, owner: AccountId, audience: &Audience) -> Vec<Arc<Slot>> {
        let slots = lock(&self.slots);
        if audience.everyone {
            return slots.values().flatten().cloned().collect();
        }
        let accounts = audience.accounts.iter().chain([&owner]);
        accounts.filter_map(|id| slots.get(id)).flatten().cloned().collect()
    }
}

/// Whether a change of that collection is to be told to `who`.
fn sees(
    who: &Asker,
    account: AccountId,
    shelf: Option<&Shelf>,
    id: Option<CollectionId>,
    found: Option<&Collection>,
) -> bool {
    match (shelf, found) {
        (Some(shelf), Some(collection)) => access::granted(who, shelf, collection).has(Right::Look),
        // Gone in the meantime: its owner may know.
        _ => id.is_some() && who.is(account),
    }
}

impl Audience {
    fn join(&mut self, other: Self) {
        self.everyone |= other.everyone;
        self.accounts.extend(other.accounts);
    }

    fn of(shelf: &Shelf) -> Self {
        let mut audience = Self::default();
        let lists = shelf.grants.iter().flat_map(|(_, grants)| grants).chain(&shelf.root_grants);
        for grant in lists.filter(|grant| grant.rights.has(Right::Look)) {
            match grant.grantee {
                Grantee::Account(id) => {
                    audience.accounts.insert(id);
                }
                Grantee::Everyone | Grantee::Public => audience.everyone = true,
            }
        }
        audience
    }
}
