//! What items said before.

use super::item::Found;
use super::{AccountChange, Tx};
use crate::sql::{items, past};
use crate::sqlite::db::{Db, get};
use crate::{Content, Done, Source, encode};
use kontor_model::{AccountId, CollectionId, Error, ItemId, Result};
use rusqlite::params;

/// What becomes of the text of an item that is about to get another.
pub(super) enum Old {
    /// It is kept, and its body has made room.
    Aside,
    /// Its body is overwritten.
    Goes,
}

impl Tx<'_> {
    /// Keeps the text of an item that gets another, under the number `aside`, unless it is the same; how many texts of
    /// the item were replaced then.
    pub(super) fn set_aside(
        &mut self,
        at: &Source,
        found: &Found,
        aside: ItemId,
        (content, part): (&Content, bool),
    ) -> Result<(Old, Option<i64>)> {
        let kept = self.history.keeps_replaced(found.size, part, (found.modified, self.at));
        if !kept || self.is_same(at.account, found, content)? {
            return Ok((Old::Goes, found.texts));
        }
        if aside == found.id {
            return Err(Error::Internal(format!("put {:?}: its past needs a number of its own", at.name)));
        }
        let number = self.next_text(at.account, found)?;
        self.db.run(past::SET_ASIDE, params![at.account.0, found.id.0, aside.0])?;
        self.keep(at, found, (number, aside.0), None)?;
        Ok((Old::Aside, Some(number)))
    }

    /// Lets go of an item that is removed: its body stays as a past one, or goes. Before its properties do.
    pub(super) fn part_with(&mut self, at: &Source, found: &Found) -> Result<()> {
        if !self.history.keeps_removed(found.size) {
            return self.drop_body(at.account, found);
        }
        let mut properties = Vec::new();
        if found.has_properties {
            let key = params![at.account.0, at.collection.0, at.name.as_str()];
            properties = self.db.all(items::PROPERTIES, key, |row| Ok((get(row, 1)?, get(row, 2)?)))?;
        }
        let number = self.next_text(at.account, found)?;
        self.keep(at, found, (number, found.id.0), Some(encode::properties(&properties)))
    }

    /// Properties are those of what was removed.
    fn keep(
        &mut self,
        at: &Source,
        found: &Found,
        (number, text): (i64, i64),
        properties: Option<Vec<u8>>,
    ) -> Result<()> {
        let values = params![
            at.account.0,
            found.id.0,
            number,
            text,
            at.collection.0,
            at.name.as_str(),
            found.revision.0,
            found.size,
            found.media_type,
            found.created,
            found.modified,
            found.creator,
            self.at,
            self.actor,
            self.origin,
            i64::from(properties.is_some()),
            properties,
        ];
        self.db.run(past::KEEP_PAST, values)?;
        self.effect.grown(at.account, found.size);
        match self.history.outlived(number) {
            Some(gone) => drop_one(self.db, (at.account.0, found.id.0, gone), self.at),
            None => Ok(()),
        }
    }

    /// Whether the body of an item is this very one.
    fn is_same(&self, account: AccountId, found: &Found, content: &Content) -> Result<bool> {
        if content.size_column() != found.size {
            return Ok(false);
        }
        let (bytes, _) = content.columns();
        let same = self.db.one(past::IS_BODY, params![account.0, found.id.0, &bytes[..]], |_| Ok(()))?;
        Ok(same.is_some())
    }

    /// The number of the next past text of an item.
    fn next_text(&self, account: AccountId, found: &Found) -> Result<i64> {
        // A program of the version before may have moved it without its count.
        let last: Option<i64> =
            self.db.one(past::LAST_PAST, params![account.0, found.id.0], |row| get(row, 0))?;
        Ok(last.max(found.texts).unwrap_or(0).saturating_add(1))
    }

    pub(super) fn take_back(&mut self, item: ItemId, number: i64, at: &Source) -> Result<Done> {
        let found = self.find_item(at)?.ok_or(Error::NotFound)?;
        let account = at.account.0;
        if self.db.run(past::NOT_REMOVED, params![account, item.0])? == 0 {
            return Err(Error::NotFound);
        }
        drop_one(self.db, (account, item.0, number), self.at)?;
        self.db.run(past::GIVE_PAST, params![account, item.0, found.id.0])?;
        self.db.run(past::UNCOUNT, params![account, at.collection.0, at.name.as_str()])?;
        Ok(Done::Other)
    }

    pub(super) fn purge_past(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        item: ItemId,
    ) -> Result<Done> {
        let numbers: Vec<i64> =
            self.db.all(past::PAST_NUMBERS, params![account.0, item.0], |row| get(row, 0))?;
        if numbers.is_empty() {
            return Err(Error::NotFound);
        }
        for number in numbers {
            drop_one(self.db, (account.0, item.0, number), self.at)?;
        }
        self.log_account(account, AccountChange::PurgePast(collection))?;
        Ok(Done::Other)
    }
}

/// Drops one past text of an item, with its body.
pub(in crate::sqlite) fn drop_one(
    db: Db<'_>,
    (account, item, number): (i64, i64, i64),
    at: i64,
) -> Result<()> {
    db.run(past::LOOSEN_PAST, params![account, item, number, at])?;
    db.run(past::DROP_PAST_BODY, params![account, item, number])?;
    db.run(past::DROP_PAST, params![account, item, number]).map(drop)
}
