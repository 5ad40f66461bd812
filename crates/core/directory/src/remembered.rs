//! Credentials that were checked lately, by keyed digest.

use crate::key::Digest;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

/// Parts of the memory, each with its own lock, so that cores seldom meet.
const SHARDS: usize = 64;

/// The keys are digests already: their first bytes are as good a hash as any.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

struct Entry<T> {
    value: Arc<T>,
    until_ms: i64,
}

type Shard<T> = RwLock<HashMap<Digest, Entry<T>, BuildHasherDefault<FirstBytes>>>;

/// A bounded memory. Looking takes a shared lock on one of its parts, for the time of a look-up.
pub(crate) struct Remembered<T> {
    shards: Vec<Shard<T>>,
    most: usize,
}

impl<T> Remembered<T> {
    /// For `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self { shards, most: (capacity / SHARDS).max(1) }
    }

    fn shard(&self, key: &Digest) -> Option<&Shard<T>> {
        // The last byte chooses the part, the first ones the place in it.
        self.shards.get(usize::from(key.last().copied().unwrap_or(0)) % SHARDS)
    }

    /// What is kept under `key`, unless it is too old.
    pub(crate) fn get(&self, key: &Digest, now_ms: i64) -> Option<Arc<T>> {
        let shard = self.shard(key)?.read().unwrap_or_else(PoisonError::into_inner);
        shard.get(key).filter(|entry| now_ms < entry.until_ms).map(|entry| entry.value.clone())
    }

    /// Keeps `value` until then; the entry nearest to its end makes room.
    pub(crate) fn put(&self, key: Digest, value: Arc<T>, until_ms: i64) {
        let Some(shard) = self.shard(&key) else { return };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.most
            && !shard.contains_key(&key)
            && let Some(oldest) = shard.iter().min_by_key(|(_, entry)| entry.until_ms).map(|(key, _)| *key)
        {
            shard.remove(&oldest);
        }
        shard.insert(key, Entry { value, until_ms });
    }

    /// Forgets.
    pub(crate) fn forget(&self, key: &Digest) {
        if let Some(shard) = self.shard(key) {
            shard.write().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_ages() {
        let memory = Remembered::new(SHARDS * 2);
        let key = |n: u8| {
            let mut key = [0_u8; 32];
            key[0] = n;
            key
        };
        for n in 1..=3_u8 {
            memory.put(key(n), Arc::new(n), 100 + i64::from(n));
        }
        assert_eq!(memory.get(&key(1), 0), None, "made room");
        assert_eq!(memory.get(&key(2), 101).as_deref(), Some(&2));
        assert_eq!(memory.get(&key(2), 102), None, "too old");
        memory.forget(&key(3));
        assert_eq!(memory.get(&key(3), 0), None);
    }
}
