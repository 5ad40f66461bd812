//! Backups (`fixtures/backup`), mutated: what comes from outside is read or refused, whatever it is. A backup is held together
//! by digests, which no mutation passes; so the seeds are what lies within them, chunks of rows, and are packed here: what is
//! packed is read back as it was, and looking at the rows of it (`kontor verify`) says something, whatever they hold.
#![no_main]

use kontor_model::{Error, Result, Timestamp};
use kontor_store::blob::{BodySink, Depot};
use kontor_store::moving::archive::{Archive, Label, pack_rows};
use kontor_store::moving::{About, Checker, Chunk, Into, Laid, Mark, Part, RowSource, SCHEMA};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|data: &[u8]| {
    let _ = read(data.to_vec(), &mut |_| Ok(()));
    let mut rows = Rows { schema: 1 + usize::from(data.first().copied().unwrap_or(0)) % SCHEMA, chunks: chunks(data) };
    let label = Label { made: Timestamp::from_secs(1), program: "fuzz".into(), from: "fuzz".into() };
    let mut packed = Vec::new();
    let written = pack_rows(&mut rows, &label, &mut packed, &mut |_| {});
    let (mut back, mut checker) = (Vec::new(), Checker::new(rows.schema));
    let looked = read(packed, &mut |chunk| {
        back.push(chunk.clone());
        checker.add(&chunk)
    });
    if looked.is_ok() {
        assert!(written.is_ok(), "a backup that was not brought to its end is none");
        assert_eq!(back, rows.chunks, "what is packed comes back");
        let _ = checker.finish();
    } else {
        assert!(rows.chunks.starts_with(&back), "what comes back is what was packed");
        let _ = checker.broken_off();
    }
});

fn read(bytes: Vec<u8>, into: &mut Into<'_>) -> Result<()> {
    Archive::open(Box::new(Cursor::new(bytes)))?.pour(None, into)
}

/// Chunks as the seeds hold them, behind a byte for the schema: table, sort of part with lowest and highest account in
/// eight bytes each, rows before and rows, length; then the rows.
fn chunks(data: &[u8]) -> Vec<Chunk> {
    let (mut rest, mut all) = (data.get(1..).unwrap_or_default(), Vec::new());
    while let Some((chunk, after)) = chunk(rest) {
        all.push(chunk);
        rest = after;
    }
    all
}

fn chunk(rest: &[u8]) -> Option<(Chunk, &[u8])> {
    let (head, rest) = rest.split_first_chunk::<26>()?;
    let eight = |at: usize| head.get(at..at + 8)?.try_into().ok().map(i64::from_le_bytes);
    let two = |at: usize| head.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
    let part = match head[1] % 2 {
        0 => Part::Directory,
        _ => Part::Accounts { first: eight(2)?, last: eight(10)? },
    };
    let length = usize::from(two(24)?).min(rest.len());
    let (bytes, rest) = rest.split_at(length);
    let (before, rows) = (u64::from(two(18)?), u32::from(two(20)?));
    Some((Chunk { part, table: usize::from(head[0]), before, rows, bytes: bytes.to_vec() }, rest))
}

/// A store that holds exactly these.
struct Rows {
    schema: usize,
    chunks: Vec<Chunk>,
}

impl RowSource for Rows {
    fn about(&mut self) -> Result<About> {
        Ok(About { schema: self.schema, items: 1, bytes: 1, state: "fuzz".into() })
    }

    fn pour(&mut self, _from: Option<&Mark>, into: &mut Into<'_>) -> Result<()> {
        self.chunks.iter().try_for_each(|chunk| into(chunk.clone()))
    }

    fn lie_in(&mut self, _depot: Depot) {}

    fn bodies(&mut self, _into: &mut dyn BodySink) -> Result<Laid> {
        Err(Error::Internal("there are none".into()))
    }
}
