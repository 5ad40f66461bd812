//! Drops past texts that are too old or too many.

use super::apply::drop_one;
use super::db::{Db, get};
use crate::contract::ROW_BYTES;
use crate::sql::{changes, past, sqlite};
use crate::{History, Trimmed};
use kontor_model::{Clock, Result, SystemClock};
use rusqlite::params;

/// Past texts dropped by one call at most, so that writes do not wait long behind it.
const ROWS: i64 = 500;
/// Accounts looked at by one call at most.
const PLACES: i64 = 64;

/// One bounded round over accounts after `reached`; `more` until all were seen.
pub(super) fn forget(db: Db<'_>, history: History, before: i64, reached: &mut i64) -> Result<Trimmed> {
    let mut next = *reached;
    let trimmed = alone(db, |db| round(db, history, before, &mut next))?;
    *reached = if trimmed.more { next } else { 0 };
    Ok(trimmed)
}

/// One account, if it has too much; whether there is more to do.
pub(super) fn forget_of(db: Db<'_>, history: History, account: i64) -> Result<bool> {
    alone(db, |db| above(db, history, account, ROWS)).map(|rows| rows == ROWS)
}

/// In a transaction of its own.
fn alone<T>(db: Db<'_>, work: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
    db.run(sqlite::BEGIN, [])?;
    let done = work(db).and_then(|done| db.run(sqlite::COMMIT, []).map(|_| done));
    if done.is_err() && !db.0.is_autocommit() {
        db.run(sqlite::ROLLBACK, [])?;
    }
    done
}

fn round(db: Db<'_>, history: History, before: i64, reached: &mut i64) -> Result<Trimmed> {
    let accounts: Vec<i64> = db.all(changes::NEXT_STATES, params![*reached, PLACES], |row| get(row, 0))?;
    let mut left = ROWS;
    for account in &accounts {
        left -= oldest(db, *account, before, left, i64::MAX)?;
        left -= above(db, history, *account, left)?;
        if left <= 0 {
            return Ok(Trimmed { rows: ROWS.unsigned_abs(), more: true });
        }
        *reached = *account;
    }
    Ok(Trimmed { rows: (ROWS - left).unsigned_abs(), more: !accounts.is_empty() })
}

/// Drops the oldest of an account while it has more than it may; how many.
fn above(db: Db<'_>, history: History, account: i64, limit: i64) -> Result<i64> {
    let weighed = db.one(past::WEIGH_PAST, params![account], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
    let (bytes, rows) = weighed.unwrap_or((0, 0));
    match history.excess(bytes, rows) {
        excess if excess > 0 && limit > 0 => oldest(db, account, i64::MAX, limit, excess),
        _ => Ok(0),
    }
}

/// Drops the oldest of an account from before `before`, until so many bytes are gone; how many.
fn oldest(db: Db<'_>, account: i64, before: i64, limit: i64, mut bytes: i64) -> Result<i64> {
    let some: Vec<(i64, i64, i64)> =
        db.all(past::OLDEST_PAST, params![account, before, limit.max(0)], |row| {
            Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?))
        })?;
    let (mut rows, at) = (0, SystemClock.now().millis());
    for (item, number, size) in some {
        if bytes <= 0 {
            break;
        }
        bytes = bytes.saturating_sub(size).saturating_sub_unsigned(ROW_BYTES);
        drop_one(db, (account, item, number), at)?;
        rows += 1;
    }
    Ok(rows)
}
