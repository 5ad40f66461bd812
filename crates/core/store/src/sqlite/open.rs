//! Opening a data folder: the lock, the connections, the schema.

use super::db::{STATEMENTS_KEPT, fault};
use super::{SqliteOptions, migrate};
use crate::sql::sqlite;
use kontor_model::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the database in the data folder.
const DATABASE: &str = "kontor.db";
/// Name of the file that is locked as long as a process has the folder.
const LOCK: &str = "kontor.lock";
/// Bytes of a page.
const PAGE: u64 = 4_096;
/// How long a checkpoint waits for readers. Writes wait with it.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(50);

/// A folder that is ours.
pub(super) struct Folder {
    pub(super) lock: File,
    path: PathBuf,
    database: PathBuf,
}

impl Folder {
    /// Makes the folder if need be and takes it. `Locked` if another process has it.
    pub(super) fn take(path: &Path) -> Result<Self> {
        let doing = |what: &str, error: std::io::Error| file_fault(what, path, &error);
        make_private(path).map_err(|error| doing("make the data folder", error))?;
        let lock = private(&path.join(LOCK)).map_err(|error| doing("open the lock file in", error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { lock, path: path.to_owned(), database: path.join(DATABASE) }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked),
            Err(TryLockError::Error(error)) => Err(doing("lock", error)),
        }
    }

    /// Takes a folder that is there, with a database in it; `NotFound` if it is not.
    pub(super) fn take_there(path: &Path) -> Result<Self> {
        if path.join(DATABASE).is_file() { Self::take(path) } else { Err(Error::NotFound) }
    }

    /// Where the database is.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// The connection that writes; the schema is ours when this returns.
    pub(super) fn writer(&self, options: &SqliteOptions) -> Result<Connection> {
        let mut connection = self.bare_writer(options)?;
        migrate::to_current(&mut connection, &self.database)?;
        self.named()?;
        Ok(connection)
    }

    /// The same with whatever is there.
    pub(super) fn bare_writer(&self, options: &SqliteOptions) -> Result<Connection> {
        // Made here, as SQLite would let everybody read it; the files beside it get its mode.
        let made = private(&self.database).map(drop);
        made.map_err(|error| file_fault("open the database", &self.database, &error))?;
        let connection = self.connect(OpenFlags::SQLITE_OPEN_CREATE, options.writer_cache_kib)?;
        let mode: String = connection
            .query_row(sqlite::KEEP_LOG, [], |row| row.get(0))
            .map_err(|error| fault("open the database", &error))?;
        if mode != "wal" {
            return Err(Error::Internal(format!("open the database: its log cannot be used (mode {mode})")));
        }
        let most = options.max_bytes.map_or(0xffff_fffe, |bytes| bytes / PAGE);
        pragma(&connection, &format!("max_page_count = {most}"))?;
        Ok(connection)
    }

    /// Writes back the folder: a new file is on disk only when its name is.
    pub(super) fn named(&self) -> Result<()> {
        let named = File::open(&self.path).and_then(|folder| folder.sync_all());
        named.map_err(|error| file_fault("write back the data folder", &self.path, &error))
    }

    /// Removes the database that nobody has open.
    pub(super) fn clear(&self) -> Result<()> {
        for end in ["", "-wal", "-shm"] {
            remove(&self.path.join(format!("{DATABASE}{end}")))?;
        }
        Ok(())
    }

    /// A connection that reads.
    pub(super) fn reader(&self, cache_kib: u32) -> Result<Connection> {
        let connection = self.connect(OpenFlags::empty(), cache_kib)?;
        pragma(&connection, "query_only = ON")?;
        Ok(connection)
    }

    /// The connection that copies the log back.
    pub(super) fn checkpointer(&self) -> Result<Connection> {
        let connection = self.connect(OpenFlags::empty(), 64)?;
        let patient = connection.busy_timeout(CHECKPOINT_PATIENCE);
        patient.map_err(|error| fault("open the database", &error))?;
        Ok(connection)
    }

    fn connect(&self, more: OpenFlags, cache_kib: u32) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let opened = Connection::open_with_flags(&self.database, flags);
        let connection = opened.map_err(|error| fault("open the database", &error))?;
        connection
            .busy_timeout(Duration::from_secs(10))
            .map_err(|error| fault("open the database", &error))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Else every other value bound to a kept statement makes SQLite plan it anew: four times the cost of a read.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|error| fault("open the database", &error))?;
        for setting in
            ["page_size = 4096", "synchronous = FULL", "temp_store = MEMORY", "trusted_schema = OFF"]
        {
            pragma(&connection, setting)?;
        }
        pragma(&connection, "wal_autocheckpoint = 0")?;
        pragma(&connection, &format!("cache_size = -{cache_kib}"))?;
        Ok(connection)
    }
}

fn file_fault(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull => Error::NoSpace,
        _ => Error::Internal(format!("{doing} {}: {error}", path.display())),
    }
}

/// Another connection to a database that this process has open, which reads.
pub(super) fn beside(database: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(database, flags);
    let connection = opened.map_err(|error| fault("open the database", &error))?;
    let patient = connection.busy_timeout(Duration::from_secs(10));
    patient.map_err(|error| fault("open the database", &error))?;
    pragma(&connection, "query_only = ON")?;
    pragma(&connection, "wal_autocheckpoint = 0")?;
    Ok(connection)
}

/// A file that nobody else may read, made anew.
pub(super) fn fresh(path: &Path) -> Result<()> {
    remove(path)?;
    private(path).map(drop).map_err(|error| file_fault("make", path, &error))
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_fault("remove", path, &error)),
        _ => Ok(()),
    }
}

pub(super) fn pragma(connection: &Connection, setting: &str) -> Result<()> {
    let sql = sqlite::pragma(setting);
    let mut statement = connection.prepare(&sql).map_err(|error| fault(&sql, &error))?;
    let mut rows = statement.query([]).map_err(|error| fault(&sql, &error))?;
    while rows.next().map_err(|error| fault(&sql, &error))?.is_some() {}
    Ok(())
}

/// Opens a file for writing, or makes it so that nobody but the server's own user may read it: the folder may be an
/// older one that others can look into. What root makes in the folder of another user belongs to that one, or the
/// server that runs as that user could not open it.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            give_to_the_folders_owner(&file, path)?;
            Ok(file)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn give_to_the_folders_owner(file: &File, path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let Some(folder) = path.parent() else { return Ok(()) };
    let (folder, own) = (std::fs::metadata(folder)?, file.metadata()?);
    if folder.uid() != own.uid() && own.uid() == 0 {
        fchown(file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn give_to_the_folders_owner(_file: &File, _path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Nobody but the server's own user looks into it.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}
