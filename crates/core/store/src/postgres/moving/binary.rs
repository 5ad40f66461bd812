//! Rows in the form in which PostgreSQL takes many of them at once (PostgreSQL 15, COPY, "Binary Format").

use crate::moving::chunk::{Cell, Rows};
use kontor_model::{Error, Result};

/// What such rows begin with: signature, flags, length of an extension.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In the place of the length of a value that is none.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// In the place of the number of columns of a row that is none.
const END: [u8; 2] = (-1_i16).to_be_bytes();

/// The rows, whole.
pub(super) fn written(mut rows: Rows<'_>, hint: usize) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(hint + hint / 2);
    out.extend_from_slice(HEAD);
    let mut cells = Vec::new();
    while rows.next(&mut cells)? {
        let count = i16::try_from(cells.len()).map_err(|_| too_large())?;
        out.extend_from_slice(&count.to_be_bytes());
        for cell in &cells {
            match cell {
                Cell::Null => out.extend_from_slice(&NULL),
                Cell::Int(number) => value(&number.to_be_bytes(), &mut out)?,
                Cell::Text(text) => value(text.as_bytes(), &mut out)?,
                Cell::Bytes(bytes) => value(bytes, &mut out)?,
            }
        }
    }
    out.extend_from_slice(&END);
    Ok(out)
}

fn value(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let length = i32::try_from(bytes.len()).map_err(|_| too_large())?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn too_large() -> Error {
    Error::TooLarge { limit: "engine row size", max: 1_000_000_000 }
}
