//! Small numbers of items.

use super::{Place, viewed};
use crate::postgres::pool::Readers;
use crate::postgres::session::Line;
use crate::postgres::value::{get, text, values};
use crate::sql::ordinals;
use crate::{Numbered, Ordinal, OrdinalKey};
use kontor_model::{ItemId, Result, Version};
use std::sync::Arc;
use tokio_postgres::Row;

/// Statements under way at once.
const AT_ONCE: usize = 64;

pub(in crate::postgres) async fn some(
    readers: &Arc<Readers>,
    at: Place,
    keys: Vec<OrdinalKey>,
) -> Result<Vec<Ordinal>> {
    viewed!(readers, |line| some_in(line, at, &keys))
}

async fn some_in(line: &mut Line, at: Place, keys: &[OrdinalKey]) -> Result<Vec<Ordinal>> {
    let mut out = Vec::with_capacity(keys.len());
    let (account, collection) = (at.0.0, at.1.0);
    for keys in keys.chunks(AT_ONCE) {
        let ask = |key: &OrdinalKey| match key {
            OrdinalKey::Item(id) => (ordinals::ORDINALS_OF_ITEM, values![account, collection, id.0]),
            OrdinalKey::Name(name) => (ordinals::ORDINALS_OF_NAME, values![account, collection, name]),
            OrdinalKey::Names { first, last, most } => {
                (ordinals::ORDINALS_OF_NAMES, values![account, collection, first, last, *most])
            }
            OrdinalKey::Number(number) => (ordinals::ORDINAL, values![account, collection, *number]),
        };
        for (key, rows) in keys.iter().zip(line.flight(keys.iter().map(ask).collect()).await?) {
            let mut some = rows.iter().map(ordinal).collect::<Result<Vec<_>>>()?;
            if !matches!(key, OrdinalKey::Names { .. }) {
                some.sort_by_key(|one| one.number);
            }
            out.append(&mut some);
        }
    }
    Ok(out)
}

pub(in crate::postgres) fn ordinal(row: &Row) -> Result<Ordinal> {
    let of = Numbered {
        item: ItemId(get(row, 0)?),
        part: text(row, 1)?.to_owned(),
        name: text(row, 3)?.to_owned(),
        digest: get(row, 4)?,
        version: Version(get(row, 5)?),
    };
    Ok(Ordinal { number: get(row, 2)?, of })
}
