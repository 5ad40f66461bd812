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

/// Digests of the pieces of some bytes that begin where a piece does.
pub(super) fn digests(bytes: &[u8]) -> Vec<u8> {
    bytes.chunks(PIECE).flat_map(digest).collect()
}

/// Hash of a whole body, and digests of its pieces if there are several.
pub(super) fn sums(body: &[u8]) -> (Hash, Arc<[u8]>) {
    let pieces = if body.len() > PIECE { digests(body) } else { Vec::new() };
    (Hash::of(body), pieces.into())
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
    fn a_piece_is_right_at_its_place() {
        let body: Vec<u8> = (0..PIECE * 2 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (hash, pieces) = sums(&body);
        assert_eq!((hash, pieces.len()), (Hash::of(&body), 3 * DIGEST));
        for (number, piece) in body.chunks(PIECE).enumerate() {
            assert!(is_right(&pieces, number, piece, hash));
            assert!(!is_right(&pieces, number + 1, piece, hash));
        }
        let (hash, pieces) = sums(&body[..PIECE]);
        assert!(pieces.is_empty());
        assert!(is_right(&pieces, 0, &body[..PIECE], hash) && !is_right(&pieces, 0, &body[1..PIECE], hash));
    }
}
