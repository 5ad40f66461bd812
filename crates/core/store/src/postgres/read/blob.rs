//! Rows of the blob store.

use crate::blob::{self, Hash, Row, State};
use crate::postgres::session::Session;
use crate::postgres::value::{bytes, get, values};
use crate::sql::blobs;
use kontor_model::{AccountId, Result};
use tokio_postgres::Row as Columns;

fn decoded(row: &Columns) -> Result<Row> {
    Ok(Row {
        account: AccountId(get(row, 0)?),
        id: get(row, 1)?,
        state: State::of(get(row, 2)?)?,
        since: get(row, 3)?,
        size: get::<i64>(row, 4)?.unsigned_abs(),
        hash: blob::hash(get(row, 5)?)?,
        upload: get(row, 6)?,
    })
}

pub(in crate::postgres) async fn one(
    session: &Session,
    account: AccountId,
    id: i64,
) -> Result<Option<(Row, Vec<u8>)>> {
    let row = session.row(blobs::ONE, values![account.0, id]).await?;
    row.map(|row| Ok((decoded(&row)?, bytes(&row, 7)?.to_vec()))).transpose()
}

pub(in crate::postgres) async fn of_hash(
    session: &Session,
    account: AccountId,
    hash: Hash,
) -> Result<Vec<Row>> {
    some(session, blobs::OF_HASH, values![account.0, hash.0[..]]).await
}

pub(in crate::postgres) async fn loose(
    session: &Session,
    before: i64,
    after: (i64, i64, i64),
    limit: i64,
) -> Result<Vec<Row>> {
    some(session, blobs::LOOSE, values![after.0, after.1, after.2, before, limit]).await
}

pub(in crate::postgres) async fn next(
    session: &Session,
    after: (AccountId, i64),
    limit: i64,
) -> Result<Vec<Row>> {
    some(session, blobs::NEXT_BLOBS, values![after.0.0, after.1, limit]).await
}

async fn some(
    session: &Session,
    sql: &'static str,
    values: Vec<crate::postgres::value::Value>,
) -> Result<Vec<Row>> {
    session.rows(sql, values).await?.iter().map(decoded).collect()
}

pub(in crate::postgres) async fn place(session: &Session) -> Result<Option<String>> {
    session.row(blobs::PLACE, Vec::new()).await?.map(|row| get(&row, 0)).transpose()
}
