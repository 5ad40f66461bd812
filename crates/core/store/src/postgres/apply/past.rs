//! What items said before.

use super::item::Found;
use super::{AccountChange, Tx};
use crate::postgres::session::Line;
use crate::postgres::value::{get, values};
use crate::sql::{items, past};
use crate::{Content, Done, Source, encode};
use kontor_model::{AccountId, CollectionId, Error, ItemId, Result};

/// What becomes of the text of an item that is about to get another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Old {
    /// It is kept, and its body makes room.
    Aside,
    /// Its body is overwritten.
    Goes,
}

impl Tx<'_> {
    /// What becomes of the text of an item that gets another, and how many texts of it were replaced then. Changes
    /// nothing.
    pub(super) async fn fate(
        &mut self,
        at: &Source,
        found: &Found,
        aside: ItemId,
        (content, part): (&Content, bool),
    ) -> Result<(Old, Option<i64>)> {
        let kept = self.desk.history().keeps_replaced(found.size, part, (found.modified, self.at));
        if !kept || self.is_same(at.account, found, content).await? {
            return Ok((Old::Goes, found.texts));
        }
        if aside == found.id {
            return Err(Error::Internal(format!("put {:?}: its past needs a number of its own", at.name)));
        }
        Ok((Old::Aside, Some(self.next_text(at.account, found).await?)))
    }

    /// Keeps it as the past text of that number, its body under the number `aside`.
    pub(super) async fn set_aside(
        &mut self,
        at: &Source,
        found: &Found,
        (number, aside): (i64, ItemId),
    ) -> Result<()> {
        let (account, item) = (at.account.0, found.id.0);
        let body = (items::PUT_BODY, values![account, item]);
        self.db.ahead(past::SET_ASIDE, values![account, item, aside.0], body).await?;
        self.keep(at, found, (number, aside.0), None).await
    }

    /// Lets go of an item that is removed: its body stays as a past one, or goes. Before its properties do.
    pub(super) async fn part_with(&mut self, at: &Source, found: &Found) -> Result<()> {
        if !self.desk.history().keeps_removed(found.size) {
            return self.drop_body(at.account, found).await;
        }
        let mut properties = Vec::new();
        if found.has_properties {
            let key = values![at.account.0, at.collection.0, at.name.as_str()];
            properties = self.db.all(items::PROPERTIES, key, |row| Ok((get(row, 1)?, get(row, 2)?))).await?;
        }
        let number = self.next_text(at.account, found).await?;
        self.keep(at, found, (number, found.id.0), Some(encode::properties(&properties))).await
    }

    /// Properties are those of what was removed.
    async fn keep(
        &mut self,
        at: &Source,
        found: &Found,
        (number, text): (i64, i64),
        properties: Option<Vec<u8>>,
    ) -> Result<()> {
        let values = values![
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
        self.db.gather(past::KEEP_PAST, 3, values).await?;
        self.effect.grown(at.account, found.size);
        match self.desk.history().outlived(number) {
            Some(gone) => drop_one(self.db, (at.account.0, found.id.0, gone), self.at).await,
            None => Ok(()),
        }
    }

    /// Whether the body of an item is this very one.
    async fn is_same(&mut self, account: AccountId, found: &Found, content: &Content) -> Result<bool> {
        if content.size_column() != found.size {
            return Ok(false);
        }
        let (bytes, _) = content.columns();
        if let Some(same) = self.desk.compared(account, found, &bytes) {
            return Ok(same);
        }
        let same = self.db.one(past::IS_BODY, values![account.0, found.id.0, bytes], |_| Ok(())).await?;
        Ok(same.is_some())
    }

    /// The number of the next past text of an item.
    async fn next_text(&mut self, account: AccountId, found: &Found) -> Result<i64> {
        let mut last = found.texts;
        // A node of the version before may have moved it without its count: then the number is refused as taken, and the
        // write is tried again by what is looked up.
        if last.is_none() || self.desk.looks_up() {
            let key = values![account.0, found.id.0];
            last = last.max(self.db.one(past::LAST_PAST, key, |row| get(row, 0)).await?);
        }
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    pub(super) async fn take_back(&mut self, item: ItemId, number: i64, at: &Source) -> Result<Done> {
        let found = self.find_item(at).await?.ok_or(Error::NotFound)?;
        let account = at.account.0;
        if self.db.count(past::NOT_REMOVED, values![account, item.0]).await? == 0 {
            return Err(Error::NotFound);
        }
        drop_one(self.db, (account, item.0, number), self.at).await?;
        self.db.run(past::GIVE_PAST, values![account, item.0, found.id.0]).await?;
        self.desk.set_item(at, Some(Found { texts: None, ..found }));
        self.db.run(past::UNCOUNT, values![account, at.collection.0, at.name.as_str()]).await?;
        Ok(Done::Other)
    }

    pub(super) async fn purge_past(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        item: ItemId,
    ) -> Result<Done> {
        let key = values![account.0, item.0];
        let numbers: Vec<i64> = self.db.all(past::PAST_NUMBERS, key, |row| get(row, 0)).await?;
        if numbers.is_empty() {
            return Err(Error::NotFound);
        }
        for number in numbers {
            drop_one(self.db, (account.0, item.0, number), self.at).await?;
        }
        self.log_account(account, AccountChange::PurgePast(collection)).await?;
        Ok(Done::Other)
    }
}

/// Drops one past text of an item, with its body. Somebody else may do so at the same time, or give it to another item:
/// its row is held first.
pub(in crate::postgres) async fn drop_one(
    line: &mut Line,
    (account, item, number): (i64, i64, i64),
    at: i64,
) -> Result<()> {
    let row = || (past::KEEP_PAST, values![account, item, number]);
    line.ahead(past::HOLD_PAST, values![account, item, number], row()).await?;
    line.ahead(past::LOOSEN_PAST, values![account, item, number, at], row()).await?;
    line.ahead(past::DROP_PAST_BODY, values![account, item, number], row()).await?;
    line.ahead(past::DROP_PAST, values![account, item, number], row()).await
}
