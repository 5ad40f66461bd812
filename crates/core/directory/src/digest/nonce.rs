//! What a response has to be made for: handed out without being noted, so that every node knows those of all others.

use super::algorithm::hex;
use crate::ServerKey;
use crate::key::purpose;
use kontor_model::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Hexadecimal digits of a nonce: a time, noise, and a keyed digest of both, 16 bytes of it.
const LENGTH: usize = 16 + 16 + 32;
/// Clocks of nodes may be this far apart.
const SKEW_MS: i64 = 5 * 60 * 1000;

/// A nonce that this store's servers made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nonce {
    pub(super) issued: Timestamp,
    noise: u64,
}

impl Nonce {
    /// A new one.
    pub(super) fn new(issued: Timestamp, noise: u64) -> Self {
        Self { issued, noise }
    }

    /// How it is told to the client.
    pub(super) fn text(self, key: &ServerKey) -> String {
        let (at, noise) = (self.issued.millis(), self.noise);
        let seal = key.digest(purpose::NONCE, &[&at.to_be_bytes(), &noise.to_be_bytes()]);
        format!("{at:016x}{noise:016x}{}", hex(seal.get(..16).unwrap_or_default()))
    }

    /// The nonce of that text, if it is one of ours, and not older than `lifetime_ms` at `now`.
    pub(super) fn read(text: &str, key: &ServerKey, now: Timestamp, lifetime_ms: i64) -> Option<Self> {
        if text.len() != LENGTH || !text.is_ascii() {
            return None;
        }
        let number = |from, to| u64::from_str_radix(text.get(from..to)?, 16).ok();
        let issued = Timestamp::from_millis(i64::try_from(number(0, 16)?).ok()?);
        let nonce = Self { issued, noise: number(16, 32)? };
        // `blake3::Hash` compares in constant time.
        let same = blake3::hash(nonce.text(key).as_bytes()) == blake3::hash(text.as_bytes());
        let age = now.millis().saturating_sub(issued.millis());
        (same && (-SKEW_MS..lifetime_ms).contains(&age)).then_some(nonce)
    }
}

/// Which requests were let in, so that none is twice. Bounded: what was forgotten is not known as used any more, so
/// all nonces that are as old or older are taken for stale from then on.
pub(super) struct Used {
    most: usize,
    inner: Mutex<Inner>,
}

struct Inner {
    /// Nonces that were issued up to here and are not among `seen` are stale.
    floor: Timestamp,
    seen: HashMap<u64, Seen>,
}

struct Seen {
    issued: Timestamp,
    highest: u32,
    /// Bit n stands for `highest - n`.
    window: u64,
}

impl Used {
    /// For so many nonces. What was issued before `start` may have been used before this process began.
    pub(super) fn new(most: usize, start: Timestamp) -> Self {
        let inner = Inner { floor: start, seen: HashMap::new() };
        Self { most: most.max(1), inner: Mutex::new(inner) }
    }

    /// Whether the request that is the `count`th with this nonce comes for the first time. Requests may overtake each
    /// other by up to 63.
    pub(super) fn first_time(&self, nonce: Nonce, count: u32) -> bool {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.seen.contains_key(&nonce.noise) {
            if nonce.issued <= inner.floor {
                return false;
            }
            if inner.seen.len() >= self.most {
                inner.forget_half();
            }
        }
        let fresh = Seen { issued: nonce.issued, highest: 0, window: 0 };
        inner.seen.entry(nonce.noise).or_insert(fresh).mark(count)
    }
}

impl Inner {
    /// Forgets the older half.
    fn forget_half(&mut self) {
        let mut times: Vec<Timestamp> = self.seen.values().map(|seen| seen.issued).collect();
        times.sort_unstable();
        let Some(middle) = times.get(times.len() / 2).copied() else { return };
        self.seen.retain(|_, seen| seen.issued > middle);
        self.floor = self.floor.max(middle);
    }
}

impl Seen {
    fn mark(&mut self, count: u32) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            self.window = self.window.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let bit = 1_u64.checked_shl(self.highest - count).unwrap_or(0);
        let first = count > 0 && bit != 0 && self.window & bit == 0;
        self.window |= bit;
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn only_our_own_are_good_and_not_for_long() {
        let (key, other) = (ServerKey::of([1; 32]), ServerKey::of([2; 32]));
        let nonce = Nonce::new(at(1_000_000), 7);
        let text = nonce.text(&key);
        assert_eq!(text.len(), LENGTH);
        let read = |text: &str, key: &ServerKey, now| Nonce::read(text, key, at(now), 60_000);
        assert_eq!(read(&text, &key, 1_000_000), Some(nonce));
        assert_eq!(read(&text, &key, 1_059_999), Some(nonce));
        assert_eq!(read(&text, &key, 1_060_000), None, "old");
        assert_eq!(read(&text, &key, 1_000_000 - SKEW_MS), Some(nonce), "the other node's clock is ahead");
        assert_eq!(read(&text, &key, 1_000_000 - SKEW_MS - 1), None);
        assert_eq!(read(&text, &other, 1_000_000), None);
        assert_eq!(read(&text.replacen('7', "8", 1), &key, 1_000_000), None);
        for bad in ["", "x", &text.to_uppercase(), &text[1..], &"é".repeat(LENGTH / 2), &"+".repeat(LENGTH)]
        {
            assert_eq!(read(bad, &key, 1_000_000), None, "{bad}");
        }
    }

    #[test]
    fn each_request_comes_once() {
        let used = Used::new(10, at(0));
        let nonce = Nonce::new(at(5), 1);
        let check = |count, expect| assert_eq!(used.first_time(nonce, count), expect, "{count}");
        check(0, false);
        check(1, true);
        check(1, false);
        check(3, true);
        check(2, true);
        check(2, false);
        check(66, true);
        check(3, false);
        check(2, false);
        check(4, true);
        check(u32::MAX, true);
        check(66, false);
        check(u32::MAX, false);
        check(u32::MAX - 63, true);
        check(u32::MAX - 64, false);
    }

    /// Forgetting never makes a used one good again.
    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_stale() {
        let used = Used::new(8, at(100));
        assert!(!used.first_time(Nonce::new(at(100), 0), 1), "from before the start");
        for n in 1..1000_i64 {
            let nonce = Nonce::new(at(100 + n), n.unsigned_abs());
            assert!(used.first_time(nonce, 1), "{n}");
            assert!(used.inner.lock().unwrap().seen.len() <= 8);
        }
        for n in 1..1000_i64 {
            assert!(!used.first_time(Nonce::new(at(100 + n), n.unsigned_abs()), 1), "{n} again");
        }
    }
}
