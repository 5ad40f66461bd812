//! Reading a backup.

use super::bodies::{Nobody, Unpacking, twice};
use super::frame::{Reader, Sort, broken};
use super::{Label, MAGIC, head};
use crate::blob::{BodySink, Depot};
use crate::moving::chunk::{Chunk, take, take_number, unzigzag};
use crate::moving::{About, Into, Laid, Mark, Part, RowSource, Summing};
use crate::sql::tables::{Table, tables};
use kontor_model::{Error, Result};
use std::io::Read;

/// A backup that is read from its beginning to its end, once.
pub struct Archive {
    frames: Option<Reader<Box<dyn Read + Send>>>,
    label: Label,
    about: About,
    tables: &'static [Table],
    /// Somebody asks for the large bodies.
    follow: bool,
    rest: Option<Rest>,
}

impl Archive {
    /// Reads what it is.
    ///
    /// # Errors
    /// `Unsupported` if it is none, or one that this program cannot read; `Internal` if it is damaged.
    pub fn open(from: Box<dyn Read + Send>) -> Result<Self> {
        let mut frames = Reader::new(from, MAGIC)?;
        let mut bytes = Vec::new();
        match frames.next(&mut bytes)? {
            Some(Sort::Head) => {}
            Some(Sort::Failure) => return Err(failed(&bytes)),
            _ => return Err(broken("it has no head")),
        }
        let (label, about) = head::read(&bytes)?;
        let tables = tables(about.schema).unwrap_or_default();
        Ok(Self { frames: Some(frames), tables, label, about, follow: false, rest: None })
    }

    /// What it says of itself.
    pub fn label(&self) -> &Label {
        &self.label
    }
}

pub(super) fn failed(bytes: &[u8]) -> Error {
    let why: String = String::from_utf8_lossy(bytes).chars().take(500).collect();
    Error::Internal(format!("the backup was not brought to its end: {why}"))
}

impl RowSource for Archive {
    fn about(&mut self) -> Result<About> {
        Ok(self.about.clone())
    }

    fn skips(&self) -> bool {
        false
    }

    fn pour(&mut self, _from: Option<&Mark>, into: &mut Into<'_>) -> Result<()> {
        let mut frames = self.frames.take().ok_or_else(twice)?;
        let (mut frame, mut sums) = (Vec::new(), Summing::new(self.about.schema));
        let mut order = Order::default();
        let sort = loop {
            match frames.next(&mut frame)? {
                Some(Sort::Rows) => {}
                Some(Sort::Failure) => return Err(failed(&frame)),
                Some(Sort::Head) => return Err(broken("it has two heads")),
                Some(other) => break other,
                None => return Err(cut_off()),
            }
            let mut rest = frame.as_slice();
            while !rest.is_empty() {
                let chunk = chunk(&mut rest).ok_or_else(|| broken("a frame holds no rows"))?;
                order.check(&chunk, self.tables)?;
                sums.add(&chunk)?;
                into(chunk)?;
            }
        };
        self.rest = Some(Rest { frames, sort, frame, sums });
        if self.follow { Ok(()) } else { self.bodies(&mut Nobody).map(drop) }
    }

    fn lie_in(&mut self, _depot: Depot) {
        // They are in it.
    }

    fn bodies_follow(&mut self) {
        self.follow = true;
    }

    fn bodies(&mut self, into: &mut dyn BodySink) -> Result<Laid> {
        let mut rest = self.rest.take().ok_or_else(twice)?;
        let mut unpacking = Unpacking::default();
        loop {
            match rest.sort {
                Sort::Body => unpacking.one(&mut rest.frame, &mut rest.frames, into)?,
                Sort::End if !unpacking.void => break,
                Sort::Failure => return Err(failed(&rest.frame)),
                Sort::Head | Sort::Rows | Sort::Piece | Sort::Void | Sort::End => {
                    return Err(broken("its parts are out of order"));
                }
            }
            rest.sort = rest.frames.next(&mut rest.frame)?.ok_or_else(cut_off)?;
        }
        head::ends_with(&rest.frame, &rest.sums.sums(), unpacking.laid)?;
        if rest.frames.next(&mut rest.frame)?.is_some() {
            return Err(broken("something comes after its end"));
        }
        // Each was compared on its way, and whoever takes it in looks once more.
        match into.settle()?.first() {
            None => Ok(unpacking.laid),
            Some((body, _)) => Err(broken(&format!("the body {} is not what was put", body.object()))),
        }
    }
}

/// What comes after the rows.
struct Rest {
    frames: Reader<Box<dyn Read + Send>>,
    /// The frame that was read and not looked at.
    sort: Sort,
    frame: Vec<u8>,
    sums: Summing,
}

fn cut_off() -> Error {
    broken("it is cut off: its end is missing")
}

fn chunk(rest: &mut &[u8]) -> Option<Chunk> {
    let table = usize::try_from(take_number(rest)?).ok()?;
    let part = match take_number(rest)? {
        0 => Part::Directory,
        1 => Part::Accounts { first: unzigzag(take_number(rest)?), last: unzigzag(take_number(rest)?) },
        _ => return None,
    };
    let (before, rows) = (take_number(rest)?, u32::try_from(take_number(rest)?).ok()?);
    let size = usize::try_from(take_number(rest)?).ok()?;
    let bytes = take(rest, size)?.to_vec();
    Some(Chunk { part, table, before, rows, bytes })
}

/// Chunks come in the order in which a store is poured out: who takes them in relies on that.
#[derive(Default)]
struct Order {
    last: Option<(Part, usize, u64)>,
}

impl Order {
    fn check(&mut self, chunk: &Chunk, tables: &[Table]) -> Result<()> {
        let table = tables.get(chunk.table).ok_or_else(|| broken("it holds rows of no table"))?;
        let place = table.is_directory() == (chunk.part == Part::Directory);
        let after = match (self.last, chunk.part) {
            (Some((part, table, next)), _) if (part, table) == (chunk.part, chunk.table) => {
                chunk.before == next
            }
            (Some((part, table, _)), _) if part == chunk.part => table < chunk.table && chunk.before == 0,
            (Some((Part::Accounts { last, .. }, ..)), Part::Accounts { first, .. }) => {
                last < first && chunk.before == 0
            }
            (Some((Part::Accounts { .. }, ..)), Part::Directory) => false,
            (Some((Part::Directory, ..)) | None, _) => chunk.before == 0,
        };
        if !place || !after || chunk.rows == 0 {
            return Err(broken("its rows are out of order"));
        }
        self.last = Some((chunk.part, chunk.table, chunk.before + u64::from(chunk.rows)));
        Ok(())
    }
}
