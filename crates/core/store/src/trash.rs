//! A tree of collections between its place and the trash, as both engines read and write it.

use crate::{Trashed, encode};
use kontor_model::{AccountId, CollectionId, CollectionName, Error, Grant, Grantee, Kind, Result, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A row of `collection`, here or in the trash. The columns as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: i64,
    pub(crate) parent: i64,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) components: i64,
    pub(crate) own_grants: i64,
    pub(crate) created: i64,
}

/// A row of `counter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) version: i64,
    pub(crate) floor: i64,
    pub(crate) items: i64,
    pub(crate) bytes: i64,
}

/// A row of `trashed`.
pub(crate) struct Member {
    pub(crate) kept: Kept,
    pub(crate) count: Count,
    /// See [`packed`].
    pub(crate) grants: Vec<u8>,
}

/// A row of `trash` without its account, its columns in order.
pub(crate) struct Row {
    pub(crate) root: i64,
    pub(crate) parent: i64,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) at: i64,
    pub(crate) actor: i64,
    pub(crate) origin: String,
    pub(crate) collections: i64,
    pub(crate) deep: i64,
    pub(crate) items: i64,
    pub(crate) bytes: i64,
    /// When the item was made, when it was changed, and who made it, as which the root lay in another.
    pub(crate) item: (i64, i64, i64),
}

impl Row {
    pub(crate) fn decoded(&self) -> Result<Trashed> {
        let Self { root, parent, kind, name, at, actor, origin, collections, deep, items, bytes, .. } = self;
        Ok(Trashed {
            root: CollectionId(*root),
            parent: encode::parent_of(*parent),
            kind: Kind::from_word(kind).ok_or_else(|| encode::unknown("sort of collection", kind))?,
            name: CollectionName::new(name)?,
            at: Timestamp::from_millis(*at),
            actor: encode::actor_of(*actor),
            origin: encode::origin_of(origin)?,
            collections: collections.unsigned_abs(),
            deep: deep.unsigned_abs(),
            items: items.unsigned_abs(),
            bytes: bytes.unsigned_abs(),
        })
    }
}

/// Out of all collections of an account the one of that id, and what is below it, parents first.
///
/// # Errors
/// `NotFound`.
pub(crate) fn tree(all: Vec<Kept>, root: i64) -> Result<Vec<Kept>> {
    let mut below: BTreeMap<i64, Vec<Kept>> = BTreeMap::new();
    let mut top = None;
    for one in all {
        if one.id == root {
            top = Some(one);
        } else {
            below.entry(one.parent).or_default().push(one);
        }
    }
    let mut tree = vec![top.ok_or(Error::NotFound)?];
    let mut next = 0;
    while let Some(one) = tree.get(next).map(|one| one.id) {
        next += 1;
        // Each list is taken once, so a circle, should there be one, comes to its end.
        tree.extend(below.remove(&one).unwrap_or_default());
    }
    Ok(tree)
}

/// How many of a tree, parents first, lie in each other.
pub(crate) fn depth(tree: &[Kept]) -> i64 {
    let mut depths: BTreeMap<i64, i64> = BTreeMap::new();
    for one in tree {
        let above = depths.get(&one.parent).copied().unwrap_or(0);
        depths.insert(one.id, above + 1);
    }
    depths.values().copied().max().unwrap_or(0)
}

/// What lies in all of them.
pub(crate) fn whole<'a>(counts: impl Iterator<Item = &'a Count>) -> (i64, i64) {
    counts.fold((0, 0), |(items, bytes), one| {
        (items.saturating_add(one.items), bytes.saturating_add(one.bytes))
    })
}

/// Bytes of an entry: sort of grantee, grantee, rights.
const ENTRY: usize = 1 + 8 + 4;

/// Access entries as one column: kept apart from the table of those, where others would find them.
pub(crate) fn packed(grants: &[Grant]) -> Vec<u8> {
    let mut out = Vec::with_capacity(grants.len() * ENTRY);
    for grant in grants {
        let (kind, id) = encode::grantee(&grant.grantee);
        out.push(u8::try_from(kind).unwrap_or(u8::MAX));
        out.extend(id.to_be_bytes());
        out.extend(grant.rights.0.to_be_bytes());
    }
    out
}

/// Back from the column.
pub(crate) fn unpacked(column: &[u8]) -> Result<Vec<Grant>> {
    let entry = |bytes: &[u8]| {
        let (kind, rest) = bytes.split_first()?;
        let id = i64::from_be_bytes(rest.get(..8)?.try_into().ok()?);
        let rights = u32::from_be_bytes(rest.get(8..)?.try_into().ok()?);
        Some((i64::from(*kind), id, i64::from(rights)))
    };
    let entries = column.chunks(ENTRY).map(|bytes| {
        let (kind, id, rights) =
            entry(bytes).ok_or_else(|| encode::unknown("access entry of so many bytes", bytes.len()))?;
        encode::grant(kind, id, rights)
    });
    entries.collect()
}

/// The accounts that entries are about.
pub(crate) fn grantees(grants: &[Grant]) -> BTreeSet<AccountId> {
    let account = |grant: &Grant| match grant.grantee {
        Grantee::Account(id) => Some(id),
        Grantee::Everyone | Grantee::Public => None,
    };
    grants.iter().filter_map(account).collect()
}

/// Leaves out what is granted to accounts that are not `there` any more.
pub(crate) fn still(grants: Vec<Grant>, there: &BTreeSet<AccountId>) -> Vec<Grant> {
    let gone = |grant: &Grant| matches!(grant.grantee, Grantee::Account(id) if !there.contains(&id));
    grants.into_iter().filter(|grant| !gone(grant)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::Rights;

    fn kept(id: i64, parent: i64) -> Kept {
        let (kind, name) = ("files".to_owned(), id.to_string());
        Kept { id, parent, kind, name, components: 0, own_grants: 0, created: 1 }
    }

    #[test]
    fn a_tree_is_taken_out_with_parents_first() {
        let check = |all: &[(i64, i64)], root, expect: &[i64], deep| {
            let tree = tree(all.iter().map(|(id, parent)| kept(*id, *parent)).collect(), root).unwrap();
            let ids: Vec<_> = tree.iter().map(|one| one.id).collect();
            assert_eq!((ids.as_slice(), depth(&tree)), (expect, deep), "{all:?}");
        };
        check(&[(1, 0)], 1, &[1], 1);
        check(&[(3, 2), (2, 1), (9, 8), (1, 0), (4, 1)], 1, &[1, 2, 4, 3], 3);
        check(&[(3, 2), (2, 1), (1, 0), (4, 1)], 2, &[2, 3], 2);
        // A circle comes to its end.
        check(&[(1, 2), (2, 1), (3, 2)], 1, &[1, 2, 3], 3);
        assert_eq!(tree(vec![kept(1, 0)], 2), Err(Error::NotFound));
    }

    #[test]
    fn entries_come_back_but_for_those_of_accounts_that_are_gone() {
        let grants = [
            Grantee::Public,
            Grantee::Account(AccountId(-7)),
            Grantee::Account(AccountId(8)),
            Grantee::Everyone,
        ]
        .map(|grantee| Grant { grantee, rights: Rights(0x0102_0304) })
        .to_vec();
        assert_eq!(unpacked(&packed(&grants)).unwrap(), grants);
        assert_eq!(unpacked(&[]).unwrap(), []);
        assert!(unpacked(&packed(&grants)[1..]).is_err());
        assert_eq!(grantees(&grants), [AccountId(-7), AccountId(8)].into());
        let some = still(grants.clone(), &[AccountId(8)].into());
        assert_eq!(some, [grants[0].clone(), grants[2].clone(), grants[3].clone()]);
    }
}
