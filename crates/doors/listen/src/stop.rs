//! How a server is told to end: first in order, then at once.

use std::future::Future;
use std::pin::Pin;
use tokio::sync::watch;

/// Resolves when the server begins to stop.
pub(crate) type Stopping = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Serving.
    Running,
    /// No new connections; requests in flight are finished.
    Draining,
    /// What is left is cut.
    Cut,
}

/// The one switch of a server.
pub(crate) struct Stop(watch::Sender<Phase>);

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    pub(crate) fn go_to(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = phase > *now;
            if later {
                *now = phase;
            }
            later
        });
    }

    /// Whether the server is ending.
    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow() > Phase::Running
    }

    /// Resolves when the end has come as far as `phase`.
    pub(crate) fn reaches(&self, phase: Phase) -> impl Future<Output = ()> + Send + Sync + 'static {
        let mut watching = self.0.subscribe();
        async move {
            // An error means that the server is gone altogether, which is an end too.
            let _ended = watching.wait_for(|now| *now >= phase).await;
        }
    }
}
