//! Drops what is too old to be asked for.

use super::doomed::end;
use super::fault::{Trouble, away};
use super::forget;
use super::pool::Slot;
use super::session::Line;
use super::value::{get, text, values};
use crate::sql::{changes, items, postgres, principals, tides};
use crate::{History, Tides, Trimmed};
use kontor_model::{Result, Timestamp, Verb};
use std::time::Duration;
use tokio::sync::Mutex;

/// Rows dropped by one call at most, so that it ends soon.
const ROWS: i64 = 2_000;
/// How often a round that met other transactions is tried.
const ATTEMPTS: u32 = 10;
/// Collections and accounts looked at by one call at most.
const PLACES: i64 = 256;

/// Where the last call stopped: the log of which collection was dealt with last, then which account.
#[derive(Clone, Copy)]
struct Cursor {
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

/// Trims, one call after the other.
pub(super) struct Trimmer {
    slot: Slot,
    cursor: Mutex<Cursor>,
    /// The account at which the last round of forgetting stopped.
    forgot_to: Mutex<i64>,
}

impl Trimmer {
    pub(super) fn new(slot: Slot) -> Self {
        Self { slot, cursor: Mutex::default(), forgot_to: Mutex::default() }
    }

    /// One bounded round; `more` until all collections and accounts were seen.
    pub(super) async fn trim(&self, before: Timestamp) -> Result<Trimmed> {
        let mut cursor = self.cursor.lock().await;
        let before = before.millis();
        let trimmed = if cursor.counters_done {
            self.accounts(before, &mut cursor).await?
        } else {
            self.logs(before, &mut cursor).await?
        };
        if !trimmed.more {
            *cursor = Cursor::default();
        }
        Ok(trimmed)
    }

    /// One bounded round over past texts; `more` until all accounts were seen.
    pub(super) async fn forget(&self, history: History, before: Timestamp) -> Result<Trimmed> {
        let mut reached = self.forgot_to.lock().await;
        forget::forget(&self.slot, history, before.millis(), &mut reached).await
    }

    async fn logs(&self, before: i64, cursor: &mut Cursor) -> Result<Trimmed> {
        let session = self.slot.session().await?;
        let from = values![cursor.counter.0, cursor.counter.1, PLACES];
        let some = session.rows(changes::NEXT_COUNTERS, from).await?;
        cursor.counters_done = some.is_empty();
        let mut left = ROWS;
        for row in &some {
            let at = (get(row, 0)?, get(row, 1)?);
            left -= self.log(at, before, left).await?;
            left -= self.tides(at, before).await?;
            if left <= 0 {
                break;
            }
            cursor.counter = at;
        }
        Ok(Trimmed { rows: (ROWS - left).unsigned_abs(), more: true })
    }

    /// Trims one log by at most `limit` rows, in a transaction of its own; how many went.
    async fn log(&self, at: (i64, i64), before: i64, limit: i64) -> Result<i64> {
        let session = self.slot.session().await?;
        // Mostly there is nothing to do: look before the writers of that collection must wait.
        let oldest = session.row(changes::OLDEST, values![at.0, at.1, -1, 1]).await?;
        let oldest = oldest.map(|row| get::<i64>(&row, 3)).transpose()?;
        if oldest.is_none_or(|oldest| oldest >= before) {
            return Ok(0);
        }
        for attempt in 0..ATTEMPTS {
            let mut line = Line::new(self.slot.session().await?);
            line.plain(postgres::BEGIN).await?;
            let rows = cut(&mut line, at, before, limit).await;
            if let Some(rows) = end(&self.slot, line, rows).await? {
                return Ok(rows);
            }
            tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
        }
        Err(away())
    }

    /// Drops notes of tides, [`ROWS`] at most; how many went.
    async fn tides(&self, at: (i64, i64), before: i64) -> Result<i64> {
        let session = self.slot.session().await?;
        let rows = session.rows(tides::OLDEST_TIDES, values![at.0, at.1, ROWS]).await?;
        let oldest = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<Vec<_>>>()?;
        let Some(cut) = Tides::cut(&oldest, before, at.1 == 0) else { return Ok(0) };
        let mut line = Line::new(session);
        let rows = line.count(tides::DROP_TIDES, values![at.0, at.1, cut]).await?;
        Ok(i64::try_from(rows).unwrap_or(i64::MAX))
    }

    async fn accounts(&self, before: i64, cursor: &mut Cursor) -> Result<Trimmed> {
        for attempt in 0..ATTEMPTS {
            let mut line = Line::new(self.slot.session().await?);
            let mut reached = cursor.account;
            let trimmed = forget(&mut line, before, &mut reached).await;
            let settled = line.settle().await;
            if !matches!(line.trouble, Some(Trouble::Retry(_))) {
                let trimmed = trimmed.and_then(|trimmed| settled.map(|()| trimmed))?;
                cursor.account = reached;
                return Ok(trimmed);
            }
            tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
        }
        Err(away())
    }
}

async fn cut(line: &mut Line, at: (i64, i64), before: i64, limit: i64) -> Result<i64> {
    let floor = line.one(postgres::HOLD_FLOOR, values![at.0, at.1], |row| get::<i64>(row, 0)).await?;
    let Some(floor) = floor else { return Ok(0) };
    let key = values![at.0, at.1, floor, limit];
    let oldest = line
        .all(changes::OLDEST, key, |row| {
            let gone = (text(row, 2)? == Verb::Remove.word()).then(|| text(row, 1).map(str::to_owned));
            Ok((get::<i64>(row, 0)?, gone.transpose()?, get::<i64>(row, 3)?))
        })
        .await?;
    let (mut upto, mut rows) = (floor, 0);
    for (version, gone, _) in oldest.into_iter().take_while(|(_, _, at)| *at < before) {
        (upto, rows) = (version, rows + 1);
        if let Some(name) = gone {
            line.run(items::DROP_TOMBSTONE, values![at.0, at.1, name, version]).await?;
        }
    }
    if rows > 0 {
        line.run(changes::FORGET, values![at.0, at.1, upto]).await?;
        line.run(changes::RAISE_FLOOR, values![at.0, at.1, upto]).await?;
    }
    Ok(rows)
}

/// Forgets changes of some accounts, and, after the last of them, failed log-ins.
async fn forget(line: &mut Line, before: i64, reached: &mut i64) -> Result<Trimmed> {
    let accounts: Vec<i64> =
        line.all(changes::NEXT_STATES, values![*reached, PLACES], |row| get(row, 0)).await?;
    let mut rows = 0;
    for account in &accounts {
        rows += line.count(changes::FORGET_ACCOUNT, values![*account, before]).await?;
        let oldest = line
            .all(tides::OLDEST_TIDES, values![*account, 0, ROWS], |row| Ok((get(row, 0)?, get(row, 1)?)))
            .await?;
        if let Some(cut) = Tides::cut(&oldest, before, true) {
            rows += line.count(tides::DROP_TIDES, values![*account, 0, cut]).await?;
        }
        *reached = *account;
    }
    let mut more = !accounts.is_empty();
    if accounts.is_empty() {
        let dropped = failures(line, before, ROWS).await?;
        more = i64::try_from(dropped) == Ok(ROWS);
        rows += dropped;
    }
    Ok(Trimmed { rows, more })
}

/// Drops at most `limit` failed log-ins from before `before`; how many went.
pub(super) async fn failures(line: &mut Line, before: i64, limit: i64) -> Result<u64> {
    let old = line
        .all(principals::OLD_FAILURES, values![before, limit], |row| {
            Ok(values![text(row, 0)?, get::<i64>(row, 1)?, get::<Vec<u8>>(row, 2)?])
        })
        .await?;
    let count = u64::try_from(old.len()).unwrap_or(u64::MAX);
    for key in old {
        line.run(principals::FORGET_FAILURE, key).await?;
    }
    Ok(count)
}
