//! Rows changed and taken away.
//!
//! Who changes a row says which version of it they saw. If somebody changed that row since, nothing is written: the
//! client is told so with the row as it is now, and the person at it decides (MS-OUTSPS 3.2.4.3). Without a version
//! the change is made on whatever is there.

use super::start::Start;
use super::{Batch, Find, done, find, said, seen_version, series_of};
use crate::fault::Refusal;
use crate::people::Known;
use crate::rows::{ToldRow, part_key};
use crate::translate::Removed;
use crate::{tasks, time, translate};
use bytes::Bytes;
use kontor_groupware::{Expect, Ordinal, OrdinalKey, Put};
use kontor_model::{Error, Item, ItemMeta};
use kontor_wire_sharepoint::op::update::{Method, Outcome};
use kontor_wire_sharepoint::row::Part;
use std::sync::Arc;

/// How often a change is made anew on a text that changed under it.
const TRIES: usize = 8;

/// A row as it is found.
struct Found {
    item: Item,
    /// The row as it is now; that of the series for a new exception.
    current: ToldRow,
    /// The numbers of the item.
    ordinals: Vec<Ordinal>,
    /// Who is named in the item, and in the row that a client sent.
    people: Arc<Known>,
}

impl Batch {
    /// Changes a row, or makes an exception of a series.
    pub(super) async fn change(&self, method: &Method, mut start: Option<Start>) -> Result<Outcome, Refusal> {
        for _ in 0..TRIES {
            let found = self.found(method, start.take()).await?;
            if let Some(conflict) = self.conflict(method, &found) {
                return Ok(conflict);
            }
            let (part, text) = self.edited(method, &found).await?;
            let item = match text {
                None => found.item,
                Some(text) => match self.put(&found.item, text).await? {
                    Some(item) => item,
                    None => continue,
                },
            };
            let rows = self.rows(item, &found.ordinals, &found.people).await?;
            let same = |told: &&ToldRow| part_key(&told.part) == part_key(&part);
            // An exception that says what its series says has no row of its own: that of the series stands for it.
            let row = rows.iter().find(same).or_else(|| rows.first());
            return Ok(done(method, row.map(|told| told.row.clone())));
        }
        Err(Error::Busy { retry_after: 1 }.into())
    }

    /// Takes a row away: the item, or the exception.
    pub(super) async fn delete(&self, method: &Method, mut start: Option<Start>) -> Result<Outcome, Refusal> {
        for _ in 0..TRIES {
            let found = self.found(method, start.take()).await?;
            if let Some(conflict) = self.conflict(method, &found) {
                return Ok(conflict);
            }
            let left = {
                let tasks = tasks::Found::default();
                let context = self.context("", &found.people, None, &tasks);
                translate::remove_part(self.list.kind, &found.item.body, &found.current.part, &context)?
            };
            let meta = &found.item.meta;
            let written = match left {
                Removed::Text(text) => self.put(&found.item, text).await?.is_some(),
                Removed::Item => {
                    let (office, who) = (self.session.office(), &*self.session.asker);
                    let expect = Expect::Exactly(meta.id, meta.revision);
                    match office.remove(who, &self.place, &meta.name, expect).await {
                        Err(Error::Stale { .. }) => false,
                        answer => answer.map(|()| true)?,
                    }
                }
            };
            if written {
                return Ok(done(method, None));
            }
        }
        Err(Error::Busy { retry_after: 1 }.into())
    }

    /// The row that a method is about: as it was read with the others of its batch, or as it is now.
    async fn found(&self, method: &Method, start: Option<Start>) -> Result<Found, Refusal> {
        let number = series_of(method).or(method.number()).ok_or_else(Refusal::no_item)?;
        let (item, ordinals, people) = match start {
            Some(Start { item: Some(item), ordinals, people }) => (item, ordinals, people),
            _ => self.read(method, number).await?,
        };
        let rows = self.rows((*item).clone(), &ordinals, &people).await?;
        let current = rows.into_iter().find(|told| told.number == number).ok_or_else(Refusal::no_item)?;
        Ok(Found { item: *item, current, ordinals, people })
    }

    async fn read(
        &self,
        method: &Method,
        number: i64,
    ) -> Result<(Box<Item>, Vec<Ordinal>, Arc<Known>), Refusal> {
        let Find::Here(item) = find(&self.session, &self.place, number).await? else {
            return Err(Refusal::no_item());
        };
        let (office, who) = (self.session.office(), &*self.session.asker);
        let ordinals = office.ordinals(who, &self.place, &[OrdinalKey::Item(item.meta.id)]).await?;
        let mut wanted = self.named([&method.fields], &item.body);
        wanted.account(item.meta.creator);
        Ok((item, ordinals, Arc::new(self.session.people(wanted).await?)))
    }

    /// The answer to somebody who saw another version than there is.
    fn conflict(&self, method: &Method, found: &Found) -> Option<Outcome> {
        let seen = seen_version(method)?;
        if series_of(method).is_some() || seen == found.current.version {
            return None;
        }
        let (number, have) = (found.current.number, found.current.version);
        let who = self.session.asker.principal.name.as_str();
        let list = &self.list.guid;
        tracing::info!(%who, %list, row = number, seen, have, "a conflict: the row was changed by somebody else; theirs stays");
        let refusal = Refusal::conflict();
        Some(Outcome {
            code: refusal.code,
            text: Some(refusal.text),
            row: Some(found.current.row.clone()),
            ..done(method, None)
        })
    }

    /// Which part the method is about, and the text after it; `None` if it says that already.
    async fn edited(&self, method: &Method, found: &Found) -> Result<(Part, Option<Vec<u8>>), Refusal> {
        let mut fields = said(method);
        let tasks = self.tasks(&fields, &found.item.body).await?;
        time::to_utc(&mut fields, self.list.kind, &self.list.zone, self.utc);
        let people = &*found.people;
        let asker = people.person(self.session.asker.principal.id).cloned();
        let context = self.context("", people, asker.as_ref(), &tasks);
        let (kind, text, part) = (self.list.kind, &found.item.body, found.current.part);
        if series_of(method).is_some() {
            return Ok(translate::except(kind, text, &fields, &context)?);
        }
        Ok((part, translate::edit(kind, text, &part, &fields, &context)?))
    }

    /// Writes the text if nobody wrote in between; `None` if somebody did.
    async fn put(&self, item: &Item, text: Vec<u8>) -> Result<Option<Item>, Refusal> {
        let body = Bytes::from(text);
        let meta = &item.meta;
        let expect = Expect::Exactly(meta.id, meta.revision);
        let put = Put { media_type: &meta.media_type, bytes: body.clone(), expect };
        let (office, who) = (self.session.office(), &*self.session.asker);
        let written = match office.put(who, &self.place, &meta.name, put).await {
            Err(Error::Stale { .. }) => return Ok(None),
            answer => answer?,
        };
        let (version, revision) = (written.version, written.revision);
        let size = body.len() as u64;
        let meta = ItemMeta { version, revision, size, modified: office.now(), ..meta.clone() };
        Ok(Some(Item { meta, body }))
    }
}
