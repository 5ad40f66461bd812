//! Rows to nouns.

use super::db::{bytes, get, text};
use crate::{AppPassword, encode};
use bytes::Bytes;
use kontor_model::{
    AccountId, AccountName, AdminLevel, Collection, CollectionId, CollectionName, Components, Item, ItemId,
    ItemMeta, ItemName, Kind, Lock, Principal, PrincipalKind, Properties, Reach, Result, Sharing, Timestamp,
    Version,
};
use rusqlite::Row;

/// Columns of `sql::items::meta!`.
pub(super) const META_COLUMNS: usize = 11;

pub(super) fn item_name(row: &Row<'_>, at: usize) -> Result<ItemName> {
    ItemName::new(text(row, at)?)
}

pub(super) fn time(row: &Row<'_>, at: usize) -> Result<Timestamp> {
    get(row, at).map(Timestamp::from_millis)
}

pub(super) fn meta(row: &Row<'_>) -> Result<ItemMeta> {
    Ok(ItemMeta {
        name: item_name(row, 0)?,
        id: ItemId(get(row, 1)?),
        version: Version(get(row, 2)?),
        revision: Version(get(row, 3)?),
        size: get::<i64>(row, 4)?.unsigned_abs(),
        media_type: get(row, 5)?,
        created: time(row, 6)?,
        modified: time(row, 7)?,
        has_properties: get::<i64>(row, 8)? != 0,
        creator: encode::account_of(get(row, 9)?),
        folder: get::<Option<i64>>(row, 10)?.map(CollectionId),
    })
}

/// An item; its body is the column after those of the meta, if asked for.
pub(super) fn item(row: &Row<'_>, select: crate::Select) -> Result<Item> {
    let body = match select {
        crate::Select::Meta => Bytes::new(),
        crate::Select::Body => Bytes::copy_from_slice(bytes(row, META_COLUMNS)?),
    };
    Ok(Item { meta: meta(row)?, body })
}

/// The column after those of an item.
pub(super) fn after_item(select: crate::Select) -> usize {
    match select {
        crate::Select::Meta => META_COLUMNS,
        crate::Select::Body => META_COLUMNS + 1,
    }
}

pub(super) fn principal(row: &Row<'_>) -> Result<Principal> {
    let kind = text(row, 2)?;
    let admin: i64 = get(row, 7)?;
    Ok(Principal {
        id: AccountId(get(row, 0)?),
        name: AccountName::new(text(row, 1)?)?,
        kind: PrincipalKind::from_word(kind).ok_or_else(|| encode::unknown("sort of principal", kind))?,
        full_name: get(row, 3)?,
        email: get(row, 4)?,
        aliases: encode::split(text(row, 5)?),
        active: get::<i64>(row, 6)? != 0,
        admin: AdminLevel::from_number(admin).ok_or_else(|| encode::unknown("admin level", admin))?,
        hidden: get::<i64>(row, 8)? != 0,
        created: time(row, 9)?,
    })
}

pub(super) fn app_password(row: &Row<'_>) -> Result<AppPassword> {
    Ok(AppPassword {
        id: get(row, 0)?,
        label: get(row, 1)?,
        digest: get(row, 2)?,
        scopes: encode::split(text(row, 3)?),
        read_only: get::<i64>(row, 4)? != 0,
        expires: get::<Option<i64>>(row, 5)?.map(Timestamp::from_millis),
        created: time(row, 6)?,
        last_used: get::<Option<i64>>(row, 7)?.map(Timestamp::from_millis),
    })
}

/// A collection without its properties, and whether it has an access list of its own.
pub(super) fn collection(account: AccountId, row: &Row<'_>) -> Result<(Collection, bool)> {
    let kind = text(row, 2)?;
    let components: i64 = get(row, 4)?;
    let collection = Collection {
        account,
        id: CollectionId(get(row, 0)?),
        parent: encode::parent_of(get(row, 1)?),
        kind: Kind::from_word(kind).ok_or_else(|| encode::unknown("sort of collection", kind))?,
        name: CollectionName::new(text(row, 3)?)?,
        components: Components(
            u8::try_from(components).map_err(|_| encode::unknown("component set", components))?,
        ),
        created: time(row, 6)?,
        properties: Properties::new(),
    };
    Ok((collection, get::<i64>(row, 5)? != 0))
}

/// A lock.
pub(super) fn lock(row: &Row<'_>) -> Result<Lock> {
    let name = text(row, 2)?;
    Ok(Lock {
        token: encode::token_of(text(row, 0)?)?,
        collection: CollectionId(get(row, 1)?),
        name: if name.is_empty() { None } else { Some(ItemName::new(name)?) },
        reach: if get::<i64>(row, 3)? == 0 { Reach::Alone } else { Reach::Deep },
        sharing: if get::<i64>(row, 4)? == 0 { Sharing::Exclusive } else { Sharing::Shared },
        holder: AccountId(get(row, 5)?),
        about: get(row, 6)?,
        until: time(row, 7)?,
    })
}
