//! Gives small numbers.

use super::Tx;
use crate::postgres::read::ordinal::ordinal;
use crate::postgres::value::{get, values};
use crate::sql::ordinals;
use crate::{Done, Numbered};
use kontor_model::{AccountId, CollectionId, Error, Result};

impl Tx<'_> {
    pub(super) async fn number_parts(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        parts: &[Numbered],
    ) -> Result<Done> {
        let at = (account.0, collection.0);
        self.db.run(ordinals::BEGIN_ORDINALS, values![at.0, at.1]).await?;
        // Held to the commit, so that what is found after this is all there is.
        let held =
            self.db.one(ordinals::HOLD_ORDINALS, values![at.0, at.1], |row| get::<i64>(row, 0)).await?;
        let before = held.ok_or(Error::NotFound)?;
        let ask = |part: &Numbered| (ordinals::ORDINAL_OF_PART, values![at.0, at.1, part.item.0, part.part]);
        let found = self.db.flight(parts.iter().map(ask).collect()).await?;
        let mut last = before;
        let mut numbers: Vec<i64> = Vec::with_capacity(parts.len());
        for (nth, (part, found)) in parts.iter().zip(found).enumerate() {
            let found = found.first().map(ordinal).transpose()?;
            // Twice in one write: the first one gave the number.
            let earlier = parts
                .iter()
                .zip(&numbers)
                .take(nth)
                .find(|(other, _)| other.item == part.item && other.part == part.part);
            let known = found.as_ref().map(|found| found.number).or(earlier.map(|(_, number)| *number));
            let number = known.map_or_else(|| super::desk::sum(last, 1), Ok)?;
            last = last.max(number);
            numbers.push(number);
            let (name, digest, version) = (&part.name, part.digest, part.version.0);
            if known.is_none() {
                let (item, part) = (part.item.0, &part.part);
                let values = values![at.0, at.1, number, item, part, name, digest, version];
                self.db.run(ordinals::NEW_ORDINAL, values).await?;
            } else if found.is_none_or(|found| found.of != *part) {
                let values = values![at.0, at.1, number, name, digest, version];
                self.db.run(ordinals::SET_ORDINAL, values).await?;
            }
        }
        if last != before {
            self.db.run(ordinals::ADVANCE_ORDINALS, values![at.0, at.1, last]).await?;
        }
        Ok(Done::Numbers(numbers))
    }
}
