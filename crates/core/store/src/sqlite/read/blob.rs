//! Rows of the blob store.

use crate::blob::{self, Hash, Row, State};
use crate::sql::blobs;
use crate::sqlite::db::{Db, bytes, get};
use kontor_model::{AccountId, Result};
use rusqlite::{Row as Columns, params};

fn decoded(row: &Columns<'_>) -> Result<Row> {
    let hash: Option<Vec<u8>> = get(row, 5)?;
    Ok(Row {
        account: AccountId(get(row, 0)?),
        id: get(row, 1)?,
        state: State::of(get(row, 2)?)?,
        since: get(row, 3)?,
        size: get::<i64>(row, 4)?.unsigned_abs(),
        hash: blob::hash(hash.as_deref())?,
        upload: get(row, 6)?,
    })
}

pub(in crate::sqlite) fn one(db: Db<'_>, account: AccountId, id: i64) -> Result<Option<(Row, Vec<u8>)>> {
    db.one(blobs::ONE, params![account.0, id], |row| Ok((decoded(row)?, bytes(row, 7)?.to_vec())))
}

pub(in crate::sqlite) fn of_hash(db: Db<'_>, account: AccountId, hash: Hash) -> Result<Vec<Row>> {
    db.all(blobs::OF_HASH, params![account.0, &hash.0[..]], decoded)
}

pub(in crate::sqlite) fn loose(
    db: Db<'_>,
    before: i64,
    after: (i64, i64, i64),
    limit: i64,
) -> Result<Vec<Row>> {
    db.all(blobs::LOOSE, params![after.0, after.1, after.2, before, limit], decoded)
}

pub(in crate::sqlite) fn next(db: Db<'_>, after: (AccountId, i64), limit: i64) -> Result<Vec<Row>> {
    db.all(blobs::NEXT_BLOBS, params![after.0.0, after.1, limit], decoded)
}

pub(in crate::sqlite) fn place(db: Db<'_>) -> Result<Option<String>> {
    db.one(blobs::PLACE, [], |row| get(row, 0))
}
