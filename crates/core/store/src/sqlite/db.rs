//! A connection with cached statements and house errors.

use crate::sql::sqlite;
use kontor_model::{Error, Result};
use rusqlite::types::FromSql;
use rusqlite::{Connection, ErrorCode, Params, Row};

/// Statements kept ready per connection: more than there are.
pub(super) const STATEMENTS_KEPT: usize = 160;

/// Runs statements on one connection.
#[derive(Clone, Copy)]
pub(super) struct Db<'c>(pub(super) &'c Connection);

impl Db<'_> {
    /// Runs a statement that returns nothing; how many rows it touched.
    pub(super) fn run(self, sql: &'static str, params: impl Params) -> Result<usize> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| fault(sql, &error))?;
        statement.execute(params).map_err(|error| fault(sql, &error))
    }

    /// The first row, if there is one.
    pub(super) fn one<T>(
        self,
        sql: &'static str,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| fault(sql, &error))?;
        let mut rows = statement.query(params).map_err(|error| fault(sql, &error))?;
        match rows.next().map_err(|error| fault(sql, &error))? {
            Some(row) => map(row).map(Some),
            None => Ok(None),
        }
    }

    /// All rows.
    pub(super) fn all<T>(
        self,
        sql: &'static str,
        params: impl Params,
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.each(sql, params, |row| {
            out.push(map(row)?);
            Ok(true)
        })?;
        Ok(out)
    }

    /// Row by row, until `visit` answers false.
    pub(super) fn each(
        self,
        sql: &'static str,
        params: impl Params,
        mut visit: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| fault(sql, &error))?;
        let mut rows = statement.query(params).map_err(|error| fault(sql, &error))?;
        while let Some(row) = rows.next().map_err(|error| fault(sql, &error))? {
            if !visit(row)? {
                break;
            }
        }
        Ok(())
    }

    /// Several reads as one consistent view.
    pub(super) fn view<T>(self, read: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        self.run(sqlite::BEGIN_VIEW, [])?;
        let answer = read(self);
        self.run(sqlite::COMMIT, [])?;
        answer
    }
}

/// A column.
pub(super) fn get<T: FromSql>(row: &Row<'_>, at: usize) -> Result<T> {
    row.get(at).map_err(|error| Error::Internal(format!("decode column {at}: {error}")))
}

/// A column as borrowed bytes, without copying them.
pub(super) fn bytes<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r [u8]> {
    let value = row.get_ref(at).map_err(|error| Error::Internal(format!("decode column {at}: {error}")))?;
    Ok(value.as_bytes_or_null().ok().flatten().unwrap_or_default())
}

/// A column as borrowed text.
pub(super) fn text<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r str> {
    row.get_ref(at)
        .ok()
        .and_then(|value| value.as_str().ok())
        .ok_or_else(|| Error::Internal(format!("decode column {at}: not text")))
}

/// SQLite could not make the shared index of its log larger: the disk is full.
const IOERR_SHMSIZE: i32 = 10 | (19 << 8);
/// SQLite could not write: the disk is full if the system said so, which is told as `DiskFull` where known.
const IOERR_SHMMAP: i32 = 10 | (21 << 8);

/// What the database's refusal means.
pub(super) fn fault(doing: &str, error: &rusqlite::Error) -> Error {
    let doing = || doing.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    let Some(inner) = error.sqlite_error() else {
        return Error::Internal(format!("database, at {:?}: {error}", doing()));
    };
    match inner.code {
        ErrorCode::DiskFull => Error::NoSpace,
        ErrorCode::SystemIoFailure if matches!(inner.extended_code, IOERR_SHMSIZE | IOERR_SHMMAP) => {
            Error::NoSpace
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy { retry_after: 1 },
        ErrorCode::TooBig => Error::TooLarge { limit: "engine row size", max: 1_000_000_000 },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Error::Internal(format!("the database file is damaged, found at {:?}: {error}", doing()))
        }
        _ => Error::Internal(format!("database, at {:?}: {error}", doing())),
    }
}
