//! Brings a database to the schema of this program, step by step, never backwards.

use super::db::fault;
use crate::sql::schema;
use kontor_model::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Marks the file as ours: "Kont".
const APPLICATION: i64 = 0x4b6f_6e74;

/// The schema version of this program.
fn current() -> i64 {
    i64::try_from(schema::STEPS.len()).unwrap_or(i64::MAX)
}

/// Runs the steps that are missing, each in a transaction of its own.
pub(super) fn to_current(connection: &mut Connection, path: &Path) -> Result<()> {
    let (application, version) = (number(connection, "application_id")?, number(connection, "user_version")?);
    let fresh = application == 0 && version == 0 && is_empty(connection)?;
    if !fresh && application != APPLICATION {
        return Err(Error::Unsupported { detail: format!("{} is not a Kontor store", path.display()) });
    }
    if version > current() {
        let detail = format!(
            "the data in {} has schema version {version}, this program knows versions up to {}: use a newer one",
            path.display(),
            current()
        );
        return Err(Error::Unsupported { detail });
    }
    let done = usize::try_from(version).unwrap_or(0);
    for (from, step) in schema::STEPS.iter().enumerate().skip(done) {
        run(connection, from + 1, step).map_err(|error| fault("bring the schema forward", &error))?;
    }
    Ok(())
}

fn run(connection: &mut Connection, to: usize, step: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for sql in step {
        transaction.execute(&for_sqlite(sql), [])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", i64::try_from(to).unwrap_or(i64::MAX))?;
    transaction.commit()
}

/// Adds what only SQLite needs: rows inside the tree of the primary key.
fn for_sqlite(sql: &str) -> String {
    let clustered = sql
        .strip_prefix("CREATE TABLE ")
        .and_then(|rest| rest.split_whitespace().next())
        .is_some_and(|table| schema::CLUSTERED.contains(&table));
    if clustered { format!("{sql} WITHOUT ROWID") } else { sql.to_owned() }
}

fn number(connection: &Connection, pragma: &str) -> Result<i64> {
    connection
        .pragma_query_value(None, pragma, |row| row.get(0))
        .map_err(|error| fault("read the schema version", &error))
}

fn is_empty(connection: &Connection) -> Result<bool> {
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| fault("read the schema", &error))?;
    Ok(tables == 0)
}
