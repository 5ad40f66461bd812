//! Writing a backup.

use super::frame::{Sort, Writer};
use super::{Label, MAGIC, head};
use crate::moving::chunk::{Chunk, FULL_BYTES, push_number, zigzag};
use crate::moving::{Event, Part, RowSource, Sum, Summing};
use kontor_model::{Error, Result};
use std::io::Write;
use std::sync::mpsc::sync_channel;

/// Chunks that may wait between reading and compressing.
const AHEAD: usize = 4;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Rows and digests of all tables.
    pub sums: Vec<Sum>,
    /// Bytes of the rows.
    pub bytes: u64,
    /// Bytes of the backup.
    pub written: u64,
}

/// Writes a backup of all rows of `from`. If that fails half-way, the reason is the last thing in it, if it can still be
/// written.
///
/// # Errors
/// Those of the engine; `Quota` and `Internal` if it cannot be written.
pub fn pack(
    from: &mut dyn RowSource,
    label: &Label,
    out: &mut dyn Write,
    tell: &mut dyn FnMut(Event),
) -> Result<Packed> {
    let mut writer = Writer::new(out, MAGIC)?;
    let packed = all(from, label, &mut writer, tell);
    if let Err(error) = &packed {
        let why = match error {
            Error::Internal(why) | Error::Unsupported { detail: why } => why.clone(),
            other => other.to_string(),
        };
        // Whoever reads it sees that the end is missing in any case.
        let _ = writer.write(Sort::Failure, why.as_bytes()).and_then(|()| writer.flush());
    }
    packed
}

fn all<W: Write>(
    from: &mut dyn RowSource,
    label: &Label,
    writer: &mut Writer<W>,
    tell: &mut dyn FnMut(Event),
) -> Result<Packed> {
    let about = from.about()?;
    writer.write(Sort::Head, head::write(label, &about).as_bytes())?;
    writer.flush()?;
    let mut sums = Summing::new(about.schema);
    let mut bytes = 0;
    tell(Event::Begins { about, resumed: false });
    let (send, take) = sync_channel::<Chunk>(AHEAD);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            // Nobody takes it: the other side failed, and tells why.
            let gone = |_| Error::Internal("the backup cannot be written".to_owned());
            from.pour(None, &mut |chunk| send.send(chunk).map_err(gone))
        });
        let (mut frame, mut written) = (Vec::new(), Ok(()));
        for chunk in take {
            written = sums.add(&chunk).and_then(|()| {
                add(&chunk, &mut frame);
                if frame.len() < FULL_BYTES { Ok(()) } else { writer.write(Sort::Rows, &frame) }
            });
            if written.is_err() {
                break;
            }
            if frame.len() >= FULL_BYTES {
                frame.clear();
            }
            let (rows, size) = (u64::from(chunk.rows), chunk.bytes.len() as u64);
            bytes += size;
            tell(Event::Carried { table: chunk.table, rows, bytes: size });
        }
        let read = reading.join().unwrap_or_else(|_| Err(Error::Internal("the reader died".to_owned())));
        written.and(read)?;
        if frame.is_empty() { Ok(()) } else { writer.write(Sort::Rows, &frame) }
    })?;
    let sums = sums.sums();
    writer.write(Sort::End, head::end(&sums).as_bytes())?;
    writer.flush()?;
    Ok(Packed { sums, bytes, written: writer.written })
}

/// A chunk: its table, its part (0, or 1 with first and last account), rows before it, rows, size, rows.
fn add(chunk: &Chunk, out: &mut Vec<u8>) {
    push_number(chunk.table as u64, out);
    match chunk.part {
        Part::Directory => push_number(0, out),
        Part::Accounts { first, last } => {
            push_number(1, out);
            push_number(zigzag(first), out);
            push_number(zigzag(last), out);
        }
    }
    push_number(chunk.before, out);
    push_number(chunk.rows.into(), out);
    push_number(chunk.bytes.len() as u64, out);
    out.extend_from_slice(&chunk.bytes);
}
