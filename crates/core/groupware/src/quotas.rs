//! How much accounts hold, and how much they may.

use crate::{Asker, Office, Place, access, users};
use kontor_model::{Quota, Result, Right};
use kontor_store::Op;

/// What is to change about the limits of an account; `None` stays, and a limit of 0 bytes is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaChange {
    /// From where on its owner should be told, in bytes.
    pub warn: Option<u64>,
    /// From where on it should send nothing, in bytes.
    pub soft: Option<u64>,
    /// The most that it may hold, in bytes.
    pub hard: Option<u64>,
}

/// How many bytes an account holds, to tell those who may know it ([`Office::space`]).
#[derive(Clone, Copy, Debug)]
pub struct Holding(u64);

/// How much room there is, as far as the asker may know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// What the account holds, in bytes.
    pub used: Option<u64>,
    /// What it may still take, in bytes; `None` also if there is no limit.
    pub available: Option<u64>,
}

impl Office {
    /// What the account of a place holds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn holding(&self, place: &Place) -> Result<Holding> {
        self.store().used(place.account()).await.map(Holding)
    }

    /// How much room there is at a place, by how things were when it was found. The whole account counts, so that what it
    /// holds is told to those alone who may read all of it, and what it may still take to those besides who may read and
    /// add here: to others it would tell of what they may not see.
    pub fn space(&self, who: &Asker, place: &Place, holding: Holding) -> Space {
        let Holding(used) = holding;
        let root = access::on_root(&self.inner.policy, who, &place.shelf, Some(place.collection.kind));
        let (all, here) = (root.has(Right::Read), place.rights);
        let adds = here.has(Right::Read) && here.has(Right::Insert);
        let room = place.shelf.quota.hard.map(|hard| hard.saturating_sub(used));
        Space { used: Some(used).filter(|_| all), available: room.filter(|_| all || adds) }
    }

    /// The limits of an account, and how many bytes it holds.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator; `NotFound`.
    pub async fn quota(&self, who: &Asker, name: &str) -> Result<(Quota, u64)> {
        access::need_admin(who)?;
        let account = self.known(name).await?.id;
        Ok((self.store().shelf(account).await?.quota, self.store().used(account).await?))
    }

    /// Sets limits of an account. What it holds already stays, even if that is more.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator, or for an administrator of a higher level; `NotFound`.
    pub async fn set_quota(&self, who: &Asker, name: &str, change: QuotaChange) -> Result<(Quota, u64)> {
        access::need_admin(who)?;
        let known = self.known(name).await?;
        users::below(who, known.admin)?;
        let limit = |new: Option<u64>, old| new.map_or(old, |bytes| Some(bytes).filter(|bytes| *bytes > 0));
        self.commit_shelf(who, &[known.id], |shelves| {
            let set = shelves.iter().map(|shelf| Op::SetQuota {
                account: shelf.account,
                quota: Quota {
                    warn: limit(change.warn, shelf.quota.warn),
                    soft: limit(change.soft, shelf.quota.soft),
                    hard: limit(change.hard, shelf.quota.hard),
                },
            });
            Ok(set.collect())
        })
        .await?;
        self.quota(who, name).await
    }
}
