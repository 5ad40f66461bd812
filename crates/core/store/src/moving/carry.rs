//! Filling one store from another, and comparing them.

use super::{About, Chunk, Mark, RowSink, RowSource, Sum, Summing, Ticket};
use kontor_model::{Error, Result};
use std::sync::mpsc::sync_channel;

/// Chunks that may wait between reading and writing.
const AHEAD: usize = 4;

/// How it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Rows are about to come. `resumed` if an earlier attempt is taken up.
    Begins {
        /// What will come.
        about: About,
        /// Whether part of it is there already.
        resumed: bool,
    },
    /// The source changed since an earlier attempt, so that one is thrown away.
    Anew,
    /// Some more rows of a table are there.
    Carried {
        /// Which of the carried tables.
        table: usize,
        /// How many.
        rows: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// All rows are there; both sides are read for comparison.
    Compares,
    /// Some more rows were read for that.
    Compared {
        /// How many.
        rows: u64,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Rows and digests of all tables, the same on both sides.
    pub sums: Vec<Sum>,
    /// Rows that this call carried.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Fills `to` from `from`, whose name for people is `name`; goes on where an earlier call was interrupted, if the
/// source is still the same. Compares all rows at the end and, if they are the same, lets the store be opened.
///
/// # Errors
/// `Unsupported`, with a text for the administrator, if something else is in `to`; `Internal` if the two sides differ
/// in the end; those of the engines.
pub fn carry(
    from: &mut dyn RowSource,
    name: &str,
    to: &mut dyn RowSink,
    tell: &mut dyn FnMut(Event),
) -> Result<Carried> {
    let about = from.about()?;
    let ticket = Ticket { from: name.to_owned(), state: about.state.clone(), schema: about.schema, at: None };
    let at = match to.begun()? {
        None => begin(to, &ticket)?,
        Some(earlier) if (Ticket { at: None, ..earlier.clone() }) == ticket => earlier.at,
        Some(earlier) if earlier.from == ticket.from => {
            tell(Event::Anew);
            begin(to, &ticket)?
        }
        Some(earlier) => {
            let detail = format!("the destination holds the beginning of a copy of {}", earlier.from);
            return Err(Error::Unsupported { detail });
        }
    };
    tell(Event::Begins { about: about.clone(), resumed: at.is_some() });
    let seen = Summing::new(about.schema);
    let (seen, rows, bytes) = fill(from, to, at.as_ref(), seen, tell)?;
    tell(Event::Compares);
    let there = summed(&mut *to.rows()?, about.schema, tell)?;
    let here = if at.is_none() { seen.sums() } else { summed(from, about.schema, tell)? };
    compare(&here, &there)?;
    to.finish()?;
    Ok(Carried { sums: there, rows, bytes })
}

fn begin(to: &mut dyn RowSink, ticket: &Ticket) -> Result<Option<Mark>> {
    to.begin(ticket)?;
    Ok(None)
}

/// Reads on one thread and writes on another.
fn fill(
    from: &mut dyn RowSource,
    to: &mut dyn RowSink,
    at: Option<&Mark>,
    mut seen: Summing,
    tell: &mut dyn FnMut(Event),
) -> Result<(Summing, u64, u64)> {
    let (send, take) = sync_channel::<Chunk>(AHEAD);
    let (mut rows, mut bytes) = (0, 0);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            // Nobody takes it: the other side failed, and tells why.
            let gone = |_| Error::Internal("the destination failed".to_owned());
            from.pour(at, &mut |chunk| send.send(chunk).map_err(gone))
        });
        let mut written = Ok(());
        for chunk in take {
            written = seen.add(&chunk).and_then(|()| to.put(&chunk));
            if written.is_err() {
                break;
            }
            let (more, size) = (u64::from(chunk.rows), chunk.bytes.len() as u64);
            rows += more;
            bytes += size;
            tell(Event::Carried { table: chunk.table, rows: more, bytes: size });
        }
        let read = reading.join().unwrap_or_else(|_| Err(Error::Internal("the reader died".to_owned())));
        written.and(read).and_then(|()| to.settle())
    })?;
    Ok((seen, rows, bytes))
}

/// Reads everything for its sums.
fn summed(from: &mut dyn RowSource, schema: usize, tell: &mut dyn FnMut(Event)) -> Result<Vec<Sum>> {
    let mut sums = Summing::new(schema);
    from.pour(None, &mut |chunk| {
        tell(Event::Compared { rows: u64::from(chunk.rows) });
        sums.add(&chunk)
    })?;
    Ok(sums.sums())
}

fn compare(here: &[Sum], there: &[Sum]) -> Result<()> {
    let differ = here.iter().zip(there).find(|(here, there)| here != there);
    match differ {
        None if here.len() == there.len() => Ok(()),
        None => Err(Error::Internal("the two stores do not have the same tables".to_owned())),
        Some((here, there)) => Err(Error::Internal(format!(
            "the copy is not the same as its source: {} has {} rows (digest {:.8}) there and {} ({:.8}) here",
            here.table, here.rows, here.digest, there.rows, there.digest
        ))),
    }
}
