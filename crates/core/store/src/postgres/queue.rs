//! What waits for the writers: one line for each account, so that a batch stays within one.

use crate::{Body, Op, Receipt, Write};
use kontor_model::{AccountId, Error, Result};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
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
}

/// Bytes that an op carries.
fn weight(op: &Op) -> usize {
    let of_body = |body: &Body| body.bytes.len() + body.facets.timeline.len() + body.facets.folded.len();
    match op {
        Op::Put { body, .. } => of_body(body),
        Op::SetItemProperties { changes, .. } | Op::SetCollectionProperties { changes, .. } => {
            changes.iter().map(|(_, value)| value.as_ref().map_or(0, Vec::len)).sum()
        }
        _ => 0,
    }
}

/// Whose line: the first account that the write touches; `None` for what is about no account.
pub(super) type Key = Option<AccountId>;

fn key(write: &Write) -> Key {
    write.ops.iter().find_map(|op| match op {
        Op::Put { at, .. } | Op::Remove { at, .. } | Op::SetItemProperties { at, .. } => Some(at.account),
        Op::Relocate { from, .. } | Op::Copy { from, .. } => Some(from.account),
        Op::CreateCollection(new) => Some(new.account),
        Op::SetCollectionProperties { account, .. }
        | Op::RenameCollection { account, .. }
        | Op::RemoveCollection { account, .. }
        | Op::SetGrants { account, .. }
        | Op::Number { account, .. } => Some(*account),
        Op::CreatePrincipal(new) | Op::UpdatePrincipal(new) => Some(new.id),
        Op::RemovePrincipal { id, .. }
        | Op::SetPassword { id, .. }
        | Op::AddAppPassword { id, .. }
        | Op::RevokeAppPassword { id, .. }
        | Op::TouchAppPassword { id, .. } => Some(*id),
        Op::CountFailure { .. }
        | Op::ForgetFailures { .. }
        | Op::InitSetting { .. }
        | Op::MoveLease { .. } => None,
    })
}

/// Bounded in writes and bytes. Several take; no two of them from the same line at once.
pub(super) struct Queue {
    bound: usize,
    byte_bound: usize,
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Default)]
struct State {
    lines: HashMap<Key, VecDeque<Pending>>,
    /// Lines with something in them that nobody serves.
    ready: VecDeque<Key>,
    writes: usize,
    bytes: usize,
    /// Takes nothing more.
    shut: bool,
}

impl Queue {
    /// Takes at most `bound` writes and `byte_bound` bytes of them.
    pub(super) fn new(bound: usize, byte_bound: usize) -> Self {
        Self { bound: bound.max(1), byte_bound, state: Mutex::default(), filled: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a write; `Busy` if there are too many or the store is closed.
    pub(super) fn write(&self, pending: Pending) -> Result<()> {
        let mut state = self.lock();
        let full =
            state.writes >= self.bound || (state.bytes > 0 && state.bytes + pending.bytes > self.byte_bound);
        if full || state.shut {
            return Err(Error::Busy { retry_after: 1 });
        }
        state.writes += 1;
        state.bytes += pending.bytes;
        let key = key(&pending.write);
        let state = &mut *state;
        // A line that is there is either ready or served: whoever serves it looks again.
        let line = state.lines.entry(key).or_insert_with(|| {
            state.ready.push_back(key);
            VecDeque::new()
        });
        line.push_back(pending);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes nothing more; what is queued is still done.
    pub(super) fn close(&self) {
        self.lock().shut = true;
        self.filled.notify_waiters();
    }

    /// The next batch and its line, which is the taker's until [`Queue::served`]. `None` once closed and empty.
    pub(super) async fn take(&self) -> Option<(Key, Vec<Pending>)> {
        loop {
            let filled = self.filled.notified();
            tokio::pin!(filled);
            filled.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some(key) = state.ready.pop_front() {
                    return Some((key, state.batch(key)));
                }
                if state.shut {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// The batch of that line was dealt with.
    pub(super) fn served(&self, key: Key) {
        let mut state = self.lock();
        if state.lines.get(&key).is_some_and(|line| !line.is_empty()) {
            state.ready.push_back(key);
            self.filled.notify_one();
        } else {
            state.lines.remove(&key);
        }
    }
}

impl State {
    fn batch(&mut self, key: Key) -> Vec<Pending> {
        let Some(line) = self.lines.get_mut(&key) else { return Vec::new() };
        let mut batch = Vec::with_capacity(line.len().min(BATCH_WRITES));
        let mut bytes = 0;
        while batch.len() < BATCH_WRITES
            && let Some(next) = line.pop_front()
        {
            if !batch.is_empty() && bytes + next.bytes > BATCH_BYTES {
                line.push_front(next);
                break;
            }
            bytes += next.bytes;
            batch.push(next);
        }
        self.bytes -= bytes;
        self.writes -= batch.len();
        batch
    }
}
