//! Drops what is left of collections that are gone, some rows at a time.

use super::apply::drop_one;
use super::fault::Trouble;
use super::pool::Slot;
use super::session::Line;
use super::value::{Value, get, text, values};
use super::{Shared, forget};
use crate::blob::LEAST_BLOB;
use crate::sql::{blobs, changes, doomed, facets, items, ordinals, past, postgres, tides};
use kontor_model::{Clock, Result, SystemClock};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Row;

/// Items or log entries dropped by one round.
const ROUND: i64 = 500;
/// Between rounds, so that writes go on.
const BREATH: Duration = Duration::from_millis(20);
/// After a failure, and now and then for what other nodes left.
const PAUSE: Duration = Duration::from_secs(60);

/// Its life: when a collection went away, and once in a while.
pub(super) async fn run(slot: Slot, shared: Arc<Shared>) {
    loop {
        match drop_some(&slot).await {
            Ok(true) => tokio::time::sleep(BREATH).await,
            Ok(false) if forget_some(&slot, &shared).await => tokio::time::sleep(BREATH).await,
            Ok(false) => drop(tokio::time::timeout(PAUSE, shared.doomed.notified()).await),
            Err(error) => {
                tracing::debug!(
                    ?error,
                    "rows of removed collections could not be dropped; tried again later"
                );
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Looks at somebody who got much that is past; whether there is more to do.
async fn forget_some(slot: &Slot, shared: &Shared) -> bool {
    let Some(account) = shared.past.due() else { return false };
    match forget::forget_of(slot, shared.past.history(), account, i64::MIN).await {
        Ok(dropped) if forget::is_more(dropped) => shared.past.again(account),
        Ok(_) => {}
        Err(error) => tracing::debug!(?error, "past texts could not be dropped; tried again later"),
    }
    true
}

/// One round in a transaction of its own; whether there is more to do.
async fn drop_some(slot: &Slot) -> Result<bool> {
    let mut line = Line::new(slot.session().await?);
    line.plain(postgres::BEGIN).await?;
    let more = round(&mut line).await;
    // What was undone is still there to be dropped.
    Ok(end(slot, line, more).await?.unwrap_or(true))
}

/// Commits what was done, or undoes it; nothing if it met another transaction and was undone: then it can be done again.
pub(super) async fn end<T>(slot: &Slot, mut line: Line, answer: Result<T>) -> Result<Option<T>> {
    let sent = if answer.is_ok() { line.plain(postgres::COMMIT).await } else { Ok(()) };
    let settled = sent.and(line.settle().await);
    let answer = match (answer, settled) {
        (Ok(answer), Ok(())) => return Ok(Some(answer)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match line.trouble {
        Some(Trouble::Lost) => slot.forget(),
        Some(Trouble::Retry(_)) => {
            line.rollback().await;
            return Ok(None);
        }
        _ => line.rollback().await,
    }
    answer
}

async fn round(line: &mut Line) -> Result<bool> {
    let at = line.one(doomed::NEXT, Vec::new(), |row| Ok((get::<i64>(row, 0)?, get::<i64>(row, 1)?))).await?;
    let Some(at) = at else { return Ok(false) };
    let left = drop_items(line, at).await? + drop_removed(line, at).await? + drop_log(line, at).await?;
    if left == 0 && drop_ordinals(line, at).await? == 0 && drop_tides(line, at).await? == 0 {
        line.run(doomed::DONE, values![at.0, at.1]).await?;
    }
    Ok(true)
}

async fn drop_items(line: &mut Line, (account, collection): (i64, i64)) -> Result<usize> {
    let key = values![account, collection, ROUND];
    let some = line
        .all(doomed::ITEMS, key, |row| Ok((dropping(row, account, collection)?, with_past(row)?)))
        .await?;
    let count = some.len();
    let (some, with_past): (Vec<_>, Vec<_>) = some.into_iter().unzip();
    for item in with_past.into_iter().flatten() {
        drop_past(line, account, item).await?;
    }
    for (sql, values) in some.into_iter().flatten() {
        line.run(sql, values).await?;
    }
    Ok(count)
}

/// The item, if it lives and may have said something before.
fn with_past(row: &Row) -> Result<Option<i64>> {
    let may = get::<i64>(row, 6)? != 0 && get::<Option<i64>>(row, 8)? != Some(0);
    may.then(|| get(row, 1)).transpose()
}

/// Drops all that an item said before.
async fn drop_past(line: &mut Line, account: i64, item: i64) -> Result<()> {
    let numbers: Vec<i64> = line.all(past::PAST_NUMBERS, values![account, item], |row| get(row, 0)).await?;
    for number in numbers {
        drop_one(line, (account, item, number), SystemClock.now().millis()).await?;
    }
    Ok(())
}

/// Drops what was removed from it before it went itself.
async fn drop_removed(line: &mut Line, (account, collection): (i64, i64)) -> Result<usize> {
    let key = values![account, collection, ROUND];
    let some: Vec<i64> = line.all(past::REMOVED_ITEMS, key, |row| get(row, 0)).await?;
    for item in &some {
        drop_past(line, account, *item).await?;
    }
    Ok(some.len())
}

/// What drops one item.
fn dropping(row: &Row, account: i64, collection: i64) -> Result<Vec<(&'static str, Vec<Value>)>> {
    let name = text(row, 0)?;
    let mut out = Vec::with_capacity(3);
    // The id of a tombstone may live on elsewhere, with its body: a move keeps it.
    if get::<i64>(row, 6)? != 0 {
        let item: i64 = get(row, 1)?;
        if get::<i64>(row, 7)? > LEAST_BLOB {
            out.push((blobs::LOOSEN, values![account, item, SystemClock.now().millis()]));
        }
        out.push((items::DROP_BODY, values![account, item]));
    }
    if let (Some(level), Some(edge)) = (get::<Option<i64>>(row, 2)?, get::<Option<i64>>(row, 3)?) {
        out.push((facets::DROP_SPAN, values![account, collection, level, edge, name]));
    }
    if get::<i64>(row, 4)? != 0 {
        out.push((facets::DROP_TEXT, values![account, collection, name]));
    }
    if get::<i64>(row, 5)? != 0 {
        out.push((items::DROP_PROPERTIES, values![account, collection, name]));
    }
    out.push((doomed::DROP_ITEM, values![account, collection, name]));
    Ok(out)
}

async fn drop_log(line: &mut Line, (account, collection): (i64, i64)) -> Result<usize> {
    let key = values![account, collection, 0, ROUND];
    let some: Vec<i64> = line.all(changes::OLDEST, key, |row| get(row, 0)).await?;
    if let Some(last) = some.last() {
        line.run(changes::FORGET, values![account, collection, *last]).await?;
    }
    Ok(some.len())
}

async fn drop_ordinals(line: &mut Line, (account, collection): (i64, i64)) -> Result<usize> {
    let key = values![account, collection, ROUND];
    let some: Vec<i64> = line.all(ordinals::SOME_ORDINALS, key, |row| get(row, 0)).await?;
    match some.last() {
        Some(last) => line.run(ordinals::DROP_ORDINALS, values![account, collection, *last]).await?,
        None => line.run(ordinals::END_ORDINALS, values![account, collection]).await?,
    }
    Ok(some.len())
}

async fn drop_tides(line: &mut Line, (account, collection): (i64, i64)) -> Result<usize> {
    let key = values![account, collection, ROUND];
    let some: Vec<i64> = line.all(tides::OLDEST_TIDES, key, |row| get(row, 0)).await?;
    if let Some(last) = some.last() {
        line.run(tides::DROP_TIDES, values![account, collection, *last]).await?;
    }
    Ok(some.len())
}
