//! What a transaction holds and knows: rows it has locked, items it has looked up.
//!
//! Whoever writes into a collection first locks its counter, so what was read of the collection after that stays true
//! until the commit, and later writes of the batch need not ask again. Numbers are counted here and written once, by
//! [`Desk::advances`].

mod prepare;

use super::item::Found;
use crate::encode::HOUSE;
use crate::postgres::session::Line;
use crate::postgres::value::{get, values};
use crate::sql::postgres::{
    HOLD_COUNTER, HOLD_COUNTER_NOW, HOLD_STATE, HOLD_STATE_NOW, SHARE_STATE, SHARE_STATE_NOW,
};
use crate::sql::{changes, items};
use crate::trash::Count;
use crate::{History, Source};
use bytes::Bytes;
use kontor_model::{AccountId, Error, ItemName, Result};
use std::collections::{BTreeMap, HashMap};
use tokio_postgres::Row;

/// Account and collection.
type At = (i64, i64);

/// A collection that is held; `None` in its place if it is not there.
#[derive(Clone, Copy, Default)]
struct Counter {
    version: i64,
    items: i64,
    bytes: i64,
    moved: bool,
}

/// An account that is held.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) number: i64,
    pub(super) shelf: i64,
    exclusive: bool,
}

/// See above.
#[derive(Default)]
pub(in crate::postgres) struct Desk {
    history: History,
    /// Bodies that items were compared with, by account, item and revision.
    compared: HashMap<(i64, i64, i64), (Bytes, bool)>,
    trust: Trust,
    patience: Patience,
    counters: BTreeMap<At, Option<Counter>>,
    states: BTreeMap<i64, Option<State>>,
    found: HashMap<(i64, i64, String), Option<Found>>,
    /// Which name has a UID.
    uids: HashMap<(i64, i64, String), Option<ItemName>>,
    /// To be written at the end.
    house: Vec<HouseEntry>,
}

/// Whether a UID is looked up before an item is put under it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::postgres) enum Trust {
    /// The index over UIDs refuses what is taken, and the whole transaction with it: which nearly never happens, and
    /// then it is tried again with [`Trust::LookUp`].
    #[default]
    Index,
    /// So that each write can be told.
    LookUp,
}

/// Whether rows are waited for that somebody else holds.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::postgres) enum Patience {
    /// For a moment, as long as the connection waits.
    #[default]
    Some,
    /// Not at all: there are others in the same transaction.
    None,
}

impl Patience {
    fn hold_counter(self) -> &'static str {
        match self {
            Self::Some => HOLD_COUNTER,
            Self::None => HOLD_COUNTER_NOW,
        }
    }

    fn share_state(self) -> &'static str {
        match self {
            Self::Some => SHARE_STATE,
            Self::None => SHARE_STATE_NOW,
        }
    }

    fn hold_state(self) -> &'static str {
        match self {
            Self::Some => HOLD_STATE,
            Self::None => HOLD_STATE_NOW,
        }
    }
}

/// What is held at some moment, to go back to.
pub(in crate::postgres) struct Held {
    counters: BTreeMap<At, Option<Counter>>,
    states: BTreeMap<i64, Option<State>>,
    house: usize,
}

/// An entry in the log of the house.
pub(super) struct HouseEntry {
    pub(super) account: i64,
    pub(super) verb: &'static str,
    pub(super) actor: i64,
    pub(super) origin: &'static str,
    pub(super) at: i64,
}

/// Numbers in rows can be any.
pub(super) fn sum(number: i64, more: i64) -> Result<i64> {
    number.checked_add(more).ok_or_else(|| Error::Internal(format!("count on from {number}: no room")))
}

fn key(at: &Source) -> (i64, i64, String) {
    (at.account.0, at.collection.0, at.name.as_str().to_owned())
}

impl Desk {
    pub(in crate::postgres) fn new(history: History, trust: Trust, patience: Patience) -> Self {
        Self { history, trust, patience, ..Self::default() }
    }

    /// What is kept of what items said before.
    pub(super) fn history(&self) -> History {
        self.history
    }

    /// Whether what is usually trusted is looked up.
    pub(super) fn looks_up(&self) -> bool {
        self.trust == Trust::LookUp
    }

    /// Whether an item has that body, if that was asked.
    pub(super) fn compared(&self, account: AccountId, found: &Found, bytes: &Bytes) -> Option<bool> {
        let asked = self.compared.get(&(account.0, found.id.0, found.revision.0))?;
        (asked.0 == *bytes).then_some(asked.1)
    }

    /// What is held now.
    pub(in crate::postgres) fn held(&self) -> Held {
        let house = self.house.len();
        Held { counters: self.counters.clone(), states: self.states.clone(), house }
    }

    /// Back to what was held: a savepoint was gone back to, and with it went the locks taken since.
    pub(in crate::postgres) fn back_to(&mut self, held: Held) {
        (self.counters, self.states) = (held.counters, held.states);
        self.house.truncate(held.house);
        self.forget_items();
    }

    /// Forgets items that were looked up.
    pub(super) fn forget_items(&mut self) {
        self.found.clear();
        self.uids.clear();
    }

    /// Sends the numbers that moved.
    pub(in crate::postgres) async fn advances(&self, line: &mut Line) -> Result<()> {
        for (at, counter) in &self.counters {
            if let Some(counter) = counter.filter(|counter| counter.moved) {
                let values = values![at.0, at.1, counter.version, counter.items, counter.bytes];
                line.run(changes::ADVANCE, values).await?;
            }
        }
        if self.house.is_empty() { Ok(()) } else { self.write_house(line).await }
    }

    /// Something happened to an account as such.
    pub(super) fn of_house(&mut self, entry: HouseEntry) {
        self.house.push(entry);
    }

    /// Writes the log of the house. Its row is taken last of all and held to the commit, so its numbers become visible in
    /// order, and who waits for it has everything else.
    async fn write_house(&self, line: &mut Line) -> Result<()> {
        let hold = || vec![(HOLD_STATE, values![HOUSE])];
        let mut rows = line.flight(hold()).await?;
        if rows.first().is_none_or(Vec::is_empty) {
            line.run(changes::NEW_STATE, values![HOUSE]).await?;
            rows = line.flight(hold()).await?;
        }
        let held = state(rows.first().and_then(|rows| rows.first()), true)?;
        let mut number = held.ok_or(Error::NotFound)?.number;
        for entry in &self.house {
            number += 1;
            let HouseEntry { account, verb, actor, origin, at } = *entry;
            line.run(changes::BUMP_STATE, values![HOUSE, 0]).await?;
            line.run(changes::LOG_ACCOUNT, values![HOUSE, number, account, verb, actor, origin, at]).await?;
        }
        Ok(())
    }

    /// The number of a collection, which is held from now on.
    pub(super) async fn number(&mut self, line: &mut Line, at: At) -> Result<i64> {
        let held = match self.counters.get(&at) {
            Some(held) => *held,
            None => {
                let rows = line.flight(vec![(self.patience.hold_counter(), values![at.0, at.1])]).await?;
                let held = counter(rows.first().and_then(|rows| rows.first()))?;
                self.counters.insert(at, held);
                held
            }
        };
        held.map(|counter| counter.version).ok_or(Error::NotFound)
    }

    /// The next number of a collection that is held.
    pub(super) fn bump(&mut self, at: At, items: i64, bytes: i64) -> Result<i64> {
        let counter = self.counters.get_mut(&at).and_then(Option::as_mut).ok_or(Error::NotFound)?;
        counter.version = sum(counter.version, 1)?;
        counter.items = sum(counter.items, items)?;
        counter.bytes = sum(counter.bytes, bytes)?;
        counter.moved = true;
        Ok(counter.version)
    }

    /// By how much a collection grew that is held, not written yet.
    pub(super) fn pending(&self, at: At) -> i64 {
        self.counters.get(&at).copied().flatten().map_or(0, |counter| counter.bytes)
    }

    /// The same of all collections of an account.
    pub(super) fn pending_of(&self, account: i64) -> i64 {
        let held = self.counters.range((account, i64::MIN)..=(account, i64::MAX));
        held.filter_map(|(_, counter)| *counter).fold(0, |sum, counter| sum.saturating_add(counter.bytes))
    }

    /// A collection came to be.
    pub(super) fn begins(&mut self, at: At) {
        self.counters.insert(at, Some(Counter::default()));
    }

    /// A collection is back, at a number.
    pub(super) fn goes_on(&mut self, at: At, version: i64) {
        self.counters.insert(at, Some(Counter { version, ..Counter::default() }));
        self.forget_items();
    }

    /// A collection is about to go whose row said that: how far it is by what was not written yet.
    pub(super) fn upto(&self, at: At, row: Count) -> Result<Count> {
        let Some(held) = self.counters.get(&at).copied().flatten().filter(|held| held.moved) else {
            return Ok(row);
        };
        let (items, bytes) = (sum(row.items, held.items)?, sum(row.bytes, held.bytes)?);
        Ok(Count { version: held.version, items, bytes, ..row })
    }

    /// A collection is gone.
    pub(super) fn ends(&mut self, at: At) {
        self.counters.insert(at, None);
        self.forget_items();
    }

    /// The shelf number of an account, which does not move from now on.
    pub(super) async fn shelf(&mut self, line: &mut Line, account: i64) -> Result<Option<i64>> {
        if !self.states.contains_key(&account) {
            self.hold(line, account, self.patience.share_state(), false).await?;
        }
        Ok(self.states.get(&account).copied().flatten().map(|state| state.shelf))
    }

    /// Holds an account for oneself.
    pub(super) async fn state(&mut self, line: &mut Line, account: i64) -> Result<&mut State> {
        let mine = self.states.get(&account).copied().flatten().is_some_and(|state| state.exclusive);
        if !mine {
            self.hold(line, account, HOLD_STATE, true).await?;
        }
        self.states.get_mut(&account).and_then(Option::as_mut).ok_or(Error::NotFound)
    }

    async fn hold(
        &mut self,
        line: &mut Line,
        account: i64,
        sql: &'static str,
        exclusive: bool,
    ) -> Result<()> {
        let rows = line.flight(vec![(sql, values![account])]).await?;
        let row = rows.first().and_then(|rows| rows.first());
        self.states.insert(account, state(row, exclusive)?);
        Ok(())
    }

    /// The live item of a name in a collection that is held.
    pub(super) async fn item(&mut self, line: &mut Line, at: &Source) -> Result<Option<Found>> {
        let key = key(at);
        if let Some(known) = self.found.get(&key) {
            return Ok(known.clone());
        }
        let rows = line.flight(vec![(items::FIND, values![key.0, key.1, key.2])]).await?;
        let found = Found::decode(rows.first().and_then(|rows| rows.first()))?;
        self.found.insert(key, found.clone());
        Ok(found)
    }

    /// An item was written, or is gone.
    pub(super) fn set_item(&mut self, at: &Source, found: Option<Found>) {
        let key = key(at);
        let uid = |found: &Found| Some((key.0, key.1, found.uid.clone()?));
        let old = self.found.get(&key).and_then(Option::as_ref).and_then(uid);
        let new = found.as_ref().and_then(uid);
        // The UID of an item that was not looked up here can only have been its own.
        self.uids.extend(old.map(|uid| (uid, None)));
        self.uids.extend(new.map(|uid| (uid, Some(at.name.clone()))));
        self.found.insert(key, found);
    }

    /// The same for an item that is put, as far as it is known: see [`Trust`].
    pub(super) async fn presumed(&mut self, line: &mut Line, at: At, uid: &str) -> Result<Option<ItemName>> {
        match (self.trust, self.uids.get(&(at.0, at.1, uid.to_owned()))) {
            (_, Some(known)) => Ok(known.clone()),
            (Trust::Index, None) => Ok(None),
            (Trust::LookUp, None) => self.holder(line, at, uid).await,
        }
    }

    /// The name that has a UID in a collection that is held.
    pub(super) async fn holder(&mut self, line: &mut Line, at: At, uid: &str) -> Result<Option<ItemName>> {
        let key = (at.0, at.1, uid.to_owned());
        if let Some(known) = self.uids.get(&key) {
            return Ok(known.clone());
        }
        let read = |row: &Row| crate::postgres::row::item_name(row, 0);
        let holder = line.one(items::BY_UID, values![at.0, at.1, uid], read).await?;
        self.uids.insert(key, holder.clone());
        Ok(holder)
    }
}

fn state(row: Option<&Row>, exclusive: bool) -> Result<Option<State>> {
    row.map(|row| Ok(State { number: get(row, 0)?, shelf: get(row, 1)?, exclusive })).transpose()
}

fn counter(row: Option<&Row>) -> Result<Option<Counter>> {
    row.map(|row| Ok(Counter { version: get(row, 0)?, ..Counter::default() })).transpose()
}
