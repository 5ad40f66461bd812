//! Digests of the pieces of a body, so that each can be handed on before the next is read.

use super::address::Hash;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Bytes of each piece but the last.
pub(super) const PIECE: usize = 1 << 20;
/// Bytes of a digest: the beginning of a SHA-256. Against chance; the whole body's hash is the full one.
const DIGEST: usize = 16;

fn digest(piece: &[u8]) -> [u8; DIGEST] {
    let mut out = [0; DIGEST];
    out.iter_mut().zip(Sha256::digest(piece)).for_each(|(to, from)| *to = from);
    out
}

/// Takes in a body as it comes.
#[derive(Default)]
pub(super) struct Digests {
    whole: Sha256,
    piece: Sha256,
    in_piece: usize,
    done: Vec<u8>,
    size: u64,
}

impl Digests {
    /// All of a body at once.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut digests = Self::default();
        digests.add(bytes);
        digests
    }

    /// The next bytes.
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.in_piece));
            self.piece.update(now);
            self.in_piece += now.len();
            if self.in_piece == PIECE {
                self.end_piece();
            }
            bytes = later;
        }
    }

    fn end_piece(&mut self) {
        let digest = std::mem::take(&mut self.piece).finalize();
        self.done.extend(digest.iter().take(DIGEST));
        self.in_piece = 0;
    }

    /// Bytes so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Hash of the whole, and digests of the pieces if there are several.
    pub(super) fn finish(mut self) -> (Hash, Arc<[u8]>) {
        if self.in_piece > 0 {
            self.end_piece();
        }
        let pieces = if self.size > PIECE as u64 { self.done } else { Vec::new() };
        (Hash(self.whole.finalize().into()), pieces.into())
    }
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

    #[test]
    fn pieces_are_digested_however_they_come() {
        let body: Vec<u8> = (0..PIECE * 2 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (hash, pieces) = Digests::of(&body).finish();
        assert_eq!((hash, pieces.len()), (Hash::of(&body), 3 * DIGEST));
        for step in [1_000, PIECE - 1, PIECE, PIECE + 1] {
            let mut digests = Digests::default();
            body.chunks(step).for_each(|chunk| digests.add(chunk));
            assert_eq!(digests.size(), body.len() as u64);
            assert_eq!(digests.finish(), (hash, pieces.clone()), "{step}");
        }
        for (number, piece) in body.chunks(PIECE).enumerate() {
            assert!(is_right(&pieces, number, piece, hash));
            assert!(!is_right(&pieces, number + 1, piece, hash));
        }
        let (hash, pieces) = Digests::of(&body[..PIECE]).finish();
        assert!(pieces.is_empty());
        assert!(is_right(&pieces, 0, &body[..PIECE], hash) && !is_right(&pieces, 0, &body[1..PIECE], hash));
    }
}
