//! Frames: sort (1 byte), size of what is compressed, size when compressed (4 bytes each, little endian), digest (16
//! bytes of BLAKE3 over the digest of the frame before, those 9 bytes and what follows), compressed bytes (zstd).

use crate::moving::chunk::LARGEST;
use kontor_model::{Error, Result};
use std::io::{ErrorKind, Read, Write};

/// What the frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// What the backup is.
    Head,
    /// Chunks of rows.
    Rows,
    /// Whose large body comes, and what it is.
    Body,
    /// Bytes of it.
    Piece,
    /// The body before this is not what was put; the backup ends with a failure.
    Void,
    /// What it came to; nothing comes after it.
    End,
    /// Why it was not brought to its end.
    Failure,
}

const SORTS: [(Sort, u8); 7] = [
    (Sort::Head, b'H'),
    (Sort::Rows, b'R'),
    (Sort::Body, b'B'),
    (Sort::Piece, b'P'),
    (Sort::Void, b'V'),
    (Sort::End, b'E'),
    (Sort::Failure, b'F'),
];

/// Level of compression: the fastest with most of the gain.
const LEVEL: i32 = 3;
/// Bytes before the compressed ones.
const HEAD: usize = 25;
/// Bytes of a digest.
const DIGEST: usize = 16;
/// What a frame may hold: the largest chunk, and what is said about it.
const MOST: u32 = LARGEST as u32 + 4096;

type Digest = [u8; DIGEST];

fn digest(before: &Digest, head: &[u8], bytes: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(head).update(bytes);
    let mut out = [0; DIGEST];
    hasher.finalize_xof().fill(&mut out);
    out
}

/// Writes frames.
pub(super) struct Writer<W> {
    out: W,
    last: Digest,
    /// Bytes written.
    pub(super) written: u64,
}

impl<W: Write> Writer<W> {
    /// After what the stream begins with.
    pub(super) fn new(mut out: W, magic: &[u8]) -> Result<Self> {
        out.write_all(magic).map_err(|error| fault(&error))?;
        Ok(Self { out, last: [0; DIGEST], written: magic.len() as u64 })
    }

    /// One frame.
    pub(super) fn write(&mut self, sort: Sort, bytes: &[u8]) -> Result<()> {
        let packed = zstd::bulk::compress(bytes, LEVEL).map_err(|error| fault(&error))?;
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).ok().filter(|size| *size <= MOST);
        let (Some(raw), Some(stored)) = (size(bytes), size(&packed)) else {
            return Err(Error::TooLarge { limit: "backup frame", max: MOST.into() });
        };
        let letter = SORTS.iter().find(|(one, _)| *one == sort).map_or(0, |(_, letter)| *letter);
        let mut head = Vec::with_capacity(HEAD);
        head.push(letter);
        head.extend_from_slice(&raw.to_le_bytes());
        head.extend_from_slice(&stored.to_le_bytes());
        self.last = digest(&self.last, &head, &packed);
        head.extend_from_slice(&self.last);
        let written = self.out.write_all(&head).and_then(|()| self.out.write_all(&packed));
        written.map_err(|error| fault(&error))?;
        self.written += (head.len() + packed.len()) as u64;
        Ok(())
    }

    /// All of it is with whoever takes it.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|error| fault(&error))
    }
}

/// Reads frames out of bytes that may be anything.
pub(super) struct Reader<R> {
    from: R,
    last: Digest,
}

impl<R: Read> Reader<R> {
    /// `Unsupported` if the stream begins otherwise.
    pub(super) fn new(mut from: R, magic: &[u8; 16]) -> Result<Self> {
        let mut begins = [0; 16];
        let read = from.read_exact(&mut begins);
        if read.is_err() || begins != *magic {
            let newer = begins.starts_with(b"KONTOR BACKUP ");
            let detail =
                if newer { "it is of a later form: use a newer program" } else { "it is not a backup" };
            return Err(Error::Unsupported { detail: detail.to_owned() });
        }
        Ok(Self { from, last: [0; DIGEST] })
    }

    /// The next frame into `bytes`. `None` at the end of the stream, which is for the caller to judge.
    pub(super) fn next(&mut self, bytes: &mut Vec<u8>) -> Result<Option<Sort>> {
        let mut head = [0; HEAD];
        match fill(&mut self.from, &mut head)? {
            0 => return Ok(None),
            HEAD => {}
            _ => return Err(broken("it is cut off")),
        }
        let (said, told) = head.split_at(HEAD - DIGEST);
        let [letter, r0, r1, r2, r3, s0, s1, s2, s3] = *said else { return Err(broken("it is cut off")) };
        let (raw, stored) = (u32::from_le_bytes([r0, r1, r2, r3]), u32::from_le_bytes([s0, s1, s2, s3]));
        if raw > MOST || stored > MOST {
            return Err(broken("a frame is too large"));
        }
        let mut packed = Vec::new();
        let limit = u64::from(stored);
        let read = self.from.by_ref().take(limit).read_to_end(&mut packed).map_err(|error| fault(&error))?;
        if read as u64 != limit {
            return Err(broken("it is cut off"));
        }
        let last = digest(&self.last, said, &packed);
        if last != *told {
            return Err(broken("a digest is wrong"));
        }
        self.last = last;
        bytes.clear();
        let unpacked = zstd::stream::read::Decoder::with_buffer(packed.as_slice());
        // One more than there should be, to see that there is no more.
        let unpacked = unpacked.and_then(|decoder| decoder.take(u64::from(raw) + 1).read_to_end(bytes));
        if unpacked.map_err(|_| broken("it cannot be unpacked"))? as u64 != u64::from(raw) {
            return Err(broken("a frame has another size than it says"));
        }
        let sort = SORTS.iter().find(|(_, one)| *one == letter).map(|(sort, _)| *sort);
        sort.map(Some).ok_or_else(|| broken("a frame is of no known sort"))
    }
}

/// Reads as much as there is, up to the length of `into`.
fn fill(from: &mut impl Read, into: &mut [u8]) -> Result<usize> {
    let mut have = 0;
    while let Some(rest) = into.get_mut(have..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(more) => have += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(fault(&error)),
        }
    }
    Ok(have)
}

/// What is said of a backup that is not what it should be.
pub(super) fn broken(why: &str) -> Error {
    Error::Internal(format!("the backup is damaged: {why}"))
}

pub(super) fn fault(error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull => Error::NoSpace,
        _ => Error::Internal(format!("the backup: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINS: &[u8; 16] = b"0123456789abcdef";

    fn some() -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, BEGINS).unwrap();
        writer.write(Sort::Head, b"head").unwrap();
        writer.write(Sort::Rows, &[7; 100_000]).unwrap();
        writer.write(Sort::End, b"").unwrap();
        let written = writer.written;
        assert_eq!(written, out.len() as u64);
        out
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Sort, usize)>> {
        let (mut reader, mut all, mut buffer) = (Reader::new(bytes, BEGINS)?, Vec::new(), Vec::new());
        while let Some(sort) = reader.next(&mut buffer)? {
            all.push((sort, buffer.len()));
        }
        Ok(all)
    }

    #[test]
    fn frames_come_back() {
        let all = some();
        assert!(all.len() < 300);
        assert_eq!(read(&all), Ok(vec![(Sort::Head, 4), (Sort::Rows, 100_000), (Sort::End, 0)]));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let all = some();
        for at in 0..all.len() {
            for flip in [1, 0x80] {
                let mut bad = all.clone();
                bad[at] ^= flip;
                assert!(read(&bad).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_out_of_order_is_found() {
        let all = some();
        let whole = read(&all).unwrap();
        for end in 0..all.len() {
            assert!(read(&all[..end]).map_or(true, |some| some.len() < whole.len()), "cut off at {end}");
        }
        let one = Writer::new(Vec::new(), BEGINS).unwrap();
        drop(one);
        // The first frame once more, or left out.
        let size = HEAD + u32::from_le_bytes(all[21..25].try_into().unwrap()) as usize;
        let (begins, rest) = all.split_at(16);
        let (first, rest) = rest.split_at(size);
        assert!(read(&[begins, first, first, rest].concat()).is_err());
        assert!(read(&[begins, rest].concat()).is_err());
    }

    #[test]
    fn a_frame_that_unpacks_to_more_than_it_says_is_refused() {
        let mut all = some();
        // The second frame says a smaller size, with a digest that is right.
        let at = 16 + HEAD + u32::from_le_bytes(all[21..25].try_into().unwrap()) as usize;
        let before: Digest = all[25..41].try_into().unwrap();
        all[at + 1..at + 5].copy_from_slice(&9_u32.to_le_bytes());
        let stored = u32::from_le_bytes(all[at + 5..at + 9].try_into().unwrap()) as usize;
        let told = digest(&before, &all[at..at + 9], &all[at + HEAD..at + HEAD + stored]);
        all[at + 9..at + HEAD].copy_from_slice(&told);
        assert_eq!(read(&all), Err(broken("a frame has another size than it says")));
    }
}
