//! One connection from its first byte to its end.

use crate::pulse::{Pulse, Reason, Verdict};
use crate::server::Shared;
use crate::service;
use crate::stop::Phase;
use crate::stream::{Farewell, Watched, Wire};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a server that ends waits for the first words of a client whose connection it has taken.
const FIRST_WORDS: Duration = Duration::from_millis(500);

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) address: IpAddr,
    pub(crate) uid: Option<u32>,
    pub(crate) secure: bool,
}

/// What the requests of one connection share.
pub(crate) struct Connection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) origin: Origin,
    /// Whether the other end is a proxy whose word on the client is believed.
    pub(crate) proxy: bool,
    pub(crate) pulse: Arc<Pulse>,
}

/// Serves requests until the client leaves, is too slow, or the server stops.
pub(crate) async fn attend(shared: &Arc<Shared>, wire: Wire, origin: Origin) {
    let pulse = Arc::new(Pulse::new());
    let watched = Watched {
        wire,
        pulse: pulse.clone(),
        traffic: shared.meter.traffic.clone(),
        farewell: Farewell::default(),
    };
    let facts = Arc::new(Connection {
        shared: shared.clone(),
        origin,
        proxy: origin.uid.is_none() && shared.settings.trusted_proxies.trusts(origin.address),
        pulse: pulse.clone(),
    });
    let service = service_fn(move |request| service::answer(facts.clone(), request));
    // Pinned where they are made: a move would double their room in this future, of which every connection has one.
    let mut serving = pin!(shared.http.serve_connection(TokioIo::new(watched), service));
    let mut draining = pin!(shared.stop.reaches(Phase::Draining));
    let mut cut = pin!(shared.stop.reaches(Phase::Cut));
    let mut clock = pin!(sleep_until(Instant::now() + shared.settings.limits.header_timeout));
    let (mut ending, mut mute) = (false, false);
    loop {
        tokio::select! {
            biased;
            result = serving.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(address = %origin.address, %error, "connection broke off");
                }
                return;
            }
            () = spoken(&pulse), if mute => {
                mute = false;
                serving.as_mut().graceful_shutdown();
            }
            () = clock.as_mut() => {
                if std::mem::take(&mut mute) {
                    serving.as_mut().graceful_shutdown();
                }
                if let Some(reason) = tick(shared, &pulse, clock.as_mut()) {
                    tracing::debug!(address = %origin.address, ?reason, "connection closed");
                    return;
                }
            }
            () = draining.as_mut(), if !ending => {
                ending = true;
                mute = !pulse.has_spoken();
                if mute {
                    clock.as_mut().reset(Instant::now() + FIRST_WORDS);
                } else {
                    serving.as_mut().graceful_shutdown();
                }
            }
            () = cut.as_mut(), if ending => return,
        }
    }
}

/// The client has begun to say something. Asked whenever the connection is looked at.
async fn spoken(pulse: &Pulse) {
    std::future::poll_fn(|_| if pulse.has_spoken() { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Winds the clock on, or says why the connection must be closed.
fn tick(shared: &Shared, pulse: &Pulse, clock: std::pin::Pin<&mut Sleep>) -> Option<Reason> {
    match pulse.verdict(&shared.settings.limits) {
        Verdict::LookAgain(then) => {
            clock.reset(then);
            None
        }
        Verdict::Close(reason) => {
            if reason != Reason::Idle {
                shared.meter.closed_slow.fetch_add(1, Relaxed);
            }
            Some(reason)
        }
    }
}
