//! What items said before.

use super::Place;
use super::item::encoded;
use crate::encode;
use crate::postgres::row;
use crate::postgres::session::Session;
use crate::postgres::value::{bytes, get, text, values};
use crate::sql::{items, past};
use crate::{End, OpenBody, OpenPast, Past};
use bytes::Bytes;
use futures_util::future::try_join_all;
use kontor_model::{
    AccountId, CollectionId, Item, ItemId, ItemMeta, ItemName, Origin, Result, Timestamp, Version,
};
use tokio_postgres::Row;

/// Removed items of one name that are told of.
const LIVES: i64 = 64;

/// The columns of a past text.
fn about(row: &Row) -> Result<Past> {
    let (origin, revision) = (text(row, 12)?, Version(get(row, 4)?));
    let removed = get::<i64>(row, 13)? != 0;
    let properties: Option<Vec<u8>> = get(row, 14)?;
    Ok(Past {
        number: get(row, 1)?,
        collection: CollectionId(get(row, 2)?),
        meta: ItemMeta {
            id: ItemId(get(row, 0)?),
            name: row::item_name(row, 3)?,
            version: revision,
            revision,
            size: get::<i64>(row, 5)?.unsigned_abs(),
            media_type: get(row, 6)?,
            created: row::time(row, 7)?,
            modified: row::time(row, 8)?,
            has_properties: properties.is_some_and(|bytes| !bytes.is_empty()),
            creator: encode::account_of(get(row, 9)?),
            folder: None,
        },
        until: row::time(row, 10)?,
        actor: encode::actor_of(get(row, 11)?),
        origin: Origin::from_word(origin).ok_or_else(|| encode::unknown("door", origin))?,
        end: if removed { End::Removed } else { End::Replaced },
    })
}

pub(in crate::postgres) async fn of_name(session: &Session, at: Place, name: &ItemName) -> Result<Vec<Past>> {
    let key = values![at.0.0, at.1.0, name.as_str()];
    let removed = values![at.0.0, at.1.0, name.as_str(), LIVES];
    let (living, removed) =
        tokio::join!(session.row(items::META, key), session.rows(past::REMOVED_NAMED, removed));
    let mut lives = removed?.iter().map(|row| get::<i64>(row, 0)).collect::<Result<Vec<_>>>()?;
    lives.extend(living?.map(|row| get::<i64>(&row, 1)).transpose()?);
    let asks = lives.into_iter().map(|item| session.rows(past::PAST_OF_ITEM, values![at.0.0, item]));
    let rows = try_join_all(asks).await?;
    let mut all = rows.iter().flatten().map(about).collect::<Result<Vec<_>>>()?;
    all.sort_by_key(Past::order);
    Ok(all)
}

pub(in crate::postgres) async fn removed(
    session: &Session,
    at: Place,
    before: Option<(Timestamp, ItemId)>,
    limit: usize,
) -> Result<Vec<Past>> {
    let (until, item) = before.map_or((i64::MAX, i64::MAX), |(until, item)| (until.millis(), item.0));
    let rows =
        session.rows(past::REMOVED, values![at.0.0, at.1.0, until, item, encoded(limit.max(1))]).await?;
    rows.iter().map(about).collect()
}

pub(in crate::postgres) async fn one(
    session: &Session,
    account: AccountId,
    item: ItemId,
    number: i64,
) -> Result<Option<OpenPast>> {
    let Some(row) = session.row(past::PAST_TEXT, values![account.0, item.0, number]).await? else {
        return Ok(None);
    };
    let past = about(&row)?;
    let properties = encode::properties_of(&get::<Option<Vec<u8>>>(&row, 14)?.unwrap_or_default())?;
    let body = Bytes::copy_from_slice(bytes(&row, 15)?);
    let body = OpenBody::here(Item { meta: past.meta.clone(), body });
    Ok(Some(OpenPast { past, properties, body }))
}
