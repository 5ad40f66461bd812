//! Trees in the trash.

use crate::Trashed;
use crate::sql::trash;
use crate::sqlite::db::{Db, get};
use crate::trash::Row;
use kontor_model::{AccountId, CollectionId, Result, Timestamp};
use rusqlite::params;

pub(in crate::sqlite) fn trees(
    db: Db<'_>,
    account: AccountId,
    before: Option<(Timestamp, CollectionId)>,
    limit: usize,
) -> Result<Vec<Trashed>> {
    let (at, root) = before.map_or((i64::MAX, i64::MAX), |(at, root)| (at.millis(), root.0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.all(trash::TREES, params![account.0, at, root, limit], |row| decoded(row)?.decoded())
}

pub(in crate::sqlite) fn tree(db: Db<'_>, account: AccountId, root: CollectionId) -> Result<Option<Row>> {
    db.one(trash::TREE, params![account.0, root.0], decoded)
}

pub(in crate::sqlite) fn next(db: Db<'_>, after: Option<AccountId>) -> Result<Option<AccountId>> {
    db.one(trash::NEXT_TREE, [after.map_or(i64::MIN, |id| id.0)], |row| get(row, 0).map(AccountId))
}

fn decoded(row: &rusqlite::Row<'_>) -> Result<Row> {
    Ok(Row {
        root: get(row, 0)?,
        parent: get(row, 1)?,
        kind: get(row, 2)?,
        name: get(row, 3)?,
        at: get(row, 4)?,
        actor: get(row, 5)?,
        origin: get(row, 6)?,
        collections: get(row, 7)?,
        deep: get(row, 8)?,
        items: get(row, 9)?,
        bytes: get(row, 10)?,
        item: (get(row, 11)?, get(row, 12)?, get(row, 13)?),
    })
}
