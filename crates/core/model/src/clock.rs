//! The only doors through which time and randomness come in (law 11). Tests own them.

use crate::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, to the millisecond. Other nodes may think otherwise by minutes, and it may be set back at any time.
    fn now(&self) -> Timestamp;

    /// How long ago some moment was, always the same one while the process lives. Means nothing to anybody else, and
    /// goes on at its pace whatever is done to the time of day: what is to last so long is measured by it.
    fn steady(&self) -> Duration;
}

/// Gives unpredictable bytes.
pub trait Chance: Send + Sync {
    /// Fills `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        Timestamp::from_millis(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    fn steady(&self) -> Duration {
        static FIRST_ASKED: LazyLock<Instant> = LazyLock::new(Instant::now);
        FIRST_ASKED.elapsed()
    }
}

/// The operating system's randomness.
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            // Without randomness no secret can be made; going on would make guessable ones.
            std::process::abort();
        }
    }
}

/// A clock that stands still until a test moves it.
pub struct FixedClock {
    now: AtomicI64,
    steady_ms: AtomicU64,
}

impl FixedClock {
    /// Stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self { now: AtomicI64::new(at.millis()), steady_ms: AtomicU64::new(0) }
    }

    /// Moves forward by `ms` milliseconds: so much time passes.
    pub fn advance_millis(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
        self.steady_ms.fetch_add(u64::try_from(ms).unwrap_or(0), Ordering::SeqCst);
    }

    /// Is set forward, or back if `ms` is negative: no time passes.
    pub fn set_by_millis(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_millis(self.steady_ms.load(Ordering::SeqCst))
    }
}

/// Repeatable bytes for tests (splitmix64); never for secrets of a real server.
pub struct SeededChance {
    state: AtomicU64,
    lock: Mutex<()>,
}

impl SeededChance {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed), lock: Mutex::new(()) }
    }
}

impl Chance for SeededChance {
    fn fill(&self, out: &mut [u8]) {
        let _order = self.lock.lock();
        for chunk in out.chunks_mut(8) {
            let mut z = self.state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(bytes) {
                *to = from;
            }
        }
    }
}
