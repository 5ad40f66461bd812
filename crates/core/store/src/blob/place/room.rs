//! Memory for pieces of bodies on their way, which all transfers of a place share.

use super::Place;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// MiB that all transfers together may hold ahead of what each needs to go on.
pub(super) const ROOM: usize = 48;

/// Room for a piece; given back when the last byte of the piece was used.
pub(in crate::blob) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Room for so many MiB, if there is some.
    pub(in crate::blob) fn room(&self, mib: u32) -> Option<Turn> {
        Arc::clone(&self.room).try_acquire_many_owned(mib).ok().map(|permit| Turn { _permit: permit })
    }
}

struct Roomed<T> {
    bytes: Vec<u8>,
    _room: T,
}

impl<T> AsRef<[u8]> for Roomed<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Bytes that give their room back when nobody has them any more.
pub(in crate::blob) fn roomed<T: Send + Sync + 'static>(bytes: Vec<u8>, room: T) -> Bytes {
    Bytes::from_owner(Roomed { bytes, _room: room })
}
