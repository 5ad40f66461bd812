//! Reading a backup.

use super::frame::{Reader, Sort, broken};
use super::{Label, MAGIC, head};
use crate::moving::chunk::{Chunk, take, take_number, unzigzag};
use crate::moving::{About, Into, Mark, Part, RowSource, Summing};
use crate::sql::tables::{Table, tables};
use kontor_model::{Error, Result};
use std::io::Read;

/// A backup that is read from its beginning to its end, once.
pub struct Archive {
    frames: Option<Reader<Box<dyn Read + Send>>>,
    label: Label,
    about: About,
    tables: &'static [Table],
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
        Ok(Self { frames: Some(frames), tables: tables(about.schema).unwrap_or_default(), label, about })
    }

    /// What it says of itself.
    pub fn label(&self) -> &Label {
        &self.label
    }
}

fn failed(bytes: &[u8]) -> Error {
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
        let again = || Error::Internal("a backup can be read only once".to_owned());
        let mut frames = self.frames.take().ok_or_else(again)?;
        let (mut bytes, mut sums) = (Vec::new(), Summing::new(self.about.schema));
        let mut order = Order::default();
        loop {
            match frames.next(&mut bytes)? {
                Some(Sort::Rows) => {}
                Some(Sort::End) => break,
                Some(Sort::Failure) => return Err(failed(&bytes)),
                Some(Sort::Head) => return Err(broken("it has two heads")),
                None => return Err(broken("it is cut off: its end is missing")),
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                let chunk = chunk(&mut rest).ok_or_else(|| broken("a frame holds no rows"))?;
                order.check(&chunk, self.tables)?;
                sums.add(&chunk)?;
                into(chunk)?;
            }
        }
        head::ends_with(&bytes, &sums.sums())?;
        match frames.next(&mut bytes)? {
            None => Ok(()),
            Some(_) => Err(broken("something comes after its end")),
        }
    }
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
