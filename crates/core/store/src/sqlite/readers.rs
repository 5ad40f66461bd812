//! Connections that read.

use super::db::Db;
use crate::Pool;
use kontor_model::{Error, Result};
use rusqlite::Connection;
use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use tokio::sync::Semaphore;

/// Two sets: one for look-ups of some microseconds, run where they are asked for, and one for scans, so that a scan
/// never makes a look-up wait.
pub(super) struct Readers {
    quick: Vec<Slot>,
    scans: Vec<Slot>,
    turns: Semaphore,
}

/// `None` once closed.
type Slot = Mutex<Option<Connection>>;

thread_local! {
    /// Where this thread starts to look for a free connection: the one it had last.
    static FIRST: Cell<usize> = const { Cell::new(0) };
}

impl Readers {
    pub(super) fn new(quick: Vec<Connection>, scans: Vec<Connection>) -> Self {
        let turns = Semaphore::new(scans.len());
        let slots = |all: Vec<Connection>| all.into_iter().map(|one| Mutex::new(Some(one))).collect();
        Self { quick: slots(quick), scans: slots(scans), turns }
    }

    /// Runs a look-up on the calling thread.
    pub(super) fn quick<T>(&self, read: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
        on_free(&self.quick, read)
    }

    /// Runs a scan on a thread for blocking work, or right here outside of a runtime.
    pub(super) async fn scan<T: Send + 'static>(
        self: Arc<Self>,
        read: impl FnOnce(Db<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if tokio::runtime::Handle::try_current().is_err() {
            return on_free(&self.scans, read);
        }
        let readers = Arc::clone(&self);
        let _turn = self.turns.acquire().await.map_err(|_| closed())?;
        let task = tokio::task::spawn_blocking(move || on_free(&readers.scans, read));
        task.await.map_err(|error| Error::Internal(format!("run a scan: {error}")))?
    }

    /// What the two sets are doing.
    pub(super) fn pools(&self) -> Vec<Pool> {
        [("read", &self.quick), ("scan", &self.scans)].map(|(name, slots)| pool(name, slots)).into()
    }

    /// Closes all; whoever reads now finishes first.
    pub(super) fn close(&self) {
        self.turns.close();
        for slot in self.quick.iter().chain(&self.scans) {
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}

/// Who waits for a connection waits on its lock, which tells nobody of it.
fn pool(name: &'static str, slots: &[Slot]) -> Pool {
    let free = |slot: &&Slot| !matches!(slot.try_lock(), Err(TryLockError::WouldBlock));
    let (most, idle) = (slots.len(), slots.iter().filter(free).count());
    Pool { name, most, open: most, idle, waiting: 0 }
}

/// What a closed store answers.
pub(super) fn closed() -> Error {
    Error::Busy { retry_after: 1 }
}

fn on_free<T>(slots: &[Slot], read: impl FnOnce(Db<'_>) -> Result<T>) -> Result<T> {
    match free(slots)?.as_ref() {
        Some(connection) => read(Db(connection)),
        None => Err(closed()),
    }
}

/// The first connection that nobody uses, else the one looked at first as soon as it is free.
fn free(slots: &[Slot]) -> Result<MutexGuard<'_, Option<Connection>>> {
    let first = FIRST.get();
    for step in 0..slots.len() {
        let at = first.wrapping_add(step) % slots.len();
        let Some(slot) = slots.get(at) else { continue };
        match slot.try_lock() {
            Ok(guard) => {
                FIRST.set(at);
                return Ok(guard);
            }
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    // All are busy: move on, so that those who wait spread out.
    FIRST.set(first.wrapping_add(1));
    let at = first % slots.len().max(1);
    let slot = slots.get(at).ok_or_else(|| Error::Internal("read: no connection".to_owned()))?;
    Ok(slot.lock().unwrap_or_else(PoisonError::into_inner))
}
