//! Which stores are followed, where other processes work on them too: those in which a watcher sees something.
//!
//! A store is held by each watcher that sees something in it, and by the hub if everybody does; it is followed while
//! anybody holds it.

use super::{Hub, Slot, lock};
use kontor_model::{AccountId, Grantee, Result, Right};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Who holds which stores.
#[derive(Default)]
pub(super) struct Sights {
    /// How many hold a store.
    holders: HashMap<AccountId, usize>,
    /// Stores that everybody may look into, held by the hub; `None` if nobody asked yet.
    open: Option<HashSet<AccountId>>,
}

impl Sights {
    fn hold(&mut self, store: AccountId) {
        *self.holders.entry(store).or_insert(0) += 1;
    }

    /// Whether nobody holds it any more.
    fn release(&mut self, store: AccountId) -> bool {
        let Some(count) = self.holders.get_mut(&store) else { return false };
        *count -= 1;
        let free = *count == 0;
        if free {
            self.holders.remove(&store);
        }
        free
    }
}

impl Hub {
    /// Finds the stores that a watcher sees something in, and follows them: whatever is committed there after this
    /// returned is heard.
    pub(super) async fn sight(&self, slot: &Slot) -> Result<()> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let id = slot.who.principal.id;
        let mut stores = self.store.granting(&Grantee::Account(id), Right::Look).await?;
        self.note(&stores, |audience| {
            audience.accounts.insert(id);
        });
        stores.push(id);
        self.hold(slot, &stores);
        stores.extend(self.open_stores().await?);
        self.store.follow(stores).await
    }

    /// The stores that everybody may look into.
    async fn open_stores(&self) -> Result<Vec<AccountId>> {
        if let Some(open) = &lock(&self.sights).open {
            return Ok(open.iter().copied().collect());
        }
        let mut all = self.store.granting(&Grantee::Everyone, Right::Look).await?;
        all.extend(self.store.granting(&Grantee::Public, Right::Look).await?);
        self.note(&all, |audience| audience.everyone = true);
        let mut sights = lock(&self.sights);
        let open: HashSet<AccountId> = all.iter().copied().collect();
        if sights.open.is_none() {
            open.iter().for_each(|store| sights.hold(*store));
            sights.open = Some(open);
        }
        Ok(all)
    }

    /// Notes who sees something in these stores, so that those are told who lose sight of them.
    fn note(&self, stores: &[AccountId], mut note: impl FnMut(&mut super::Audience)) {
        let mut audiences = lock(&self.audiences);
        stores.iter().for_each(|store| note(audiences.entry(*store).or_default()));
    }

    /// The watcher holds these stores from now on.
    fn hold(&self, slot: &Slot, stores: &[AccountId]) {
        let (mut held, mut sights) = (lock(&slot.held), lock(&self.sights));
        for store in stores {
            if held.insert(*store) {
                sights.hold(*store);
            }
        }
    }

    /// The watcher is gone.
    pub(super) fn let_go(&self, slot: &Slot) {
        let held = std::mem::take(&mut *lock(&slot.held));
        let mut sights = lock(&self.sights);
        let mut free: Vec<AccountId> = held.into_iter().filter(|store| sights.release(*store)).collect();
        if self.watching.load(Ordering::Acquire) == 0
            && let Some(open) = sights.open.take()
        {
            free.extend(open.into_iter().filter(|store| sights.release(*store)));
        }
        // Inside the lock, so that nobody who holds it anew is overtaken.
        self.store.unfollow(&free);
    }

    /// The access lists of a store changed: others may see something in it now.
    pub(super) async fn resight(&self, store: AccountId, audience: &super::Audience) -> Result<()> {
        if !self.store.is_shared() {
            return Ok(());
        }
        for slot in self.watchers_of(&audience.accounts) {
            self.hold(&slot, &[store]);
        }
        let held = {
            let mut sights = lock(&self.sights);
            let opened = sights.open.as_mut().map(|open| match audience.everyone {
                true => open.insert(store),
                false => open.remove(&store),
            });
            match (opened, audience.everyone) {
                (Some(true), true) => sights.hold(store),
                (Some(true), false) if sights.release(store) => self.store.unfollow(&[store]),
                _ => {}
            }
            sights.holders.contains_key(&store)
        };
        if held { self.store.follow(vec![store]).await } else { Ok(()) }
    }

    /// Anything may have happened: looks for all anew. Gives the watchers.
    pub(super) async fn resight_all(&self) -> Result<Vec<Arc<Slot>>> {
        let all: Vec<Arc<Slot>> = lock(&self.slots).values().flatten().cloned().collect();
        let open = lock(&self.sights).open.take();
        if let Some(open) = open {
            let mut sights = lock(&self.sights);
            let free: Vec<AccountId> = open.into_iter().filter(|store| sights.release(*store)).collect();
            self.store.unfollow(&free);
        }
        for slot in &all {
            self.sight(slot).await?;
        }
        Ok(all)
    }
}
