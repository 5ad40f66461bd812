//! What items said before.

use super::item::{Place, limits};
use crate::encode;
use crate::sql::{items, past};
use crate::sqlite::db::{Db, bytes, get, text};
use crate::sqlite::row;
use crate::{End, OpenBody, OpenPast, Past};
use bytes::Bytes;
use kontor_model::{
    AccountId, CollectionId, Item, ItemId, ItemMeta, ItemName, Origin, Result, Timestamp, Version,
};
use rusqlite::{Row, params};

/// Removed items of one name that are told of.
const LIVES: i64 = 64;

/// The columns of a past text.
fn about(row: &Row<'_>) -> Result<Past> {
    let (origin, revision) = (text(row, 12)?, Version(get(row, 4)?));
    let removed = get::<i64>(row, 13)? != 0;
    let properties: Option<&[u8]> = Some(bytes(row, 14)?).filter(|bytes| !bytes.is_empty());
    Ok(Past {
        number: get(row, 1)?,
        collection: CollectionId(get(row, 2)?),
        meta: ItemMeta {
            id: ItemId(get(row, 0)?),
            name: row::item_name(row, 3)?,
            version: revision,
            revision,
            size: get::<i64>(row, 5)?.unsigned_abs(),
            media_type: get(row, 6)?,
            created: row::time(row, 7)?,
            modified: row::time(row, 8)?,
            has_properties: properties.is_some(),
            creator: encode::account_of(get(row, 9)?),
            folder: None,
        },
        until: row::time(row, 10)?,
        actor: encode::actor_of(get(row, 11)?),
        origin: Origin::from_word(origin).ok_or_else(|| encode::unknown("door", origin))?,
        end: if removed { End::Removed } else { End::Replaced },
    })
}

pub(in crate::sqlite) fn of_name(db: Db<'_>, at: Place, name: &ItemName) -> Result<Vec<Past>> {
    let key = params![at.0.0, at.1.0, name.as_str()];
    let living: Option<i64> = db.one(items::META, key, |row| get(row, 1))?;
    let key = params![at.0.0, at.1.0, name.as_str(), LIVES];
    let mut lives: Vec<i64> = db.all(past::REMOVED_NAMED, key, |row| get(row, 0))?;
    lives.extend(living);
    let mut all = Vec::new();
    for item in lives {
        all.extend(db.all(past::PAST_OF_ITEM, params![at.0.0, item], about)?);
    }
    all.sort_by_key(Past::order);
    Ok(all)
}

pub(in crate::sqlite) fn removed(
    db: Db<'_>,
    at: Place,
    before: Option<(Timestamp, ItemId)>,
    limit: usize,
) -> Result<Vec<Past>> {
    let (until, item) = before.map_or((i64::MAX, i64::MAX), |(until, item)| (until.millis(), item.0));
    let limit = limits(limit).1 - 1;
    db.all(past::REMOVED, params![at.0.0, at.1.0, until, item, limit], about)
}

pub(in crate::sqlite) fn one(
    db: Db<'_>,
    account: AccountId,
    item: ItemId,
    number: i64,
) -> Result<Option<OpenPast>> {
    db.one(past::PAST_TEXT, params![account.0, item.0, number], |row| {
        let past = about(row)?;
        let properties = encode::properties_of(bytes(row, 14)?)?;
        let body = Bytes::copy_from_slice(bytes(row, 15)?);
        let body = OpenBody::here(Item { meta: past.meta.clone(), body });
        Ok(OpenPast { past, properties, body })
    })
}
