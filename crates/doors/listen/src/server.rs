//! A server: routes, limits, and the connections of all its listeners.

use crate::accept;
use crate::ledger::Ledger;
use crate::reserve::Reserve;
use crate::stop::{Phase, Stop};
use crate::{Listener, Meter, Routes, Settings};
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Serves [`Routes`] on any number of [`Listener`]s.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

/// What all connections of a server share.
pub(crate) struct Shared {
    pub(crate) routes: Routes,
    pub(crate) settings: Settings,
    pub(crate) meter: Arc<Meter>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) stop: Stop,
    pub(crate) http: auto::Builder<TokioExecutor>,
    pub(crate) requests: AtomicU32,
    pub(crate) reserve: Arc<Reserve>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were cut because their requests took longer than allowed.
    pub cut: usize,
}

/// After this long a connection that was told to end is gone.
const CUTTING: Duration = Duration::from_secs(2);

impl Server {
    /// Makes a server; it does nothing before [`Server::serve`].
    pub fn new(settings: Settings, routes: Routes) -> Self {
        let meter = Arc::new(Meter::new(routes.meters()));
        let http = http_for(&settings);
        Self(Arc::new(Shared {
            routes,
            http,
            ledger: Ledger::new(meter.clone()),
            meter,
            stop: Stop::new(),
            requests: AtomicU32::new(0),
            reserve: Reserve::new(settings.limits.body_memory),
            settings,
        }))
    }

    /// Its counters.
    pub fn meter(&self) -> Arc<Meter> {
        self.0.meter.clone()
    }

    /// Takes connections from `listener` until [`Server::stop`] is called; then closes the socket and returns, while
    /// requests go on.
    pub async fn serve(&self, listener: Listener) {
        accept::run(self.0.clone(), listener).await;
    }

    /// Ends in order: takes no more connections, ends event streams at once, finishes requests in flight for as long
    /// as [`Settings::drain`] says, cuts the rest.
    pub async fn stop(&self) -> Drained {
        self.0.stop.go_to(Phase::Draining);
        if self.emptied_within(self.0.settings.drain).await {
            return Drained { cut: 0 };
        }
        let cut = self.0.ledger.total();
        self.0.stop.go_to(Phase::Cut);
        let _all_gone = self.emptied_within(CUTTING).await;
        Drained { cut }
    }

    async fn emptied_within(&self, patience: Duration) -> bool {
        let emptied = self.0.ledger.emptied.notified();
        tokio::pin!(emptied);
        // Listens before it looks, so that a connection that ends in between is not missed.
        emptied.as_mut().enable();
        self.0.ledger.is_over() || tokio::time::timeout(patience, emptied).await.is_ok()
    }
}

fn http_for(settings: &Settings) -> auto::Builder<TokioExecutor> {
    let limits = &settings.limits;
    let mut http = auto::Builder::new(TokioExecutor::new());
    // Slow heads are caught by the connection's own clock (`pulse`), which needs no timer per request.
    http.http1().header_read_timeout(None).max_buf_size(limits.header_bytes.max(8192)).keep_alive(true);
    if limits.header_count != 100 {
        // 100 is hyper's own limit; only with that does it parse without an allocation.
        http.http1().max_headers(limits.header_count);
    }
    http.http2()
        .max_concurrent_streams(limits.streams_per_connection)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(64 * 1024)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024);
    http
}
