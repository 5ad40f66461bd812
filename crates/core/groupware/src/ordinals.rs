//! Small numbers of items and people, for clients that can keep nothing else.

use crate::{Asker, Office, Place, access};
use kontor_model::{AccountId, CollectionId, Error, ItemId, Principal, Result, Right, Version};
use kontor_store::{Done, Numbered, Op, Ordinal, OrdinalKey, Shelf};
use std::collections::HashMap;
use std::sync::Arc;

/// People are counted in a series of their own, which is no collection's.
const PEOPLE: (AccountId, CollectionId) = (AccountId(0), CollectionId(0));

impl Office {
    /// The ordinals of those keys in a collection, as they were when they were last told.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn ordinals(&self, who: &Asker, place: &Place, keys: &[OrdinalKey]) -> Result<Vec<Ordinal>> {
        let (at, _) = self.readable(who, place).await?;
        self.store().ordinals(at.account, at.id, keys).await
    }

    /// Gives numbers to parts of items, or tells those that they have, in the order asked. `known` is what
    /// [`Office::ordinals`] told of these items: what is so already is not written again.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn number(
        &self,
        who: &Asker,
        place: &Place,
        known: &[Ordinal],
        parts: &[Numbered],
    ) -> Result<Vec<i64>> {
        let (account, collection) = (place.account(), place.id());
        self.readable(who, place).await?;
        number(known, parts, async |fresh: Vec<Numbered>| {
            let decide = |shelves: &[Arc<Shelf>]| {
                let shelf = shelves.first().ok_or(Error::NotFound)?;
                let (_, rights) = access::find(&self.inner.policy, who, shelf, collection)?;
                access::need(rights, Right::Read)?;
                Ok(vec![Op::Number { account, collection, parts: fresh.clone() }])
            };
            Ok(self.commit(who, &[account], decide).await?.done)
        })
        .await
    }

    /// The numbers of people, in the order asked.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn number_people(&self, who: &Asker, people: &[&Principal]) -> Result<Vec<i64>> {
        let parts: Vec<Numbered> = people.iter().map(|one| person(one)).collect();
        let keys: Vec<_> = parts.iter().map(|part| OrdinalKey::Item(part.item)).collect();
        let known = self.store().ordinals(PEOPLE.0, PEOPLE.1, &keys).await?;
        number(&known, &parts, async |parts| {
            let op = Op::Number { account: PEOPLE.0, collection: PEOPLE.1, parts };
            Ok(self.write(who, Vec::new(), vec![op]).await?.done)
        })
        .await
    }

    /// The accounts that have these numbers, those that are gone among them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn numbered_people(&self, numbers: &[i64]) -> Result<Vec<(i64, AccountId)>> {
        let keys: Vec<_> = numbers.iter().copied().map(OrdinalKey::Number).collect();
        let found = self.store().ordinals(PEOPLE.0, PEOPLE.1, &keys).await?;
        Ok(found.into_iter().map(|one| (one.number, AccountId(one.of.item.0))).collect())
    }
}

fn person(principal: &Principal) -> Numbered {
    Numbered {
        item: ItemId(principal.id.0),
        part: String::new(),
        name: principal.name.as_str().to_owned(),
        digest: 0,
        version: Version::ZERO,
    }
}

async fn number(
    known: &[Ordinal],
    parts: &[Numbered],
    write: impl AsyncFnOnce(Vec<Numbered>) -> Result<Vec<Done>>,
) -> Result<Vec<i64>> {
    let asis: HashMap<(ItemId, &str), &Ordinal> =
        known.iter().map(|one| ((one.of.item, one.of.part.as_str()), one)).collect();
    let number = |part: &Numbered| {
        let one = asis.get(&(part.item, part.part.as_str()))?;
        (one.of == *part).then_some(one.number)
    };
    let mut numbers: Vec<Option<i64>> = parts.iter().map(number).collect();
    let missing = numbers.iter_mut().zip(parts).filter(|(number, _)| number.is_none());
    let (slots, fresh): (Vec<&mut Option<i64>>, Vec<Numbered>) =
        missing.map(|(number, part)| (number, part.clone())).unzip();
    if !fresh.is_empty() {
        let done = write(fresh).await?;
        let Some(Done::Numbers(given)) = done.first() else {
            return Err(Error::Internal(format!("giving numbers was answered with {done:?}")));
        };
        slots.into_iter().zip(given).for_each(|(slot, number)| *slot = Some(*number));
    }
    numbers.into_iter().map(|number| number.ok_or(Error::NotFound)).collect()
}
