//! What waits for the writer.

use crate::{Body, Op, Receipt, Trimmed, Write};
use kontor_model::{Error, Result, Timestamp};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot::Sender;

/// Writes that one commit takes along at most.
const BATCH_WRITES: usize = 256;
/// Bytes of bodies that one commit takes along at most, but for a single larger write.
const BATCH_BYTES: usize = 8 << 20;

/// A write and who waits for it.
pub(super) struct Pending {
    pub(super) write: Write,
    pub(super) reply: Sender<Result<Receipt>>,
    bytes: usize,
}

impl Pending {
    pub(super) fn new(write: Write, reply: Sender<Result<Receipt>>) -> Self {
        let bytes = write.ops.iter().map(weight).sum();
        Self { write, reply, bytes }
    }

    /// About how many pages of the log it will take.
    pub(super) fn pages(&self) -> usize {
        self.write.ops.len() * 12 + self.bytes / 4096
    }
}

/// Bytes that an op carries.
fn weight(op: &Op) -> usize {
    let of_body =
        |body: &Body| body.content.here().len() + body.facets.timeline.len() + body.facets.folded.len();
    match op {
        Op::Put { body, .. } => of_body(body),
        Op::SetItemProperties { changes, .. } | Op::SetCollectionProperties { changes, .. } => {
            changes.iter().map(|(_, value)| value.as_ref().map_or(0, Vec::len)).sum()
        }
        _ => 0,
    }
}

/// What is too old to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Old {
    /// Log entries, tombstones, counted failures.
    Log,
    /// Past texts.
    Texts,
}

/// Something to do.
pub(super) enum Job {
    /// These, in one commit.
    Commit(Vec<Pending>),
    /// Drop what is old.
    Trim(Old, Timestamp, Sender<Result<Trimmed>>),
    /// Nothing waits: time for what can wait.
    Idle,
    /// End; tell whoever waits.
    Close(Option<Sender<()>>),
}

/// Bounded in writes and bytes; one thread takes, all others put.
pub(super) struct Queue {
    bound: usize,
    byte_bound: usize,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    writes: VecDeque<Pending>,
    bytes: usize,
    trims: VecDeque<(Old, Timestamp, Sender<Result<Trimmed>>)>,
    close: Vec<Option<Sender<()>>>,
    /// Takes nothing more.
    shut: bool,
    /// Nobody takes from it any more.
    abandoned: bool,
}

impl Queue {
    /// Takes at most `bound` writes and `byte_bound` bytes of them.
    pub(super) fn new(bound: usize, byte_bound: usize) -> Self {
        Self { bound, byte_bound, state: Mutex::default(), filled: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a write; `Busy` if there are too many or the store is closed.
    pub(super) fn write(&self, pending: Pending) -> Result<()> {
        let mut state = self.lock();
        let full = state.writes.len() >= self.bound
            || (state.bytes > 0 && state.bytes + pending.bytes > self.byte_bound);
        if full || state.shut {
            return Err(Error::Busy { retry_after: 1 });
        }
        state.bytes += pending.bytes;
        state.writes.push_back(pending);
        self.filled.notify_one();
        Ok(())
    }

    /// Queues a trim.
    pub(super) fn trim(&self, what: Old, before: Timestamp, reply: Sender<Result<Trimmed>>) -> Result<()> {
        let mut state = self.lock();
        if state.shut {
            return Err(Error::Busy { retry_after: 1 });
        }
        state.trims.push_back((what, before, reply));
        self.filled.notify_one();
        Ok(())
    }

    /// Writes that wait, and the bytes that they carry.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = self.lock();
        (state.writes.len(), state.bytes)
    }

    /// Takes nothing more; what is queued is still done. If all has ended already, `reply` is dropped.
    pub(super) fn close(&self, reply: Option<Sender<()>>) {
        let mut state = self.lock();
        state.shut = true;
        if state.abandoned {
            return;
        }
        state.close.push(reply);
        self.filled.notify_one();
    }

    /// The writer is gone: nobody shall wait for it.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        *state = State { shut: true, abandoned: true, ..State::default() };
    }

    /// The next thing to do: all writes that came while the last one was done, else a trim, else the end. If there
    /// is none of these it waits, or says `Idle` if it shall not.
    pub(super) fn take(&self, wait: bool) -> Job {
        let mut state = self.lock();
        loop {
            if !state.writes.is_empty() {
                return Job::Commit(state.batch());
            }
            if let Some((what, before, reply)) = state.trims.pop_front() {
                return Job::Trim(what, before, reply);
            }
            if let Some(reply) = state.close.pop() {
                return Job::Close(reply);
            }
            if !wait {
                return Job::Idle;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    fn batch(&mut self) -> Vec<Pending> {
        let mut batch = Vec::with_capacity(self.writes.len().min(BATCH_WRITES));
        let mut bytes = 0;
        while batch.len() < BATCH_WRITES
            && let Some(next) = self.writes.pop_front()
        {
            if !batch.is_empty() && bytes + next.bytes > BATCH_BYTES {
                self.writes.push_front(next);
                break;
            }
            bytes += next.bytes;
            batch.push(next);
        }
        self.bytes -= bytes;
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{Actor, Origin, PropertyKey};

    /// A write that carries so many bytes.
    fn pending(bytes: usize) -> Pending {
        let (account, collection) = (kontor_model::AccountId(1), kontor_model::CollectionId(1));
        let changes = vec![(PropertyKey::new("p"), Some(vec![0; bytes]))];
        let ops = vec![Op::SetCollectionProperties { account, collection, changes }];
        let at = Timestamp::from_millis(0);
        let write = Write { actor: Actor::System, origin: Origin::Job, at, guards: Vec::new(), ops };
        Pending::new(write, tokio::sync::oneshot::channel().0)
    }

    fn batch(queue: &Queue) -> usize {
        match queue.take(false) {
            Job::Commit(batch) => batch.len(),
            _ => 0,
        }
    }

    #[test]
    fn is_bounded_in_writes_and_bytes() {
        let queue = Queue::new(3, 100);
        let good = |bytes| queue.write(pending(bytes)).is_ok();
        assert!(good(1) && good(1) && good(1) && !good(1), "three fit");
        assert_eq!(batch(&queue), 3);
        assert!(good(1_000), "one of any size fits an empty queue");
        assert!(!good(1));
        assert_eq!((batch(&queue), batch(&queue)), (1, 0));
        assert!(good(60) && !good(60) && good(40));
    }

    #[test]
    fn a_commit_takes_what_fits() {
        let queue = Queue::new(10_000, usize::MAX);
        for _ in 0..BATCH_WRITES + 1 {
            queue.write(pending(0)).unwrap();
        }
        assert_eq!((batch(&queue), batch(&queue)), (BATCH_WRITES, 1));
        for bytes in [BATCH_BYTES - 1, 1, 1, 2 * BATCH_BYTES, 1] {
            queue.write(pending(bytes)).unwrap();
        }
        let batches: Vec<_> = (0..5).map(|_| batch(&queue)).collect();
        assert_eq!(batches, [2, 1, 1, 1, 0]);
    }

    #[test]
    fn ends_after_what_is_queued() {
        let queue = Queue::new(10, 10);
        queue.write(pending(0)).unwrap();
        queue.close(None);
        assert!(
            queue.write(pending(0)).is_err()
                && queue
                    .trim(Old::Log, Timestamp::from_millis(0), tokio::sync::oneshot::channel().0)
                    .is_err()
        );
        assert_eq!(batch(&queue), 1);
        assert!(matches!(queue.take(true), Job::Close(None)));
        queue.abandon();
        let (reply, mut answer) = tokio::sync::oneshot::channel();
        queue.close(Some(reply));
        assert!(answer.try_recv().is_err(), "nobody waits for what has ended");
    }
}
