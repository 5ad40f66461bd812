//! Whether the database still answers. A network that loses what it carries tells nobody; so a question that is not
//! answered for long is given up together with its connection, and with it all connections that were not heard of since.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How long the database may be silent while it is asked something. Longer than it may work on a read, so that it can
/// say itself that it took too long.
const LONGEST: Duration = Duration::from_secs(20);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What is thought of connections to one database.
#[derive(Debug)]
pub(super) struct Doubt {
    born: Instant,
    /// Connections not heard of since then are not believed in; ms after `born`.
    since: AtomicU64,
}

impl Doubt {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { born: Instant::now(), since: AtomicU64::new(0) })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Pulse {
    doubt: Arc<Doubt>,
    /// Questions that are not answered yet.
    awaited: AtomicUsize,
    /// When it was last heard of; ms.
    heard: AtomicU64,
    /// When the first of the awaited questions was asked; ms.
    asked: AtomicU64,
}

impl Pulse {
    /// Just heard of.
    pub(super) fn new(doubt: &Arc<Doubt>) -> Arc<Self> {
        let now = doubt.now();
        Arc::new(Self {
            doubt: Arc::clone(doubt),
            awaited: AtomicUsize::new(0),
            heard: AtomicU64::new(now),
            asked: AtomicU64::new(now),
        })
    }

    /// A question is sent.
    pub(super) fn ask(&self) -> Awaited<'_> {
        if self.awaited.fetch_add(1, Ordering::AcqRel) == 0 {
            self.asked.store(self.doubt.now(), Ordering::Release);
        }
        Awaited(self)
    }

    /// Whether another connection fell silent since this one was last heard of.
    pub(super) fn is_doubtful(&self) -> bool {
        self.heard.load(Ordering::Acquire) < self.doubt.since.load(Ordering::Acquire)
    }

    /// Whether it owes an answer.
    pub(super) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Acquire) > 0
    }

    /// Since when it owes an answer; ms.
    fn owes(&self) -> Option<u64> {
        let since = self.heard.load(Ordering::Acquire).max(self.asked.load(Ordering::Acquire));
        self.is_awaited().then_some(since)
    }

    /// Ends when it has owed an answer for too long.
    pub(super) async fn stops(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let owes = self.owes();
            if let Some(since) =
                owes.filter(|since| u128::from(self.doubt.now() - since) > LONGEST.as_millis())
            {
                self.doubt.since.fetch_max(since, Ordering::AcqRel);
                return;
            }
        }
    }
}

/// A question under way; dropped when nobody waits any more.
pub(super) struct Awaited<'p>(&'p Pulse);

impl Awaited<'_> {
    /// It was answered.
    pub(super) fn answered(self) {
        self.0.heard.store(self.0.doubt.now(), Ordering::Release);
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(doubt: &Doubt, ms: u64) -> Pulse {
        let all = |ms| AtomicU64::new(ms);
        let doubt = Arc::new(Doubt { born: doubt.born, since: all(doubt.since.load(Ordering::Relaxed)) });
        Pulse { doubt, awaited: AtomicUsize::new(0), heard: all(ms), asked: all(ms) }
    }

    #[test]
    fn only_what_is_awaited_is_owed() {
        let pulse = at(&Doubt { born: Instant::now(), since: AtomicU64::new(0) }, 0);
        assert_eq!(pulse.owes(), None);
        let (one, two) = (pulse.ask(), pulse.ask());
        assert!(pulse.owes().is_some());
        one.answered();
        assert!(pulse.owes().is_some());
        drop(two);
        assert_eq!(pulse.owes(), None);
    }

    #[test]
    fn who_was_heard_of_later_is_believed_in() {
        let doubt = Doubt { born: Instant::now(), since: AtomicU64::new(5_000) };
        assert!(at(&doubt, 4_999).is_doubtful());
        assert!(!at(&doubt, 5_000).is_doubtful());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it_and_rest_does_not() {
        let pulse = Pulse::new(&Doubt::new());
        assert!(tokio::time::timeout(LONGEST * 9, pulse.stops()).await.is_err(), "nobody asks");
        let asked = pulse.ask();
        let since = pulse.doubt.now();
        pulse.stops().await;
        assert!(pulse.doubt.now() - since >= 20_000);
        assert_eq!(pulse.doubt.since.load(Ordering::Relaxed), since);
        asked.answered();
        assert!(tokio::time::timeout(LOOK * 3, pulse.stops()).await.is_err(), "it answered");
    }
}
