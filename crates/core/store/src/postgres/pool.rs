//! Connections: some shared by all look-ups, some lent to one reader at a time, one for each writer.

use super::connect::Connector;
use super::fault::away;
use super::session::Session;
use crate::Pool;
use crate::sql::postgres;
use kontor_model::Result;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Gate, OwnedSemaphorePermit, Semaphore};

/// How long a reader waits for a connection to be lent.
const PATIENCE: Duration = Duration::from_secs(5);

/// One connection that is made again when it is lost.
pub(super) struct Slot {
    connector: Arc<Connector>,
    /// Said first on each connection, if anything.
    manner: &'static str,
    session: Mutex<Option<Arc<Session>>>,
    connecting: Gate<()>,
}

impl Slot {
    /// For writes: the database must not break off what waits for its disk or its standby.
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, manner: "", session: Mutex::default(), connecting: Gate::default() }
    }

    /// For batches of one account, which let go of what somebody else holds.
    pub(super) fn hasty(connector: Arc<Connector>) -> Self {
        Self { manner: postgres::IN_HASTE, ..Self::new(connector) }
    }

    fn reading(connector: Arc<Connector>) -> Self {
        Self { manner: postgres::READING, ..Self::new(connector) }
    }

    /// One connection: whether it is there, and whether nobody waits for an answer on it.
    fn pool(&self, name: &'static str) -> Pool {
        let live = self.live();
        let idle = live.as_ref().is_some_and(|session| session.is_idle());
        Pool { name, most: 1, open: usize::from(live.is_some()), idle: usize::from(idle), waiting: 0 }
    }

    /// The connection that is there.
    fn live(&self) -> Option<Arc<Session>> {
        lock(&self.session).as_ref().filter(|session| !session.is_gone()).cloned()
    }

    /// The connection, made anew if need be. `Busy` if the database is away.
    pub(super) async fn session(&self) -> Result<Arc<Session>> {
        if let Some(session) = self.live() {
            return Ok(session);
        }
        let _turn = match self.connecting.try_lock() {
            Ok(turn) => turn,
            // Attempts fail, and one is under way: that is no use waiting for.
            Err(_) if self.connector.is_away() => return Err(away()),
            Err(_) => self.connecting.lock().await,
        };
        if let Some(session) = self.live() {
            return Ok(session);
        }
        let session = self.connector.attempt().await?;
        if !self.manner.is_empty() {
            session.say(self.manner).await.map_err(|_| away())?;
        }
        let session = Arc::new(session);
        *lock(&self.session) = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Lets go of a connection whose state is not known.
    pub(super) fn forget(&self) {
        *lock(&self.session) = None;
    }
}

/// Connections that read.
pub(super) struct Readers {
    shared: Vec<Slot>,
    next: AtomicUsize,
    connector: Arc<Connector>,
    turns: Arc<Semaphore>,
    lent: usize,
    /// Who waits for one to be lent.
    waiting: AtomicUsize,
    idle: Mutex<Vec<Arc<Session>>>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(connector: &Arc<Connector>, shared: usize, lent: usize) -> Self {
        Self {
            shared: (0..shared.max(1)).map(|_| Slot::reading(Arc::clone(connector))).collect(),
            next: AtomicUsize::new(0),
            connector: Arc::clone(connector),
            turns: Arc::new(Semaphore::new(lent.max(1))),
            lent: lent.max(1),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// A connection that others use too: for single statements with short answers.
    pub(super) async fn shared(&self) -> Result<Arc<Session>> {
        if self.is_closed() {
            return Err(away());
        }
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.shared.len().max(1);
        let session = self.shared.get(at).ok_or_else(away)?.session().await;
        // If the database takes no more of them, those that there are must do.
        session.or_else(|error| self.shared.iter().find_map(Slot::live).ok_or(error))
    }

    /// A connection of one's own: for several statements as one view, and for long answers.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Loan> {
        let turn = {
            let _timer = self.connector.runtime.enter();
            tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned())
        };
        let turn = {
            let _waits = Waits::one(&self.waiting);
            turn.await.map_err(|_| away())?.map_err(|_| away())?
        };
        let idle = std::iter::from_fn(|| lock(&self.idle).pop()).find(|session| !session.is_gone());
        let session = match idle {
            Some(session) => session,
            None => Arc::new(self.connect().await?),
        };
        Ok(Loan { readers: Arc::clone(self), session, _turn: turn })
    }

    /// What they are doing.
    pub(super) fn pools(&self) -> [Pool; 2] {
        let shared = together("read", self.shared.iter());
        let away = self.lent.saturating_sub(self.turns.available_permits());
        let idle = lock(&self.idle).len();
        let waiting = self.waiting.load(Ordering::Relaxed);
        [shared, Pool { name: "scan", most: self.lent, open: away + idle, idle, waiting }]
    }

    async fn connect(&self) -> Result<Session> {
        let session = self.connector.attempt().await?;
        session.say(postgres::READING).await.map_err(|_| away())?;
        Ok(session)
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Closes all; later calls are answered `Busy`.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.turns.close();
        lock(&self.idle).clear();
        self.shared.iter().for_each(Slot::forget);
    }
}

/// What several slots are doing.
pub(super) fn together<'s>(name: &'static str, slots: impl Iterator<Item = &'s Slot>) -> Pool {
    slots.map(|slot| slot.pool(name)).fold(Pool { name, ..Pool::default() }, |all, one| Pool {
        name,
        most: all.most + one.most,
        open: all.open + one.open,
        idle: all.idle + one.idle,
        waiting: all.waiting + one.waiting,
    })
}

/// One that waits, until this is dropped.
struct Waits<'w>(&'w AtomicUsize);

impl<'w> Waits<'w> {
    fn one(count: &'w AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lent connection. Dropped without [`Loan::back`] it is closed: nobody knows what is open on it.
pub(super) struct Loan {
    readers: Arc<Readers>,
    pub(super) session: Arc<Session>,
    _turn: OwnedSemaphorePermit,
}

impl Loan {
    /// Gives it back, with nothing open.
    pub(super) fn back(self) {
        if !self.readers.turns.is_closed() {
            lock(&self.readers.idle).push(Arc::clone(&self.session));
        }
    }
}
