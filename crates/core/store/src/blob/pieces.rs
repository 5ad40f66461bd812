//! Digests of the pieces of a body, so that each can be handed on before the next is read.

use super::address::Hash;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Bytes of each piece but the last.
pub(super) const PIECE: usize = 1 << 20;
/// Bytes of a digest: its beginning. Nobody finds other bytes for one that is given.
const DIGEST: usize = 16;
/// Stands before digests by BLAKE3. Without it they are by SHA-256, as the first version wrote them.
const BLAKE3: u8 = 1;

fn begins(digest: &[u8]) -> [u8; DIGEST] {
    let mut out = [0; DIGEST];
    out.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    out
}

/// The digest of a piece: four times as fast as SHA-256, and as good.
fn digest(piece: &[u8]) -> [u8; DIGEST] {
    begins(blake3::hash(piece).as_bytes())
}

/// Digests of the pieces of some bytes that begin where a piece does.
pub(super) fn digests(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.chunks(PIECE).flat_map(digest)
}

/// How those of all pieces of a body stand in its row.
pub(super) fn in_row(digests: impl IntoIterator<Item = u8>) -> Arc<[u8]> {
    [BLAKE3].into_iter().chain(digests).collect()
}

/// Hash of a whole body, and digests of its pieces, for its row, if there are several.
pub(super) fn sums(body: &[u8]) -> (Hash, Arc<[u8]>) {
    let pieces = if body.len() > PIECE { in_row(digests(body)) } else { Arc::default() };
    (Hash::of(body), pieces)
}

/// Whether a piece is the one of that number, by what stands in the row; one that is the whole body has no digest of its
/// own.
pub(super) fn is_right(row: &[u8], number: usize, piece: &[u8], whole: Hash) -> bool {
    let (digests, found) = match row.split_first() {
        None => return number == 0 && Hash::of(piece) == whole,
        Some((&BLAKE3, digests)) if digests.len() % DIGEST == 0 => (digests, digest(piece)),
        Some(_) => (row, begins(&Sha256::digest(piece))),
    };
    digests.chunks_exact(DIGEST).nth(number).is_some_and(|wanted| *wanted == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_right_at_its_place() {
        let body: Vec<u8> = (0..PIECE * 2 + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (hash, pieces) = sums(&body);
        assert_eq!((hash, pieces.len()), (Hash::of(&body), 1 + 3 * DIGEST));
        // As the first version wrote them.
        let old: Vec<u8> = body.chunks(PIECE).flat_map(|piece| begins(&Sha256::digest(piece))).collect();
        for (number, piece) in body.chunks(PIECE).enumerate() {
            for row in [&pieces[..], &old] {
                assert!(is_right(row, number, piece, hash));
                assert!(!is_right(row, number + 1, piece, hash) && !is_right(row, number, &piece[1..], hash));
            }
        }
        assert!(!is_right(&pieces[..40], 2, &body[2 * PIECE..], hash), "a row that is cut off says nothing");
        let (hash, pieces) = sums(&body[..PIECE]);
        assert!(pieces.is_empty());
        assert!(is_right(&pieces, 0, &body[..PIECE], hash) && !is_right(&pieces, 0, &body[1..PIECE], hash));
    }
}
