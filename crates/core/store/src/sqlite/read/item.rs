//! Items, listings, properties.

use crate::blob::weight;
use crate::sql::items;
use crate::sqlite::db::{Db, get};
use crate::sqlite::read::changes::is_there;
use crate::sqlite::row;
use crate::{Page, READ_BYTES, Select};
use kontor_model::{AccountId, CollectionId, Item, ItemName, PropertyKey, Result};
use rusqlite::params;

/// Where.
pub(in crate::sqlite) type Place = (AccountId, CollectionId);

pub(in crate::sqlite) fn one(db: Db<'_>, at: Place, name: &ItemName, select: Select) -> Result<Option<Item>> {
    let sql = match select {
        Select::Meta => items::META,
        Select::Body => items::BODY,
    };
    db.one(sql, params![at.0.0, at.1.0, name.as_str()], |row| row::item(row, select))
}

pub(in crate::sqlite) fn named(
    db: Db<'_>,
    at: Place,
    names: &[ItemName],
    select: Select,
) -> Result<Vec<Option<Item>>> {
    db.view(|db| {
        if !is_there(db, at)? {
            return Ok(vec![None; names.len()]);
        }
        let (mut found, mut read) = (Vec::with_capacity(names.len()), 0);
        for name in names {
            let item = one(db, at, name, select)?;
            read += item.as_ref().map_or(0, weight);
            found.push(item);
            if read >= READ_BYTES {
                break;
            }
        }
        Ok(found)
    })
}

pub(in crate::sqlite) fn page(
    db: Db<'_>,
    at: Place,
    after: Option<&ItemName>,
    limit: usize,
    select: Select,
) -> Result<Page> {
    let sql = match select {
        Select::Meta => items::PAGE_META,
        Select::Body => items::PAGE_BODY,
    };
    let (limit, fetch) = limits(limit);
    // No name is empty, so all come after the empty text.
    let values = params![at.0.0, at.1.0, after.map_or("", ItemName::as_str), fetch];
    let (mut page, mut read) = (Page::default(), 0);
    db.each(sql, values, |row| {
        if page.items.len() == limit || read >= READ_BYTES {
            page.more = true;
            return Ok(false);
        }
        let item = row::item(row, select)?;
        read += weight(&item);
        page.items.push(item);
        Ok(true)
    })?;
    Ok(page)
}

/// At least one; and one more to ask for, to learn whether there is more.
pub(in crate::sqlite) fn limits(limit: usize) -> (usize, i64) {
    let limit = limit.max(1);
    (limit, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
}

pub(in crate::sqlite) fn properties(
    db: Db<'_>,
    at: Place,
    name: Option<&ItemName>,
) -> Result<Vec<(ItemName, PropertyKey, Vec<u8>)>> {
    let map =
        |row: &rusqlite::Row<'_>| Ok((row::item_name(row, 0)?, PropertyKey(get(row, 1)?), get(row, 2)?));
    match name {
        Some(name) => db.all(items::PROPERTIES, params![at.0.0, at.1.0, name.as_str()], map),
        None => db.all(items::ALL_PROPERTIES, params![at.0.0, at.1.0], map),
    }
}

pub(in crate::sqlite) fn by_uid(db: Db<'_>, at: Place, uid: &str) -> Result<Option<ItemName>> {
    db.one(items::BY_UID, params![at.0.0, at.1.0, uid], |row| row::item_name(row, 0))
}
