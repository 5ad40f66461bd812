//! Numbers and what happened since one.

use super::item::Filling;
use super::{Place, viewed};
use crate::postgres::pool::Readers;
use crate::postgres::row;
use crate::postgres::session::{Line, Session};
use crate::postgres::value::{get, values};
use crate::sql::changes;
use crate::{Changes, Select};
use kontor_model::{AccountId, CollectionId, Error, Item, Result, Version};
use std::sync::Arc;
use tokio_postgres::Row;

/// State of a collection.
#[derive(Clone, Copy)]
pub(in crate::postgres) struct Counter {
    pub(in crate::postgres) version: i64,
    pub(in crate::postgres) floor: i64,
    pub(in crate::postgres) items: i64,
    pub(in crate::postgres) bytes: i64,
}

fn decoded(row: &Row) -> Result<Counter> {
    Ok(Counter { version: get(row, 0)?, floor: get(row, 1)?, items: get(row, 2)?, bytes: get(row, 3)? })
}

pub(in crate::postgres) async fn counter(session: &Session, at: Place) -> Result<Counter> {
    let found = session.row(changes::COUNTER, values![at.0.0, at.1.0]).await?;
    found.as_ref().map(decoded).transpose()?.ok_or(Error::NotFound)
}

/// What all collections of an account hold.
pub(in crate::postgres) async fn used(session: &Session, account: AccountId) -> Result<u64> {
    let row = session.row(changes::USED, values![account.0]).await?;
    let used: Option<i64> = row.map(|row| get(&row, 0)).transpose()?;
    Ok(used.unwrap_or_default().max(0).unsigned_abs())
}

/// Whether the collection is there; rows of one that is gone may still be.
pub(in crate::postgres) async fn is_there(session: &Session, at: Place) -> Result<bool> {
    Ok(session.row(changes::COUNTER, values![at.0.0, at.1.0]).await?.is_some())
}

pub(in crate::postgres) async fn counters(
    session: &Session,
    account: AccountId,
) -> Result<Vec<(CollectionId, Version)>> {
    let rows = session.rows(changes::COUNTERS, values![account.0]).await?;
    if rows.is_empty() {
        session.row(changes::STATE, values![account.0]).await?.ok_or(Error::NotFound)?;
    }
    rows.iter().map(|row| Ok((CollectionId(get(row, 0)?), Version(get(row, 1)?)))).collect()
}

/// What is asked of a log.
#[derive(Clone, Copy)]
pub(in crate::postgres) struct Ask {
    pub(in crate::postgres) at: Place,
    pub(in crate::postgres) since: Version,
    pub(in crate::postgres) limit: usize,
    pub(in crate::postgres) select: Select,
}

/// Whether the log can tell.
fn check(counter: Counter, ask: Ask) -> Result<()> {
    let since = ask.since.0;
    let first = ask.since == Version::ZERO;
    let gone = since < 0 || since > counter.version || (since < counter.floor && !first);
    if gone { Err(Error::GoneVersion) } else { Ok(()) }
}

pub(in crate::postgres) async fn since(readers: &Arc<Readers>, ask: Ask) -> Result<Changes> {
    let counter = counter(&*readers.shared().await?, ask.at).await?;
    check(counter, ask)?;
    if counter.version == ask.since.0 {
        return Ok(Changes { upto: ask.since, ..empty() });
    }
    viewed!(readers, |line| since_in(line, ask))
}

async fn since_in(line: &mut Line, ask: Ask) -> Result<Changes> {
    let (account, collection) = (ask.at.0.0, ask.at.1.0);
    let asks = vec![
        (changes::COUNTER, values![account, collection]),
        (changes::GIVEN, values![account, collection, ask.since.0]),
    ];
    let answers = line.flight(asks).await?;
    let first = |at: usize| answers.get(at).and_then(|rows| rows.first());
    let counter = first(0).map(decoded).transpose()?.ok_or(Error::NotFound)?;
    check(counter, ask)?;
    // A number that no entry has was given out in a course of events that is lost (`moving::leap`).
    let known = [0, counter.floor, counter.version].contains(&ask.since.0);
    if !known && first(1).is_none() {
        return Err(Error::GoneVersion);
    }
    let mut told = Told { out: empty(), last: ask.since.0 };
    let mut limit = ask.limit;
    if ask.since == Version::ZERO && counter.floor > 0 {
        // Nobody could go on from a number at or below the floor: tell all of those at once.
        told.tell(line, ask, counter.floor, Filling::unbounded(ask.select)).await?;
        told.last = told.last.max(counter.floor);
        limit = limit.saturating_sub(told.out.changed.len()).max(1);
    }
    let more = told.tell(line, ask, counter.version, Filling::new(limit, ask.select)).await?;
    let upto = if more { told.last } else { counter.version };
    Ok(Changes { upto: Version(upto), more, ..told.out })
}

fn empty() -> Changes {
    Changes { changed: Vec::new(), removed: Vec::new(), upto: Version::ZERO, more: false }
}

struct Told {
    out: Changes,
    last: i64,
}

impl Told {
    /// Adds members with numbers above what was told last, up to `upto`; whether there are more than fit.
    async fn tell(&mut self, line: &mut Line, ask: Ask, upto: i64, mut filling: Filling) -> Result<bool> {
        let sql = match (ask.since == Version::ZERO, ask.select) {
            (true, Select::Meta) => changes::LIVE_META,
            (true, Select::Body) => changes::LIVE_BODY,
            (false, Select::Meta) => changes::SINCE_META,
            (false, Select::Body) => changes::SINCE_BODY,
        };
        let live = row::after_item(ask.select);
        loop {
            let fetch = filling.fetch();
            let key = values![ask.at.0.0, ask.at.1.0, self.last, upto, fetch];
            let some = line
                .all(sql, key, |row| Ok((row::item(row, ask.select)?, get::<i64>(row, live)? != 0)))
                .await?;
            let last = super::item::encoded(some.len()) < fetch;
            for (item, live) in some {
                if !filling.takes(&item) {
                    return Ok(true);
                }
                self.last = item.meta.version.0;
                self.add(item, live);
            }
            if last {
                return Ok(false);
            }
        }
    }

    fn add(&mut self, item: Item, live: bool) {
        if live {
            self.out.changed.push(item);
        } else {
            self.out.removed.push((item.meta.name, item.meta.version));
        }
    }
}
