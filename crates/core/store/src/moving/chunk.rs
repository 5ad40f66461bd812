//! Some rows of one table as bytes, the same from every engine.
//!
//! A row is its columns one after the other: integers zigzag as LEB128, texts and bytes with their length before them,
//! and before a column that may be NULL one byte that says whether there is a value. So equal rows are equal bytes,
//! whichever engine they came from, and what is carried can be compared by digest.

use crate::sql::tables::{Sort, Table};
use kontor_model::{Error, Result};

/// Bytes after which a chunk is full.
pub(crate) const FULL_BYTES: usize = 1 << 20;
/// Rows after which it is.
pub(crate) const FULL_ROWS: u32 = 8_192;
/// The largest chunk: one row, as large as the largest that any engine takes.
pub(crate) const LARGEST: usize = 1 << 30;

/// A part of a store: rows are carried part by part, and within one table by table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The tables that are not keyed by account.
    Directory,
    /// All that belongs to the accounts of these ids, both included.
    Accounts {
        /// The lowest.
        first: i64,
        /// The highest.
        last: i64,
    },
}

/// Rows of one table of one part, in the order of the table's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Which part.
    pub part: Part,
    /// Which of the carried tables.
    pub table: usize,
    /// How many rows of that table and part came before.
    pub before: u64,
    /// How many are in here.
    pub rows: u32,
    /// The rows.
    pub bytes: Vec<u8>,
}

impl Chunk {
    /// An empty one.
    pub(crate) fn new(part: Part, table: usize, before: u64) -> Self {
        Self { part, table, before, rows: 0, bytes: Vec::new() }
    }

    /// Whether it is to be sent on before another row is added.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_BYTES || self.rows >= FULL_ROWS
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// No value.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// The number; 0 if it is none.
    pub(crate) fn int(self) -> i64 {
        if let Self::Int(number) = self { number } else { 0 }
    }

    /// The text; empty if it is none.
    pub(crate) fn text(self) -> &'a str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// The bytes; none if it holds none.
    pub(crate) fn bytes(self) -> &'a [u8] {
        if let Self::Bytes(bytes) = self { bytes } else { &[] }
    }
}

/// Adds a row.
pub(crate) fn push_row(table: &Table, cells: &[Cell<'_>], out: &mut Vec<u8>) -> Result<()> {
    for (column, cell) in table.columns.iter().zip(cells) {
        if column.nullable {
            out.push(u8::from(*cell != Cell::Null));
        }
        match (column.sort, cell) {
            (_, Cell::Null) if column.nullable => {}
            (Sort::Int, Cell::Int(number)) => push_number(zigzag(*number), out),
            (Sort::Text, Cell::Text(text)) => push_bytes(text.as_bytes(), out),
            (Sort::Bytes, Cell::Bytes(bytes)) => push_bytes(bytes, out),
            _ => {
                let text = format!("read a row of {}: {} holds something else", table.name, column.name);
                return Err(Error::Internal(text));
            }
        }
    }
    if out.len() > LARGEST {
        return Err(Error::Internal(format!("read a row of {}: it is too large to be carried", table.name)));
    }
    Ok(())
}

fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    push_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

pub(crate) fn push_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn zigzag(number: i64) -> u64 {
    (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned()
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Takes rows out of bytes, which may come from anywhere: what is not a row is an error, never a panic.
pub(crate) struct Rows<'a> {
    table: &'static Table,
    rest: &'a [u8],
    left: u32,
}

impl<'a> Rows<'a> {
    /// The rows of a chunk of `table`.
    pub(crate) fn of(table: &'static Table, chunk: &'a Chunk) -> Self {
        Self { table, rest: &chunk.bytes, left: chunk.rows }
    }

    /// The next row into `cells`; false after the last.
    ///
    /// # Errors
    /// `Internal` if there is no whole row, or more than there should be.
    pub(crate) fn next(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool> {
        cells.clear();
        if self.left == 0 {
            return if self.rest.is_empty() { Ok(false) } else { Err(self.broken()) };
        }
        self.left -= 1;
        for column in &self.table.columns {
            let cell = self.cell(column.sort, column.nullable).ok_or_else(|| self.broken())?;
            cells.push(cell);
        }
        Ok(true)
    }

    fn broken(&self) -> Error {
        Error::Internal(format!("the rows of {} cannot be read: they are damaged", self.table.name))
    }

    fn cell(&mut self, sort: Sort, nullable: bool) -> Option<Cell<'a>> {
        if nullable {
            match take(&mut self.rest, 1)? {
                [0] => return Some(Cell::Null),
                [1] => {}
                _ => return None,
            }
        }
        let number = take_number(&mut self.rest)?;
        if sort == Sort::Int {
            return Some(Cell::Int(unzigzag(number)));
        }
        let bytes = take(&mut self.rest, usize::try_from(number).ok()?)?;
        match sort {
            Sort::Text => std::str::from_utf8(bytes).ok().map(Cell::Text),
            _ => Some(Cell::Bytes(bytes)),
        }
    }
}

pub(crate) fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

pub(crate) fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let [byte] = take(rest, 1)? else { return None };
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tables::tables;
    use proptest::prelude::*;

    fn table(name: &str) -> &'static Table {
        let all = tables(crate::sql::schema::STEPS.len()).unwrap();
        all.iter().find(|table| table.name == name).unwrap()
    }

    fn back(table: &'static Table, bytes: &[u8], rows: u32) -> Result<usize> {
        let chunk = Chunk { rows, bytes: bytes.to_vec(), ..Chunk::new(Part::Directory, 0, 0) };
        let (mut all, mut cells, mut count) = (Rows::of(table, &chunk), Vec::new(), 0);
        while all.next(&mut cells)? {
            assert_eq!(cells.len(), table.columns.len());
            count += 1;
        }
        Ok(count)
    }

    proptest! {
        #[test]
        fn rows_come_back(number in any::<i64>(), text in ".*", other in any::<Option<i64>>(), bytes in any::<Vec<u8>>()) {
            let secret = table("secret");
            let password = if text.is_empty() { Cell::Null } else { Cell::Text(&text) };
            let cells = [Cell::Int(number), password, Cell::Int(other.unwrap_or(i64::MIN)), Cell::Int(7)];
            let mut out = Vec::new();
            push_row(secret, &cells, &mut out).unwrap();
            let chunk = Chunk { rows: 1, bytes: out.clone(), ..Chunk::new(Part::Directory, 0, 0) };
            let (mut rows, mut found) = (Rows::of(secret, &chunk), Vec::new());
            prop_assert!(rows.next(&mut found).unwrap());
            prop_assert_eq!(&found[..], &cells[..]);
            prop_assert!(!rows.next(&mut found).unwrap());
            for end in 0..out.len() {
                prop_assert!(back(secret, &out[..end], 1).is_err(), "cut off at {}", end);
            }
            let _ = back(table("body"), &bytes, 3);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let body = table("body");
        let mut out = Vec::new();
        assert!(push_row(body, &[Cell::Int(1), Cell::Null, Cell::Bytes(b""), Cell::Null], &mut out).is_err());
        out.clear();
        push_row(body, &[Cell::Int(1), Cell::Int(-2), Cell::Bytes(b"abc"), Cell::Null], &mut out).unwrap();
        assert_eq!(out, [2, 3, 3, b'a', b'b', b'c', 0]);
        assert_eq!(back(body, &out, 1), Ok(1));
        assert!(back(body, &out, 0).is_err() && back(body, &out, 2).is_err());
        assert!(back(body, &[2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], 1).is_err());
        assert!(back(body, &[2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], 1).is_err());
        let name = table("address");
        assert!(back(name, &[1, 0xff, 2], 1).is_err(), "not UTF-8");
    }
}
