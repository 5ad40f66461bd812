//! Jobs that only one node is to do at a time.
//!
//! A lease is a row with the number of its holder and a beat that the holder moves every now and then. No time of day
//! is written or compared, for nodes may disagree about it by minutes: who wants the lease watches the beat, and takes
//! it when, by its own steady clock, it has seen no move for a whole term. The holder stops when half a term has passed
//! since it sent the last beat that arrived, so it has ended before anybody can take over, as long as no clock runs
//! twice as fast as another. Taking and renewing name what was seen, so of two that want it one wins.
//!
//! What no clock can help against: a process that is stopped between a look at its lease and the step that follows
//! carries that step out when it goes on. So steps are bounded, and do no harm when another node has done them.

use crate::{Op, Store, Tenure, Write};
use kontor_model::{Actor, Chance, Clock, Error, Origin, Result};
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How long a holder may be silent, if nothing else is said.
const TERM: Duration = Duration::from_secs(30);
/// So often in a term the holder moves the beat and the others look at it.
const LOOKS: u32 = 6;
/// Before a store that did not answer is asked again.
const REST: Duration = Duration::from_secs(1);

/// A job's lease, as one process sees it.
pub struct Lease {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    name: String,
    me: i64,
    term: Duration,
    /// What was seen last, and when it was first seen so.
    seen: Option<(Option<Tenure>, Duration)>,
    /// It is ours up to here.
    until: Option<Duration>,
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Lease {
    /// The lease of the job of that name; nobody's yet, as far as this process knows.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, chance: &dyn Chance, name: &str) -> Self {
        let mut noise = [0; 8];
        chance.fill(&mut noise);
        let me = (i64::from_le_bytes(noise) & i64::MAX).max(1);
        Self { store, clock, name: name.to_owned(), me, term: TERM, seen: None, until: None }
    }

    /// With another term, which must be the same on all nodes: after so long others do what a node did that died.
    #[must_use]
    pub fn for_terms_of(mut self, term: Duration) -> Self {
        self.term = term;
        self
    }

    /// Does `job` when it is this process's turn, for as long as it is: if the lease is lost, the job is dropped where
    /// it waits, and begun anew when the lease is had again. Ends with the job, or with `ending` (then `None`), and
    /// gives the lease to whoever is next. A store that no other process works on needs no lease.
    pub async fn hold<T, F: Future<Output = T>>(
        &mut self,
        job: impl Fn() -> F,
        ending: impl Future<Output = ()>,
    ) -> Option<T> {
        let mut ending = pin!(ending);
        loop {
            let ours = tokio::select! {
                () = ending.as_mut() => return None,
                ours = self.turn() => ours,
            };
            if !ours {
                continue;
            }
            let done = tokio::select! {
                done = job() => Some(done),
                () = ending.as_mut() => None,
                () = self.keep() => {
                    tracing::warn!(job = self.name, "the lease was lost: another server does it");
                    continue;
                }
            };
            // If this fails the others wait for a term.
            let _ = self.release().await;
            return done;
        }
    }

    /// Looks whether it is this process's turn; waits a little if not.
    async fn turn(&mut self) -> bool {
        if !self.store.is_shared() {
            return true;
        }
        let looked = self.look().await;
        let rest = match looked {
            Ok(true) => {
                tracing::info!(job = self.name, "this server does it from now on");
                return true;
            }
            Ok(false) => self.term / LOOKS,
            // That nobody answered says nothing about whose turn it is.
            Err(error) => {
                tracing::debug!(?error, job = self.name, "the lease could not be looked at");
                REST.min(self.term / LOOKS)
            }
        };
        tokio::time::sleep(rest).await;
        false
    }

    /// Moves the beat until the lease is lost, which is noticed within two thirds of a term even if nobody answers.
    async fn keep(&mut self) {
        if !self.store.is_shared() {
            std::future::pending::<()>().await;
        }
        while self.is_held() {
            tokio::time::sleep(self.term / LOOKS).await;
            let patience = self.term / LOOKS;
            // Who does not answer in time is asked again.
            let _ = tokio::time::timeout(patience, self.tried()).await;
        }
    }

    async fn tried(&mut self) -> bool {
        let looked = self.look().await;
        looked.unwrap_or_else(|error| {
            tracing::debug!(?error, job = self.name, "the lease could not be looked at");
            self.is_held()
        })
    }

    /// Looks at the lease: renews it if it is ours, takes it if nobody has it or its holder was silent for a term.
    /// Whether it is ours now.
    ///
    /// # Errors
    /// Those of the store; then it is ours as long as [`Lease::is_held`] says.
    pub async fn look(&mut self) -> Result<bool> {
        let found = self.store.lease(&self.name).await?;
        let now = self.clock.steady();
        let since = match self.seen {
            Some((before, since)) if before == found => since,
            _ => now,
        };
        self.seen = Some((found, since));
        let free = match found {
            None => true,
            Some(tenure) => {
                let silent = now.saturating_sub(since) >= self.term;
                tenure.holder == 0 || tenure.holder == self.me || silent
            }
        };
        if !free {
            self.until = None;
            return Ok(false);
        }
        self.go_to(found, self.me).await
    }

    /// Whether it is ours for certain, by our own clock.
    pub fn is_held(&self) -> bool {
        self.until.is_some_and(|until| self.clock.steady() < until)
    }

    /// Gives it to whoever asks next.
    ///
    /// # Errors
    /// Those of the store: then the others wait for a term.
    pub async fn release(&mut self) -> Result<()> {
        if self.until.take().is_none() {
            return Ok(());
        }
        match self.store.lease(&self.name).await? {
            Some(found) if found.holder == self.me => self.go_to(Some(found), 0).await.map(drop),
            _ => Ok(()),
        }
    }

    async fn go_to(&mut self, seen: Option<Tenure>, holder: i64) -> Result<bool> {
        let next = Tenure { holder, beat: seen.map_or(1, |tenure| tenure.beat.wrapping_add(1)) };
        let sent = self.clock.steady();
        let ops = vec![Op::MoveLease { name: self.name.clone(), seen, next }];
        let (actor, origin, at) = (Actor::System, Origin::Job, self.clock.now());
        let write = Write { actor, origin, at, guards: Vec::new(), ops };
        match self.store.write(write).await {
            Ok(_) => {
                self.seen = Some((Some(next), sent));
                self.until = (holder == self.me).then(|| sent + self.term / 2);
                Ok(holder == self.me)
            }
            // Somebody else was faster.
            Err(Error::Stale { .. }) => {
                self.until = None;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
