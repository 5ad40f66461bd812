//! The tasks that others of their list wait for, looked up before a translation that cannot wait.

use crate::fault::Refusal;
use crate::list::List;
use crate::op::{Find, find};
use crate::session::Session;
use kontor_groupware::{Numbered, OrdinalKey, Place};
use kontor_model::{Item, Version};
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Row, Task, Tasks};
use kontor_wire_sharepoint::translate::tasks;
use std::collections::BTreeSet;

/// Tasks that rows may name in one go; more are not told.
const MOST: usize = 1_000;

/// What to look up.
#[derive(Debug, Default)]
pub(crate) struct Named {
    uids: BTreeSet<String>,
    numbers: BTreeSet<i64>,
}

impl Named {
    /// Nothing, unless it is a list of tasks: in that, what a text names.
    pub(crate) fn text(&mut self, list: &List, text: &[u8]) {
        if list.kind == ListKind::Tasks && self.uids.len() < MOST {
            self.uids.extend(tasks::predecessors(text));
        }
    }

    /// What a row names that a client sent.
    pub(crate) fn row(&mut self, list: &List, fields: &Row) {
        if list.kind == ListKind::Tasks && self.numbers.len() < MOST {
            self.numbers.extend(tasks::predecessor_numbers(fields));
        }
    }
}

/// Those that are there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found(Vec<Task>);

impl Tasks for Found {
    fn by_uid(&self, uid: &str) -> Option<Task> {
        self.0.iter().find(|task| task.uid == uid).cloned()
    }

    fn by_number(&self, number: i64) -> Option<Task> {
        self.0.iter().find(|task| task.number == number).cloned()
    }
}

impl Session {
    /// Looks tasks up, and numbers those that were never told.
    ///
    /// # Errors
    /// Those of the office; what is not there is left out.
    pub(crate) async fn tasks(&self, place: &Place, named: Named) -> Result<Found, Refusal> {
        let mut found = Vec::new();
        for number in named.numbers {
            if let Find::Here(item) = find(self, place, number).await? {
                found.extend(tasks::identity(&item.body).map(|(uid, title)| Task { number, uid, title }));
            }
        }
        let mut items = Vec::new();
        for uid in &named.uids {
            if found.iter().all(|task: &Task| task.uid != *uid) {
                items.extend(self.office().item_of_uid(&self.asker, place, uid).await?);
            }
        }
        let numbers = self.numbers_of(place, &items).await?;
        let of_uid = |(item, number): (Item, i64)| {
            let (uid, title) = tasks::identity(&item.body)?;
            Some(Task { number, uid, title })
        };
        found.extend(items.into_iter().zip(numbers).filter_map(of_uid));
        Ok(Found(found))
    }

    /// The numbers of items that are one row each.
    async fn numbers_of(&self, place: &Place, items: &[Item]) -> Result<Vec<i64>, Refusal> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (office, who) = (self.office(), &*self.asker);
        let keys: Vec<_> = items.iter().map(|item| OrdinalKey::Item(item.meta.id)).collect();
        let known = office.ordinals(who, place, &keys).await?;
        let part = |item: &Item| Numbered {
            item: item.meta.id,
            part: String::new(),
            name: item.meta.name.as_str().to_owned(),
            digest: 0,
            version: Version::ZERO,
        };
        let parts: Vec<Numbered> = items.iter().map(part).collect();
        Ok(office.number(who, place, &known, &parts).await?)
    }
}
