//! What an admission rests on, for whoever asks later whether it still holds.

use crate::Proof;
use kontor_model::{Principal, Timestamp};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An account as it was, what it showed, and when that was held against the directory last.
pub struct Ticket {
    pub(crate) principal: Arc<Principal>,
    pub(crate) proof: Proof,
    /// Nothing that was heard up to this epoch speaks against it.
    epoch: AtomicU64,
    /// When it was checked, by the steady clock, in microseconds.
    checked: AtomicU64,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("account", &self.principal.id).finish_non_exhaustive()
    }
}

/// When something was looked up: read before it was.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) epoch: u64,
    pub(crate) steady: Duration,
}

impl Ticket {
    pub(crate) fn new(principal: Arc<Principal>, proof: Proof, at: Moment) -> Self {
        let ticket = Self { principal, proof, epoch: AtomicU64::new(0), checked: AtomicU64::new(0) };
        ticket.checked_at(at);
        ticket
    }

    /// It was held against the directory and is still good.
    pub(crate) fn checked_at(&self, at: Moment) {
        self.checked.store(u64::try_from(at.steady.as_micros()).unwrap_or(u64::MAX), Ordering::Release);
        self.epoch.store(at.epoch, Ordering::Release);
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(crate) fn age(&self, steady: Duration) -> Duration {
        steady.saturating_sub(Duration::from_micros(self.checked.load(Ordering::Acquire)))
    }

    /// Whether what was shown has stopped working by then.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        match &self.proof {
            Proof::AppPassword { expires, .. } => expires.is_some_and(|end| end <= now),
            Proof::Password { .. } => false,
        }
    }
}
