//! What waits for the writers: one line for each account. While writers are few, one of them takes several lines along;
//! whatever comes in the way of their commit, each is taken alone the next time.

mod pending;
#[cfg(test)]
mod tests;

use kontor_model::{Error, Result};
use pending::key;
pub(super) use pending::{Key, Pending, decides_first};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Writes that one commit takes along at most.
const BATCH_WRITES: usize = 256;
/// Bytes of bodies that one commit takes along at most, but for a single larger write.
const BATCH_BYTES: usize = 8 << 20;

/// Writes and bytes of one account that go along with others: who has more is better taken alone.
const ALONG_WRITES: usize = 16;
const ALONG_BYTES: usize = 128 << 10;

/// One account may have this part of all that may wait.
const SHARE: usize = 4;
/// How long a write waits for rows that somebody else holds, before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between attempts on a line whose rows are held; longer each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Writes of one account, in their order.
pub(super) struct Lot {
    pub(super) key: Key,
    pub(super) writes: Vec<Pending>,
}

/// Bounded in writes and bytes. Several take; no two of them from the same line at once.
pub(super) struct Queue {
    bound: usize,
    byte_bound: usize,
    takers: usize,
    /// Lines that one takes along at most.
    group: usize,
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
    /// Takers that are with any.
    busy: usize,
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
    /// Whether it was taken with others, and that came to nothing.
    alone: bool,
}

impl Queue {
    /// Takes at most `bound` writes and `byte_bound` bytes of them, for so many takers, who take up to `group` lines.
    pub(super) fn new(bound: usize, byte_bound: usize, takers: usize, group: usize) -> Self {
        let (takers, wary) = (takers.max(1), (takers / 4).max(1));
        let (state, filled) = (Mutex::default(), Notify::new());
        Self { bound: bound.max(1), byte_bound, takers, group: group.max(1), wary, state, filled }
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

    /// What is next, at least one lot. Their lines are the taker's until they are [`Queue::served`], [`Queue::apart`] or
    /// [`Queue::held`]. `None` once closed and empty.
    pub(super) async fn take(&self) -> Option<Vec<Lot>> {
        loop {
            let filled = self.filled.notified();
            tokio::pin!(filled);
            filled.as_mut().enable();
            {
                let mut state = self.lock();
                let lots = state.next(self);
                if !lots.is_empty() {
                    state.busy += 1;
                    return Some(lots);
                }
                if state.shut && state.ready_again.is_empty() {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// The lots of those lines were dealt with.
    pub(super) fn served(&self, keys: &[Key]) {
        let mut state = self.lock();
        state.busy = state.busy.saturating_sub(1);
        for key in keys {
            state.let_go(*key);
            if let Some(line) = state.lines.get_mut(key) {
                (line.held, line.alone) = (0, false);
                if line.waiting.is_empty() {
                    state.lines.remove(key);
                } else {
                    state.ready.push_back(*key);
                }
            }
            self.wake(&state);
        }
    }

    /// Nothing came of these lots together: they go back to where they were, to be taken one by one.
    pub(super) fn apart(&self, lots: Vec<Lot>) {
        let mut state = self.lock();
        state.busy = state.busy.saturating_sub(1);
        for lot in lots.into_iter().rev() {
            state.put_back(lot.key, lot.writes);
            if let Some(line) = state.lines.get_mut(&lot.key) {
                line.alone = true;
                state.ready.push_front(lot.key);
            }
            self.wake(&state);
        }
    }

    /// Something may have become possible; once shut, the end.
    fn wake(&self, state: &State) {
        if state.shut { self.filled.notify_waiters() } else { self.filled.notify_one() }
    }

    /// Somebody else holds the rows of that line: its lot goes back to where it was. How long to wait before
    /// [`Queue::again`]; `None` if there is nothing to try again. Who has waited too long is told to come again.
    pub(super) fn held(&self, lot: Lot) -> Option<Duration> {
        let mut state = self.lock();
        state.busy = state.busy.saturating_sub(1);
        state.let_go(lot.key);
        let (shut, key) = (state.shut, lot.key);
        // Who is left out is told by its reply's going away.
        let patient = |pending: &Pending| !shut && pending.since.elapsed() < PATIENCE;
        state.put_back(key, lot.writes.into_iter().filter(patient).collect());
        let line = state.lines.get_mut(&key)?;
        line.held = line.held.saturating_add(1);
        let pause = (FIRST_PAUSE * line.held.min(64)).min(LONGEST_PAUSE);
        (line.rests, line.alone) = (!line.waiting.is_empty(), false);
        let rests = line.rests;
        if !rests {
            state.lines.remove(&key);
        }
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
    /// The next lines to serve. Those that may not get anywhere keep some takers busy, never all. The others are
    /// shared out among the takers that are free: while there are enough of them, each takes one.
    fn next(&mut self, queue: &Queue) -> Vec<Lot> {
        if self.trying < queue.wary
            && let Some(key) = self.ready_again.pop_front()
        {
            self.trying += 1;
            return vec![self.lot(key, BATCH_WRITES)];
        }
        let free = queue.takers.saturating_sub(self.busy).max(1);
        let most = self.ready.len().div_ceil(free).min(queue.group);
        let along = self.ready.iter().take(most).take_while(|key| self.goes_along(key)).count();
        if along > 1 {
            let keys: Vec<Key> = self.ready.drain(..along).collect();
            return keys.into_iter().map(|key| self.lot(key, ALONG_WRITES)).collect();
        }
        self.ready.pop_front().into_iter().map(|key| self.lot(key, BATCH_WRITES)).collect()
    }

    /// Whether the next writes of a line can be written with those of others.
    fn goes_along(&self, key: &Key) -> bool {
        let Some(line) = self.lines.get(key).filter(|line| !line.alone) else { return false };
        let next = || line.waiting.iter().take(ALONG_WRITES);
        next().all(Pending::decides_first) && next().map(|one| one.bytes).sum::<usize>() <= ALONG_BYTES
    }

    /// A taker is through with a line.
    fn let_go(&mut self, key: Key) {
        if self.lines.get(&key).is_some_and(|line| line.held > 0) {
            self.trying = self.trying.saturating_sub(1);
        }
    }

    fn lot(&mut self, key: Key, most: usize) -> Lot {
        let mut writes = Vec::new();
        let Some(line) = self.lines.get_mut(&key) else { return Lot { key, writes } };
        let mut bytes = 0;
        while writes.len() < most
            && let Some(next) = line.waiting.pop_front()
        {
            if !writes.is_empty() && bytes + next.bytes > BATCH_BYTES {
                line.waiting.push_front(next);
                break;
            }
            bytes += next.bytes;
            writes.push(next);
        }
        line.bytes -= bytes;
        self.bytes -= bytes;
        self.writes -= writes.len();
        Lot { key, writes }
    }

    fn put_back(&mut self, key: Key, writes: Vec<Pending>) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        for pending in writes.into_iter().rev() {
            self.writes += 1;
            self.bytes += pending.bytes;
            line.bytes += pending.bytes;
            line.waiting.push_front(pending);
        }
    }
}
