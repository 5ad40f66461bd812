//! Filling a place with bodies that come from another: several at once, each read back when it is there.

use super::address::BlobRef;
use super::depot::{BodySink, Coming, Depot, said};
use super::place::Place;
use super::survey::Verdict;
use kontor_model::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Memory for bodies on their way, in MiB.
const MEMORY: u32 = 64;
/// What a large one needs of it: a part that is sent, one that is gathered, what is read ahead.
const LARGEST: u32 = 20;
/// What each needs besides its bytes.
const BESIDE: u32 = 2;
/// Bodies that are not what they should be, after which no more are looked at.
const ENOUGH: usize = 50;

/// A place being filled.
pub(crate) struct Filling {
    to: Depot,
    /// They lie there already: it is only looked whether they do.
    stay: bool,
    turns: Arc<Semaphore>,
    tasks: JoinSet<Result<()>>,
    spoilt: Arc<Mutex<Vec<(BlobRef, Verdict)>>>,
    begun: bool,
}

impl Filling {
    /// Of a store whose bodies lie in `from`, if that is known.
    pub(crate) fn new(to: Depot, from: Option<&Depot>) -> Self {
        let stay = from.is_some_and(|from| from.is(&to));
        let turns = Arc::new(Semaphore::new(MEMORY as usize));
        Self { to, stay, turns, tasks: JoinSet::new(), spoilt: Arc::default(), begun: false }
    }

    fn spoilt(&self) -> MutexGuard<'_, Vec<(BlobRef, Verdict)>> {
        self.spoilt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BodySink for Filling {
    fn take(&mut self, body: Coming) -> Result<()> {
        if self.spoilt().len() >= ENOUGH {
            return Ok(());
        }
        let place = self.to.place()?;
        let handle = place.handle().clone();
        if !self.begun && !self.stay {
            let may = handle.block_on(Depot::may_take(&place, &body.body));
            may.map_err(|error| said(&place, error))?;
        }
        self.begun = true;
        while let Some(done) = self.tasks.try_join_next() {
            done.map_err(died)??;
        }
        let size = u32::try_from(body.body.size >> 20).unwrap_or(u32::MAX);
        let share = size.saturating_add(BESIDE).min(LARGEST);
        let turn = handle.block_on(Arc::clone(&self.turns).acquire_many_owned(share));
        let (spoilt, stay) = (Arc::clone(&self.spoilt), self.stay);
        let work = async move {
            let _turn = turn;
            let known = body.body.clone();
            let verdict = if stay { stays(&place, &known).await } else { lay(&place, body).await };
            let verdict = verdict.map_err(|error| said(&place, error))?;
            if verdict != Verdict::Good {
                spoilt.lock().unwrap_or_else(PoisonError::into_inner).push((known, verdict));
            }
            Ok(())
        };
        self.tasks.spawn_on(work, &handle);
        Ok(())
    }

    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>> {
        if self.begun {
            let handle = self.to.place()?.handle().clone();
            while let Some(done) = handle.block_on(self.tasks.join_next()) {
                done.map_err(died)??;
            }
        }
        Ok(std::mem::take(&mut *self.spoilt()))
    }
}

fn died(error: tokio::task::JoinError) -> Error {
    Error::Internal(format!("carry a large body: {error}"))
}

/// What lies in the place of both stores.
async fn stays(place: &Place, body: &BlobRef) -> Result<Verdict> {
    match place.size(&body.object()).await? {
        None => Ok(Verdict::Missing),
        Some(size) if size == body.size => Ok(Verdict::Good),
        Some(_) => Ok(Verdict::Damaged),
    }
}

/// Lays one down, unless an earlier attempt did; what was written is read again.
async fn lay(place: &Place, coming: Coming) -> Result<Verdict> {
    let Coming { body, from } = coming;
    let (object, is) = (body.object(), (body.size, body.address.hash));
    let there = place.size(&object).await? == Some(body.size);
    if there && place.verdict(&object, is.0, is.1).await? == Verdict::Good {
        return Ok(Verdict::Good);
    }
    match place.deposit(&object, is, from()).await? {
        Verdict::Good => {}
        other => return Ok(other),
    }
    match place.verdict(&object, is.0, is.1).await? {
        Verdict::Good => Ok(Verdict::Good),
        _ => {
            let place = place.called();
            Err(Error::Internal(format!(
                "{place} does not hold what was just put there: the object {object}"
            )))
        }
    }
}
