//! Drops what is too old to be asked for.

use super::db::{Db, get, text};
use crate::sql::{changes, items, principals, sqlite, tides};
use crate::{Tides, Trimmed};
use kontor_model::{Result, Timestamp, Verb};
use rusqlite::params;

/// Rows dropped by one call at most, so that writes do not wait long behind it.
const ROWS: i64 = 2_000;
/// Collections and accounts looked at by one call at most.
const PLACES: i64 = 256;

/// Where the last call stopped: the log of which collection was dealt with last, then which account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    counter: (i64, i64),
    counters_done: bool,
    account: i64,
}

impl Default for Cursor {
    fn default() -> Self {
        // Before the first account, which is the house.
        Self { counter: (0, 0), counters_done: false, account: -1 }
    }
}

/// One bounded round; `more` until all collections and accounts were seen.
pub(super) fn trim(db: Db<'_>, before: Timestamp, cursor: &mut Cursor) -> Result<Trimmed> {
    let mut next = *cursor;
    db.run(sqlite::BEGIN, [])?;
    let trimmed =
        round(db, before.millis(), &mut next).and_then(|done| db.run(sqlite::COMMIT, []).map(|_| done));
    match trimmed {
        Ok(trimmed) => *cursor = if trimmed.more { next } else { Cursor::default() },
        Err(_) if !db.0.is_autocommit() => drop(db.run(sqlite::ROLLBACK, [])?),
        Err(_) => {}
    }
    trimmed
}

fn round(db: Db<'_>, before: i64, cursor: &mut Cursor) -> Result<Trimmed> {
    let mut left = ROWS;
    if !cursor.counters_done {
        let from = params![cursor.counter.0, cursor.counter.1, PLACES];
        let some =
            db.all(changes::NEXT_COUNTERS, from, |row| Ok(((get(row, 0)?, get(row, 1)?), get(row, 2)?)))?;
        cursor.counters_done = some.is_empty();
        for (at, floor) in some {
            left -= log_of(db, at, floor, before, left)?;
            left -= tides_of(db, at, before)?;
            if left <= 0 {
                return Ok(Trimmed { rows: dropped(left), more: true });
            }
            cursor.counter = at;
        }
        return Ok(Trimmed { rows: dropped(left), more: true });
    }
    let from = params![cursor.account, PLACES];
    let accounts: Vec<i64> = db.all(changes::NEXT_STATES, from, |row| get(row, 0))?;
    for account in &accounts {
        let rows = db.run(changes::FORGET_ACCOUNT, params![account, before])?;
        left -= i64::try_from(rows).unwrap_or(i64::MAX);
        left -= tides_of(db, (*account, 0), before)?;
        cursor.account = *account;
    }
    let failures = if accounts.is_empty() { failures(db, before, ROWS)? } else { 0 };
    left -= failures;
    Ok(Trimmed { rows: dropped(left), more: !accounts.is_empty() || failures == ROWS })
}

fn dropped(left: i64) -> u64 {
    (ROWS - left).unsigned_abs()
}

/// Trims one log by at most `limit` rows; how many went.
fn log_of(db: Db<'_>, at: (i64, i64), floor: i64, before: i64, limit: i64) -> Result<i64> {
    let mut cut = floor;
    let mut rows = 0;
    let mut tombstones = Vec::new();
    db.each(changes::OLDEST, params![at.0, at.1, floor, limit], |row| {
        if get::<i64>(row, 3)? >= before {
            return Ok(false);
        }
        cut = get(row, 0)?;
        rows += 1;
        if text(row, 2)? == Verb::Remove.word() {
            tombstones.push((text(row, 1)?.to_owned(), cut));
        }
        Ok(true)
    })?;
    if cut == floor {
        return Ok(0);
    }
    for (name, version) in tombstones {
        db.run(items::DROP_TOMBSTONE, params![at.0, at.1, name, version])?;
    }
    db.run(changes::FORGET, params![at.0, at.1, cut])?;
    db.run(changes::RAISE_FLOOR, params![at.0, at.1, cut])?;
    Ok(rows)
}

/// Drops notes of tides, [`ROWS`] at most; how many went.
fn tides_of(db: Db<'_>, at: (i64, i64), before: i64) -> Result<i64> {
    let oldest =
        db.all(tides::OLDEST_TIDES, params![at.0, at.1, ROWS], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
    let Some(cut) = Tides::cut(&oldest, before, at.1 == 0) else { return Ok(0) };
    let rows = db.run(tides::DROP_TIDES, params![at.0, at.1, cut])?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Drops at most `limit` failures from before `before`; how many went.
pub(super) fn failures(db: Db<'_>, before: i64, limit: i64) -> Result<i64> {
    let old = db.all(principals::OLD_FAILURES, params![before, limit], |row| {
        Ok((get::<String>(row, 0)?, get::<i64>(row, 1)?, get::<Vec<u8>>(row, 2)?))
    })?;
    let mut rows = 0;
    for (scope, at, tried) in old {
        db.run(principals::FORGET_FAILURE, params![scope, at, tried])?;
        rows += 1;
    }
    Ok(rows)
}
