//! Small numbers of items.

use super::item::Place;
use crate::sql::ordinals;
use crate::sqlite::db::{Db, get};
use crate::{Numbered, Ordinal, OrdinalKey};
use kontor_model::{ItemId, Result, Version};
use rusqlite::{Row, params};

pub(in crate::sqlite) fn some(db: Db<'_>, at: Place, keys: &[OrdinalKey]) -> Result<Vec<Ordinal>> {
    let (account, collection) = (at.0.0, at.1.0);
    let mut out = Vec::with_capacity(keys.len());
    for key in keys {
        let mut some = match key {
            OrdinalKey::Item(id) => {
                db.all(ordinals::ORDINALS_OF_ITEM, params![account, collection, id.0], ordinal)
            }
            OrdinalKey::Name(name) => {
                db.all(ordinals::ORDINALS_OF_NAME, params![account, collection, name], ordinal)
            }
            OrdinalKey::Names { first, last, most } => {
                let values = params![account, collection, first, last, *most];
                db.all(ordinals::ORDINALS_OF_NAMES, values, ordinal)
            }
            OrdinalKey::Number(number) => {
                db.all(ordinals::ORDINAL, params![account, collection, number], ordinal)
            }
        }?;
        if !matches!(key, OrdinalKey::Names { .. }) {
            some.sort_by_key(|one| one.number);
        }
        out.append(&mut some);
    }
    Ok(out)
}

pub(in crate::sqlite) fn ordinal(row: &Row<'_>) -> Result<Ordinal> {
    let of = Numbered {
        item: ItemId(get(row, 0)?),
        part: get(row, 1)?,
        name: get(row, 3)?,
        digest: get(row, 4)?,
        version: Version(get(row, 5)?),
    };
    Ok(Ordinal { number: get(row, 2)?, of })
}
