//! Properties of items and collections.

use crate::{Asker, Limits, Office, Place, access};
use kontor_model::{Error, ItemName, PropertyKey, Result, Right, Rule};
use kontor_store::Op;
use std::collections::BTreeSet;

/// Longest key, in bytes.
const LONGEST_KEY: usize = 1024;

/// Sets (`Some`) and unsets (`None`).
pub(crate) type PropertyChanges = Vec<(PropertyKey, Option<Vec<u8>>)>;

impl Office {
    /// Sets (`Some`) and unsets (`None`) properties of an item: all of them or none.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `W` (`w` for what the asker made); `TooLarge`.
    pub async fn set_item_properties(
        &self,
        who: &Asker,
        place: &Place,
        name: &ItemName,
        changes: Vec<(PropertyKey, Option<Vec<u8>>)>,
    ) -> Result<()> {
        let target = self.target(who, place, name).await?;
        target.need(target.rights, Right::EditAll)?;
        let limits = &self.inner.policy.limits;
        let have = self.store().item_properties(target.account(), target.collection.id, Some(name)).await?;
        check(limits, have.iter().map(|(_, key, _)| key), &changes)?;
        self.commit(who, &[target.account()], |shelves| {
            access::need(target.now(self, who, shelves)?, Right::EditAll)?;
            Ok(vec![Op::SetItemProperties { at: target.source(), changes: changes.clone() }])
        })
        .await?;
        Ok(())
    }

    /// Sets (`Some`) and unsets (`None`) properties of a collection: all of them or none.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `m`, or `W` for a folder in another; `TooLarge`.
    pub async fn set_collection_properties(
        &self,
        who: &Asker,
        place: &Place,
        changes: Vec<(PropertyKey, Option<Vec<u8>>)>,
    ) -> Result<()> {
        let (account, id) = (place.account(), place.id());
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (collection, rights) = access::find(&self.inner.policy, who, shelf, id)?;
            // A folder in another is an item of it too.
            let as_item = collection.parent.is_some() && rights.has(Right::EditAll);
            if !as_item {
                access::need(rights, Right::Manage)?;
            }
            check(&self.inner.policy.limits, collection.properties.keys(), &changes)?;
            Ok(vec![Op::SetCollectionProperties { account, collection: id, changes: changes.clone() }])
        })
        .await?;
        Ok(())
    }
}

/// Keeps the limits on keys, values and their number.
pub(crate) fn check<'a>(
    limits: &Limits,
    have: impl Iterator<Item = &'a PropertyKey>,
    changes: &PropertyChanges,
) -> Result<()> {
    let mut keys: BTreeSet<&PropertyKey> = have.collect();
    for (key, value) in changes {
        if key.0.is_empty() || key.0.len() > LONGEST_KEY {
            let detail = format!("a property name must have 1 to {LONGEST_KEY} bytes");
            return Err(Error::Invalid { rule: Rule::Name, detail });
        }
        match value {
            Some(value) if value.len() > limits.max_property_size => {
                let max = limits.max_property_size as u64;
                return Err(Error::TooLarge { limit: "max_property_size", max });
            }
            Some(_) => keys.insert(key),
            None => keys.remove(key),
        };
    }
    if keys.len() > limits.max_properties {
        return Err(Error::TooLarge { limit: "max_properties", max: limits.max_properties as u64 });
    }
    Ok(())
}
