//! Looks up what writes will ask for before they are applied: two flights in place of one for each question.

use super::{At, Desk, Trust, counter, key, state};
use crate::postgres::apply::item::Found;
use crate::postgres::session::Line;
use crate::postgres::text::{Text, look_up};
use crate::postgres::value::{Value, get, text, values};
use crate::sql::{items, past};
use crate::{Op, Source, Write};
use kontor_model::Result;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

impl Desk {
    /// Looks up what the writes will ask for, in one flight: locks in the order of their keys, then items.
    pub(in crate::postgres) async fn prepare<'w>(
        &mut self,
        line: &mut Line,
        writes: impl Iterator<Item = &'w Write> + Clone,
    ) -> Result<()> {
        let wanted = Wanted::of(writes.clone());
        let mut asks: Vec<(Text, Vec<Value>)> = Vec::new();
        asks.extend(wanted.states.iter().map(|(account, exclusive)| {
            let how = if *exclusive { self.patience.hold_state() } else { self.patience.share_state() };
            (how.into(), values![*account])
        }));
        asks.extend(
            wanted.counters.iter().map(|at| (self.patience.hold_counter().into(), values![at.0, at.1])),
        );
        let locks = asks.len();
        asks.extend(grouped(items::FIND_SOME, &wanted.items));
        let finds = asks.len();
        if self.trust == Trust::LookUp {
            asks.extend(grouped(items::BY_UID_SOME, &wanted.uids));
        }
        let places: Vec<(Value, Value)> = asks.iter().map(|(_, values)| place(values)).collect();
        let mut answers = line.flight(asks).await?;
        let uids = answers.split_off(finds);
        let found = answers.split_off(locks);
        let mut rows = answers.into_iter();
        for (account, exclusive) in &wanted.states {
            self.states.insert(*account, state(first(&mut rows).as_ref(), *exclusive)?);
        }
        for at in &wanted.counters {
            self.counters.insert(*at, counter(first(&mut rows).as_ref())?);
        }
        let places = places.get(locks..).unwrap_or_default();
        self.know(wanted, places.iter().zip(found.into_iter().chain(uids)), finds - locks)?;
        self.look_at_pasts(line, writes).await
    }

    /// Looks up, in one flight, what is to be known of items before their texts become past: whether the new one is the
    /// same (it has the same length), and how many there are, where nobody counted.
    async fn look_at_pasts<'w>(
        &mut self,
        line: &mut Line,
        writes: impl Iterator<Item = &'w Write>,
    ) -> Result<()> {
        let (mut bodies, mut counts, mut asks) = (Vec::new(), Vec::new(), Vec::new());
        for op in writes.flat_map(|write| &write.ops) {
            let (Op::Put { at, .. } | Op::Remove { at, .. }) = op else { continue };
            let Some(found) = self.found.get(&key(at)).and_then(Option::as_ref) else { continue };
            let (account, item) = (at.account.0, found.id.0);
            if found.folder || !self.history.keeps_removed(found.size) {
                continue;
            }
            if found.texts.is_none() {
                counts.push((asks.len(), key(at)));
                asks.push((past::LAST_PAST, values![account, item]));
            }
            if let Op::Put { body, .. } = op
                && body.content.size_column() == found.size
            {
                let (bytes, _) = body.content.columns();
                bodies.push((asks.len(), (account, item, found.revision.0), bytes.clone()));
                asks.push((past::IS_BODY, values![account, item, bytes]));
            }
        }
        if asks.is_empty() {
            return Ok(());
        }
        let answers = line.flight(asks).await?;
        let first = |at: usize| answers.get(at).and_then(|rows| rows.first());
        for (at, key) in counts {
            let texts = first(at).map(|row| get(row, 0)).transpose()?.unwrap_or(0);
            self.found.entry(key).and_modify(|found| {
                found.iter_mut().for_each(|found| found.texts = Some(texts));
            });
        }
        self.compared.extend(bodies.into_iter().map(|(at, key, bytes)| (key, (bytes, first(at).is_some()))));
        Ok(())
    }

    /// Takes in what was found; what was not is known not to be there.
    fn know<'p>(
        &mut self,
        wanted: Wanted,
        answers: impl Iterator<Item = (&'p (Value, Value), Vec<Row>)>,
        finds: usize,
    ) -> Result<()> {
        self.found.extend(wanted.items.into_iter().map(|item| (item, None)));
        if self.trust == Trust::LookUp {
            self.uids.extend(wanted.uids.into_iter().map(|uid| (uid, None)));
        }
        for (at, (place, rows)) in answers.enumerate() {
            let (Value::Int(account), Value::Int(collection)) = place else { continue };
            for row in &rows {
                if at < finds {
                    let key = (*account, *collection, text(row, 15)?.to_owned());
                    self.found.insert(key, Found::decode(Some(row))?);
                } else {
                    let key = (*account, *collection, text(row, 1)?.to_owned());
                    self.uids.insert(key, Some(crate::postgres::row::item_name(row, 0)?));
                }
            }
        }
        Ok(())
    }
}

/// What writes will ask for, each once and in order.
#[derive(Default)]
struct Wanted {
    /// Whether each is wanted for oneself.
    states: BTreeMap<i64, bool>,
    counters: BTreeSet<At>,
    items: BTreeSet<(i64, i64, String)>,
    uids: BTreeSet<(i64, i64, String)>,
}

impl Wanted {
    fn of<'w>(writes: impl Iterator<Item = &'w Write>) -> Self {
        let mut wanted = Self::default();
        for write in writes {
            for guard in &write.guards {
                *wanted.states.entry(guard.account.0).or_default() |= guard.quota.limits();
            }
            write.ops.iter().for_each(|op| wanted.op(op));
        }
        wanted
    }

    fn op(&mut self, op: &Op) {
        match op {
            Op::Put { at, body, .. } => {
                self.item(at);
                let uid = body.facets.uid.clone();
                self.uids.extend(uid.map(|uid| (at.account.0, at.collection.0, uid)));
            }
            Op::Remove { at, .. } | Op::SetItemProperties { at, .. } => self.item(at),
            Op::TakeBack { at, .. } => self.item(at),
            Op::Relocate { from, to, .. } | Op::Copy { from, to, .. } => {
                self.item(from);
                self.item(to);
            }
            Op::Unmoved { account, collection, .. } => _ = self.counters.insert((account.0, collection.0)),
            _ => {}
        }
    }

    fn item(&mut self, at: &Source) {
        self.counters.insert((at.account.0, at.collection.0));
        self.items.insert(key(at));
    }
}

fn first(rows: &mut impl Iterator<Item = Vec<Row>>) -> Option<Row> {
    rows.next().and_then(|rows| rows.into_iter().next())
}

/// Look-ups of names or UIDs, by collection.
fn grouped(sql: &'static str, wanted: &BTreeSet<(i64, i64, String)>) -> Vec<(Text, Vec<Value>)> {
    let mut by_place: BTreeMap<At, Vec<String>> = BTreeMap::new();
    for (account, collection, last) in wanted {
        by_place.entry((*account, *collection)).or_default().push(last.clone());
    }
    by_place.into_iter().map(|(at, last)| look_up(sql, at, last)).collect()
}

/// Account and collection of a look-up.
fn place(values: &[Value]) -> (Value, Value) {
    let at = |index: usize| values.get(index).cloned().unwrap_or(Value::Null);
    (at(0), at(1))
}
