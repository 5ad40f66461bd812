//! Writers: each has a connection and commits what waits for one account, or for several together.

use super::Shared;
use super::apply::{Desk, Effect, Patience, Trust, apply};
use super::fault::{Tried, Trouble, away};
use super::pool::{self, Slot};
use super::queue::{Key, Lot, Queue, decides_first};
use super::session::{Line, Session};
use crate::sql::{changes, facets, items, moving, postgres};
use crate::tally::Undone;
use crate::{Pool, Receipt, Write};
use kontor_model::{Error, Result};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How long a transaction that met others is tried again and again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause between two attempts is two to this many milliseconds.
const LONGEST_PAUSE: u32 = 6;

/// What nearly every batch says.
const USUAL: [&str; 7] = [
    items::PUT,
    items::PUT_BODY,
    facets::SET_SPAN,
    facets::SET_TEXT,
    changes::LOG,
    changes::ADVANCE,
    moving::OPEN,
];

/// One of them.
pub(super) struct Writer {
    pub(super) slot: Slot,
    pub(super) queue: Arc<Queue>,
    pub(super) shared: Arc<Shared>,
}

type Outcome = Result<(Receipt, Effect)>;

impl Writer {
    /// Its life, until the queue is closed and empty.
    pub(super) async fn run(self: Arc<Self>) {
        // So that the first write need not wait for all that. If it fails, the first write will tell.
        if let Ok(session) = self.slot.session().await {
            session.prepare(&USUAL).await;
        }
        while let Some(lots) = self.queue.take().await {
            let keys: Vec<Key> = lots.iter().map(|lot| lot.key).collect();
            let this = Arc::clone(&self);
            // As a task of its own, so that a panic costs these lots and neither the writer nor the accounts their lines.
            match tokio::spawn(async move { this.commit(lots).await }).await {
                Ok(None) => self.queue.served(&keys),
                Ok(Some(lots)) => self.later(lots),
                Err(_) => {
                    // Perhaps in the middle of a transaction.
                    self.slot.forget();
                    self.queue.served(&keys);
                }
            }
        }
    }

    /// Puts back what is not written yet.
    fn later(&self, mut lots: Vec<Lot>) {
        if lots.len() > 1 {
            return self.queue.apart(lots);
        }
        let Some(lot) = lots.pop() else { return };
        // Somebody else keeps it from being written: this writer is there for other accounts.
        let key = lot.key;
        if let Some(pause) = self.queue.held(lot) {
            let queue = Arc::clone(&self.queue);
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                queue.again(key);
            });
        }
    }

    /// Writes lots and answers; gives them back if they cannot be written together, or somebody else holds what the
    /// only one needs.
    async fn commit(&self, lots: Vec<Lot>) -> Option<Vec<Lot>> {
        if self.shared.vigil.is_waking() {
            // Dropped unanswered, which tells who is still there to come back.
            return None;
        }
        let writes: Vec<&Write> =
            lots.iter().flat_map(|lot| &lot.writes).map(|pending| &pending.write).collect();
        let outcomes = if lots.len() > 1 { self.along(&writes).await } else { self.alone(&writes).await };
        let Some(outcomes) = outcomes else { return Some(lots) };
        for (_, effect) in outcomes.iter().flatten() {
            self.shared.committed(effect);
        }
        for (pending, outcome) in lots.into_iter().flat_map(|lot| lot.writes).zip(outcomes) {
            let _ = pending.reply.send(outcome.map(|(receipt, _)| receipt));
        }
        None
    }

    /// Writes of several accounts, which wait for nobody. `None` if something is in the way: nothing was written then.
    async fn along(&self, writes: &[&Write]) -> Option<Vec<Outcome>> {
        let session = self.slot.session().await.ok()?;
        let outcome = together(session, writes, self.desk(Trust::Index, Patience::None)).await;
        self.count(writes.len(), &outcome);
        match outcome {
            Ok(outcomes) => Some(outcomes),
            Err(Trouble::Lost) => {
                self.slot.forget();
                Some(all_fail(writes, &Trouble::Lost))
            }
            Err(_) => None,
        }
    }

    /// Writes of one account. `None` if somebody else holds what they need.
    async fn alone(&self, writes: &[&Write]) -> Option<Vec<Outcome>> {
        match self.stubborn(writes).await {
            Ok(outcomes) => Some(outcomes),
            Err(Trouble::Held) => None,
            Err(Trouble::Lasting(_)) if writes.len() > 1 => Some(self.each_alone(writes).await),
            Err(trouble) => Some(all_fail(writes, &trouble)),
        }
    }

    /// One of them may be to blame.
    async fn each_alone(&self, writes: &[&Write]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            let alone = self.stubborn(&[write]).await.map_err(Trouble::told);
            outcomes.push(alone.and_then(|mut one| one.pop().unwrap_or_else(|| Err(away()))));
        }
        outcomes
    }

    fn count<T>(&self, writes: usize, outcome: &Tried<T>) {
        let tally = &self.shared.tally;
        match outcome {
            Ok(_) => tally.batch(writes),
            Err(Trouble::Retry(why)) => tally.undone(*why),
            Err(Trouble::Held) => tally.undone(Undone::Held),
            Err(Trouble::Lost) => tally.undone(Undone::Lost),
            Err(Trouble::Lasting(_)) => {}
        }
    }

    fn desk(&self, trust: Trust, patience: Patience) -> Desk {
        Desk::new(self.shared.past.history(), trust, patience)
    }

    /// Tries again what met another transaction.
    async fn stubborn(&self, writes: &[&Write]) -> Tried<Vec<Outcome>> {
        let (mut attempt, mut trust, begun) = (0, Trust::Index, Instant::now());
        loop {
            let session = self.slot.session().await.map_err(|_| Trouble::Lost)?;
            let outcome = together(session, writes, self.desk(trust, Patience::Some)).await;
            self.count(writes.len(), &outcome);
            match outcome {
                Err(Trouble::Retry(_)) if begun.elapsed() < PATIENCE => {
                    attempt += 1;
                    trust = Trust::LookUp;
                    tokio::time::sleep(pause(attempt, begun.elapsed())).await;
                }
                Err(Trouble::Lost) => {
                    self.slot.forget();
                    return Err(Trouble::Lost);
                }
                other => return other,
            }
        }
    }
}

/// What the writers are doing.
pub(super) fn pool(writers: &[Weak<Writer>]) -> Pool {
    let alive: Vec<Arc<Writer>> = writers.iter().filter_map(Weak::upgrade).collect();
    pool::together("write", alive.iter().map(|writer| &writer.slot))
}

fn all_fail(writes: &[&Write], trouble: &Trouble) -> Vec<Outcome> {
    writes.iter().map(|_| Err(trouble.clone().told())).collect()
}

/// How long to wait before the next attempt: the longer, the more there were, and never the same for two that met. What
/// the attempts took so far serves as chance.
fn pause(attempt: u32, took: Duration) -> Duration {
    let most = 1 << attempt.min(LONGEST_PAUSE);
    Duration::from_millis(1 + u64::from(took.subsec_nanos()) % most)
}

/// One transaction. An error is the failure of the whole.
async fn together(session: Arc<Session>, writes: &[&Write], mut desk: Desk) -> Tried<Vec<Outcome>> {
    let mut line = Line::new(session);
    match transaction(&mut line, writes, &mut desk).await {
        Ok(outcomes) => Ok(outcomes),
        Err(error) => {
            let trouble = line.trouble.clone().unwrap_or(Trouble::Lasting(error));
            line.rollback().await;
            Err(trouble)
        }
    }
}

async fn transaction(line: &mut Line, writes: &[&Write], desk: &mut Desk) -> Result<Vec<Outcome>> {
    line.plain(postgres::BEGIN).await?;
    desk.prepare(line, writes.iter().copied()).await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        outcomes.push(one(line, desk, write).await?);
    }
    desk.advances(line).await?;
    line.run(moving::OPEN, Vec::new()).await?;
    line.plain(postgres::COMMIT).await?;
    line.settle().await?;
    Ok(outcomes)
}

/// One write. The outer error is the failure of the transaction.
async fn one(line: &mut Line, desk: &mut Desk, write: &Write) -> Result<Outcome> {
    if decides_first(write) {
        let before = line.sent();
        let outcome = apply(line, desk, write).await;
        return match outcome {
            Err(error) if line.trouble.is_some() || line.sent() > before => Err(error),
            outcome => Ok(outcome),
        };
    }
    let held = desk.held();
    line.plain(postgres::SAVE).await?;
    let outcome = apply(line, desk, write).await;
    if let Err(error) = &outcome {
        if line.trouble.is_some() {
            return Err(error.clone());
        }
        line.plain(postgres::BACK).await?;
        desk.back_to(held);
    }
    line.plain(postgres::RELEASE).await?;
    Ok(outcome)
}

/// Told to those whose write was dropped unanswered.
pub(super) fn gone(_: tokio::sync::oneshot::error::RecvError) -> Error {
    away()
}
