//! The one thread that writes: natural group commit.

use super::apply::{Effect, apply};
use super::checkpoint::{self, Gate};
use super::db::Db;
use super::queue::{Job, Old, Pending, Queue};
use super::{Shared, doomed, forget, trim};
use crate::sql::sqlite;
use crate::{History, Receipt, Trimmed};
use kontor_model::{Error, Result, Timestamp};
use rusqlite::Connection;
use std::fs::File;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Commits after which housekeeping is due even if writes never pause.
const PUT_OFF: u32 = 64;
/// Pages that a round of it changes, estimated.
const DOOMED_PAGES: usize = 500;

/// Holds all that must end with the last write.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) shared: Arc<Shared>,
    pub(super) queue: Arc<Queue>,
    pub(super) gate: Arc<Gate>,
    pub(super) checkpointer: Option<JoinHandle<()>>,
    /// Whether rows of collections that are gone may be there.
    pub(super) doomed: bool,
    /// Commits since some of those were dropped.
    pub(super) put_off: u32,
    /// Where the last trim stopped.
    pub(super) trimmed_to: trim::Cursor,
    /// The account at which the last round of forgetting stopped.
    pub(super) forgot_to: i64,
    /// Whether nothing is past, as far as that is known: there is nothing to give up for space.
    pub(super) past_is_gone: bool,
    /// Held while the data folder is ours.
    pub(super) lock: File,
}

type Outcome = Result<(Receipt, Effect)>;

impl Writer {
    /// The writer's life.
    pub(super) fn run(mut self) {
        let reply = loop {
            match self.queue.take(!self.doomed) {
                Job::Commit(batch) => self.commit(batch),
                Job::Trim(what, before, reply) => {
                    let trimmed = self.trim(what, before);
                    // Nobody waits any more: nothing to tell.
                    let _ = reply.send(trimmed);
                }
                Job::Idle => self.drop_doomed(),
                Job::Close(reply) => break reply,
            }
            if self.doomed && self.put_off >= PUT_OFF {
                self.drop_doomed();
            }
        };
        self.end();
        drop(self);
        if let Some(reply) = reply {
            let _ = reply.send(());
        }
    }

    fn trim(&mut self, what: Old, before: Timestamp) -> Result<Trimmed> {
        self.gate.enter();
        let db = Db(&self.connection);
        let trimmed = match what {
            Old::Log => trim::trim(db, before, &mut self.trimmed_to),
            Old::Texts => {
                let history = self.shared.past.history();
                forget::forget(db, history, before.millis(), &mut self.forgot_to)
            }
        };
        self.gate.leave(trimmed.as_ref().map_or(0, |done| usize::try_from(done.rows).unwrap_or(0)));
        trimmed
    }

    fn drop_doomed(&mut self) {
        self.put_off = 0;
        self.gate.enter();
        let more = self.drop_some();
        self.gate.leave(DOOMED_PAGES);
        self.doomed = more.unwrap_or_else(|error| {
            tracing::warn!(?error, "rows of removed collections could not be dropped; tried again later");
            false
        });
    }

    /// What is left of collections that are gone, then what accounts have too much of; whether there is more to do.
    fn drop_some(&self) -> Result<bool> {
        let (db, past) = (Db(&self.connection), &self.shared.past);
        if doomed::drop_some(db)? {
            return Ok(true);
        }
        let Some(account) = past.due() else { return Ok(false) };
        if forget::forget_of(db, past.history(), account)? {
            past.again(account);
        }
        Ok(true)
    }

    fn commit(&mut self, batch: Vec<Pending>) {
        let pages = batch.iter().map(Pending::pages).sum();
        self.gate.enter();
        let history = self.shared.past.history();
        let mut outcomes = match self.together(&batch, history) {
            Ok(outcomes) => outcomes,
            // The whole transaction failed, for example on a full disk: one of them may be to blame, so each alone.
            Err(error) if batch.len() == 1 => vec![Err(error)],
            Err(_) => batch.chunks(1).map(|one| self.alone(one, history)).collect(),
        };
        for (one, outcome) in batch.chunks(1).zip(&mut outcomes) {
            if matches!(outcome, Err(Error::NoSpace)) && history != History::default() {
                *outcome = self.pressed(one);
            }
        }
        self.gate.leave(pages);
        self.put_off = self.put_off.saturating_add(1);
        for (_, effect) in outcomes.iter().flatten() {
            self.shared.committed(effect);
            self.doomed |= self.shared.past.grew(&effect.grown) || effect.doomed;
            self.past_is_gone &= effect.grown.is_empty();
        }
        for (pending, outcome) in batch.into_iter().zip(outcomes) {
            let _ = pending.reply.send(outcome.map(|(receipt, _)| receipt));
        }
    }

    /// A write for which there is no space: nothing of it becomes past, and what is past goes until it fits.
    fn pressed(&mut self, one: &[Pending]) -> Outcome {
        let mut reached = 0;
        loop {
            let outcome = self.alone(one, History::default());
            if self.past_is_gone || !matches!(outcome, Err(Error::NoSpace)) {
                return outcome;
            }
            let db = Db(&self.connection);
            let dropped = forget::forget(db, History::default(), i64::MIN, &mut reached)?;
            if dropped.rows > 0 {
                tracing::warn!(texts = dropped.rows, "no space is left: old texts of items are dropped");
            }
            self.past_is_gone = !dropped.more;
        }
    }

    fn alone(&self, one: &[Pending], history: History) -> Outcome {
        self.together(one, history)?
            .pop()
            .unwrap_or_else(|| Err(Error::Internal("write: no outcome".to_owned())))
    }

    /// One transaction, a savepoint for each write. An error is the failure of the whole.
    fn together(&self, batch: &[Pending], history: History) -> Result<Vec<Outcome>> {
        let db = Db(&self.connection);
        db.run(sqlite::BEGIN, [])?;
        let outcomes = batch.iter().map(|pending| self.one(pending, history)).collect::<Result<Vec<_>>>();
        let finished = outcomes.and_then(|outcomes| db.run(sqlite::COMMIT, []).map(|_| outcomes));
        if finished.is_ok() {
            self.shared.tally.batch(batch.len());
        } else if !self.connection.is_autocommit() {
            db.run(sqlite::ROLLBACK, [])?;
        }
        finished
    }

    fn one(&self, pending: &Pending, history: History) -> Result<Outcome> {
        let db = Db(&self.connection);
        db.run(sqlite::SAVE, [])?;
        let outcome = apply(db, history, &pending.write);
        if let Err(error) = &outcome {
            if self.connection.is_autocommit() {
                // SQLite itself rolled everything back.
                return Err(error.clone());
            }
            db.run(sqlite::BACK, [])?;
        }
        db.run(sqlite::RELEASE, [])?;
        Ok(outcome)
    }

    /// Closes all other connections, then copies the log back.
    fn end(&mut self) {
        self.shared.readers.close();
        self.gate.stop();
        if let Some(thread) = self.checkpointer.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpointer had died");
        }
        if let Err(error) = checkpoint::checkpoint(&self.connection, sqlite::COPY_AND_CLEAR) {
            tracing::warn!(?error, "the log of the store could not be copied at the end");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.gate.stop();
        self.queue.abandon();
        // Released by closing too; said here so that nobody takes the field for unused.
        let _ = self.lock.unlock();
    }
}
