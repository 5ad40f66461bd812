//! Look-ups by time and by text.

use super::item::{Filling, fetch};
use super::{Place, viewed};
use crate::postgres::pool::Readers;
use crate::postgres::row;
use crate::postgres::session::Line;
use crate::postgres::value::{bytes, get, values};
use crate::span::bounded;
use crate::sql::{changes, facets, postgres};
use crate::{Page, Select, TextTest, Timing};
use kontor_model::{Error, ItemName, Range, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// Texts looked at at once.
const TEXTS: i64 = 500;
/// Items that match and are read at once.
const MATCHES: usize = 32;

async fn must_be_there(line: &mut Line, at: Place) -> Result<()> {
    line.one(changes::COUNTER, values![at.0.0, at.1.0], |_| Ok(())).await?.ok_or(Error::NotFound)
}

pub(in crate::postgres) async fn timings(
    readers: &Arc<Readers>,
    at: Place,
    range: Range,
) -> Result<Vec<Timing>> {
    viewed!(readers, |line| timings_in(line, at, bounded(range)))
}

async fn timings_in(line: &mut Line, at: Place, range: Range) -> Result<Vec<Timing>> {
    must_be_there(line, at).await?;
    line.all(postgres::TIMINGS, values![at.0.0, at.1.0, range.start, range.end], |row| {
        Ok(Timing { name: row::item_name(row, 0)?, timeline: get(row, 1)? })
    })
    .await
}

pub(in crate::postgres) async fn matching(
    readers: &Arc<Readers>,
    at: Place,
    test: TextTest,
    after: Option<ItemName>,
    (limit, select): (usize, Select),
) -> Result<Page> {
    let after = after.map_or_else(String::new, |name| name.as_str().to_owned());
    let test = Mutex::new(test);
    viewed!(readers, |line| Search { at, test: &test, after: after.clone() }.page(line, limit, select))
}

struct Search<'t> {
    at: Place,
    test: &'t Mutex<TextTest>,
    /// The name looked at last.
    after: String,
}

impl Search<'_> {
    async fn page(mut self, line: &mut Line, limit: usize, select: Select) -> Result<Page> {
        must_be_there(line, self.at).await?;
        let mut page = Page::default();
        let mut filling = Filling::new(limit, select);
        while let Some(names) = self.some(line).await? {
            for names in names.chunks(MATCHES) {
                for item in fetch(line, self.at, names, select).await?.into_iter().flatten() {
                    if !filling.takes(&item) {
                        page.more = true;
                        return Ok(page);
                    }
                    page.items.push(item);
                }
            }
        }
        Ok(page)
    }

    /// The names among the next texts that match; `None` at the end.
    async fn some(&mut self, line: &mut Line) -> Result<Option<Vec<ItemName>>> {
        let key = values![self.at.0.0, self.at.1.0, self.after, TEXTS];
        let rows = line.rows(facets::SOME_TEXTS, key).await?;
        let seen = {
            let test = self.test.lock().unwrap_or_else(PoisonError::into_inner);
            let seen = rows.iter().map(|row| Ok((row::item_name(row, 0)?, test(bytes(row, 1)?))));
            seen.collect::<Result<Vec<_>>>()?
        };
        let Some((last, _)) = seen.last() else { return Ok(None) };
        self.after = last.as_str().to_owned();
        Ok(Some(seen.into_iter().filter(|(_, matches)| *matches).map(|(name, _)| name).collect()))
    }
}
