//! Drops past texts that are too old or too many.

use super::apply::drop_one;
use super::doomed::end;
use super::pool::Slot;
use super::session::Line;
use super::value::{get, values};
use crate::contract::ROW_BYTES;
use crate::sql::{changes, past, postgres};
use crate::{History, Trimmed};
use kontor_model::{Clock, Result, SystemClock};
use std::time::Duration;

/// Past texts dropped by one transaction at most.
const ROWS: i64 = 200;
/// How often what met other transactions is tried.
const ATTEMPTS: u32 = 10;
/// Accounts looked at by one call at most.
const PLACES: i64 = 64;

/// One bounded round over accounts after `reached`; `more` until all were seen.
pub(super) async fn forget(slot: &Slot, history: History, before: i64, reached: &mut i64) -> Result<Trimmed> {
    let session = slot.session().await?;
    let some = session.rows(changes::NEXT_STATES, values![*reached, PLACES]).await?;
    let mut rows = 0;
    for row in &some {
        let account = get(row, 0)?;
        let dropped = forget_of(slot, history, account, before).await?;
        rows += dropped;
        if is_more(dropped) {
            return Ok(Trimmed { rows: rows.unsigned_abs(), more: true });
        }
        *reached = account;
    }
    let more = !some.is_empty();
    if !more {
        *reached = 0;
    }
    Ok(Trimmed { rows: rows.unsigned_abs(), more })
}

/// What one account has from before `before`, and what it has too much, a bounded amount; how many went.
pub(super) async fn forget_of(slot: &Slot, history: History, account: i64, before: i64) -> Result<i64> {
    let session = slot.session().await?;
    let mut dropped = 0;
    // Mostly there is nothing to do: look before anybody must wait.
    if session.row(past::OLDEST_PAST, values![account, before, 1]).await?.is_some() {
        dropped += oldest(slot, account, before, i64::MAX).await?;
    }
    if is_more(dropped) {
        return Ok(dropped);
    }
    let weighed = session.row(past::WEIGH_PAST, values![account]).await?;
    let weighed = weighed.map(|row| Ok((get(&row, 0)?, get(&row, 1)?))).transpose()?;
    let (bytes, rows) = weighed.unwrap_or((0, 0));
    let excess = history.excess(bytes, rows);
    if excess > 0 && rows > 0 {
        dropped += oldest(slot, account, i64::MAX, excess).await?;
    }
    Ok(dropped)
}

/// Whether an account of which so many went is to be looked at again.
pub(super) fn is_more(dropped: i64) -> bool {
    dropped >= ROWS
}

/// Drops the oldest of an account from before `before`, until so many bytes are gone, in a transaction of its own; how
/// many. If it meets another transaction it is done again, and at last left to the next round.
async fn oldest(slot: &Slot, account: i64, before: i64, bytes: i64) -> Result<i64> {
    for attempt in 0..ATTEMPTS {
        let mut line = Line::new(slot.session().await?);
        line.plain(postgres::BEGIN).await?;
        let dropped = drop_some(&mut line, account, before, bytes).await;
        if let Some(dropped) = end(slot, line, dropped).await? {
            return Ok(dropped);
        }
        tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
    }
    Ok(0)
}

async fn drop_some(line: &mut Line, account: i64, before: i64, mut bytes: i64) -> Result<i64> {
    let some: Vec<(i64, i64, i64)> = line
        .all(past::OLDEST_PAST, values![account, before, ROWS], |row| {
            Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?))
        })
        .await?;
    let (mut rows, at) = (0, SystemClock.now().millis());
    for (item, number, size) in some {
        if bytes <= 0 {
            break;
        }
        bytes = bytes.saturating_sub(size).saturating_sub_unsigned(ROW_BYTES);
        drop_one(line, (account, item, number), at).await?;
        rows += 1;
    }
    Ok(rows)
}
