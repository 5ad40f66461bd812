//! Brings a database to the schema of this program, step by step, never backwards.

use super::db::fault;
use crate::sql::{schema, sqlite};
use kontor_model::{Error, Result};
use rusqlite::Connection;
use std::path::Path;

/// Marks the file as ours: "Kont".
const APPLICATION: i64 = 0x4b6f_6e74;

/// Brings the database to the schema of this program.
pub(super) fn to_current(connection: &mut Connection, path: &Path) -> Result<()> {
    bring(connection, path, schema::STEPS)
}

/// Brings an empty database to an earlier schema.
pub(super) fn to_version(connection: &mut Connection, path: &Path, version: usize) -> Result<()> {
    bring(connection, path, schema::STEPS.get(..version).unwrap_or(schema::STEPS))
}

/// The schema version of a store; `Unsupported` if it is none.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<usize> {
    if number(connection, "application_id")? != APPLICATION {
        return Err(Error::Unsupported { detail: format!("{} is not a Kontor store", path.display()) });
    }
    user_version(connection)
}

/// The schema version, whatever it is of.
pub(super) fn user_version(connection: &Connection) -> Result<usize> {
    Ok(usize::try_from(number(connection, "user_version")?).unwrap_or(0))
}

/// Whether there is nothing at all.
pub(super) fn is_fresh(connection: &Connection) -> Result<bool> {
    Ok(number(connection, "user_version")? == 0 && is_empty(connection)?)
}

/// Runs the steps that are missing, each in a transaction of its own.
fn bring(connection: &mut Connection, path: &Path, steps: &[&[&str]]) -> Result<()> {
    let current = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let (application, version) = (number(connection, "application_id")?, number(connection, "user_version")?);
    let fresh = application == 0 && version == 0 && is_empty(connection)?;
    if !fresh && application != APPLICATION {
        return Err(Error::Unsupported { detail: format!("{} is not a Kontor store", path.display()) });
    }
    if version > current {
        let detail = format!(
            "the data in {} has schema version {version}, this program knows versions up to {current}: use a newer one",
            path.display(),
        );
        return Err(Error::Unsupported { detail });
    }
    let done = usize::try_from(version).unwrap_or(0);
    for (from, step) in steps.iter().enumerate().skip(done) {
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
        .query_row(sqlite::TABLES, [], |row| row.get(0))
        .map_err(|error| fault("read the schema", &error))?;
    Ok(tables == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[&str] =
        &["CREATE TABLE item (account BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (account))"];
    const TWO: &[&str] = &["ALTER TABLE item ADD COLUMN size BIGINT", "UPDATE item SET size = 7"];
    const BAD: &[&str] = &["ALTER TABLE item ADD COLUMN more BIGINT", "this is not SQL"];

    fn open(at: &Path) -> Connection {
        Connection::open(at).unwrap()
    }

    #[test]
    fn steps_that_are_missing_are_run_and_data_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("x.db");
        bring(&mut open(&at), &at, &[ONE]).unwrap();
        open(&at).execute("INSERT INTO item (account, name) VALUES (1, 'a')", []).unwrap();
        bring(&mut open(&at), &at, &[ONE]).unwrap();
        bring(&mut open(&at), &at, &[ONE, TWO]).unwrap();
        let size: i64 = open(&at).query_row("SELECT size FROM item", [], |row| row.get(0)).unwrap();
        assert_eq!((size, number(&open(&at), "user_version").unwrap()), (7, 2));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("x.db");
        assert!(bring(&mut open(&at), &at, &[ONE, BAD, TWO]).is_err());
        assert_eq!(number(&open(&at), "user_version").unwrap(), 1);
        bring(&mut open(&at), &at, &[ONE, TWO]).unwrap();
        let columns = open(&at).prepare("SELECT * FROM item").unwrap().column_count();
        assert_eq!(columns, 3, "nothing of the failed step is left");
    }

    #[test]
    fn every_step_of_the_schema_runs() {
        let mut connection = Connection::open_in_memory().unwrap();
        to_current(&mut connection, Path::new("memory")).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%WITHOUT ROWID'";
        let clustered: i64 = connection.query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(clustered), Ok(schema::CLUSTERED.len()));
    }
}
