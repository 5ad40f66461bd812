//! What only the embedded engine says: transactions and the copying back of its log. Its pragmas, which set a value,
//! stand where they are set (`sqlite::open`).

/// Begins a write; it is the only one.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";
/// Begins several reads that see the same.
pub(crate) const BEGIN_VIEW: &str = "BEGIN";
/// On disk when it answers.
pub(crate) const COMMIT: &str = "COMMIT";
/// As if nothing had been said.
pub(crate) const ROLLBACK: &str = "ROLLBACK";
/// To go back to, should one write of a batch fail.
pub(crate) const SAVE: &str = "SAVEPOINT write_one";
/// Goes back.
pub(crate) const BACK: &str = "ROLLBACK TO write_one";
/// Goes on.
pub(crate) const RELEASE: &str = "RELEASE write_one";
/// Copies what no reader needs any more.
pub(crate) const COPY_SOME: &str = "PRAGMA wal_checkpoint(PASSIVE)";
/// Copies all, and begins the log anew.
pub(crate) const COPY_ALL: &str = "PRAGMA wal_checkpoint(RESTART)";
/// Copies all, and leaves no log.
pub(crate) const COPY_AND_CLEAR: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// How the file is kept.
pub(crate) const KEEP_LOG: &str = "PRAGMA journal_mode = WAL";
/// Whether every page, row and index is as it should be: one row `ok`, or one for each fault.
pub(crate) const LOOK: &str = "PRAGMA integrity_check(20)";
/// Whether there is anything.
pub(crate) const TABLES: &str = "SELECT count(*) FROM sqlite_schema";

/// Sets a value, or asks for it.
pub(crate) fn pragma(setting: &str) -> String {
    format!("PRAGMA {setting}")
}

/// All of them, for the checker.
#[cfg(test)]
pub(crate) const ALL: &[&str] = &[
    BEGIN,
    BEGIN_VIEW,
    COMMIT,
    ROLLBACK,
    SAVE,
    BACK,
    RELEASE,
    COPY_SOME,
    COPY_ALL,
    COPY_AND_CLEAR,
    KEEP_LOG,
    LOOK,
    TABLES,
];
