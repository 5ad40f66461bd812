//! How much memory the large bodies of all requests and answers may take together.
//!
//! A single body is bounded by its door. But a thousand connections that each send, or are slow to take, the largest
//! one allowed would fill the machine. Small bodies are not counted: the number of connections bounds them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};

/// Bodies up to this many bytes are small.
const SMALL: usize = 64 * 1024;

/// What is left for large bodies, in bytes.
#[derive(Debug)]
pub(crate) struct Reserve(AtomicUsize);

impl Reserve {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(bytes)))
    }

    /// A body of no bytes yet.
    pub(crate) fn nothing(self: &Arc<Self>) -> Held {
        Held { reserve: self.clone(), bytes: 0 }
    }

    /// Room for a body of so many bytes, nothing if it is small; `None` if there is none.
    pub(crate) fn room_for(self: &Arc<Self>, bytes: usize) -> Option<Option<Held>> {
        if bytes <= SMALL {
            return Some(None);
        }
        let mut held = self.nothing();
        held.grow_to(bytes).then_some(Some(held))
    }
}

/// The part of the reserve that one body takes; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    reserve: Arc<Reserve>,
    bytes: usize,
}

impl Held {
    /// Makes room for a body of `bytes` in all; false if there is none, and what was held stays held.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        let more = if bytes > SMALL { bytes.saturating_sub(self.bytes) } else { 0 };
        let taken = self.reserve.0.fetch_update(AcqRel, Acquire, |left| left.checked_sub(more));
        if taken.is_ok() {
            self.bytes += more;
        }
        taken.is_ok()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.reserve.0.fetch_add(self.bytes, AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_missing_until_it_is_given_back() {
        let reserve = Reserve::new(3 * SMALL);
        let mut first = reserve.nothing();
        assert!(first.grow_to(SMALL), "small ones are free");
        assert!(first.grow_to(2 * SMALL) && first.grow_to(2 * SMALL - 1));
        let mut second = reserve.nothing();
        assert!(!second.grow_to(2 * SMALL) && second.grow_to(SMALL));
        drop(first);
        assert!(second.grow_to(3 * SMALL) && !second.grow_to(3 * SMALL + 1));
        drop(second);
        assert_eq!(reserve.0.load(Acquire), 3 * SMALL);
    }
}
