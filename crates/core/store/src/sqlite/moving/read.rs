//! Reading a whole store.

use crate::moving::chunk::Cell;
use crate::moving::{Each, Part, Pourer, Reading};
use crate::sql::sqlite;
use crate::sql::tables::Table;
use crate::sqlite::db::{Db, fault, text};
use crate::sqlite::migrate;
use crate::sqlite::open::Folder;
use kontor_model::{Error, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::borrow::Borrow;

/// Pages kept while tables are read from end to end, in KiB.
const CACHE_KIB: u32 = 16 << 10;

/// A connection with an open view, and what has to stay as long.
pub(in crate::sqlite) struct View<C, K> {
    connection: C,
    schema: usize,
    _kept: K,
}

impl<C, K> View<C, K> {
    pub(super) fn new(connection: C, schema: usize, kept: K) -> Self {
        Self { connection, schema, _kept: kept }
    }
}

/// The store in a folder, which is kept from others as long as it is read.
pub(super) fn of_folder(folder: Folder) -> Result<Pourer<View<Connection, Folder>>> {
    let connection = folder.reader(CACHE_KIB)?;
    let schema = migrate::version(&connection, folder.database())?;
    Db(&connection).run(sqlite::BEGIN_VIEW, [])?;
    Pourer::new(View::new(connection, schema, folder))
}

/// What a connection sees through which alone is written.
pub(super) fn of_connection(
    connection: &mut Connection,
    schema: usize,
) -> Result<Pourer<View<&mut Connection, ()>>> {
    Pourer::new(View::new(connection, schema, ()))
}

impl<C: Borrow<Connection> + Send, K: Send> Reading for View<C, K> {
    fn schema(&self) -> usize {
        self.schema
    }

    fn unsound(&mut self) -> Result<Vec<String>> {
        let told = Db(self.connection.borrow()).all(sqlite::LOOK, [], |row| Ok(text(row, 0)?.to_owned()));
        Ok(told?.into_iter().filter(|line| line != "ok").collect())
    }

    fn table(&mut self, table: &'static Table, part: Part, each: &mut Each<'_>) -> Result<()> {
        let visit = |row: &Row<'_>| {
            let cells = (0..table.columns.len()).map(|at| cell(row, at)).collect::<Result<Vec<_>>>()?;
            each(&cells).map(|()| true)
        };
        let db = Db(self.connection.borrow());
        match part {
            Part::Accounts { first, last } if !table.is_directory() => {
                db.each(&table.read, [first, last], visit)
            }
            _ => db.each(&table.read, [], visit),
        }
    }
}

fn cell<'r>(row: &'r Row<'_>, at: usize) -> Result<Cell<'r>> {
    Ok(match row.get_ref(at).map_err(|error| fault("read a row", &error))? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(bytes) => Cell::Text(
            std::str::from_utf8(bytes)
                .map_err(|_| Error::Internal(format!("decode column {at}: not UTF-8")))?,
        ),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        ValueRef::Real(_) => return Err(Error::Internal(format!("decode column {at}: a fraction"))),
    })
}
