//! What waits for the writers: one line for each account, so that a batch stays within one.

use crate::{Body, Op, Receipt, Write};
use kontor_model::{AccountId, Error, Result};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::oneshot::Sender;

/// Writes that one commit takes along at most.
const BATCH_WRITES: usize = 256;
/// Bytes of bodies that one commit takes along at most, but for a single larger write.
const BATCH_BYTES: usize = 8 << 20;

/// One account may have this part of all that may wait.
const SHARE: usize = 4;
/// How long a write waits for rows that somebody else holds, before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between attempts on a line whose rows are held; longer each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A write and who waits for it.
pub(super) struct Pending {
    pub(super) write: Write,
    pub(super) reply: Sender<Result<Receipt>>,
    since: Instant,
    bytes: usize,
}

impl Pending {
    pub(super) fn new(write: Write, reply: Sender<Result<Receipt>>) -> Self {
        let bytes = write.ops.iter().map(weight).sum();
        Self { write, reply, since: Instant::now(), bytes }
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
        Op::Blob(op) => op.account(),
        Op::CountFailure { .. }
        | Op::TakeBackFailure { .. }
        | Op::ForgetFailures { .. }
        | Op::InitSetting { .. }
        | Op::MoveLease { .. } => None,
    })
}

/// Bounded in writes and bytes. Several take; no two of them from the same line at once.
pub(super) struct Queue {
    bound: usize,
    byte_bound: usize,
    /// Takers that may at most be with lines whose rows somebody else held when last tried.
    wary: usize,
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Default)]
struct State {
    lines: HashMap<Key, Line>,
    /// Lines with something in them that nobody serves.
    ready: VecDeque<Key>,
    /// The same, of those whose rows were held by somebody else.
    ready_again: VecDeque<Key>,
    /// Takers that are with such.
    trying: usize,
    writes: usize,
    bytes: usize,
    /// Takes nothing more.
    shut: bool,
}

/// What waits for one account.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Pending>,
    bytes: usize,
    /// How often in a row its rows were held by somebody else.
    held: u32,
    /// Whether it rests until the next attempt.
    rests: bool,
}

impl Queue {
    /// Takes at most `bound` writes and `byte_bound` bytes of them, for so many takers.
    pub(super) fn new(bound: usize, byte_bound: usize, takers: usize) -> Self {
        let wary = (takers / 4).max(1);
        Self { bound: bound.max(1), byte_bound, wary, state: Mutex::default(), filled: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a write; `Busy` if there are too many, all in all or of this account, or the store is closed.
    pub(super) fn write(&self, pending: Pending) -> Result<()> {
        let mut state = self.lock();
        let key = key(&pending.write);
        let full = |writes: usize, bytes: usize, share: usize| {
            writes >= self.bound.div_ceil(share)
                || (bytes > 0 && bytes + pending.bytes > self.byte_bound / share)
        };
        let line = state.lines.get(&key).map_or((0, 0), |line| (line.waiting.len(), line.bytes));
        if state.shut || full(state.writes, state.bytes, 1) || full(line.0, line.1, SHARE) {
            return Err(Error::Busy { retry_after: 1 });
        }
        state.writes += 1;
        state.bytes += pending.bytes;
        let state = &mut *state;
        // A line that is there is ready, served, or to be tried again: it is looked at again.
        let line = state.lines.entry(key).or_insert_with(|| {
            state.ready.push_back(key);
            Line::default()
        });
        line.bytes += pending.bytes;
        line.waiting.push_back(pending);
        self.filled.notify_one();
        Ok(())
    }

    /// Writes that wait, and the bytes that they carry.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = self.lock();
        (state.writes, state.bytes)
    }

    /// Takes nothing more; what is queued is still done, but for what somebody else holds.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.shut = true;
        // Who waits for those is told so by their going away.
        state.lines.retain(|_, line| !line.rests);
        self.filled.notify_waiters();
    }

    /// The next batch and its line, which is the taker's until it is [`Queue::served`] or [`Queue::held`]. `None` once
    /// closed and empty.
    pub(super) async fn take(&self) -> Option<(Key, Vec<Pending>)> {
        loop {
            let filled = self.filled.notified();
            tokio::pin!(filled);
            filled.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some(key) = state.next(self.wary) {
                    return Some((key, state.batch(key)));
                }
                if state.shut && state.ready_again.is_empty() {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// The batch of that line was dealt with.
    pub(super) fn served(&self, key: Key) {
        let mut state = self.lock();
        state.let_go(key);
        if let Some(line) = state.lines.get_mut(&key) {
            line.held = 0;
            if line.waiting.is_empty() {
                state.lines.remove(&key);
            } else {
                state.ready.push_back(key);
            }
        }
        self.wake(&state);
    }

    /// Something may have become possible; once shut, the end.
    fn wake(&self, state: &State) {
        if state.shut { self.filled.notify_waiters() } else { self.filled.notify_one() }
    }

    /// Somebody else holds the rows of that line: its batch goes back to where it was. How long to wait before
    /// [`Queue::again`]; `None` if there is nothing to try again. Who has waited too long is told to come again.
    pub(super) fn held(&self, key: Key, batch: Vec<Pending>) -> Option<Duration> {
        let mut state = self.lock();
        state.let_go(key);
        let shut = state.shut;
        let line = state.lines.get_mut(&key)?;
        line.held = line.held.saturating_add(1);
        let pause = (FIRST_PAUSE * line.held.min(64)).min(LONGEST_PAUSE);
        let (mut writes, mut bytes) = (0, 0);
        // Who is left out is told by its reply's going away.
        for pending in batch.into_iter().rev().filter(|pending| !shut && pending.since.elapsed() < PATIENCE) {
            writes += 1;
            bytes += pending.bytes;
            line.waiting.push_front(pending);
        }
        line.bytes += bytes;
        line.rests = !line.waiting.is_empty();
        let rests = line.rests;
        if !rests {
            state.lines.remove(&key);
        }
        state.writes += writes;
        state.bytes += bytes;
        self.wake(&state);
        rests.then_some(pause)
    }

    /// A line is to be tried again.
    pub(super) fn again(&self, key: Key) {
        let mut state = self.lock();
        if let Some(line) = state.lines.get_mut(&key) {
            line.rests = false;
            state.ready_again.push_back(key);
        }
        self.wake(&state);
    }
}

impl State {
    /// The next line to serve. Those that may not get anywhere keep some takers busy, never all.
    fn next(&mut self, wary: usize) -> Option<Key> {
        if self.trying < wary
            && let Some(key) = self.ready_again.pop_front()
        {
            self.trying += 1;
            return Some(key);
        }
        self.ready.pop_front()
    }

    /// A taker is through with a line.
    fn let_go(&mut self, key: Key) {
        if self.lines.get(&key).is_some_and(|line| line.held > 0) {
            self.trying = self.trying.saturating_sub(1);
        }
    }

    fn batch(&mut self, key: Key) -> Vec<Pending> {
        let Some(line) = self.lines.get_mut(&key) else { return Vec::new() };
        let mut batch = Vec::with_capacity(line.waiting.len().min(BATCH_WRITES));
        let mut bytes = 0;
        while batch.len() < BATCH_WRITES
            && let Some(next) = line.waiting.pop_front()
        {
            if !batch.is_empty() && bytes + next.bytes > BATCH_BYTES {
                line.waiting.push_front(next);
                break;
            }
            bytes += next.bytes;
            batch.push(next);
        }
        line.bytes -= bytes;
        self.bytes -= bytes;
        self.writes -= batch.len();
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{Actor, Origin, Timestamp};
    use tokio::sync::oneshot;
    use tokio::sync::oneshot::Receiver;

    fn pending(id: i64) -> (Pending, Receiver<Result<Receipt>>) {
        let (reply, answer) = oneshot::channel();
        let op = Op::SetPassword { id: AccountId(id), digest: None };
        let (actor, origin, at) = (Actor::System, Origin::Job, Timestamp::from_millis(1));
        (Pending::new(Write { actor, origin, at, guards: Vec::new(), ops: vec![op] }, reply), answer)
    }

    fn queued(queue: &Queue, id: i64) -> Receiver<Result<Receipt>> {
        let (pending, answer) = pending(id);
        queue.write(pending).unwrap();
        answer
    }

    fn now<F: Future>(future: F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }

    fn take(queue: &Queue) -> (Key, Vec<Pending>) {
        now(queue.take()).flatten().expect("something to take")
    }

    #[test]
    fn one_account_does_not_fill_the_queue() {
        let queue = Queue::new(8, 1 << 20, 4);
        let _answers = [queued(&queue, 1), queued(&queue, 1)];
        assert!(queue.write(pending(1).0).is_err(), "a quarter is there for one account");
        let _other = queued(&queue, 2);
    }

    #[test]
    fn a_batch_that_is_held_goes_back_to_the_front() {
        let queue = Queue::new(64, 1 << 20, 4);
        let _answers = [queued(&queue, 1), queued(&queue, 1)];
        let (key, batch) = take(&queue);
        let _third = queued(&queue, 1);
        assert_eq!(batch.len(), 2);
        assert!(queue.held(key, batch).is_some());
        assert!(now(queue.take()).is_none(), "it rests");
        queue.again(key);
        assert_eq!(take(&queue).1.len(), 3);
        queue.served(key);
        let state = queue.lock();
        assert!(state.lines.is_empty());
        assert_eq!((state.writes, state.bytes, state.trying), (0, 0, 0));
    }

    #[test]
    fn lines_that_are_held_keep_few_takers() {
        let queue = Queue::new(64, 1 << 20, 8);
        let _answers: Vec<_> = (0..5).map(|id| queued(&queue, id)).collect();
        for _ in 0..5 {
            let (key, batch) = take(&queue);
            queue.held(key, batch);
        }
        (0..5).for_each(|id| queue.again(Some(AccountId(id))));
        let first = [take(&queue), take(&queue)];
        assert!(now(queue.take()).is_none(), "two of eight takers are with such lines");
        let _other = queued(&queue, 9);
        assert_eq!(take(&queue).0, Some(AccountId(9)));
        for (key, _) in first {
            queue.served(key);
        }
        assert!(now(queue.take()).is_some());
    }

    #[test]
    fn closing_lets_go_of_what_is_held() {
        let queue = Queue::new(64, 1 << 20, 4);
        let mut answers: Vec<_> = (0..3).map(|id| queued(&queue, id)).collect();
        for again in [false, true] {
            let (key, batch) = take(&queue);
            queue.held(key, batch);
            if again {
                queue.again(key);
            }
        }
        queue.close();
        assert!(queue.write(pending(7).0).is_err());
        assert!(answers.remove(0).try_recv().is_err(), "who rests is told");
        for _ in 0..2 {
            let (key, batch) = take(&queue);
            assert_eq!(queue.held(key, batch), None);
        }
        assert!(now(queue.take()).is_some_and(|end| end.is_none()));
    }
}
