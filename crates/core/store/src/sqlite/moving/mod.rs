//! Whole stores out of and into data folders.

mod fill;
mod keep;
mod read;
pub(super) mod snapshot;

use super::db::{Db, text};
use super::migrate;
use super::open::Folder;
use crate::moving::{Keeper, RowSink, RowSource, refused};
use crate::sql::moving;
use crate::sql::tables::since;
use kontor_model::Result;
use rusqlite::Connection;
use std::path::Path;

/// All rows of the store in a data folder that no server runs on. Nothing in it is changed.
///
/// # Errors
/// `NotFound` if there is none; `Locked` if a server runs on it; else as [`super::open`].
pub fn rows(path: &Path) -> Result<Box<dyn RowSource>> {
    let folder = Folder::take_there(path)?;
    Ok(Box::new(read::of_folder(folder)?))
}

/// A data folder to be filled; made if it is not there.
///
/// # Errors
/// `Locked` if a server runs on it; else as [`super::open`].
pub fn fill(path: &Path) -> Result<Box<dyn RowSink>> {
    Ok(Box::new(fill::Filling::new(Folder::take(path)?)))
}

/// Looks after the store in a data folder that no server runs on.
///
/// # Errors
/// As [`rows`].
pub fn keeper(path: &Path) -> Result<Box<dyn Keeper>> {
    Ok(Box::new(keep::Keeping::new(Folder::take_there(path)?)?))
}

/// Whether a server may use the store.
pub(super) fn may_be_opened(connection: &Connection) -> Result<()> {
    let reasons = reasons(connection)?;
    reasons.first().map_or(Ok(()), |(what, told)| Err(refused(what, told)))
}

fn reasons(connection: &Connection) -> Result<Vec<(String, String)>> {
    if migrate::user_version(connection)? < since("moving") {
        return Ok(Vec::new());
    }
    Db(connection).all(moving::REASONS, [], |row| Ok((text(row, 0)?.to_owned(), text(row, 1)?.to_owned())))
}
