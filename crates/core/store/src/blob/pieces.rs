//! Digests of the pieces of a body, so that each can be handed on before the next is read.

use super::address::Hash;
use bytes::Bytes;
use kontor_model::{Error, Result};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

/// Bytes of each piece but the last.
pub(super) const PIECE: usize = 1 << 20;
/// Bytes of a digest: the beginning of a SHA-256. Against chance; the whole body's hash is the full one.
const DIGEST: usize = 16;

fn digest(piece: &[u8]) -> [u8; DIGEST] {
    let mut out = [0; DIGEST];
    out.iter_mut().zip(Sha256::digest(piece)).for_each(|(to, from)| *to = from);
    out
}

/// Digests of the pieces of some bytes that begin where a piece does.
pub(super) fn digests(bytes: &[u8]) -> Vec<u8> {
    bytes.chunks(PIECE).flat_map(digest).collect()
}

/// Hash of a whole body, and digests of its pieces if there are several.
pub(super) fn sums(body: &[u8]) -> (Hash, Arc<[u8]>) {
    let pieces = if body.len() > PIECE { digests(body) } else { Vec::new() };
    (Hash::of(body), pieces.into())
}

/// A body that is hashed as it comes, by other threads than the one that takes it in.
pub(super) struct Hashing {
    on: Handle,
    so_far: Option<JoinHandle<Result<Sums>>>,
}

#[derive(Clone, Default)]
struct Sums {
    whole: Sha256,
    pieces: Vec<u8>,
}

impl Hashing {
    pub(super) fn new(on: &Handle) -> Self {
        Self { on: on.clone(), so_far: None }
    }

    /// The next bytes, which begin where a piece does.
    pub(super) fn add(&mut self, part: Bytes) {
        let before = self.so_far.take();
        let own = part.clone();
        let pieces = self.on.spawn_blocking(move || digests(&own));
        let work = async move {
            let mut sums = ended(before).await?;
            let whole = tokio::task::spawn_blocking(move || {
                sums.whole.update(&part);
                sums
            });
            let mut sums = whole.await.map_err(died)?;
            sums.pieces.extend(pieces.await.map_err(died)?);
            Ok(sums)
        };
        self.so_far = Some(self.on.spawn(work));
    }

    /// Hash of all that was added and `more`; nothing can be added after this.
    pub(super) async fn whole(&mut self, more: &[u8]) -> Result<Hash> {
        let sums = ended(self.so_far.take()).await?;
        let whole = sums.whole.clone().chain_update(more).finalize();
        self.so_far = Some(self.on.spawn(async move { Ok(sums) }));
        Ok(Hash(whole.into()))
    }

    /// Hash of the whole, and digests of the pieces.
    pub(super) async fn finish(mut self) -> Result<(Hash, Arc<[u8]>)> {
        let sums = ended(self.so_far.take()).await?;
        Ok((Hash(sums.whole.finalize().into()), sums.pieces.into()))
    }
}

async fn ended(sums: Option<JoinHandle<Result<Sums>>>) -> Result<Sums> {
    match sums {
        Some(sums) => sums.await.map_err(died)?,
        None => Ok(Sums::default()),
    }
}

fn died(error: JoinError) -> Error {
    Error::Internal(format!("hash a body: {error}"))
}

/// Whether a piece is the one of that number; one that is the whole body has no digest of its own.
pub(super) fn is_right(pieces: &[u8], number: usize, piece: &[u8], whole: Hash) -> bool {
    if pieces.is_empty() {
        return number == 0 && Hash::of(piece) == whole;
    }
    pieces.chunks_exact(DIGEST).nth(number).is_some_and(|wanted| *wanted == digest(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_are_digested_however_they_come() {
        let body: Vec<u8> = (0..PIECE * 4 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (hash, pieces) = sums(&body);
        assert_eq!((hash, pieces.len()), (Hash::of(&body), 5 * DIGEST));
        for step in [1, 2, 3, 9] {
            let mut hashing = Hashing::new(&Handle::current());
            body.chunks(step * PIECE).for_each(|part| hashing.add(Bytes::copy_from_slice(part)));
            assert_eq!(hashing.whole(b"more").await, Ok(Hash::of(&[&body[..], b"more"].concat())));
            assert_eq!(hashing.finish().await, Ok((hash, pieces.clone())), "{step}");
        }
        for (number, piece) in body.chunks(PIECE).enumerate() {
            assert!(is_right(&pieces, number, piece, hash));
            assert!(!is_right(&pieces, number + 1, piece, hash));
        }
        let (hash, pieces) = sums(&body[..PIECE]);
        assert!(pieces.is_empty());
        assert!(is_right(&pieces, 0, &body[..PIECE], hash) && !is_right(&pieces, 0, &body[1..PIECE], hash));
    }
}
