//! Brings the write-ahead log back into the database, off the commit path.
//!
//! As long as commits go on, a copy of the log never catches up with its end, and the log would only grow. So when
//! it is long, the checkpointer first copies most of it while commits go on, then holds the writer back for the rest.

use super::db::fault;
use crate::sql::sqlite;
use kontor_model::Result;
use rusqlite::Connection;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Pages written (estimated) after which the log is copied: 8 MiB.
const COPY_AFTER: usize = 2_048;
/// Frames in the log from which it must begin anew: 32 MiB.
const RESTART_AFTER: i64 = 8_192;
/// Copies made while commits go on, before they must wait for the last one.
const ROUNDS: usize = 3;
/// How long nothing must be written before the rest is copied.
const QUIET: Duration = Duration::from_secs(1);

/// Between the writer and the checkpointer.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    /// Pages written since the last copy.
    dirty: usize,
    /// A commit is under way.
    writing: bool,
    /// The checkpointer wants to be alone.
    alone: bool,
    /// No more work.
    stop: bool,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.moved.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a commit.
    pub(super) fn enter(&self) {
        let mut state = self.lock();
        while state.alone {
            state = self.wait(state);
        }
        state.writing = true;
    }

    /// After a commit of about so many pages.
    pub(super) fn leave(&self, pages: usize) {
        let mut state = self.lock();
        let first = state.dirty == 0;
        state.writing = false;
        state.dirty += pages;
        if first || state.alone || state.dirty >= COPY_AFTER {
            self.moved.notify_all();
        }
    }

    /// Ends the checkpointer.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.moved.notify_all();
    }

    /// Waits until there is enough to copy, or some and quiet; false at the end.
    fn work(&self) -> bool {
        let mut state = self.lock();
        loop {
            if state.stop {
                return false;
            }
            if state.dirty >= COPY_AFTER {
                state.dirty = 0;
                return true;
            }
            if state.dirty == 0 {
                state = self.wait(state);
                continue;
            }
            let before = state.dirty;
            let (next, timeout) =
                self.moved.wait_timeout(state, QUIET).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if timeout.timed_out() && state.dirty == before {
                state.dirty = 0;
                return !state.stop;
            }
        }
    }

    /// Runs `work` while no commit is under way; not at all at the end.
    fn alone<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let mut state = self.lock();
        state.alone = true;
        while state.writing && !state.stop {
            state = self.wait(state);
        }
        let stop = state.stop;
        drop(state);
        let done = (!stop).then(work);
        self.lock().alone = false;
        self.moved.notify_all();
        done
    }
}

/// The checkpointer's life.
pub(super) fn run(gate: &Gate, connection: &Connection) {
    while gate.work() {
        if let Err(error) = copy(gate, connection) {
            tracing::warn!(?error, "the log of the store could not be copied; tried again later");
        }
    }
}

/// Copies the log; if it is long, again and again, until little is left for which writes must wait.
fn copy(gate: &Gate, connection: &Connection) -> Result<()> {
    for _ in 0..ROUNDS {
        if checkpoint(connection, sqlite::COPY_SOME)? <= RESTART_AFTER {
            return Ok(());
        }
    }
    gate.alone(|| checkpoint(connection, sqlite::COPY_ALL).map(drop)).unwrap_or(Ok(()))
}

/// Runs a checkpoint; how many frames the log holds.
pub(super) fn checkpoint(connection: &Connection, sql: &'static str) -> Result<i64> {
    connection.query_row(sql, [], |row| row.get(1)).map_err(|error| fault(sql, &error))
}
