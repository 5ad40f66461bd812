//! Filling a data folder.

use super::{keep, read, reasons};
use crate::blob::Depot;
use crate::moving::chunk::{Cell, Rows};
use crate::moving::{ARRIVING, Chunk, LEAPING, Mark, RowSink, RowSource, Ticket, holds_something};
use crate::sql::tables::{Table, is_seeded, tables};
use crate::sql::{moving, sqlite};
use crate::sqlite::db::{Db, fault};
use crate::sqlite::open::{Folder, pragma};
use crate::sqlite::{SqliteOptions, checkpoint, migrate};
use kontor_model::{Error, Result, Timestamp};
use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params, params_from_iter};

/// Bytes after which what was put is kept.
const KEPT_AFTER: usize = 2 << 20;
/// Pages of the log after which it is copied back.
const COPIED_AFTER: u32 = 16_384;
/// Page cache, in KiB: the branches of some indexes.
const CACHE_KIB: u32 = 64 << 10;

/// A folder being filled.
pub(super) struct Filling {
    folder: Folder,
    open: Option<Open>,
    depot: Option<Depot>,
}

/// Its database.
struct Open {
    connection: Connection,
    ticket: Ticket,
    tables: &'static [Table],
    /// Bytes put since the last commit.
    waiting: usize,
}

impl Filling {
    pub(super) fn new(folder: Folder) -> Self {
        Self { folder, open: None, depot: None }
    }

    fn open(&mut self) -> Result<&mut Open> {
        self.open.as_mut().ok_or_else(|| Error::Internal("fill a store: it was not begun".to_owned()))
    }

    /// A connection whose commits outlive a kill of the process; a power cut may take back the last of them.
    fn connect(&self) -> Result<Connection> {
        let options = SqliteOptions { writer_cache_kib: CACHE_KIB, ..SqliteOptions::default() };
        let connection = self.folder.bare_writer(&options)?;
        pragma(&connection, "synchronous = NORMAL")?;
        pragma(&connection, &format!("wal_autocheckpoint = {COPIED_AFTER}"))?;
        Ok(connection)
    }

    fn opened(&mut self, connection: Connection, ticket: Ticket) {
        let tables = tables(ticket.schema).unwrap_or_default();
        self.open = Some(Open { connection, ticket, tables, waiting: 0 });
    }
}

impl RowSink for Filling {
    fn begun(&mut self) -> Result<Option<Ticket>> {
        if !self.folder.database().exists() {
            return Ok(None);
        }
        let connection = self.connect()?;
        if migrate::is_fresh(&connection)? {
            return Ok(None);
        }
        let version = migrate::version(&connection, self.folder.database())?;
        let reasons = reasons(&connection)?;
        let note = reasons.iter().find(|(what, _)| what == ARRIVING);
        let ticket = note.and_then(|(_, told)| Ticket::read(told));
        let whole = reasons.iter().any(|(what, _)| what == LEAPING);
        let ticket = ticket.map(|ticket| Ticket { whole, ..ticket });
        let Some(ticket) = ticket else {
            let empty = reasons.is_empty() && is_empty(&connection, version)?;
            return if empty { Ok(None) } else { Err(holds_something(self.folder.database().display())) };
        };
        self.opened(connection, ticket.clone());
        Ok(Some(ticket))
    }

    fn begin(&mut self, ticket: &Ticket) -> Result<()> {
        self.open = None;
        self.folder.clear()?;
        let mut connection = self.connect()?;
        migrate::to_version(&mut connection, self.folder.database(), ticket.schema)?;
        for table in tables(ticket.schema).unwrap_or_default() {
            // Some steps make rows.
            Db(&connection).run(&table.sweep, [])?;
        }
        Db(&connection).run(moving::NOTE, params![ARRIVING, ticket.to_string()])?;
        self.opened(connection, ticket.clone());
        self.folder.named()
    }

    fn lay_in(&mut self, depot: Depot) {
        self.depot = Some(depot);
    }

    fn depot(&self) -> Option<&Depot> {
        self.depot.as_ref()
    }

    fn put(&mut self, chunk: &Chunk) -> Result<()> {
        self.open()?.put(chunk)
    }

    fn settle(&mut self) -> Result<()> {
        self.open()?.settle()
    }

    fn rows(&mut self) -> Result<Box<dyn RowSource + '_>> {
        let open = self.open()?;
        open.settle()?;
        Ok(Box::new(read::of_connection(&mut open.connection, open.ticket.schema)?))
    }

    fn finish(&mut self, leap: Option<Timestamp>) -> Result<()> {
        let mut open = self.open.take().ok_or(Error::NotFound)?;
        open.settle()?;
        pragma(&open.connection, "synchronous = FULL")?;
        migrate::to_current(&mut open.connection, self.folder.database())?;
        if let Some(at) = leap {
            keep::leap(&open.connection, at)?;
        }
        // All of it is in its place before it may be used.
        checkpoint::checkpoint(&open.connection, sqlite::COPY_AND_CLEAR)?;
        keep::forget(&open.connection, &[LEAPING, ARRIVING])?;
        drop(open);
        self.folder.named()
    }
}

impl Open {
    fn put(&mut self, chunk: &Chunk) -> Result<()> {
        let missing = || Error::Internal(format!("there is no table {}", chunk.table));
        let table = self.tables.get(chunk.table).ok_or_else(missing)?;
        if self.connection.is_autocommit() {
            Db(&self.connection).run(sqlite::BEGIN, [])?;
        }
        let mut statement =
            self.connection.prepare_cached(&table.insert).map_err(|error| fault(&table.insert, &error))?;
        let (mut rows, mut cells) = (Rows::of(table, chunk), Vec::new());
        while rows.next(&mut cells)? {
            let row = cells.iter().map(|cell| Bound(*cell));
            statement.execute(params_from_iter(row)).map_err(|error| fault(&table.insert, &error))?;
        }
        drop(statement);
        self.ticket.at = Some(Mark::after(chunk));
        self.waiting += chunk.bytes.len();
        if self.waiting >= KEPT_AFTER { self.settle() } else { Ok(()) }
    }

    /// Commits what was put together with how far that is.
    fn settle(&mut self) -> Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        Db(&self.connection).run(moving::NOTE, params![ARRIVING, self.ticket.to_string()])?;
        Db(&self.connection).run(sqlite::COMMIT, [])?;
        self.waiting = 0;
        Ok(())
    }
}

/// Whether there is nothing but what the steps of the schema made.
fn is_empty(connection: &Connection, version: usize) -> Result<bool> {
    for table in tables(version).unwrap_or_default().iter().filter(|table| !is_seeded(table)) {
        if Db(connection).one(&table.peek, [], |_| Ok(()))?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A value as a parameter.
struct Bound<'a>(Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => Null.into(),
            Cell::Int(number) => ToSqlOutput::Owned(Value::Integer(number)),
            Cell::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}
