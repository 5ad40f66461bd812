//! Numbers that stand for all collections of an account at once, and logs.

use super::viewed;
use crate::postgres::pool::Readers;
use crate::postgres::session::Line;
use crate::postgres::value::{get, text, values};
use crate::sql::{changes, tides};
use crate::{Deed, LogEntry, LogKey, Mark, Tide, Tides};
use kontor_model::{AccountId, CollectionId, Result, Timestamp, Version};
use std::sync::Arc;

pub(in crate::postgres) async fn tides(
    readers: &Arc<Readers>,
    account: AccountId,
    upto: i64,
) -> Result<Tides> {
    viewed!(readers, |line| tides_in(line, account, upto))
}

async fn tides_in(line: &mut Line, account: AccountId, upto: i64) -> Result<Tides> {
    let tide = line
        .one(tides::LAST_TIDE, values![account.0, upto], |row| {
            Ok(Tide { number: get(row, 0)?, at: Timestamp::from_millis(get(row, 1)?) })
        })
        .await?;
    let marks = line
        .all(tides::TIDE_MARKS, values![account.0, upto], |row| {
            Ok(Mark {
                collection: CollectionId(get(row, 0)?),
                version: Version(get(row, 1)?),
                floor: Version(get(row, 2)?),
                marked: get::<Option<i64>>(row, 3)?.map(Version),
            })
        })
        .await?;
    Ok(Tides { tide, marks })
}

pub(in crate::postgres) async fn log(readers: &Arc<Readers>, key: LogKey) -> Result<Vec<LogEntry>> {
    let (account, since) = (key.account.0, key.since);
    let limit = i64::try_from(key.limit).unwrap_or(i64::MAX);
    let session = readers.shared().await?;
    let rows = match key.collection {
        None => session.rows(changes::ACCOUNT_SINCE, values![account, since, limit]).await?,
        Some(one) => session.rows(tides::LOG_SINCE, values![account, one.0, since, limit]).await?,
    };
    let named = key.collection.is_some();
    rows.iter()
        .map(|row| {
            let name = if named { text(row, 3)?.to_owned() } else { String::new() };
            Ok(LogEntry { number: get(row, 0)?, about: get(row, 1)?, name, deed: Deed::of(text(row, 2)?) })
        })
        .collect()
}
