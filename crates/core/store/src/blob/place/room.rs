//! Memory for pieces of bodies on their way, which all transfers of a place share.

use super::Place;
use crate::blob::pieces::PIECE;
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedSemaphorePermit;

/// MiB that all transfers together may hold ahead of what each needs to go on.
pub(super) const ROOM: usize = 48;
/// Buffers that are kept at most.
const SPARE: usize = 8;

/// Room for a piece; given back when the last byte of the piece was used.
pub(in crate::blob) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Buffers for pieces.
    pub(in crate::blob) fn spare(&self) -> &Spare {
        &self.spare
    }

    /// Room for so many MiB, if there is some.
    pub(in crate::blob) fn room(&self, mib: u32) -> Option<Turn> {
        Arc::clone(&self.room).try_acquire_many_owned(mib).ok().map(|permit| Turn { _permit: permit })
    }
}

/// Buffers of a MiB that were used, to be used again. One that was given back to the allocator by another thread than had
/// it is kept from both for up to a second, and in that second a fast transfer takes tens of MiB anew.
#[derive(Clone, Default)]
pub(in crate::blob) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer with room for so many bytes, and nothing in it.
    pub(in crate::blob) fn empty(&self, length: usize) -> Vec<u8> {
        let mut bytes = self.any(length);
        bytes.clear();
        bytes
    }

    /// One of so many bytes, whatever they are.
    pub(in crate::blob) fn filled(&self, length: usize) -> Vec<u8> {
        let mut bytes = self.any(length);
        bytes.resize(length, 0);
        bytes
    }

    fn any(&self, length: usize) -> Vec<u8> {
        let used = if length > PIECE / 2 && length <= PIECE { self.lock().pop() } else { None };
        used.unwrap_or_else(|| Vec::with_capacity(length))
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut spare = self.lock();
        if bytes.capacity() == PIECE && spare.len() < SPARE {
            spare.push(bytes);
        }
    }
}

struct Roomed<T> {
    bytes: Vec<u8>,
    spare: Spare,
    _room: T,
}

impl<T> Drop for Roomed<T> {
    fn drop(&mut self) {
        self.spare.give_back(std::mem::take(&mut self.bytes));
    }
}

impl<T> AsRef<[u8]> for Roomed<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Bytes that give their room and their buffer back when nobody has them any more.
pub(in crate::blob) fn roomed<T: Send + Sync + 'static>(bytes: Vec<u8>, spare: Spare, room: T) -> Bytes {
    Bytes::from_owner(Roomed { bytes, spare, _room: room })
}
