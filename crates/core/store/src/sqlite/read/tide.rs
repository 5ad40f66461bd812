//! Numbers that stand for all collections of an account at once, and logs.

use crate::sql::{changes, tides};
use crate::sqlite::db::{Db, get, text};
use crate::{Deed, LogEntry, LogKey, Mark, Tide, Tides};
use kontor_model::{AccountId, CollectionId, Result, Timestamp, Version};
use rusqlite::params;

pub(in crate::sqlite) fn tides(db: Db<'_>, account: AccountId, upto: i64) -> Result<Tides> {
    db.view(|db| {
        let tide = db.one(tides::LAST_TIDE, params![account.0, upto], |row| {
            Ok(Tide { number: get(row, 0)?, at: Timestamp::from_millis(get(row, 1)?) })
        })?;
        let marks = db.all(tides::TIDE_MARKS, params![account.0, upto], |row| {
            Ok(Mark {
                collection: CollectionId(get(row, 0)?),
                version: Version(get(row, 1)?),
                floor: Version(get(row, 2)?),
                marked: get::<Option<i64>>(row, 3)?.map(Version),
            })
        })?;
        Ok(Tides { tide, marks })
    })
}

pub(in crate::sqlite) fn log(db: Db<'_>, key: LogKey) -> Result<Vec<LogEntry>> {
    let limit = i64::try_from(key.limit).unwrap_or(i64::MAX);
    let entry = |row: &rusqlite::Row<'_>, name: String| {
        Ok(LogEntry { number: get(row, 0)?, about: get(row, 1)?, name, deed: Deed::of(text(row, 2)?) })
    };
    match key.collection {
        None => db.all(changes::ACCOUNT_SINCE, params![key.account.0, key.since, limit], |row| {
            entry(row, String::new())
        }),
        Some(one) => db.all(tides::LOG_SINCE, params![key.account.0, one.0, key.since, limit], |row| {
            entry(row, get(row, 3)?)
        }),
    }
}
