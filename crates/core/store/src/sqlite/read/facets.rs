//! Look-ups by time and by text.

use super::item::{Place, one};
use crate::blob::weight;
use crate::span::bounded;
use crate::sql::facets;
use crate::sqlite::db::{Db, bytes, get};
use crate::sqlite::row;
use crate::{Page, READ_BYTES, Select, Timing};
use kontor_model::{ItemName, Range, Result};
use rusqlite::params;

pub(in crate::sqlite) fn timings(db: Db<'_>, at: Place, range: Range) -> Result<Vec<Timing>> {
    let range = bounded(range);
    db.all(facets::TIMINGS, params![at.0.0, at.1.0, range.start, range.end], |row| {
        Ok(Timing { name: row::item_name(row, 0)?, timeline: get(row, 1)? })
    })
}

pub(in crate::sqlite) fn matching(
    db: Db<'_>,
    at: Place,
    test: &dyn Fn(&[u8]) -> bool,
    after: Option<&ItemName>,
    limit: usize,
    select: Select,
) -> Result<Page> {
    db.view(|db| {
        let (mut page, mut read) = (Page::default(), 0);
        db.each(facets::TEXTS, params![at.0.0, at.1.0, after.map_or("", ItemName::as_str)], |row| {
            if !test(bytes(row, 1)?) {
                return Ok(true);
            }
            if page.items.len() == limit || read >= READ_BYTES {
                page.more = true;
                return Ok(false);
            }
            let item = one(db, at, &row::item_name(row, 0)?, select)?;
            read += item.as_ref().map_or(0, weight);
            page.items.extend(item);
            Ok(true)
        })?;
        Ok(page)
    })
}
