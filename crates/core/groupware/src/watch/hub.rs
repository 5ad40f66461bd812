//! Hearing of commits, and telling whom they concern.

use super::audience::{Audience, sees};
use super::{Hub, Pending, Slot, Spot, Watch, lock};
use crate::Asker;
use kontor_directory::Gate;
use kontor_model::{AccountId, CollectionId, Error, News, Result, Version};
use kontor_store::{Shelf, Store};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// Before a store that is away is looked at again.
const PAUSE: Duration = Duration::from_millis(500);

impl Hub {
    /// A hub on that store, and the task that tells.
    pub(crate) fn start(store: Arc<dyn Store>, gate: Arc<Gate>) -> Arc<Self> {
        let hub = Arc::new(Self {
            store: store.clone(),
            gate,
            pending: Mutex::default(),
            wake: Notify::new(),
            closed: AtomicBool::new(false),
            watching: AtomicUsize::new(0),
            slots: Mutex::default(),
            audiences: Mutex::default(),
            sights: Mutex::default(),
            next: AtomicU64::new(1),
        });
        let heard = Arc::downgrade(&hub);
        store.watch(Box::new(move |news| {
            if let Some(hub) = heard.upgrade() {
                hub.hear(news);
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

    /// Called by the engine's own thread: must not block.
    fn hear(&self, news: &News) {
        if self.watching.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut pending = lock(&self.pending);
        match news {
            News::Change(notice) => pending.change((notice.account, notice.collection), notice.version),
            News::Account(account) => drop(pending.accounts.insert(*account)),
            News::Grants(account) => drop(pending.grants.insert(*account)),
            News::Anything => pending.anything = true,
        }
        drop(pending);
        self.wake.notify_one();
    }

    pub(super) fn watch(self: Arc<Self>, who: &Asker) -> Watch {
        let slot = Arc::new(Slot {
            number: self.next.fetch_add(1, Ordering::Relaxed),
            who: who.clone(),
            waiting: Mutex::default(),
            wake: Notify::new(),
            ended: AtomicBool::new(self.closed.load(Ordering::Acquire)),
            held: Mutex::default(),
        });
        self.watching.fetch_add(1, Ordering::AcqRel);
        lock(&self.slots).entry(who.principal.id).or_default().push(slot.clone());
        Watch { hub: self, slot }
    }

    async fn run(self: Arc<Self>) {
        while !self.closed.load(Ordering::Acquire) {
            self.wake.notified().await;
            let pending = std::mem::take(&mut *lock(&self.pending));
            let later = self.deal(pending).await;
            if !later.is_empty() {
                tokio::time::sleep(PAUSE).await;
                lock(&self.pending).join(later);
                self.wake.notify_one();
            }
        }
    }

    /// Deals with all of it, whoever lost a right first; what cannot be dealt with now is given back.
    async fn deal(&self, mut pending: Pending) -> Pending {
        let mut later = Pending::default();
        if pending.anything {
            later.anything = self.look_again(&mut pending).await.is_err();
        }
        for account in pending.accounts {
            if self.end_those_who_may_not(account).await.is_err() {
                later.accounts.insert(account);
            }
        }
        for account in pending.grants {
            if self.regranted(account).await.is_err() {
                later.grants.insert(account);
            }
        }
        for ((account, collection), version) in pending.changes {
            if self.spread(account, collection, version).await.is_err() {
                later.change((account, collection), version);
            }
        }
        later
    }

    /// Anything may have happened to anybody: everybody is looked at, and told to look at everything.
    async fn look_again(&self, pending: &mut Pending) -> Result<()> {
        for slot in self.resight_all().await? {
            pending.accounts.insert(slot.who.principal.id);
            for store in lock(&slot.held).iter() {
                pending.change((*store, None), Version::ZERO);
            }
        }
        Ok(())
    }

    /// Something happened to an account: those of its watches end whose askers it does not let in any more.
    async fn end_those_who_may_not(&self, account: AccountId) -> Result<()> {
        for slot in self.watchers_of(&HashSet::from([account])) {
            if !self.still(&slot).await? {
                slot.end();
            }
        }
        Ok(())
    }

    /// Whether the asker would be let in now.
    async fn still(&self, slot: &Slot) -> Result<bool> {
        match &slot.who.ticket {
            Some(ticket) => self.gate.still(ticket).await,
            None => self.gate.lets_in(slot.who.principal.id).await,
        }
    }

    /// The access lists of a store changed.
    async fn regranted(&self, account: AccountId) -> Result<()> {
        let Some(shelf) = self.shelf(account).await? else { return Ok(()) };
        self.resight(account, &Audience::of(&shelf)).await?;
        self.spread(account, None, Version(shelf.version)).await
    }

    /// A store as it is; `None` if it is gone.
    async fn shelf(&self, account: AccountId) -> Result<Option<Arc<Shelf>>> {
        match self.store.shelf(account).await {
            Err(Error::Busy { retry_after }) => Err(Error::Busy { retry_after }),
            shelf => Ok(shelf.ok()),
        }
    }

    /// Remembers who may see something in a store, before that is changed.
    pub(crate) fn remember(&self, shelf: &Shelf) {
        let audience = Audience::of(shelf);
        if audience != Audience::default() {
            lock(&self.audiences).entry(shelf.account).or_default().join(audience);
        }
    }

    /// Tells whom it concerns.
    async fn spread(
        &self,
        account: AccountId,
        collection: Option<CollectionId>,
        version: Version,
    ) -> Result<()> {
        // One that is gone is told as changed to its owner only.
        let shelf = self.shelf(account).await?;
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
            if (collection.is_none() || see(&slot)) && self.still(&slot).await? {
                slot.tell((account, collection), version);
            }
        }
        Ok(())
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

    /// The watchers of these accounts.
    pub(super) fn watchers_of(&self, accounts: &HashSet<AccountId>) -> Vec<Arc<Slot>> {
        let slots = lock(&self.slots);
        accounts.iter().filter_map(|id| slots.get(id)).flatten().cloned().collect()
    }
}

impl Pending {
    fn change(&mut self, spot: Spot, version: Version) {
        let latest = self.changes.entry(spot).or_insert(version);
        *latest = (*latest).max(version);
    }

    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.accounts.is_empty() && self.grants.is_empty() && !self.anything
    }

    fn join(&mut self, other: Self) {
        other.changes.into_iter().for_each(|(spot, version)| self.change(spot, version));
        self.accounts.extend(other.accounts);
        self.grants.extend(other.grants);
        self.anything |= other.anything;
    }
}
