//! Items, listings, properties.

use super::changes::is_there;
use super::{Place, viewed};
use crate::blob::weight;
use crate::postgres::pool::Readers;
use crate::postgres::row;
use crate::postgres::session::{Line, Session};
use crate::postgres::text::look_up;
use crate::postgres::value::{Value, get, text, values};
use crate::sql::{items, postgres};
use crate::{Page, READ_BYTES, Select, Shelf};
use kontor_model::{CollectionId, Error, Item, ItemName, PropertyKey, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// Items with bodies that are asked for at once: as many may be in memory, however large.
pub(super) const BODIES: usize = 32;

pub(super) fn one_sql(select: Select) -> &'static str {
    match select {
        Select::Meta => items::META,
        Select::Body => items::BODY,
    }
}

pub(in crate::postgres) async fn one(session: &Session, at: Place, name: &ItemName) -> Result<Option<Item>> {
    let key = values![at.0.0, at.1.0, name.as_str()];
    // Rows of a collection that is gone may still be there.
    let (there, found) = tokio::join!(is_there(session, at), session.row(items::BODY, key));
    if !there? {
        return Ok(None);
    }
    found?.map(|row| row::item(&row, Select::Body)).transpose()
}

/// The same in a collection of a shelf, in one statement that also tells whether the shelf is still that one.
pub(in crate::postgres) async fn on(
    session: &Session,
    shelf: &Shelf,
    collection: CollectionId,
    name: &ItemName,
) -> Result<Option<Item>> {
    let key = values![shelf.account.0, collection.0, name.as_str()];
    let row = session.row(postgres::SHELF_AND_ITEM, key).await?.ok_or(Error::NotFound)?;
    if get::<i64>(&row, 0)? != shelf.version {
        return Err(Error::Busy { retry_after: 0 });
    }
    let there = get::<Option<i64>>(&row, 2)?.is_some();
    there.then(|| row::item_from(&row, 1, Select::Body)).transpose()
}

pub(in crate::postgres) async fn named(
    readers: &Arc<Readers>,
    at: Place,
    names: Vec<ItemName>,
    select: Select,
) -> Result<Vec<Option<Item>>> {
    viewed!(readers, |line| named_in(line, at, &names, select))
}

async fn named_in(
    line: &mut Line,
    at: Place,
    names: &[ItemName],
    select: Select,
) -> Result<Vec<Option<Item>>> {
    let there = line.one(crate::sql::changes::COUNTER, values![at.0.0, at.1.0], |_| Ok(())).await?;
    if there.is_none() {
        return Ok(vec![None; names.len()]);
    }
    let (mut found, mut read) = (Vec::with_capacity(names.len()), 0);
    for some in names.chunks(BODIES) {
        for item in fetch(line, at, some, select).await? {
            if read >= READ_BYTES {
                return Ok(found);
            }
            read += item.as_ref().map_or(0, weight);
            found.push(item);
        }
    }
    Ok(found)
}

/// These items, in one statement.
pub(super) async fn fetch(
    line: &mut Line,
    at: Place,
    names: &[ItemName],
    select: Select,
) -> Result<Vec<Option<Item>>> {
    let wanted = names.iter().map(|name| name.as_str().to_owned()).collect();
    let asks = vec![look_up(one_sql(select), (at.0.0, at.1.0), wanted)];
    let rows = line.flight(asks).await?.into_iter().flatten();
    let found: Result<HashMap<ItemName, Item>> =
        rows.map(|row| row::item(&row, select).map(|item| (item.meta.name.clone(), item))).collect();
    let found = found?;
    // A name may be asked for twice.
    Ok(names.iter().map(|name| found.get(name).cloned()).collect())
}

pub(in crate::postgres) async fn page(
    readers: &Arc<Readers>,
    at: Place,
    after: Option<ItemName>,
    limit: usize,
    select: Select,
) -> Result<Page> {
    viewed!(readers, |line| page_in(line, at, after.clone(), limit, select))
}

async fn page_in(
    line: &mut Line,
    at: Place,
    after: Option<ItemName>,
    limit: usize,
    select: Select,
) -> Result<Page> {
    line.one(crate::sql::changes::COUNTER, values![at.0.0, at.1.0], |_| Ok(()))
        .await?
        .ok_or(Error::NotFound)?;
    let sql = match select {
        Select::Meta => items::PAGE_META,
        Select::Body => items::PAGE_BODY,
    };
    // No name is empty, so all come after the empty text.
    let mut after = after.map_or_else(String::new, |name| name.as_str().to_owned());
    let mut filling = Filling::new(limit, select);
    let mut page = Page::default();
    loop {
        let fetch = filling.fetch();
        let items =
            line.all(sql, values![at.0.0, at.1.0, after, fetch], |row| row::item(row, select)).await?;
        let last = encoded(items.len()) < fetch;
        for item in items {
            if !filling.takes(&item) {
                page.more = true;
                return Ok(page);
            }
            after = item.meta.name.as_str().to_owned();
            page.items.push(item);
        }
        if last {
            return Ok(page);
        }
    }
}

/// How many items an answer still takes.
pub(super) struct Filling {
    left: usize,
    bytes: usize,
    at_once: usize,
}

impl Filling {
    /// At most `limit`, at least one.
    pub(super) fn new(limit: usize, select: Select) -> Self {
        let at_once = match select {
            Select::Meta => 10_000,
            Select::Body => BODIES,
        };
        Self { left: limit.max(1), bytes: READ_BYTES, at_once }
    }

    /// However large they are.
    pub(super) fn unbounded(select: Select) -> Self {
        Self { bytes: usize::MAX, ..Self::new(usize::MAX, select) }
    }

    /// How many to ask for: one more than are wanted, to learn whether there are more.
    pub(super) fn fetch(&self) -> i64 {
        encoded(self.left.saturating_add(1).min(self.at_once))
    }

    /// Whether there is room for this one, which is then counted.
    pub(super) fn takes(&mut self, item: &Item) -> bool {
        if self.left == 0 || self.bytes == 0 {
            return false;
        }
        self.left -= 1;
        self.bytes = self.bytes.saturating_sub(weight(item));
        true
    }
}

/// A count as a parameter.
pub(super) fn encoded(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(in crate::postgres) async fn properties(
    session: &Session,
    at: Place,
    name: Option<ItemName>,
) -> Result<Vec<(ItemName, PropertyKey, Vec<u8>)>> {
    let (sql, key): (_, Vec<Value>) = match name {
        Some(name) => (items::PROPERTIES, values![at.0.0, at.1.0, name.as_str()]),
        None => (items::ALL_PROPERTIES, values![at.0.0, at.1.0]),
    };
    let (there, rows) = tokio::join!(super::changes::counter(session, at), session.rows(sql, key));
    there?;
    let told =
        |row: &tokio_postgres::Row| Ok((row::item_name(row, 0)?, PropertyKey(get(row, 1)?), get(row, 2)?));
    rows?.iter().map(told).collect()
}

pub(in crate::postgres) async fn by_uid(session: &Session, at: Place, uid: &str) -> Result<Option<ItemName>> {
    let key = values![at.0.0, at.1.0, uid];
    let (there, found) = tokio::join!(is_there(session, at), session.row(items::BY_UID, key));
    if !there? {
        return Ok(None);
    }
    found?.map(|row| ItemName::new(text(&row, 0)?)).transpose()
}
