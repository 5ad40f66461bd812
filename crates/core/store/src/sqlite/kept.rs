//! Small caches that never serve what a returned write has changed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, at most `bound` of them, the least used forgotten first.
///
/// Two generations stand for an order of use: what is asked for moves to the young one; when that is full it becomes
/// the old one, and the old one is forgotten.
pub(super) struct Kept<K, V> {
    half: usize,
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    /// Grows with each renewal; a value read before one is not taken in after it.
    epoch: u64,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Kept<K, V> {
    /// Holds at most `bound` values.
    pub(super) fn new(bound: usize) -> Self {
        let inner = Inner { epoch: 0, young: HashMap::new(), old: HashMap::new() };
        Self { half: bound.div_ceil(2).max(1), inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The kept value, or what `read` finds; what it finds is kept unless something was renewed meanwhile.
    pub(super) fn get<E>(
        &self,
        key: &K,
        read: impl FnOnce() -> Result<Option<V>, E>,
    ) -> Result<Option<V>, E> {
        let epoch = {
            let mut inner = self.lock();
            if let Some(value) = inner.young.get(key) {
                return Ok(Some(value.clone()));
            }
            if let Some(value) = inner.old.remove(key) {
                inner.insert(self.half, key.clone(), value.clone());
                return Ok(Some(value));
            }
            inner.epoch
        };
        let Some(value) = read()? else { return Ok(None) };
        let mut inner = self.lock();
        if inner.epoch == epoch {
            inner.insert(self.half, key.clone(), value.clone());
        }
        Ok(Some(value))
    }

    /// Forgets these.
    pub(super) fn renew<'k>(&self, keys: impl IntoIterator<Item = &'k K>)
    where
        K: 'k,
    {
        let mut inner = self.lock();
        for key in keys {
            inner.epoch += 1;
            inner.young.remove(key);
            inner.old.remove(key);
        }
    }

    /// Forgets all.
    pub(super) fn renew_all(&self) {
        let mut inner = self.lock();
        inner.epoch += 1;
        inner.young.clear();
        inner.old.clear();
    }
}

impl<K: Eq + Hash, V> Inner<K, V> {
    fn insert(&mut self, half: usize, key: K, value: V) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: i32) -> impl FnOnce() -> Result<Option<i32>, ()> {
        move || Ok(Some(value))
    }

    #[test]
    fn keeps_until_renewed() {
        let kept = Kept::new(8);
        assert_eq!(kept.get(&1, read(10)), Ok(Some(10)));
        assert_eq!(kept.get(&1, read(11)), Ok(Some(10)));
        kept.renew([&1]);
        assert_eq!(kept.get(&1, read(12)), Ok(Some(12)));
        kept.renew_all();
        assert_eq!(kept.get(&1, read(13)), Ok(Some(13)));
    }

    #[test]
    fn does_not_keep_what_was_read_before_a_renewal() {
        let kept = Kept::new(8);
        let racing = || {
            kept.renew([&2]);
            Ok::<_, ()>(Some(1))
        };
        assert_eq!(kept.get(&1, racing), Ok(Some(1)));
        assert_eq!(kept.get(&1, read(2)), Ok(Some(2)));
    }

    #[test]
    fn forgets_the_least_used() {
        let kept = Kept::new(4);
        for n in 0..100 {
            assert_eq!(kept.get(&n, read(n)), Ok(Some(n)));
            assert_eq!(kept.get(&0, read(-1)), Ok(Some(0)), "asked for all the time");
        }
        assert_eq!(kept.get(&50, read(-1)), Ok(Some(-1)));
        let inner = kept.lock();
        assert!(inner.young.len() + inner.old.len() <= 4);
    }
}
