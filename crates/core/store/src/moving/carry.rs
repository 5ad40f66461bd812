//! Filling one store from another, and comparing them.

use super::{About, Chunk, Laid, Mark, RowSink, RowSource, Sum, Summing, Ticket};
use crate::blob::{BlobRef, BodySink, Coming, Filling, Verdict};
use kontor_model::{Error, Result, Timestamp};
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
    /// All rows are there; they are read again for comparison.
    Compares {
        /// About how many will be read.
        rows: u64,
    },
    /// All rows are the same; large bodies follow.
    Bodies {
        /// About how many.
        bodies: u64,
    },
    /// One more of those is on its way or there.
    Body {
        /// Its bytes.
        bytes: u64,
    },
    /// Some more rows were read for that.
    Compared {
        /// How many.
        rows: u64,
        /// Their bytes.
        bytes: u64,
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
    /// Large bodies, all of which are there.
    pub laid: Laid,
}

/// Fills `to` from `from`, whose name for people is `name`; goes on where an earlier call was interrupted, if the
/// source is still the same. Compares all rows, carries large bodies, and then lets the store be opened. `leap`:
/// whether clients may have seen a later state than that of the source (and what time it is).
///
/// # Errors
/// `Unsupported`, with a text for the administrator, if something else is in `to`; `Internal` if the two sides differ
/// in the end; those of the engines.
pub fn carry(
    from: &mut dyn RowSource,
    name: &str,
    to: &mut dyn RowSink,
    leap: Option<Timestamp>,
    tell: &mut dyn FnMut(Event),
) -> Result<Carried> {
    let about = from.about()?;
    let (state, schema) = (about.state.clone(), about.schema);
    let ticket = Ticket { from: name.to_owned(), state, schema, at: None, whole: false };
    let mut begun = match to.begun()? {
        None => None,
        Some(earlier) if (Ticket { at: None, whole: false, ..earlier.clone() }) == ticket => Some(earlier),
        Some(earlier) if earlier.from == ticket.from => {
            tell(Event::Anew);
            None
        }
        Some(earlier) => {
            let detail = format!("the destination holds the beginning of a copy of {}", earlier.from);
            return Err(Error::Unsupported { detail });
        }
    };
    from.bodies_follow();
    let mut carried = loop {
        match attempt(from, to, &ticket, &about, begun.as_ref(), tell) {
            // What came with an earlier attempt may have changed unnoticed: numbers do not tell of everything.
            Err(Trouble::Differs(_)) if begun.is_some() => begun = None,
            Err(Trouble::Differs(why)) => return Err(Error::Internal(why)),
            Err(Trouble::Failed(error)) => return Err(error),
            Ok(carried) => break carried,
        }
        tell(Event::Anew);
    };
    carried.laid = bodies(from, to, &carried.sums, tell)?;
    to.finish(leap)?;
    Ok(carried)
}

/// Carries large bodies to where the destination has its own.
fn bodies(
    from: &mut dyn RowSource,
    to: &dyn RowSink,
    sums: &[Sum],
    tell: &mut dyn FnMut(Event),
) -> Result<Laid> {
    let bodies = sums.iter().find(|sum| sum.table == "blob").map_or(0, |sum| sum.rows);
    if bodies > 0 {
        tell(Event::Bodies { bodies });
    }
    let into = to.depot().map(|depot| Filling::new(depot.clone(), from.depot()));
    from.bodies(&mut Told { into, tell })
}

/// Tells of each body that is taken in.
struct Told<'a> {
    into: Option<Filling>,
    tell: &'a mut dyn FnMut(Event),
}

impl BodySink for Told<'_> {
    fn take(&mut self, body: Coming) -> Result<()> {
        let nowhere = || {
            let detail = "large bodies come, and it was not said where they shall lie".to_owned();
            Error::Unsupported { detail }
        };
        let bytes = body.size();
        self.into.as_mut().ok_or_else(nowhere)?.take(body)?;
        (self.tell)(Event::Body { bytes });
        Ok(())
    }

    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>> {
        self.into.as_mut().map_or_else(|| Ok(Vec::new()), BodySink::settle)
    }
}

/// Why it did not come to its end.
enum Trouble {
    Failed(Error),
    Differs(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn attempt(
    from: &mut dyn RowSource,
    to: &mut dyn RowSink,
    ticket: &Ticket,
    about: &About,
    begun: Option<&Ticket>,
    tell: &mut dyn FnMut(Event),
) -> std::result::Result<Carried, Trouble> {
    tell(Event::Begins { about: about.clone(), resumed: begun.is_some() });
    if begun.is_some_and(|begun| begun.whole) {
        tell(Event::Compares { rows: 0 });
        return Ok(Carried {
            sums: summed(from, about.schema, tell)?,
            rows: 0,
            bytes: 0,
            laid: Laid::default(),
        });
    }
    if begun.is_none() {
        to.begin(ticket)?;
    }
    let at = begun.and_then(|begun| begun.at);
    let (seen, rows, bytes) = fill(from, to, at.as_ref(), Summing::new(about.schema), tell)?;
    let saw_all = at.is_none() || !from.skips();
    let again = if saw_all { 1 } else { 2 };
    tell(Event::Compares { rows: seen.rows() * again });
    let there = summed(&mut *to.rows()?, about.schema, tell)?;
    let here = if saw_all { seen.sums() } else { summed(from, about.schema, tell)? };
    match differing(&here, &there) {
        Some(why) => Err(Trouble::Differs(why)),
        None => Ok(Carried { sums: there, rows, bytes, laid: Laid::default() }),
    }
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
    let skips = from.skips();
    let (mut rows, mut bytes) = (0, 0);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            // Nobody takes it: the other side failed, and tells why.
            let gone = |_| Error::Internal("the destination failed".to_owned());
            from.pour(at.filter(|_| skips), &mut |chunk| send.send(chunk).map_err(gone))
        });
        let mut written = Ok(());
        for chunk in take {
            let there = at.is_some_and(|at| at.covers(&chunk));
            written = seen.add(&chunk).and_then(|()| if there { Ok(()) } else { to.put(&chunk) });
            if written.is_err() {
                break;
            }
            if there {
                continue;
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
        tell(Event::Compared { rows: u64::from(chunk.rows), bytes: chunk.bytes.len() as u64 });
        sums.add(&chunk)
    })?;
    Ok(sums.sums())
}

fn differing(here: &[Sum], there: &[Sum]) -> Option<String> {
    if here.len() != there.len() {
        return Some("the two stores do not have the same tables".to_owned());
    }
    let (here, there) = here.iter().zip(there).find(|(here, there)| here != there)?;
    Some(format!(
        "the copy is not the same as its source: {} has {} rows (digest {:.8}) there and {} ({:.8}) here",
        here.table, here.rows, here.digest, there.rows, there.digest
    ))
}
