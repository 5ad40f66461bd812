//! Whether a store is what it should be: every row against what must hold of it, and of it together with others.
//!
//! It looks at a stream of rows, wherever that comes from: an engine, a backup, a running server. Rows come part by part
//! (see [`Part`]), so it remembers the directory and one part at a time: some hundred bytes for each item of the
//! accounts in it, that is of about sixteen accounts or of one large one.

mod account;
mod directory;
mod finding;
mod folders;
mod judge;
mod log;
mod past;
mod row;
mod trash;

use super::chunk::{Cell, Rows};
use super::{Chunk, Part};
use crate::blob::{Verdict, object_of};
use crate::sql::tables::{Table, tables};
use account::Group;
use directory::Directory;
use finding::Findings;
pub use finding::{Finding, Spot, remedy};
use kontor_model::{Error, Result};
use row::Sort;
use std::collections::{BTreeMap, HashMap};

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was found: the first of each rule.
    pub findings: Vec<Finding>,
    /// How much was found in all, by rule.
    pub counts: BTreeMap<&'static str, u64>,
    /// Rows that were looked at.
    pub rows: u64,
    /// Large bodies that lie outside, which rows alone cannot tell of.
    pub outside: u64,
}

impl Checked {
    /// How much was found in all.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
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
    spoilt: Spoilt,
}

/// Large bodies, by account and number, that were looked at and are not what was put.
type Spoilt = HashMap<(i64, i64), Verdict>;

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
            spoilt: Spoilt::new(),
        }
    }

    /// What a look at that object, which was taken before the rows, came to: told if an item has it as its body.
    pub fn saw(&mut self, object: &str, verdict: Verdict) {
        if let Some((account, blob)) = object_of(object).filter(|_| verdict != Verdict::Good) {
            self.spoilt.insert((account.0, blob), verdict);
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
            let seeing =
                Seeing { directory: &mut self.directory, findings: &mut self.findings, spoilt: &self.spoilt };
            look(sort, &cells, seeing, &mut self.group);
        }
        Ok(())
    }

    fn end_of_part(&mut self) {
        let group = std::mem::take(&mut self.group);
        judge::judge(group, &mut self.directory, &mut self.findings);
    }

    /// No more rows come, and these were not all: what can be said without the others.
    pub fn broken_off(self) -> Checked {
        let (findings, counts) = self.findings.all();
        Checked { findings, counts, rows: self.rows, outside: self.directory.outside }
    }

    /// All rows were there.
    pub fn finish(mut self) -> Checked {
        self.end_of_part();
        self.directory.judge(&mut self.findings);
        let (findings, counts) = self.findings.all();
        Checked { findings, counts, rows: self.rows, outside: self.directory.outside }
    }
}

/// What is known while rows come by.
struct Seeing<'a> {
    directory: &'a mut Directory,
    findings: &'a mut Findings,
    spoilt: &'a Spoilt,
}

/// Looks at one row.
fn look(sort: &Sort, cells: &[Cell<'_>], seeing: Seeing<'_>, group: &mut Group) {
    let Seeing { directory, findings, spoilt } = seeing;
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
        Sort::Body(at) => group.body(at.read(cells), Seeing { directory, findings, spoilt }),
        Sort::Span(at) => group.span(at.read(cells), directory, findings),
        Sort::Text(at) => group.text(at.read(cells), directory, findings),
        Sort::Change(at) => group.change(at.read(cells), directory, findings),
        Sort::Ordinal(at) => group.ordinal(at.read(cells)),
        Sort::OrdinalCounter(at) => group.ordinal_counter(at.read(cells)),
        Sort::Blob(at) => group.blob(at.read(cells)),
        Sort::Past(at) => group.past(at.read(cells)),
        Sort::Tree(at) => group.tree(at.read(cells)),
        Sort::Trashed(at) => group.trashed(at.read(cells)),
        Sort::Other => {}
    }
}
