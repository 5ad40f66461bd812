//! Numbers and what happened since one.

use super::item::{Place, limits};
use crate::blob::weight;
use crate::sql::changes;
use crate::sqlite::db::{Db, get};
use crate::sqlite::row;
use crate::{Changes, READ_BYTES, Select};
use kontor_model::{AccountId, CollectionId, Error, Item, ItemName, Result, Version};
use rusqlite::params;

/// State of a collection.
#[derive(Clone, Copy)]
pub(in crate::sqlite) struct Counter {
    pub(in crate::sqlite) version: i64,
    pub(in crate::sqlite) floor: i64,
    pub(in crate::sqlite) items: i64,
    pub(in crate::sqlite) bytes: i64,
}

pub(in crate::sqlite) fn counter(db: Db<'_>, at: Place) -> Result<Counter> {
    let found = db.one(changes::COUNTER, params![at.0.0, at.1.0], |row| {
        Ok(Counter { version: get(row, 0)?, floor: get(row, 1)?, items: get(row, 2)?, bytes: get(row, 3)? })
    })?;
    found.ok_or(Error::NotFound)
}

/// What all collections of an account hold.
pub(in crate::sqlite) fn used(db: Db<'_>, account: AccountId) -> Result<u64> {
    let used: Option<i64> = db.one(changes::USED, [account.0], |row| get(row, 0))?;
    Ok(used.unwrap_or_default().max(0).unsigned_abs())
}

/// Whether the collection is there; rows of one that is gone may still be.
pub(in crate::sqlite) fn is_there(db: Db<'_>, at: Place) -> Result<bool> {
    Ok(db.one(changes::COUNTER, params![at.0.0, at.1.0], |_| Ok(()))?.is_some())
}

pub(in crate::sqlite) fn counters(db: Db<'_>, account: AccountId) -> Result<Vec<(CollectionId, Version)>> {
    let found = db
        .all(changes::COUNTERS, [account.0], |row| Ok((CollectionId(get(row, 0)?), Version(get(row, 1)?))))?;
    if found.is_empty() {
        db.one(changes::STATE, [account.0], |_| Ok(()))?.ok_or(Error::NotFound)?;
    }
    Ok(found)
}

/// What is asked of a log.
#[derive(Clone, Copy)]
pub(in crate::sqlite) struct Ask {
    pub(in crate::sqlite) at: Place,
    pub(in crate::sqlite) since: Version,
    pub(in crate::sqlite) limit: usize,
    pub(in crate::sqlite) select: Select,
}

/// How many members can be told at most; an error if the log cannot tell.
pub(in crate::sqlite) fn bound(db: Db<'_>, counter: Counter, ask: Ask) -> Result<usize> {
    let since = ask.since.0;
    let first = ask.since == Version::ZERO;
    if since < 0 || since > counter.version || (since < counter.floor && !first) {
        return Err(Error::GoneVersion);
    }
    // A number that no entry has was given out in a course of events that is lost (`moving::leap`).
    let known = first || since == counter.version || since == counter.floor;
    if !known && db.one(changes::GIVEN, params![ask.at.0.0, ask.at.1.0, since], |_| Ok(()))?.is_none() {
        return Err(Error::GoneVersion);
    }
    Ok(usize::try_from(counter.version - since).unwrap_or(usize::MAX))
}

pub(in crate::sqlite) fn since(db: Db<'_>, ask: Ask) -> Result<Changes> {
    db.view(|db| {
        let counter = counter(db, ask.at)?;
        bound(db, counter, ask)?;
        let mut told = Told { out: empty(), last: ask.since.0 };
        let mut limit = ask.limit;
        if ask.since == Version::ZERO && counter.floor > 0 {
            // Nobody could go on from a number at or below the floor: tell all of those at once.
            told.tell(db, ask, 0, counter.floor, usize::MAX)?;
            told.last = told.last.max(counter.floor);
            limit = limit.saturating_sub(told.out.changed.len()).max(1);
        }
        let after = told.last;
        let more = told.tell(db, ask, after, counter.version, limit)?;
        let upto = if more { told.last } else { counter.version };
        Ok(Changes { upto: Version(upto), more, ..told.out })
    })
}

fn empty() -> Changes {
    Changes { changed: Vec::new(), removed: Vec::new(), upto: Version::ZERO, more: false }
}

struct Told {
    out: Changes,
    last: i64,
}

impl Told {
    /// Adds at most `limit` members with numbers in `after..=upto`; whether there are more. Without a limit, all,
    /// however large they are.
    fn tell(&mut self, db: Db<'_>, ask: Ask, after: i64, upto: i64, limit: usize) -> Result<bool> {
        let sql = match (ask.since == Version::ZERO, ask.select) {
            (true, Select::Meta) => changes::LIVE_META,
            (true, Select::Body) => changes::LIVE_BODY,
            (false, Select::Meta) => changes::SINCE_META,
            (false, Select::Body) => changes::SINCE_BODY,
        };
        let most_bytes = if limit == usize::MAX { usize::MAX } else { READ_BYTES };
        let (limit, fetch) = limits(limit);
        let live = row::after_item(ask.select);
        let (mut told, mut read) = (0, 0);
        let mut more = false;
        db.each(sql, params![ask.at.0.0, ask.at.1.0, after, upto, fetch], |row| {
            if told == limit || read >= most_bytes {
                more = true;
                return Ok(false);
            }
            told += 1;
            let item = row::item(row, ask.select)?;
            read += weight(&item);
            self.last = item.meta.version.0;
            self.add(item, get::<i64>(row, live)? != 0);
            Ok(true)
        })?;
        Ok(more)
    }

    fn add(&mut self, item: Item, live: bool) {
        if live {
            self.out.changed.push(item);
        } else {
            let gone: (ItemName, Version) = (item.meta.name, item.meta.version);
            self.out.removed.push(gone);
        }
    }
}
