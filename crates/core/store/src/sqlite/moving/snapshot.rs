//! The rows of a store that is in use, as they are at one moment.
//!
//! A view that is read for long would keep the log from beginning anew, and it would grow with every write. So the pages
//! are copied first, as fast as the disk does it, into a file that has no name when it is done; and that one is read, for as
//! long as whoever takes the rows likes.

use super::read::View;
use crate::moving::Pourer;
use crate::sql::sqlite;
use crate::sqlite::db::{Db, fault};
use crate::sqlite::migrate;
use crate::sqlite::open::{beside, fresh, pragma, remove};
use kontor_model::{Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pages copied at once.
const PAGES: i32 = 2_048;

/// Taken by whoever has the one snapshot that there may be.
#[derive(Default)]
pub(in crate::sqlite) struct Turn(Arc<AtomicBool>);

impl Turn {
    /// `Locked` if somebody has it.
    pub(in crate::sqlite) fn take(&self) -> Result<Held> {
        if self.0.swap(true, Ordering::AcqRel) { Err(Error::Locked) } else { Ok(Held(Arc::clone(&self.0))) }
    }
}

/// Given back when it goes.
pub(in crate::sqlite) struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Where the copy is while it has a name. One that a crash left is in the way of nobody.
fn place(database: &Path) -> PathBuf {
    database.with_extension("snapshot")
}

/// Removes what a crash left.
pub(in crate::sqlite) fn clear(database: &Path) -> Result<()> {
    remove(&place(database))
}

/// All rows at this moment. Waits for the disk.
pub(in crate::sqlite) fn take(database: &Path, turn: Held) -> Result<Pourer<View<Connection, Held>>> {
    let at = place(database);
    let copied = fresh(&at).and_then(|()| copy(database, &at)).and_then(|()| read(&at));
    // Whoever has it open keeps it.
    let removed = remove(&at);
    let connection = copied?;
    removed?;
    let schema = migrate::version(&connection, database)?;
    Pourer::new(View::new(connection, schema, turn))
}

fn copy(database: &Path, to: &Path) -> Result<()> {
    let from = beside(database)?;
    // Held open, so that writes meanwhile neither show nor make the copy begin anew.
    Db(&from).run(sqlite::BEGIN_VIEW, [])?;
    migrate::user_version(&from)?;
    let failed = |error: rusqlite::Error| match fault("copy the database", &error) {
        Error::NoSpace => Error::Internal(format!(
            "no space for a copy of the database beside it ({}), from which a backup of a running server is read",
            to.display()
        )),
        other => other,
    };
    let mut copy = Connection::open(to).map_err(failed)?;
    // Nothing of it is to outlive a crash.
    pragma(&copy, "journal_mode = OFF")?;
    pragma(&copy, "synchronous = OFF")?;
    let backup = Backup::new(&from, &mut copy).map_err(failed)?;
    loop {
        match backup.step(PAGES).map_err(failed)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    }
}

/// Nobody writes to it: no log is made beside it, and no lock is asked for.
fn read(at: &Path) -> Result<Connection> {
    let text =
        at.to_str().ok_or_else(|| Error::Internal("the data folder is not named in UTF-8".to_owned()))?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags);
    let connection = opened.map_err(|error| fault("open the copy", &error))?;
    // A connection opens its file when it first reads.
    migrate::user_version(&connection)?;
    Db(&connection).run(sqlite::BEGIN_VIEW, [])?;
    Ok(connection)
}
