//! The shelf of an account.

use super::viewed;
use crate::postgres::pool::Readers;
use crate::postgres::row;
use crate::postgres::session::{Line, Session};
use crate::postgres::value::{get, values};
use crate::sql::{changes, collections, locks};
use crate::{Shelf, encode};
use kontor_model::{
    AccountId, Collection, CollectionId, Grant, Grantee, Lock, PropertyKey, QuotaSettings, Result, Right,
    Rights,
};
use std::collections::HashMap;
use std::sync::Arc;
use tokio_postgres::Row;

/// The number of the last change of a shelf; `None` if there is no such account.
pub(in crate::postgres) async fn shelf_version(session: &Session, account: AccountId) -> Result<Option<i64>> {
    session.row(changes::STATE, values![account.0]).await?.map(|row| get(&row, 1)).transpose()
}

/// The shelf; `None` if there is no such account.
pub(in crate::postgres) async fn shelf(readers: &Arc<Readers>, account: AccountId) -> Result<Option<Shelf>> {
    viewed!(readers, |line| shelf_in(line, account))
}

/// Stores in which something is granted to `to` that holds that right.
pub(in crate::postgres) async fn granting(
    session: &Session,
    to: &Grantee,
    right: Right,
) -> Result<Vec<AccountId>> {
    let (kind, id) = encode::grantee(to);
    let wanted = |rights: i64| u32::try_from(rights).is_ok_and(|rights| Rights(rights).has(right));
    let mut all = Vec::new();
    if matches!(to, Grantee::Account(_)) {
        for row in session.rows(collections::GRANTING, values![id]).await? {
            all.extend(wanted(get(&row, 1)?).then_some(AccountId(get(&row, 0)?)));
        }
    } else {
        let mut after = -1;
        // There are many stores, but few sets of rights.
        while let Some(row) = session.row(collections::NEXT_RIGHTS, values![kind, after]).await? {
            after = get(&row, 0)?;
            if wanted(after) {
                for row in session.rows(collections::GRANTING_ALL, values![kind, after]).await? {
                    all.push(AccountId(get(&row, 0)?));
                }
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

async fn shelf_in(line: &mut Line, account: AccountId) -> Result<Option<Shelf>> {
    let asks = [
        changes::STATE,
        collections::OF_ACCOUNT,
        collections::PROPERTIES,
        collections::ENTRIES,
        locks::LOCKS,
    ];
    let rows = line.flight(asks.map(|sql| (sql, values![account.0])).to_vec()).await?;
    match rows.as_slice() {
        [state, collections, properties, entries, locks] => match state.first() {
            Some(state) => {
                let locks = locks.iter().map(row::lock).collect::<Result<_>>()?;
                let mut shelf = built((account, get(state, 1)?), collections, properties, entries, locks)?;
                shelf.quota = encode::quota(get(state, 2)?, get(state, 3)?, get(state, 4)?);
                Ok(Some(shelf))
            }
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

fn built(
    (account, version): (AccountId, i64),
    collections: &[Row],
    properties: &[Row],
    entries: &[Row],
    locks: Vec<Lock>,
) -> Result<Shelf> {
    let rows = collections.iter().map(|row| row::collection(account, row)).collect::<Result<Vec<_>>>()?;
    let mut own: HashMap<CollectionId, Vec<Grant>> =
        rows.iter().filter(|(_, own)| *own).map(|(one, _)| (one.id, Vec::new())).collect();
    let mut by_id: HashMap<CollectionId, Collection> =
        rows.into_iter().map(|(one, _)| (one.id, one)).collect();
    for row in properties {
        if let Some(collection) = by_id.get_mut(&CollectionId(get(row, 0)?)) {
            collection.properties.insert(PropertyKey(get(row, 1)?), get(row, 2)?);
        }
    }
    let mut root_grants = Vec::new();
    for row in entries {
        let grant = encode::grant(get(row, 1)?, get(row, 2)?, get(row, 3)?)?;
        match encode::parent_of(get(row, 0)?) {
            None => root_grants.push(grant),
            Some(on) => own.entry(on).or_default().push(grant),
        }
    }
    let grants = own.into_iter().collect();
    Ok(Shelf::new(account, version, in_order(by_id), root_grants, grants, locks, QuotaSettings::default()))
}

/// Parents before children, then by kind and name.
fn in_order(by_id: HashMap<CollectionId, Collection>) -> Vec<Arc<Collection>> {
    let depth = |one: &Collection| {
        let mut above = one.parent;
        let mut depth = 0_usize;
        // The engine makes no circles; should a damaged file hold one, this still ends.
        while let Some(parent) = above.filter(|_| depth <= by_id.len()) {
            depth += 1;
            above = by_id.get(&parent).and_then(|one| one.parent);
        }
        depth
    };
    let mut ranked: Vec<_> = by_id.values().map(|one| (depth(one), one.id)).collect();
    ranked.sort_by(|a, b| {
        let key = |(depth, id): &(usize, CollectionId)| {
            by_id.get(id).map(|one| (*depth, one.kind, one.name.clone(), one.id))
        };
        key(a).cmp(&key(b))
    });
    let mut by_id = by_id;
    ranked.into_iter().filter_map(|(_, id)| by_id.remove(&id)).map(Arc::new).collect()
}
