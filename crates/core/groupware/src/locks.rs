//! Locks (RFC 4918 6 and 7, in the office's words): the one place that says whom they keep out.
//!
//! A lock keeps from changing what it covers: the thing itself and, if it is deep, all that lies in it. A lock on a
//! collection keeps from changing which members it has, too. It lets through who shows its token and holds it; of several
//! shared locks, one will do. What goes takes its locks along into nothing: a lock stays with a place, not with what is
//! moved.
//!
//! Every write is judged by what it does ([`Op`]), on the shelf that it is bound to: a lock that is taken in the same
//! moment makes the write decide anew.

use crate::collections::{above, subtree};
use crate::{Asker, Expect, Office, Place, access};
use kontor_model::{
    CollectionId, Error, ItemName, Kind, Lock, Reach, Result, Right, Rule, Sharing, Timestamp,
};
use kontor_store::{Body, Content, Facets, Op, Shelf, Source};
use std::sync::Arc;
use std::time::Duration;

/// A lock to be taken.
#[derive(Clone, Debug)]
pub struct NewLock {
    /// Whether others may hold one too.
    pub sharing: Sharing,
    /// How far it reaches.
    pub reach: Reach,
    /// What the holder says of themselves; opaque here.
    pub about: Vec<u8>,
    /// For how long; longer than `limits.lock_seconds` is cut to that.
    pub time: Duration,
}

/// A lock that was taken.
#[derive(Clone, Debug)]
pub struct Locked {
    /// It.
    pub lock: Lock,
    /// Whether an empty item came to be, since there was nothing to lock (RFC 4918 7.3).
    pub created: bool,
}

/// What is touched: a collection, or an item in it.
type Spot<'a> = (CollectionId, Option<&'a ItemName>);

/// The locks of one shelf, as one asker meets them.
struct Judge<'a> {
    shelf: &'a Shelf,
    who: &'a Asker,
    now: Timestamp,
}

impl<'a> Judge<'a> {
    fn live(&self) -> impl Iterator<Item = &'a Lock> {
        let now = self.now;
        self.shelf.locks.iter().filter(move |lock| lock.lives(now))
    }

    /// The locks that cover something.
    fn covering(&self, (collection, name): Spot<'_>) -> Vec<&'a Lock> {
        let chain: Vec<CollectionId> = match self.shelf.collection(collection) {
            Some(here) => above(self.shelf, here).map(|one| one.id).collect(),
            None => Vec::new(),
        };
        let covers = |lock: &&Lock| {
            let itself = lock.collection == collection && lock.name.as_ref() == name;
            let around = lock.collection == collection || chain.contains(&lock.collection);
            itself || lock.name.is_none() && lock.reach == Reach::Deep && around
        };
        self.live().filter(covers).collect()
    }

    /// The locks on what lies in a collection and below, and on it.
    fn within(&self, collection: CollectionId) -> Vec<&'a Lock> {
        let Some(top) = self.shelf.collection(collection) else { return Vec::new() };
        let ids: Vec<CollectionId> = subtree(self.shelf, top).iter().map(|one| one.id).collect();
        self.live().filter(|lock| ids.contains(&lock.collection)).collect()
    }

    fn opens(&self, lock: &Lock) -> bool {
        self.who.is(lock.holder) && self.who.tokens.contains(&lock.token)
    }

    fn pass(&self, locks: &[&Lock]) -> Result<()> {
        let open = locks.is_empty() || locks.iter().any(|lock| self.opens(lock));
        if open { Ok(()) } else { Err(Error::Locked) }
    }

    /// Something is changed.
    fn change(&self, spot: Spot<'_>) -> Result<()> {
        self.pass(&self.covering(spot))
    }

    /// Something comes to be in a collection, or goes.
    fn member(&self, at: &Source) -> Result<()> {
        self.change((at.collection, Some(&at.name)))?;
        self.members(at.collection)
    }

    fn members(&self, collection: CollectionId) -> Result<()> {
        self.pass(&self.covering((collection, None)))
    }

    /// A collection goes with all that is in it.
    fn tree(&self, collection: CollectionId) -> Result<()> {
        self.change((collection, None))?;
        for lock in self.within(collection) {
            self.change((lock.collection, lock.name.as_ref()))?;
        }
        match self.shelf.collection(collection).and_then(|one| one.parent) {
            Some(parent) => self.members(parent),
            None => Ok(()),
        }
    }

    fn tokens(locks: impl IntoIterator<Item = &'a Lock>) -> Vec<u128> {
        locks.into_iter().map(|lock| lock.token).collect()
    }

    /// The locks on an item itself.
    fn on_item(&self, at: &Source) -> Vec<u128> {
        let on = |lock: &&Lock| lock.collection == at.collection && lock.name.as_ref() == Some(&at.name);
        Self::tokens(self.live().filter(on))
    }

    /// Judges what an op does to this shelf's account; the locks that go with it.
    fn op(&self, op: &mut Op) -> Result<Vec<u128>> {
        let account = self.shelf.account;
        let here = |at: &Source| at.account == account;
        match op {
            Op::Put { at, expect, .. } if here(at) => {
                self.change((at.collection, Some(&at.name)))?;
                if self.members(at.collection).is_err() {
                    // What is there may be changed, but nothing may come.
                    *expect = match *expect {
                        Expect::Any => Expect::Present,
                        Expect::Absent => return Err(Error::Locked),
                        other => other,
                    };
                }
            }
            Op::Remove { at, .. } if here(at) => {
                self.member(at)?;
                return Ok(self.on_item(at));
            }
            Op::Relocate { from, to, .. } => {
                if here(to) {
                    self.member(to)?;
                }
                if here(from) {
                    self.member(from)?;
                    return Ok(self.on_item(from));
                }
            }
            Op::Copy { to, .. } if here(to) => self.member(to)?,
            Op::SetItemProperties { at, .. } if here(at) => self.change((at.collection, Some(&at.name)))?,
            Op::CreateCollection(new) if new.account == account => {
                if let Some(parent) = new.parent {
                    self.members(parent)?;
                }
            }
            Op::RestoreCollection { account: of, parent: Some(parent), .. } if *of == account => {
                self.members(*parent)?;
            }
            Op::SetCollectionProperties { account: of, collection, .. } if *of == account => {
                self.change((*collection, None))?;
            }
            Op::RenameCollection { account: of, collection, parent, .. } if *of == account => {
                self.tree(*collection)?;
                if let Some(parent) = *parent {
                    self.members(parent)?;
                }
                return Ok(Self::tokens(self.within(*collection)));
            }
            Op::RemoveCollection { account: of, collection, .. } if *of == account => {
                self.tree(*collection)?;
                return Ok(Self::tokens(self.within(*collection)));
            }
            Op::SetGrants { account: of, collection: Some(on), .. } if *of == account => {
                self.change((*on, None))?;
            }
            _ => {}
        }
        Ok(Vec::new())
    }
}

impl Office {
    fn judge<'a>(&self, who: &'a Asker, shelf: &'a Shelf) -> Judge<'a> {
        Judge { shelf, who, now: self.inner.clock.now() }
    }

    /// Refuses (`Locked`) what a lock keeps from `who`; adds that locks go with what goes. The system is kept from
    /// nothing.
    pub(crate) fn judged(&self, who: &Asker, shelves: &[Arc<Shelf>], mut ops: Vec<Op>) -> Result<Vec<Op>> {
        if who.is_system() || shelves.iter().all(|shelf| shelf.locks.is_empty()) {
            return Ok(ops);
        }
        for shelf in shelves {
            let judge = self.judge(who, shelf);
            let mut tokens = Vec::new();
            for op in &mut ops {
                tokens.extend(judge.op(op)?);
            }
            if !tokens.is_empty() {
                ops.push(Op::DropLocks { account: shelf.account, tokens });
            }
        }
        Ok(ops)
    }

    /// Refuses (`Locked`) if a lock keeps `who` from changing an item at this moment.
    pub(crate) async fn is_open(&self, who: &Asker, at: &Source) -> Result<()> {
        let shelf = self.shelf(at.account).await?;
        let judge = self.judge(who, &shelf);
        if who.is_system() { Ok(()) } else { judge.change((at.collection, Some(&at.name))) }
    }

    /// Whether nothing may come to be in a place because somebody else holds a lock on it.
    pub(crate) async fn is_closed(&self, who: &Asker, at: &Place) -> Result<bool> {
        let shelf = self.shelf(at.account()).await?;
        Ok(self.judge(who, &shelf).members(at.id()).is_err())
    }

    /// The locks that cover a place or an item in it, those on collections around it included.
    ///
    /// # Errors
    /// `NotFound` without `l`.
    pub async fn locks(&self, who: &Asker, at: &Place, name: Option<&ItemName>) -> Result<Vec<Lock>> {
        let (_, rights) = self.look(who, at).await?;
        access::need(rights, Right::Look)?;
        let shelf = self.shelf(at.account()).await?;
        Ok(self.judge(who, &shelf).covering((at.id(), name)).into_iter().cloned().collect())
    }

    /// Locks a place or an item. Where no item is, an empty one comes to be.
    ///
    /// # Errors
    /// `Locked` if there is a lock that this one cannot stand beside; `NotFound`, `Forbidden` without `W` (`w` for what
    /// the asker made; `i` for what comes to be); `TooLarge` if the account has too many locks.
    pub async fn lock(
        &self,
        who: &Asker,
        at: &Place,
        name: Option<&ItemName>,
        new: NewLock,
    ) -> Result<Locked> {
        let target = match name {
            Some(name) => Some(self.target(who, at, name).await?),
            None => None,
        };
        let there = match name {
            Some(name) => self.store().item(at.account(), at.id(), name).await?.is_some(),
            None => true,
        };
        if !there && at.collection.kind != Kind::Files {
            return Err(Error::NotFound);
        }
        let (account, limits) = (at.account(), &self.inner.policy.limits);
        let time = new.time.min(Duration::from_secs(limits.lock_seconds));
        let mut bytes = [0; 16];
        self.inner.chance.fill(&mut bytes);
        let lock = Lock {
            token: u128::from_be_bytes(bytes),
            collection: at.id(),
            name: name.cloned(),
            reach: new.reach,
            sharing: new.sharing,
            holder: who.principal.id,
            about: new.about,
            until: self.until(time),
        };
        let new_id = self.inner.ids.item();
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let rights = match &target {
                Some(target) => target.now(self, who, shelves)?,
                None => access::find(&self.inner.policy, who, shelf, at.id())?.1,
            };
            access::need(rights, if there { Right::EditAll } else { Right::Insert })?;
            self.stands_beside(who, shelf, &lock)?;
            let mut ops = Vec::new();
            if let (Some(target), false) = (&target, there) {
                ops.push(nothing_yet(target.source(), new_id));
            }
            ops.push(Op::SetLock { account, lock: Box::new(lock.clone()) });
            Ok(ops)
        })
        .await?;
        Ok(Locked { lock, created: !there })
    }

    /// Whether a lock can stand beside those that there are.
    fn stands_beside(&self, who: &Asker, shelf: &Shelf, new: &Lock) -> Result<()> {
        let judge = self.judge(who, shelf);
        let mut others = judge.covering((new.collection, new.name.as_ref()));
        if new.reach == Reach::Deep && new.name.is_none() {
            others.extend(judge.within(new.collection));
        }
        let alone = |lock: &&Lock| lock.sharing == Sharing::Exclusive || new.sharing == Sharing::Exclusive;
        if others.iter().any(alone) {
            return Err(Error::Locked);
        }
        let max = self.inner.policy.limits.max_locks;
        if judge.live().count() >= max {
            return Err(Error::TooLarge { limit: "max_locks", max: max as u64 });
        }
        Ok(())
    }

    /// Renews the lock on a place or an item, or around it, whose token the asker shows.
    ///
    /// # Errors
    /// `Stale` if there is none.
    pub async fn renew_lock(
        &self,
        who: &Asker,
        at: &Place,
        name: Option<&ItemName>,
        time: Duration,
    ) -> Result<Lock> {
        let account = at.account();
        let until = self.until(time.min(Duration::from_secs(self.inner.policy.limits.lock_seconds)));
        let renewed = |shelf: &Shelf| -> Result<Lock> {
            access::find(&self.inner.policy, who, shelf, at.id())?;
            let judge = self.judge(who, shelf);
            let own = judge.covering((at.id(), name)).into_iter().find(|lock| judge.opens(lock)).cloned();
            let own = own.ok_or(Error::Stale { have: None })?;
            Ok(Lock { until, ..own })
        };
        self.commit_shelf(who, &[account], |shelves| {
            let lock = renewed(shelves.first().ok_or(Error::NotFound)?)?;
            Ok(vec![Op::SetLock { account, lock: Box::new(lock) }])
        })
        .await?;
        renewed(&*self.shelf(account).await?)
    }

    /// Takes a lock away. Whoever may change the access list may take away those of others.
    ///
    /// # Errors
    /// `Invalid` (`Location`) if there is no such lock on that; `Forbidden` if it is somebody else's.
    pub async fn unlock(&self, who: &Asker, at: &Place, name: Option<&ItemName>, token: u128) -> Result<()> {
        let account = at.account();
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (_, rights) = access::find(&self.inner.policy, who, shelf, at.id())?;
            let judge = self.judge(who, shelf);
            let Some(lock) = judge.covering((at.id(), name)).into_iter().find(|lock| lock.token == token)
            else {
                let detail = "there is no lock of this token here".to_owned();
                return Err(Error::Invalid { rule: Rule::Location, detail });
            };
            if !who.is(lock.holder) {
                access::need(rights, Right::Administer)?;
            }
            Ok(vec![Op::DropLocks { account, tokens: vec![token] }])
        })
        .await?;
        Ok(())
    }

    fn until(&self, time: Duration) -> Timestamp {
        let now = self.inner.clock.now();
        now.plus_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2))
    }
}

/// An empty item in the place of nothing.
fn nothing_yet(at: Source, new_id: kontor_model::ItemId) -> Op {
    let body = Body {
        media_type: "application/octet-stream".to_owned(),
        content: Content::Here(bytes::Bytes::new()),
        facets: Facets::default(),
    };
    Op::Put { at, expect: Expect::Absent, new_id, body, part: false }
}

/// The locks of an account by its shelf, for display.
pub(crate) fn covering(
    shelf: &Shelf,
    who: &Asker,
    now: Timestamp,
    collection: CollectionId,
    name: Option<&ItemName>,
) -> Vec<Lock> {
    Judge { shelf, who, now }.covering((collection, name)).into_iter().cloned().collect()
}
