//! Closing a store, opening it again, raising its numbers.

use super::reasons;
use crate::blob::GUEST;
use crate::moving::{
    ACCOUNTS_AT_ONCE, ARRIVING, Given, Keeper, LEAPING, LEFT, Leapt, cursor, leapt, refused,
};
use crate::sql::{blobs, changes, moving, sqlite, trash};
use crate::sqlite::db::{Db, get};
use crate::sqlite::open::Folder;
use crate::sqlite::{SqliteOptions, migrate};
use kontor_model::{Result, Timestamp};
use rusqlite::{Connection, ToSql, params, params_from_iter};

/// A folder that no server runs on.
pub(super) struct Keeping {
    connection: Connection,
    _folder: Folder,
}

impl Keeping {
    pub(super) fn new(folder: Folder) -> Result<Self> {
        let mut connection = folder.bare_writer(&SqliteOptions::default())?;
        migrate::version(&connection, folder.database())?;
        migrate::to_current(&mut connection, folder.database())?;
        if let Some((what, told)) = reasons(&connection)?.iter().find(|(what, _)| what == ARRIVING) {
            return Err(refused(what, told));
        }
        Ok(Self { connection, _folder: folder })
    }
}

impl Keeper for Keeping {
    fn leave(&mut self, told: &str) -> Result<()> {
        // Nobody else has it open: what was acknowledged is there.
        Db(&self.connection).run(moving::NOTE, params![LEFT, told]).map(drop)
    }

    fn reopen(&mut self) -> Result<bool> {
        Ok(Db(&self.connection).run(moving::FORGET, [LEFT])? > 0)
    }

    fn share(&mut self) -> Result<()> {
        let db = Db(&self.connection);
        let any = db.one(blobs::NEXT_BLOBS, params![i64::MIN, i64::MIN, 1], |_| Ok(()))?;
        any.map_or(Ok(()), |()| db.run(blobs::TAKE_PLACE, [GUEST]).map(drop))
    }

    fn leap(&mut self, at: Timestamp) -> Result<()> {
        leap(&self.connection, at)?;
        forget(&self.connection, &[LEAPING])
    }
}

/// Takes notes away, all at once.
pub(super) fn forget(connection: &Connection, notes: &[&str]) -> Result<()> {
    within(connection, |db| notes.iter().try_for_each(|what| db.run(moving::FORGET, [what]).map(drop)))
}

/// Raises all numbers, from where an earlier call stopped; how far it is stays noted.
pub(super) fn leap(connection: &Connection, at: Timestamp) -> Result<()> {
    let reasons = reasons(connection)?;
    let begun = reasons.iter().find(|(what, _)| what == LEAPING);
    let mut after = begun.map_or(i64::MIN, |(_, told)| cursor(told));
    while let Some(last) = within(connection, |db| some(db, after, at))? {
        after = last;
    }
    Ok(())
}

/// Raises those of the next accounts; the last of them.
fn some(db: Db<'_>, after: i64, at: Timestamp) -> Result<Option<i64>> {
    let accounts: Vec<(i64, i64)> =
        db.all(moving::NEXT_NUMBERS, [after, ACCOUNTS_AT_ONCE], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
    for (account, number) in &accounts {
        let counters = db.all(changes::COUNTERS, [account], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
        let trashed = db.all(trash::TRASHED_NUMBERS, [account], |row| Ok((get(row, 0)?, get(row, 1)?)))?;
        for (sql, given) in leapt(&Leapt { account: *account, number: *number, counters, trashed }, at) {
            let values = given.iter().map(|value| match value {
                Given::Int(number) => number as &dyn ToSql,
                Given::Word(word) => word,
            });
            db.run(sql, params_from_iter(values))?;
        }
    }
    let last = accounts.last().map(|(account, _)| *account);
    if let Some(last) = last {
        db.run(moving::NOTE, params![LEAPING, last.to_string()])?;
    }
    Ok(last)
}

/// Runs `work` in a transaction.
fn within<T>(connection: &Connection, work: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
    let db = Db(connection);
    db.run(sqlite::BEGIN, [])?;
    let done = work(db).and_then(|done| db.run(sqlite::COMMIT, []).map(|_| done));
    if done.is_err() && !connection.is_autocommit() {
        db.run(sqlite::ROLLBACK, [])?;
    }
    done
}
