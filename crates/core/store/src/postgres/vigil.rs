//! Whether this process stood still: suspended, stopped, on a machine that froze. Whoever waited for it has gone elsewhere
//! since, and perhaps done there what still waits here; doing it now would undo that.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Standing still for longer than that matters. The database lets go of a transaction that is left alone for as long, so
/// none goes on after it; clients and proxies are as patient.
const LONGEST: Duration = Duration::from_secs(15);
/// How long nothing is written after it: in that time all comes up that had waited.
const WAKING: Duration = Duration::from_secs(5);
/// How often somebody looks.
const LOOK: Duration = Duration::from_millis(500);

/// See above.
#[derive(Debug)]
pub(super) struct Vigil {
    born: Instant,
    /// When somebody looked last, in ms since `born`.
    looked: AtomicU64,
    /// Up to when it is waking, the same; 0 if it never stood still.
    until: AtomicU64,
}

impl Vigil {
    pub(super) fn new() -> Self {
        Self { born: Instant::now(), looked: AtomicU64::new(0), until: AtomicU64::new(0) }
    }

    fn now(&self) -> u64 {
        ms(self.born.elapsed())
    }

    /// Looks again and again, for as long as the process is awake.
    pub(super) async fn keep(&self) {
        loop {
            self.look();
            tokio::time::sleep(LOOK).await;
        }
    }

    fn look(&self) {
        let now = self.now();
        let gone = now.saturating_sub(self.looked.swap(now, Ordering::AcqRel));
        if gone > ms(LONGEST) {
            self.until.store(now + ms(WAKING), Ordering::Release);
            let seconds = gone / 1000;
            tracing::warn!(
                seconds,
                "this server stood still; for a moment it writes nothing, for who asked has gone"
            );
        }
    }

    /// Whether it stood still until a moment ago, whether or not anybody has looked since.
    pub(super) fn is_waking(&self) -> bool {
        let now = self.now();
        now < self.until.load(Ordering::Acquire)
            || now.saturating_sub(self.looked.load(Ordering::Acquire)) > ms(LONGEST)
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_stood_still_is_waking_for_a_while() {
        let vigil = Vigil::new();
        tokio::time::advance(LONGEST).await;
        assert!(!vigil.is_waking(), "not for that long");
        vigil.look();
        tokio::time::advance(LONGEST + LOOK).await;
        assert!(vigil.is_waking(), "before anybody looks");
        vigil.look();
        assert!(vigil.is_waking());
        tokio::time::advance(WAKING - LOOK).await;
        vigil.look();
        assert!(vigil.is_waking());
        tokio::time::advance(LOOK).await;
        assert!(!vigil.is_waking());
    }
}
