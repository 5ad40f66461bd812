//! Count and digest of each table: what two stores are compared by.

use super::Chunk;
use crate::sql::tables::tables;
use kontor_model::{Error, Result};

/// What is known of a table as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Its name.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// Bytes of them, encoded.
    pub bytes: u64,
    /// BLAKE3 over them, in order; hexadecimal.
    pub digest: String,
}

/// Adds up chunks as they go by, in order.
pub struct Summing {
    schema: usize,
    tables: Vec<(u64, u64, blake3::Hasher)>,
}

impl Summing {
    /// Nothing yet, of a store of that schema version.
    pub fn new(schema: usize) -> Self {
        let count = tables(schema).unwrap_or_default().len();
        Self { schema, tables: (0..count).map(|_| (0, 0, blake3::Hasher::new())).collect() }
    }

    /// One more chunk.
    ///
    /// # Errors
    /// `Internal` if it is of no table.
    pub fn add(&mut self, chunk: &Chunk) -> Result<()> {
        let unknown = || Error::Internal(format!("there is no table {}", chunk.table));
        let (rows, bytes, digest) = self.tables.get_mut(chunk.table).ok_or_else(unknown)?;
        *rows += u64::from(chunk.rows);
        *bytes += chunk.bytes.len() as u64;
        digest.update(&chunk.bytes);
        Ok(())
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(rows, ..)| rows).sum()
    }

    /// All tables, empty ones too.
    pub fn sums(&self) -> Vec<Sum> {
        let named = tables(self.schema).unwrap_or_default().iter().zip(&self.tables);
        let sum =
            |(table, (rows, bytes, digest)): (&crate::sql::tables::Table, &(u64, u64, blake3::Hasher))| Sum {
                table: table.name,
                rows: *rows,
                bytes: *bytes,
                digest: digest.finalize().to_hex().to_string(),
            };
        named.map(sum).collect()
    }
}
