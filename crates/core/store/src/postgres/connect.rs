//! How a connection comes to be, and ends: in bounded time, whatever the network does.

use super::address::Address;
use super::explain;
use super::fault::{Answer, away, chain};
use super::pulse::{Doubt, Pulse};
use super::session::Session;
use super::tls::Encrypted;
use crate::sql::postgres;
use kontor_model::{Error, Result};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Socket};

/// After a failed attempt to connect everybody is told so for this long, before the next attempt.
const PAUSE: Duration = Duration::from_millis(250);

/// How to connect, and where the connections live.
pub(super) struct Connector {
    pub(super) address: Address,
    pub(super) runtime: Handle,
    doubt: Arc<Doubt>,
    /// The machine that let us in last.
    latest: AtomicUsize,
    outage: Mutex<Option<Outage>>,
    /// Settings that the database does not know.
    unheard: Mutex<HashSet<&'static str>>,
}

/// No attempt has succeeded since.
#[derive(Clone)]
struct Outage {
    begun: Instant,
    latest: Instant,
    /// What the latest said.
    why: String,
}

/// What a connection is worked by.
pub(super) type Wire = Connection<Socket, Encrypted<Socket>>;

impl Connector {
    pub(super) fn new(address: Address, runtime: Handle) -> Self {
        let (doubt, latest) = (Doubt::new(), AtomicUsize::new(0));
        let (outage, unheard) = Default::default();
        Self { address, runtime, doubt, latest, outage, unheard }
    }

    /// Logs in; the session knows no settings yet. What comes unasked goes to `heard`.
    ///
    /// # Errors
    /// A text for the administrator: what is wrong and what to do, without any password.
    pub(super) async fn log_in(
        &self,
        heard: impl FnMut(AsyncMessage) + Send + 'static,
    ) -> std::result::Result<Session, String> {
        let Address { machines, words, .. } = &self.address;
        let (latest, mut why) = (self.latest.load(Ordering::Relaxed), String::new());
        for (at, machine) in machines.iter().enumerate().cycle().skip(latest).take(machines.len()) {
            match self.knock(machine).await {
                Ok((client, wire)) => {
                    let (version, cockroach) =
                        (wire.parameter("server_version"), wire.parameter("crdb_version"));
                    if let Some(old) = explain::too_old(words, version, cockroach) {
                        return Err(old);
                    }
                    self.latest.store(at, Ordering::Relaxed);
                    let pulse = Pulse::new(&self.doubt);
                    tokio::spawn(work(wire, Arc::clone(&pulse), heard));
                    return Ok(Session::new(client, pulse));
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// One machine. The bound is for all of it: a driver that is let in waits for the rest without end.
    async fn knock(&self, machine: &Config) -> std::result::Result<(Client, Wire), String> {
        let Address { tls, patience, words, .. } = &self.address;
        let attempt = tokio::time::timeout(*patience, machine.connect(tls.clone()));
        let answer = attempt.await.map_err(|_| explain::too_slow(&words.servers))?;
        answer.map_err(|refusal| explain::refusal(words, &refusal))
    }

    /// A new connection.
    ///
    /// # Errors
    /// `Unsupported` with a text for the administrator.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<Session> {
        let this = Arc::clone(self);
        // On the engine's own runtime, which outlives that of whoever asks.
        let attempt = self.runtime.spawn(async move {
            let session = this.log_in(|_| ()).await?;
            let set = async {
                this.tell(&session, postgres::SETTINGS).await?;
                // Wishes: whatever becomes of them.
                let _ = this.tell(&session, postgres::WISHES).await;
                Ok(())
            };
            set.await.map_err(|refusal| explain::refusal(&this.address.words, &refusal))?;
            Ok(session)
        });
        let session: std::result::Result<Session, String> = attempt.await.map_err(|_| away())?;
        session.map_err(|detail| Error::Unsupported { detail })
    }

    /// Says these settings, all at once. If one is refused, one by one, and does without those that are not known there,
    /// from then on on every connection.
    pub(super) async fn tell(&self, session: &Session, settings: &[&'static str]) -> Answer<()> {
        let unheard = || self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = settings.iter().copied().filter(|setting| !unheard().contains(setting)).collect();
        if session.say(&known.join("; ")).await.is_ok() {
            return Ok(());
        }
        for setting in known {
            match session.say(setting).await {
                // Undefined object, feature not supported.
                Err(refusal)
                    if refusal.code().is_some_and(|code| matches!(code.code(), "42704" | "0A000")) =>
                {
                    tracing::debug!(setting, "the database does not know this setting; done without");
                    unheard().insert(setting);
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// A new connection for whoever cannot wait: not while the last attempt failed a moment ago.
    ///
    /// # Errors
    /// `Busy`; the log says why, once for each outage.
    pub(super) async fn attempt(self: &Arc<Self>) -> Result<Session> {
        if self.outage().as_ref().is_some_and(|outage| outage.latest.elapsed() < PAUSE) {
            return Err(away());
        }
        match self.connect().await {
            Ok(session) => {
                if let Some(outage) = self.outage().take() {
                    let seconds = outage.begun.elapsed().as_secs();
                    tracing::info!(seconds, "the database is back");
                }
                Ok(session)
            }
            Err(error) => {
                let (now, why) = (Instant::now(), why(&error));
                let mut outage = self.outage();
                if outage.is_none() {
                    tracing::warn!(why, "the database is away; clients are told to come back");
                }
                let begun = outage.as_ref().map_or(now, |outage| outage.begun);
                *outage = Some(Outage { begun, latest: now, why });
                Err(away())
            }
        }
    }

    /// Whether attempts fail.
    pub(super) fn is_away(&self) -> bool {
        self.outage().is_some()
    }

    /// Why attempts fail, if they do.
    pub(super) fn why_away(&self) -> Option<String> {
        self.outage().as_ref().map(|outage| outage.why.clone())
    }

    fn outage(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::Unsupported { detail } => detail.clone(),
        other => other.to_string(),
    }
}

/// Works a connection until it ends, or is silent for too long: then whoever waits for an answer hears that there is
/// none.
async fn work(mut wire: Wire, pulse: Arc<Pulse>, mut heard: impl FnMut(AsyncMessage)) {
    let working = std::future::poll_fn(|context| {
        loop {
            match ready!(wire.poll_message(context)) {
                Some(Ok(message)) => heard(message),
                Some(Err(error)) => return Poll::Ready(Some(error)),
                None => return Poll::Ready(None),
            }
        }
    });
    tokio::select! {
        ended = working => if let Some(error) = ended {
            tracing::debug!(error = chain(&error), "a connection to the database ended");
        },
        () = pulse.stops() => tracing::warn!("the database owes an answer for too long; its connection is given up"),
    }
}
