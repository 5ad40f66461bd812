//! Hashing a body as it comes, by other threads than the one that takes it in.

use super::address::Hash;
use super::pieces::{digests, in_row};
use bytes::Bytes;
use kontor_model::{Error, Result};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The hash of the whole and the digests of the pieces, each computed on a thread of its own.
pub(super) struct Hashing {
    whole: Lane<Sha256>,
    pieces: Lane<Vec<u8>>,
}

impl Hashing {
    pub(super) fn new(on: &Handle) -> Self {
        let whole = Lane::new(on, |hash: &mut Sha256, part| hash.update(part));
        let pieces = Lane::new(on, |done: &mut Vec<u8>, part| done.extend(digests(part)));
        Self { whole, pieces }
    }

    /// The next bytes, which begin where a piece does.
    pub(super) fn add(&self, part: &Bytes) {
        self.whole.add(part.clone());
        self.pieces.add(part.clone());
    }

    /// Hash of all that was added and `more`.
    pub(super) async fn whole(&self, more: &[u8]) -> Result<Hash> {
        let whole = self.whole.reached().await?;
        Ok(Hash(whole.chain_update(more).finalize().into()))
    }

    /// Hash of the whole, and digests of the pieces.
    pub(super) async fn finish(&self) -> Result<(Hash, Arc<[u8]>)> {
        Ok((self.whole(&[]).await?, in_row(self.pieces.reached().await?)))
    }
}

/// Work on parts, one after the other, on a thread that is there as long as there are some: a thread for each part would
/// be woken and waited for more than it works.
struct Lane<T> {
    on: Handle,
    work: fn(&mut T, &[u8]),
    state: Arc<Mutex<State<T>>>,
}

struct State<T> {
    waiting: VecDeque<Bytes>,
    /// `None` while a thread has it.
    reached: Option<T>,
    /// Who wants to know when nothing waits.
    told: Option<oneshot::Sender<T>>,
}

fn locked<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Clone + Default + Send + 'static> Lane<T> {
    fn new(on: &Handle, work: fn(&mut T, &[u8])) -> Self {
        let state = State { waiting: VecDeque::new(), reached: Some(T::default()), told: None };
        Self { on: on.clone(), work, state: Arc::new(Mutex::new(state)) }
    }

    fn add(&self, part: Bytes) {
        let mut state = locked(&self.state);
        state.waiting.push_back(part);
        if let Some(mut reached) = state.reached.take() {
            let (work, state) = (self.work, Arc::clone(&self.state));
            self.on.spawn_blocking(move || {
                while let Some(part) = next(&state, &mut reached) {
                    work(&mut reached, &part);
                }
            });
        }
    }

    /// What was reached when all is done that was added.
    async fn reached(&self) -> Result<T> {
        let told = {
            let mut state = locked(&self.state);
            if let Some(reached) = &state.reached {
                return Ok(reached.clone());
            }
            let (tell, told) = oneshot::channel();
            state.told = Some(tell);
            told
        };
        told.await.map_err(|_| Error::Internal("hash a body: its thread ended".to_owned()))
    }
}

/// The next part; if there is none, what was reached is given back.
fn next<T: Clone + Default>(state: &Mutex<State<T>>, reached: &mut T) -> Option<Bytes> {
    let mut state = locked(state);
    let part = state.waiting.pop_front();
    if part.is_none() {
        let reached = std::mem::take(reached);
        if let Some(tell) = state.told.take() {
            // Who asked may be gone.
            let _ = tell.send(reached.clone());
        }
        state.reached = Some(reached);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::super::pieces::{PIECE, sums};
    use super::*;

    #[tokio::test]
    async fn a_body_is_hashed_however_it_comes() {
        let body: Vec<u8> = (0..PIECE * 4 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let expected = sums(&body);
        for step in [1, 2, 3, 9] {
            let hashing = Hashing::new(&Handle::current());
            assert_eq!(hashing.whole(b"more").await, Ok(Hash::of(b"more")));
            for part in body.chunks(step * PIECE) {
                hashing.add(&Bytes::copy_from_slice(part));
                tokio::task::yield_now().await;
            }
            assert_eq!(hashing.whole(b"more").await, Ok(Hash::of(&[&body[..], b"more"].concat())));
            assert_eq!(hashing.finish().await, Ok(expected.clone()), "{step}");
        }
    }
}
