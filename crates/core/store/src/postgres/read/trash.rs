//! Trees in the trash.

use crate::Trashed;
use crate::postgres::session::Session;
use crate::postgres::value::{get, values};
use crate::sql::trash;
use crate::trash::Row;
use kontor_model::{AccountId, CollectionId, Result, Timestamp};
use tokio_postgres::Row as Columns;

pub(in crate::postgres) async fn trees(
    session: &Session,
    account: AccountId,
    before: Option<(Timestamp, CollectionId)>,
    limit: usize,
) -> Result<Vec<Trashed>> {
    let (at, root) = before.map_or((i64::MAX, i64::MAX), |(at, root)| (at.millis(), root.0));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = session.rows(trash::TREES, values![account.0, at, root, limit]).await?;
    rows.iter().map(|row| decoded(row)?.decoded()).collect()
}

pub(in crate::postgres) async fn tree(
    session: &Session,
    account: AccountId,
    root: CollectionId,
) -> Result<Option<Trashed>> {
    let row = session.row(trash::TREE, values![account.0, root.0]).await?;
    row.map(|row| decoded(&row)?.decoded()).transpose()
}

pub(in crate::postgres) async fn next(
    session: &Session,
    after: Option<AccountId>,
) -> Result<Option<AccountId>> {
    let row = session.row(trash::NEXT_TREE, values![after.map_or(i64::MIN, |id| id.0)]).await?;
    row.map(|row| get(&row, 0).map(AccountId)).transpose()
}

pub(in crate::postgres) fn decoded(row: &Columns) -> Result<Row> {
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
