//! Writing a backup.

use super::bodies::Packing;
use super::frame::{Sort, Writer};
use super::{Label, MAGIC, head};
use crate::moving::chunk::{Chunk, FULL_BYTES, push_number, zigzag};
use crate::moving::{Event, Laid, Part, RowSource, Sum, Summing};
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
    /// Large bodies in it.
    pub laid: Laid,
    /// Bytes of the backup.
    pub written: u64,
}

/// Writes a backup of all rows of `from` and of the large bodies that they refer to. If that fails half-way, the reason is the last thing in it, if it can still be
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
    let packed = rows(from, label, &mut writer, tell).and_then(|sums| {
        let laid = bodies(from, &sums, &mut writer, tell)?;
        end(sums, laid, &mut writer)
    });
    told(packed, writer)
}

/// The same with the rows alone, for whoever looks at those: as a backup it is not whole if there are large bodies.
///
/// # Errors
/// As [`pack`].
pub fn pack_rows(
    from: &mut dyn RowSource,
    label: &Label,
    out: &mut dyn Write,
    tell: &mut dyn FnMut(Event),
) -> Result<Packed> {
    let mut writer = Writer::new(out, MAGIC)?;
    let packed = rows(from, label, &mut writer, tell);
    let packed = packed.and_then(|sums| end(sums, Laid::default(), &mut writer));
    told(packed, writer)
}

/// What became of it, as the last thing in it unless all went well.
fn told<W: Write>(packed: Result<Packed>, mut writer: Writer<W>) -> Result<Packed> {
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

fn rows<W: Write>(
    from: &mut dyn RowSource,
    label: &Label,
    writer: &mut Writer<W>,
    tell: &mut dyn FnMut(Event),
) -> Result<Vec<Sum>> {
    let about = from.about()?;
    writer.write(Sort::Head, head::write(label, &about).as_bytes())?;
    writer.flush()?;
    let mut sums = Summing::new(about.schema);
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
            tell(Event::Carried { table: chunk.table, rows, bytes: size });
        }
        let read = reading.join().unwrap_or_else(|_| Err(Error::Internal("the reader died".to_owned())));
        written.and(read)?;
        if frame.is_empty() { Ok(()) } else { writer.write(Sort::Rows, &frame) }
    })?;
    Ok(sums.sums())
}

fn end<W: Write>(sums: Vec<Sum>, laid: Laid, writer: &mut Writer<W>) -> Result<Packed> {
    let bytes = sums.iter().map(|sum| sum.bytes).sum();
    writer.write(Sort::End, head::end(&sums, laid).as_bytes())?;
    writer.flush()?;
    Ok(Packed { sums, bytes, laid, written: writer.written })
}

/// Large bodies, which lie where they are as long as the rows are those of a moment not long ago.
fn bodies<W: Write>(
    from: &mut dyn RowSource,
    sums: &[Sum],
    writer: &mut Writer<W>,
    tell: &mut dyn FnMut(Event),
) -> Result<Laid> {
    let bodies = sums.iter().find(|sum| sum.table == "blob").map_or(0, |sum| sum.rows);
    if bodies == 0 {
        return Ok(Laid::default());
    }
    tell(Event::Bodies { bodies });
    let mut packing = Packing::new(writer, tell);
    from.bodies(&mut packing)?;
    Ok(packing.laid)
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
