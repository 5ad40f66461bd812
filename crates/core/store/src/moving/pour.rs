//! Pouring out a store: what every engine does the same way.

use super::chunk::{Cell, push_row};
use super::plan::Cutting;
use super::{About, Chunk, Into, Laid, Mark, Part, RowSource, kept};
use crate::blob::{BodySink, Depot};
use crate::sql::tables::{Table, tables};
use kontor_model::{Error, Result};
use std::sync::mpsc::sync_channel;

/// What takes the rows of a table.
pub(crate) type Each<'a> = dyn FnMut(&[Cell<'_>]) -> Result<()> + 'a;

/// Reads tables row by row, all in one consistent view.
pub(crate) trait Reading: Send {
    /// Schema version of what is there.
    fn schema(&self) -> usize;

    /// What the engine itself finds wrong with its files.
    fn unsound(&mut self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The rows of a table that are in a part, in the order of its key.
    fn table(&mut self, table: &'static Table, part: Part, each: &mut Each<'_>) -> Result<()>;
}

/// Pours out what is read.
pub(crate) struct Pourer<R> {
    reading: R,
    tables: &'static [Table],
    known: Option<(About, Vec<Part>)>,
    depot: Option<Depot>,
}

/// All there is of accounts.
const EVERYBODY: Part = Part::Accounts { first: i64::MIN, last: i64::MAX };

impl<R: Reading> Pourer<R> {
    /// `Unsupported` if the rows are of a schema that this program does not know.
    pub(crate) fn new(reading: R) -> Result<Self> {
        let schema = reading.schema();
        let tables = tables(schema).ok_or_else(|| {
            let detail = format!("the data have schema version {schema}, which this program does not know");
            Error::Unsupported { detail }
        })?;
        Ok(Self { reading, tables, known: None, depot: None })
    }

    /// Sees what is there, by the numbers of collections and accounts.
    fn look(&mut self) -> Result<(About, Vec<Part>)> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let (mut cutting, mut state, mut bytes) = (Cutting::default(), blake3::Hasher::new(), Vec::new());
        let (mut items, mut size) = (0_u64, 0_u64);
        for name in ["account_state", "counter"] {
            let Some(table) = self.tables.iter().find(|table| table.name == name) else { continue };
            let places = (table.at("items"), table.at("bytes"));
            self.reading.table(table, EVERYBODY, &mut |cells| {
                bytes.clear();
                push_row(table, cells, &mut bytes)?;
                state.update(&bytes);
                let number = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or(0, |cell| cell.int());
                if name == "counter" {
                    cutting.see(cells.first().map_or(0, |cell| cell.int()), number(places.0));
                    items += number(places.0).max(0).unsigned_abs();
                    size += number(places.1).max(0).unsigned_abs();
                }
                Ok(())
            })?;
        }
        let state = state.finalize().to_hex().as_str().chars().take(32).collect();
        let known = (About { schema: self.reading.schema(), items, bytes: size, state }, cutting.parts());
        self.known = Some(known.clone());
        Ok(known)
    }

    /// The parts that hold the directory and these accounts.
    pub(super) fn some(&mut self, accounts: &[i64], into: &mut Into<'_>) -> Result<()> {
        let holds = |part: &Part| match part {
            Part::Directory => true,
            Part::Accounts { first, last } => accounts.iter().any(|one| (*first..=*last).contains(one)),
        };
        for part in self.look()?.1.into_iter().filter(holds) {
            self.part(part, None, into)?;
        }
        Ok(())
    }

    /// The tables of a part, from a mark in it on.
    fn part(&mut self, part: Part, from: Option<&Mark>, into: &mut Into<'_>) -> Result<()> {
        for (index, table) in self.tables.iter().enumerate() {
            let skip = match from {
                Some(mark) if index < mark.table => continue,
                Some(mark) if index == mark.table => mark.rows,
                _ => 0,
            };
            if table.is_directory() == (part == Part::Directory) {
                self.table(index, part, skip, into)?;
            }
        }
        Ok(())
    }

    fn table(&mut self, index: usize, part: Part, skip: u64, into: &mut Into<'_>) -> Result<()> {
        let Some(table) = self.tables.get(index) else { return Ok(()) };
        let mut skipped = 0;
        let mut chunk = Chunk::new(part, index, skip);
        self.reading.table(table, part, &mut |cells| {
            if skipped < skip {
                skipped += 1;
                return Ok(());
            }
            if chunk.is_full() {
                let next = Chunk::new(part, index, chunk.before + u64::from(chunk.rows));
                into(std::mem::replace(&mut chunk, next))?;
            }
            push_row(table, cells, &mut chunk.bytes)?;
            chunk.rows += 1;
            Ok(())
        })?;
        if chunk.rows > 0 { into(chunk) } else { Ok(()) }
    }
}

impl<R: Reading> RowSource for Pourer<R> {
    fn about(&mut self) -> Result<About> {
        Ok(self.look()?.0)
    }

    fn unsound(&mut self) -> Result<Vec<String>> {
        self.reading.unsound()
    }

    fn pour(&mut self, from: Option<&Mark>, into: &mut Into<'_>) -> Result<()> {
        let parts = self.look()?.1;
        let first = from.map_or(Part::Directory, |mark| mark.part);
        for part in parts.into_iter().filter(|part| *part >= first) {
            self.part(part, from.filter(|mark| mark.part == part), into)?;
        }
        Ok(())
    }

    fn lie_in(&mut self, depot: Depot) {
        self.depot = Some(depot);
    }

    fn depot(&self) -> Option<&Depot> {
        self.depot.as_ref()
    }

    fn bodies(&mut self, into: &mut dyn BodySink) -> Result<Laid> {
        let Some(index) = self.tables.iter().position(|table| table.name == "blob") else {
            return Ok(Laid::default());
        };
        let (depot, tables) = (self.depot.clone(), self.tables);
        let mut laid = Laid::default();
        // Whoever takes them in waits, which the thread that reads may not.
        let (send, take) = sync_channel::<Chunk>(1);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let send = send;
                let gone = |_| Error::Internal("the destination failed".to_owned());
                self.table(index, EVERYBODY, 0, &mut |chunk| send.send(chunk).map_err(gone))
            });
            let mut taken = Ok(());
            for chunk in take {
                taken = laid.take(kept(tables, &chunk)?, depot.as_ref(), into);
                if taken.is_err() {
                    break;
                }
            }
            let read = reading.join().unwrap_or_else(|_| Err(Error::Internal("the reader died".to_owned())));
            taken.and(read)
        })?;
        let spoilt = into.settle()?;
        if spoilt.is_empty() { Ok(laid) } else { self.judge(&spoilt).map(|()| laid) }
    }
}
