//! Connections: some shared by all look-ups, some lent to one reader at a time, one for each writer.

use super::address::Address;
use super::explain;
use super::fault::{Answer, away, chain};
use super::session::Session;
use super::tls::Encrypted;
use crate::sql::postgres;
use kontor_model::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Mutex as Gate, OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, Connection, Socket};

/// After a failed attempt to connect everybody is told so for this long, before the next attempt.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a reader waits for a connection to be lent.
const PATIENCE: Duration = Duration::from_secs(5);

/// How to connect, and where the connections live.
pub(super) struct Connector {
    pub(super) address: Address,
    pub(super) runtime: Handle,
}

/// What a connection is worked by, by whoever wants to hear what comes unasked.
pub(super) type Wire = Connection<Socket, Encrypted<Socket>>;

impl Connector {
    /// Logs in; the connection knows no settings yet, and has to be worked by the caller.
    ///
    /// # Errors
    /// A text for the administrator: what is wrong and what to do, without any password.
    pub(super) async fn log_in(&self) -> std::result::Result<(Client, Wire), String> {
        let Address { config, tls, patience, words } = &self.address;
        let attempt = tokio::time::timeout(*patience, config.connect(tls.clone()));
        let (client, wire) = attempt
            .await
            .map_err(|_| explain::too_slow(&words.servers))?
            .map_err(|refusal| explain::refusal(words, &refusal))?;
        let (version, cockroach) = (wire.parameter("server_version"), wire.parameter("crdb_version"));
        explain::too_old(words, version, cockroach).map_or(Ok((client, wire)), Err)
    }

    /// A new connection.
    ///
    /// # Errors
    /// `Unsupported` with a text for the administrator.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Session> {
        let this = Arc::clone(self);
        // On the engine's own runtime, which outlives that of whoever asks.
        let attempt = self.runtime.spawn(async move {
            let (client, wire) = this.log_in().await?;
            tokio::spawn(async move {
                // Whoever waits for an answer on it hears of its end.
                if let Err(error) = wire.await {
                    tracing::debug!(error = chain(&error), "a connection to the database ended");
                }
            });
            let words = &this.address.words;
            tell(&client, postgres::SETTINGS).await.map_err(|refusal| explain::refusal(words, &refusal))?;
            // Wishes: whatever becomes of them.
            let _ = tell(&client, postgres::WISHES).await;
            Ok(client)
        });
        let client = attempt.await.map_err(|_| away())?;
        client.map(Session::new).map_err(|detail| Error::Unsupported { detail })
    }
}

/// Says these settings, all at once; if one is refused, one by one, and does without those that are not known there.
async fn tell(client: &Client, settings: &[&str]) -> Answer<()> {
    if client.batch_execute(&settings.join("; ")).await.is_ok() {
        return Ok(());
    }
    for setting in settings {
        match client.batch_execute(setting).await {
            // Undefined object, feature not supported.
            Err(refusal) if refusal.code().is_some_and(|code| matches!(code.code(), "42704" | "0A000")) => {
                tracing::debug!(setting, "the database does not know this setting; done without");
            }
            other => other?,
        }
    }
    Ok(())
}

/// One connection that is made again when it is lost.
pub(super) struct Slot {
    connector: Arc<Connector>,
    state: Gate<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    failed: Option<Instant>,
}

impl Slot {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, state: Gate::default() }
    }

    /// The connection, made anew if need be. `Busy` if the database is away.
    pub(super) async fn session(&self) -> Result<Arc<Session>> {
        let mut state = self.state.lock().await;
        if let Some(session) = state.session.as_ref().filter(|session| !session.is_gone()) {
            return Ok(Arc::clone(session));
        }
        state.session = None;
        if state.failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(away());
        }
        match self.connector.connect().await {
            Ok(session) => {
                let session = Arc::new(session);
                *state = State { session: Some(Arc::clone(&session)), failed: None };
                Ok(session)
            }
            Err(error) => {
                tracing::warn!(?error, "the database cannot be reached");
                state.failed = Some(Instant::now());
                Err(away())
            }
        }
    }

    /// Lets go of a connection whose state is not known.
    pub(super) async fn forget(&self) {
        self.state.lock().await.session = None;
    }
}

/// Connections that read.
pub(super) struct Readers {
    shared: Vec<Slot>,
    next: AtomicUsize,
    connector: Arc<Connector>,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Arc<Session>>>,
    /// When a connection to be lent could not be made.
    failed: Mutex<Option<Instant>>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(connector: &Arc<Connector>, shared: usize, lent: usize) -> Self {
        Self {
            shared: (0..shared.max(1)).map(|_| Slot::new(Arc::clone(connector))).collect(),
            next: AtomicUsize::new(0),
            connector: Arc::clone(connector),
            turns: Arc::new(Semaphore::new(lent.max(1))),
            idle: Mutex::default(),
            failed: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// A connection that others use too: for single statements with short answers.
    pub(super) async fn shared(&self) -> Result<Arc<Session>> {
        if self.is_closed() {
            return Err(away());
        }
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.shared.len().max(1);
        self.shared.get(at).ok_or_else(away)?.session().await
    }

    /// A connection of one's own: for several statements as one view, and for long answers.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Loan> {
        let turn = {
            let _timer = self.connector.runtime.enter();
            tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned())
        };
        let turn = turn.await.map_err(|_| away())?.map_err(|_| away())?;
        let idle = std::iter::from_fn(|| lock(&self.idle).pop()).find(|session| !session.is_gone());
        let session = match idle {
            Some(session) => session,
            None => Arc::new(self.connect().await?),
        };
        Ok(Loan { readers: Arc::clone(self), session, _turn: turn })
    }

    async fn connect(&self) -> Result<Session> {
        if lock(&self.failed).is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(away());
        }
        self.connector.connect().await.map_err(|error| {
            tracing::warn!(?error, "the database cannot be reached");
            *lock(&self.failed) = Some(Instant::now());
            away()
        })
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Closes all; later calls are answered `Busy`.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.turns.close();
        lock(&self.idle).clear();
        for slot in &self.shared {
            slot.forget().await;
        }
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
