//! Gives small numbers.

use super::Tx;
use crate::sql::ordinals;
use crate::sqlite::db::get;
use crate::sqlite::read::ordinal::ordinal;
use crate::{Done, Numbered};
use kontor_model::{AccountId, CollectionId, Error, Result};
use rusqlite::params;

impl Tx<'_> {
    pub(super) fn number_parts(
        &self,
        account: AccountId,
        collection: CollectionId,
        parts: &[Numbered],
    ) -> Result<Done> {
        let (account, collection) = (account.0, collection.0);
        self.db.run(ordinals::BEGIN_ORDINALS, params![account, collection])?;
        let held = self.db.one(ordinals::HOLD_ORDINALS, params![account, collection], |row| get(row, 0))?;
        let before: i64 = held.ok_or(Error::NotFound)?;
        let mut last = before;
        let mut numbers = Vec::with_capacity(parts.len());
        for part in parts {
            let key = params![account, collection, part.item.0, part.part];
            let found = self.db.one(ordinals::ORDINAL_OF_PART, key, ordinal)?;
            let number = found.as_ref().map_or(last.saturating_add(1), |found| found.number);
            last = last.max(number);
            numbers.push(number);
            let (name, digest, version) = (&part.name, part.digest, part.version.0);
            match found {
                None => {
                    let (item, part) = (part.item.0, &part.part);
                    let values = params![account, collection, number, item, part, name, digest, version];
                    self.db.run(ordinals::NEW_ORDINAL, values)?;
                }
                Some(found) if found.of != *part => {
                    let values = params![account, collection, number, name, digest, version];
                    self.db.run(ordinals::SET_ORDINAL, values)?;
                }
                Some(_) => {}
            }
        }
        if last != before {
            self.db.run(ordinals::ADVANCE_ORDINALS, params![account, collection, last])?;
        }
        Ok(Done::Numbers(numbers))
    }
}
