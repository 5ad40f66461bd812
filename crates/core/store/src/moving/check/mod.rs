//! Whether a store is what it should be: every row against what must hold of it, and of it together with others.
//!
//! It looks at a stream of rows, wherever that comes from: an engine, a backup, a running server. Rows come part by part
//! (see [`Part`]), so it remembers the directory and one part at a time: some hundred bytes for each item of the
//! accounts in it, that is of about sixteen accounts or of one large one.

mod account;
mod directory;
mod judge;
mod log;
mod row;

use super::chunk::{Cell, Rows};
use super::{Chunk, Part};
use crate::sql::tables::{Table, tables};
use account::Group;
use directory::Directory;
use kontor_model::{Error, Result};
use row::Sort;

/// Findings that are kept; the others are counted.
const KEPT: usize = 200;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What does not hold: a word that stays the same, for scripts.
    pub rule: &'static str,
    /// Where and how, for people.
    pub what: String,
}

/// All of them, the first kept.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    count: u64,
}

impl Findings {
    fn add(&mut self, rule: &'static str, what: String) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Finding { rule, what });
        }
    }
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was found, as far as it is kept.
    pub findings: Vec<Finding>,
    /// How much was found in all.
    pub count: u64,
    /// Rows that were looked at.
    pub rows: u64,
    /// Large bodies that lie outside, which rows alone cannot tell of.
    pub outside: u64,
}

/// Looks at chunks as they go by, in the order in which a store is poured out.
pub struct Checker {
    tables: &'static [Table],
    sorts: Vec<Sort>,
    directory: Directory,
    part: Option<Part>,
    group: Group,
    findings: Findings,
    rows: u64,
}

impl Checker {
    /// Of a store of that schema version.
    pub fn new(schema: usize) -> Self {
        let tables = tables(schema).unwrap_or_default();
        Self {
            tables,
            sorts: tables.iter().map(Sort::of).collect(),
            directory: Directory::default(),
            part: None,
            group: Group::default(),
            findings: Findings::default(),
            rows: 0,
        }
    }

    /// One more chunk.
    ///
    /// # Errors
    /// `Internal` if its rows cannot be read.
    pub fn add(&mut self, chunk: &Chunk) -> Result<()> {
        if self.part != Some(chunk.part) {
            self.end_of_part();
            self.part = Some(chunk.part);
        }
        let unknown = || Error::Internal(format!("there is no table {}", chunk.table));
        let (table, sort) =
            self.tables.get(chunk.table).zip(self.sorts.get(chunk.table)).ok_or_else(unknown)?;
        let (mut rows, mut cells) = (Rows::of(table, chunk), Vec::new());
        while rows.next(&mut cells)? {
            self.rows += 1;
            look(sort, &cells, &mut self.directory, &mut self.group, &mut self.findings);
        }
        Ok(())
    }

    fn end_of_part(&mut self) {
        let group = std::mem::take(&mut self.group);
        judge::judge(group, &mut self.directory, &mut self.findings);
    }

    /// All rows were there.
    pub fn finish(mut self) -> Checked {
        self.end_of_part();
        self.directory.judge(&mut self.findings);
        let Findings { kept, count } = self.findings;
        Checked { findings: kept, count, rows: self.rows, outside: self.directory.outside }
    }
}

/// Looks at one row.
fn look(
    sort: &Sort,
    cells: &[Cell<'_>],
    directory: &mut Directory,
    group: &mut Group,
    findings: &mut Findings,
) {
    match sort {
        Sort::Principal(at) => directory.principal(at.read(cells), findings),
        Sort::Address(at) => directory.address(at.read(cells), findings),
        Sort::Orphan(at) => directory.orphan(at.read(cells)),
        Sort::Secret(at) => group.secret(at.read(cells)),
        Sort::AppPassword(at) => group.app_password(at.read(cells)),
        Sort::State(at) => group.state(at.read(cells)),
        Sort::AccountChange(at) => group.account_change(at.read(cells)),
        Sort::Collection(at) => group.collection(at.read(cells)),
        Sort::Counter(at) => group.counter(at.read(cells)),
        Sort::Property(at) => group.property(at.read(cells)),
        Sort::Access(at) => group.access(at.read(cells)),
        Sort::Item(at) => group.item(at.read(cells), directory, findings),
        Sort::Doomed(at) => group.doomed(at.read(cells)),
        Sort::ItemProperty(at) => group.item_property(at.read(cells), directory, findings),
        Sort::Body(at) => group.body(at.read(cells), directory, findings),
        Sort::Span(at) => group.span(at.read(cells), directory, findings),
        Sort::Text(at) => group.text(at.read(cells), directory, findings),
        Sort::Change(at) => group.change(at.read(cells), directory, findings),
        Sort::Ordinal(at) => group.ordinal(at.read(cells)),
        Sort::OrdinalCounter(at) => group.ordinal_counter(at.read(cells)),
        Sort::Blob(at) => group.blob(at.read(cells)),
        Sort::Other => {}
    }
}
