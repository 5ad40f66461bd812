//! Drops what is left of collections that are gone, some rows at a time, so that no write waits long behind it.

use super::apply::drop_one;
use super::db::{Db, get, text};
use crate::blob::LEAST_BLOB;
use crate::sql::{blobs, changes, doomed, facets, items, ordinals, past, sqlite, tides};
use kontor_model::{Clock, Result, SystemClock};
use rusqlite::params;

/// Items or log entries dropped by one round.
const ROUND: i64 = 500;

/// One round in a transaction of its own; whether there is more to do.
pub(super) fn drop_some(db: Db<'_>) -> Result<bool> {
    db.run(sqlite::BEGIN, [])?;
    let more = round(db).and_then(|more| db.run(sqlite::COMMIT, []).map(|_| more));
    if more.is_err() && !db.0.is_autocommit() {
        db.run(sqlite::ROLLBACK, [])?;
    }
    more
}

fn round(db: Db<'_>) -> Result<bool> {
    let Some(at) = db.one(doomed::NEXT, [], |row| Ok((get(row, 0)?, get(row, 1)?)))? else {
        return Ok(false);
    };
    let left = drop_items(db, at)? + drop_removed(db, at)? + drop_log(db, at)?;
    if left == 0 && drop_ordinals(db, at)? == 0 && drop_tides(db, at)? == 0 {
        db.run(doomed::DONE, params![at.0, at.1])?;
    }
    Ok(true)
}

fn drop_items(db: Db<'_>, (account, collection): (i64, i64)) -> Result<usize> {
    type Slot = (Option<i64>, Option<i64>);
    let some = db.all(doomed::ITEMS, params![account, collection, ROUND], |row| {
        let slot: Slot = (get(row, 2)?, get(row, 3)?);
        let more = (get::<i64>(row, 4)? != 0, get::<i64>(row, 5)? != 0);
        // The id of a tombstone may live on elsewhere, with its body: a move keeps it.
        let body = if get::<i64>(row, 6)? == 0 {
            None
        } else {
            Some((get::<i64>(row, 1)?, get::<i64>(row, 7)?, get::<Option<i64>>(row, 8)?))
        };
        Ok((text(row, 0)?.to_owned(), body, slot, more))
    })?;
    for (name, body, slot, (folded, has_properties)) in &some {
        if let Some((item, size, texts)) = body {
            if *size > LEAST_BLOB {
                db.run(blobs::LOOSEN, params![account, item, SystemClock.now().millis()])?;
            }
            db.run(items::DROP_BODY, params![account, item])?;
            if *texts != Some(0) {
                drop_past(db, account, *item)?;
            }
        }
        if let (Some(level), Some(edge)) = slot {
            db.run(facets::DROP_SPAN, params![account, collection, level, edge, name])?;
        }
        if *folded {
            db.run(facets::DROP_TEXT, params![account, collection, name])?;
        }
        if *has_properties {
            db.run(items::DROP_PROPERTIES, params![account, collection, name])?;
        }
        db.run(doomed::DROP_ITEM, params![account, collection, name])?;
    }
    Ok(some.len())
}

/// Drops all that an item said before.
fn drop_past(db: Db<'_>, account: i64, item: i64) -> Result<()> {
    let numbers: Vec<i64> = db.all(past::PAST_NUMBERS, params![account, item], |row| get(row, 0))?;
    let at = SystemClock.now().millis();
    numbers.into_iter().try_for_each(|number| drop_one(db, (account, item, number), at))
}

/// Drops what was removed from it before it went itself.
fn drop_removed(db: Db<'_>, (account, collection): (i64, i64)) -> Result<usize> {
    let some: Vec<i64> =
        db.all(past::REMOVED_ITEMS, params![account, collection, ROUND], |row| get(row, 0))?;
    some.iter().try_for_each(|item| drop_past(db, account, *item))?;
    Ok(some.len())
}

fn drop_log(db: Db<'_>, (account, collection): (i64, i64)) -> Result<usize> {
    let key = params![account, collection, 0, ROUND];
    let some: Vec<i64> = db.all(changes::OLDEST, key, |row| get(row, 0))?;
    match some.last() {
        Some(last) => db.run(changes::FORGET, params![account, collection, last]),
        None => Ok(0),
    }
}

fn drop_ordinals(db: Db<'_>, (account, collection): (i64, i64)) -> Result<usize> {
    let some: Vec<i64> =
        db.all(ordinals::SOME_ORDINALS, params![account, collection, ROUND], |row| get(row, 0))?;
    match some.last() {
        Some(last) => db.run(ordinals::DROP_ORDINALS, params![account, collection, last]),
        None => db.run(ordinals::END_ORDINALS, params![account, collection]),
    }
}

fn drop_tides(db: Db<'_>, (account, collection): (i64, i64)) -> Result<usize> {
    let some: Vec<i64> =
        db.all(tides::OLDEST_TIDES, params![account, collection, ROUND], |row| get(row, 0))?;
    match some.last() {
        Some(last) => db.run(tides::DROP_TIDES, params![account, collection, last]),
        None => Ok(0),
    }
}
