//! The shelf of an account.

use crate::sql::{changes, collections, locks};
use crate::sqlite::db::{Db, get};
use crate::sqlite::row;
use crate::{Shelf, encode};
use kontor_model::{AccountId, Collection, CollectionId, Grant, Grantee, PropertyKey, Result, Right, Rights};
use std::collections::HashMap;
use std::sync::Arc;

/// Stores in which something is granted to `to` that holds that right.
pub(in crate::sqlite) fn granting(db: Db<'_>, to: &Grantee, right: Right) -> Result<Vec<AccountId>> {
    let (kind, id) = encode::grantee(to);
    let wanted = |rights: i64| u32::try_from(rights).is_ok_and(|rights| Rights(rights).has(right));
    let mut all = Vec::new();
    if matches!(to, Grantee::Account(_)) {
        db.each(collections::GRANTING, [id], |row| {
            all.extend(wanted(get(row, 1)?).then_some(AccountId(get(row, 0)?)));
            Ok(true)
        })?;
    } else {
        let mut after = -1;
        // There are many stores, but few sets of rights.
        while let Some(next) = db.one(collections::NEXT_RIGHTS, [kind, after], |row| get(row, 0))? {
            after = next;
            if wanted(after) {
                all.extend(
                    db.all(collections::GRANTING_ALL, [kind, after], |row| get(row, 0).map(AccountId))?,
                );
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The shelf; `None` if there is no such account.
pub(in crate::sqlite) fn shelf(db: Db<'_>, account: AccountId) -> Result<Option<Shelf>> {
    db.view(|db| {
        let state = db.one(changes::STATE, [account.0], |row| {
            Ok((get(row, 1)?, encode::quota(get(row, 2)?, get(row, 3)?, get(row, 4)?)))
        })?;
        let Some((version, quota)) = state else { return Ok(None) };
        let rows = db.all(collections::OF_ACCOUNT, [account.0], |row| row::collection(account, row))?;
        let mut own: HashMap<CollectionId, Vec<Grant>> =
            rows.iter().filter(|(_, own)| *own).map(|(one, _)| (one.id, Vec::new())).collect();
        let mut by_id: HashMap<CollectionId, Collection> =
            rows.into_iter().map(|(one, _)| (one.id, one)).collect();
        db.each(collections::PROPERTIES, [account.0], |row| {
            if let Some(collection) = by_id.get_mut(&CollectionId(get(row, 0)?)) {
                collection.properties.insert(PropertyKey(get(row, 1)?), get(row, 2)?);
            }
            Ok(true)
        })?;
        let mut root_grants = Vec::new();
        db.each(collections::ENTRIES, [account.0], |row| {
            let grant = encode::grant(get(row, 1)?, get(row, 2)?, get(row, 3)?)?;
            match encode::parent_of(get(row, 0)?) {
                None => root_grants.push(grant),
                Some(on) => own.entry(on).or_default().push(grant),
            }
            Ok(true)
        })?;
        let grants = own.into_iter().collect();
        let locks = db.all(locks::LOCKS, [account.0], row::lock)?;
        Ok(Some(Shelf::new(account, version, in_order(by_id), root_grants, grants, locks, quota)))
    })
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
