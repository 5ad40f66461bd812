//! Large bodies of a store on its way: which there are, and what to say of those that are not what was put.

use super::chunk::{Cell, Rows};
use super::{Checker, Chunk, Pourer, Reading, RowSource};
use crate::blob::{BlobRef, BodySink, Depot, Row, State, Verdict};
use crate::sql::tables::Table;
use kontor_model::{AccountId, Error, Result};

/// Items named in one message.
const NAMED: usize = 5;

/// How many bodies were taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Laid {
    /// Bodies.
    pub bodies: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Laid {
    /// One more of so many bytes.
    pub(crate) fn add(&mut self, bytes: u64) {
        self.bodies += 1;
        self.bytes += bytes;
    }

    /// Hands bodies over.
    pub(super) fn take(
        &mut self,
        bodies: Vec<BlobRef>,
        from: Option<&Depot>,
        into: &mut dyn BodySink,
    ) -> Result<()> {
        for body in bodies {
            let nowhere = || {
                let detail = "it has large bodies, and it was not said where they lie".to_owned();
                Error::Unsupported { detail }
            };
            into.take(from.ok_or_else(nowhere)?.reading(&body))?;
            self.add(body.size());
        }
        Ok(())
    }
}

/// The bodies in some rows of their table that something may refer to.
pub(crate) fn kept(tables: &'static [Table], chunk: &Chunk) -> Result<Vec<BlobRef>> {
    let Some(table) = tables.get(chunk.table) else { return Ok(Vec::new()) };
    let at = ["account", "id", "state", "size", "hash"].map(|name| table.at(name));
    let (mut rows, mut cells, mut all) = (Rows::of(table, chunk), Vec::new(), Vec::new());
    while rows.next(&mut cells)? {
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).copied().unwrap_or(Cell::Null);
        let [account, id, state, size, hash] = at.map(cell);
        let hash = if hash == Cell::Null { None } else { Some(hash.bytes()) };
        let row = Row {
            account: AccountId(account.int()),
            id: id.int(),
            state: State::of(state.int())?,
            since: None,
            size: size.int().max(0).unsigned_abs(),
            hash: crate::blob::hash(hash)?,
            upload: None,
        };
        all.extend(row.kept());
    }
    Ok(all)
}

impl<R: Reading> Pourer<R> {
    /// Bodies that are not what was put: an error, unless they are only missing and nothing refers to them, in which case
    /// the collector took them.
    pub(super) fn judge(&mut self, spoilt: &[(BlobRef, Verdict)]) -> Result<()> {
        let mut checker = Checker::new(self.about()?.schema);
        for (body, verdict) in spoilt {
            checker.saw(&body.object(), *verdict);
        }
        let accounts: Vec<i64> = spoilt.iter().map(|(body, _)| body.account().0).collect();
        self.some(&accounts, &mut |chunk| checker.add(&chunk))?;
        let checked = checker.finish();
        let of_bodies = |rule: &str| matches!(rule, "blob-missing" | "blob-damaged");
        let named: Vec<String> =
            checked.findings.iter().filter(|found| of_bodies(found.rule)).map(ToString::to_string).collect();
        if !named.is_empty() {
            return Err(Error::Internal(told(&named)));
        }
        match spoilt.iter().find(|(_, verdict)| *verdict == Verdict::Damaged) {
            Some((body, _)) => {
                let object = body.object();
                Err(Error::Internal(format!(
                    "the object {object} is damaged; nothing refers to it: remove it"
                )))
            }
            None => Ok(()),
        }
    }
}

/// One line for the administrator.
fn told(named: &[String]) -> String {
    let more = named.len().saturating_sub(NAMED);
    let and = if more > 0 { format!("; and {more} more") } else { String::new() };
    let first: Vec<&str> = named.iter().take(NAMED).map(String::as_str).collect();
    format!("{}{and}: put such an item again or remove it, or bring its object back", first.join("; "))
}
