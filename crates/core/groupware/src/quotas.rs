//! How much accounts hold, and how much they may.

use crate::{Asker, Office, Place, access, users};
use kontor_model::{Limit, Quota, QuotaSettings, Result, Right};
use kontor_store::{Op, Reached, Shelf};

/// What is to change about the limits of an account; `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaChange {
    /// From where on its owner should be told.
    pub warn: Option<Limit>,
    /// From where on it should send nothing.
    pub soft: Option<Limit>,
    /// The most that it may hold.
    pub hard: Option<Limit>,
}

/// What an account holds and may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// The limits as they are set for it.
    pub set: QuotaSettings,
    /// The limits that hold, with those of the server where it has none of its own.
    pub quota: Quota,
    /// What it holds, in bytes.
    pub used: u64,
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
        let mut tops = place.shelf.collections.iter().filter(|one| one.parent.is_none());
        let all = tops.all(|one| access::on(&self.inner.policy, who, &place.shelf, one).has(Right::Read));
        let here = place.rights;
        let adds = here.has(Right::Read) && here.has(Right::Insert);
        let room = self.allotted(&place.shelf).hard.map(|hard| hard.saturating_sub(used));
        Space { used: Some(used).filter(|_| all), available: room.filter(|_| all || adds) }
    }

    /// The limits of an account, and how many bytes it holds.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator; `NotFound`.
    pub async fn quota(&self, who: &Asker, name: &str) -> Result<Holdings> {
        access::need_admin(who)?;
        let account = self.known(name).await?.id;
        let shelf = self.store().shelf(account).await?;
        let used = self.store().used(account).await?;
        Ok(Holdings { set: shelf.quota, quota: self.allotted(&shelf), used })
    }

    /// Sets limits of an account. What it holds already stays, even if that is more.
    ///
    /// # Errors
    /// `Forbidden` for who is no administrator, or for an administrator of a higher level; `NotFound`.
    pub async fn set_quota(&self, who: &Asker, name: &str, change: QuotaChange) -> Result<Holdings> {
        access::need_admin(who)?;
        let known = self.known(name).await?;
        users::below(who, known.admin)?;
        self.commit_shelf(who, &[known.id], |shelves| {
            let set = shelves.iter().map(|shelf| Op::SetQuota {
                account: shelf.account,
                quota: QuotaSettings {
                    warn: change.warn.unwrap_or(shelf.quota.warn),
                    soft: change.soft.unwrap_or(shelf.quota.soft),
                    hard: change.hard.unwrap_or(shelf.quota.hard),
                },
            });
            Ok(set.collect())
        })
        .await?;
        self.quota(who, name).await
    }

    /// The limits that hold for the account of a shelf.
    pub(crate) fn allotted(&self, shelf: &Shelf) -> Quota {
        shelf.quota.over(self.inner.policy.quota)
    }

    /// Says in the log, once each time, that an account reached a level.
    pub(crate) async fn say(&self, reached: Reached) {
        let Reached { account, level, used } = reached;
        let known = self.inner.directory.principal_by_id(account).await.ok().flatten();
        let name = known.map_or_else(|| account.0.to_string(), |known| known.name.as_str().to_owned());
        tracing::warn!(
            account = name,
            level = level.word(),
            used,
            "an account reached a limit of what it may hold"
        );
    }
}
