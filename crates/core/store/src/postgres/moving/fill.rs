//! Filling a database.

use super::{Link, binary, keep, read, reasons};
use crate::blob::Depot;
use crate::moving::chunk::Rows;
use crate::moving::{ARRIVING, Chunk, LEAPING, Mark, RowSink, RowSource, Ticket, holds_something};
use crate::postgres::fault::{checked, fault};
use crate::postgres::migrate;
use crate::sql::tables::{Table, is_seeded, tables};
use crate::sql::{postgres, schema};
use bytes::Bytes;
use futures_util::SinkExt;
use kontor_model::{Error, Result, Timestamp};
use std::pin::pin;

/// Bytes after which what was put is kept.
const KEPT_AFTER: usize = 2 << 20;
/// Bytes handed over at once.
const PIECE: usize = 64 << 10;

/// A database being filled.
pub(super) struct Filling {
    link: Link,
    begun: Option<Begun>,
    depot: Option<Depot>,
}

/// How far it is.
struct Begun {
    ticket: Ticket,
    tables: &'static [Table],
    /// Bytes put since the last commit, if a transaction is open.
    waiting: Option<usize>,
}

impl Begun {
    fn new(ticket: Ticket) -> Self {
        Self { tables: tables(ticket.schema).unwrap_or_default(), ticket, waiting: None }
    }
}

fn not_begun() -> Error {
    Error::Internal("fill a store: it was not begun".to_owned())
}

impl Filling {
    pub(super) fn new(link: Link) -> Self {
        Self { link, begun: None, depot: None }
    }

    async fn there(&self) -> Result<Option<Ticket>> {
        let Some(version) = migrate::version(&self.link.session).await? else { return Ok(None) };
        let reasons = reasons(&self.link.session).await?;
        let note = reasons.iter().find(|(what, _)| what == ARRIVING);
        if let Some(ticket) = note.and_then(|(_, told)| Ticket::read(told)) {
            let whole = reasons.iter().any(|(what, _)| what == LEAPING);
            return Ok(Some(Ticket { whole, ..ticket }));
        }
        for table in tables(version).unwrap_or_default().iter().filter(|table| !is_seeded(table)) {
            let row = self.link.session.client().query_opt(&table.peek, &[]).await;
            if checked(&table.peek, row)?.is_some() {
                return Err(holds_something(format_args!("the database (its table {})", table.name)));
            }
        }
        if reasons.is_empty() { Ok(None) } else { Err(holds_something("the database")) }
    }

    async fn empty(&self, ticket: &Ticket) -> Result<()> {
        // What cannot do without syncing syncs.
        let _ = self.link.run(postgres::UNSYNCED).await;
        migrate::to_version(&self.link.connector, ticket.schema).await?;
        self.link.run(postgres::BEGIN).await?;
        for table in tables(ticket.schema).unwrap_or_default() {
            self.link.run(&table.clear).await?;
        }
        keep::note(&self.link, ARRIVING, &ticket.to_string()).await?;
        self.link.run(postgres::COMMIT).await
    }

    async fn add(&self, begun: &mut Begun, chunk: &Chunk) -> Result<()> {
        let missing = || Error::Internal(format!("there is no table {}", chunk.table));
        let table = begun.tables.get(chunk.table).ok_or_else(missing)?;
        if begun.waiting.is_none() {
            self.link.run(postgres::BEGIN).await?;
        }
        let rows = Bytes::from(binary::written(Rows::of(table, chunk), chunk.bytes.len())?);
        let sql = &table.fill;
        let mut to = pin!(checked(sql, self.link.session.client().copy_in::<_, Bytes>(sql).await)?);
        for at in (0..rows.len()).step_by(PIECE) {
            let piece = rows.slice(at..rows.len().min(at + PIECE));
            to.send(piece).await.map_err(|refusal| fault(sql, &refusal))?;
        }
        to.finish().await.map_err(|refusal| fault(sql, &refusal))?;
        begun.ticket.at = Some(Mark::after(chunk));
        let waiting = begun.waiting.unwrap_or(0) + chunk.bytes.len();
        begun.waiting = Some(waiting);
        if waiting >= KEPT_AFTER { self.keep(begun).await } else { Ok(()) }
    }

    /// Commits what was put together with how far that is.
    async fn keep(&self, begun: &mut Begun) -> Result<()> {
        if begun.waiting.take().is_some() {
            keep::note(&self.link, ARRIVING, &begun.ticket.to_string()).await?;
            self.link.run(postgres::COMMIT).await?;
        }
        Ok(())
    }

    async fn open_it(&self, leap: Option<Timestamp>) -> Result<()> {
        self.link.run(postgres::SYNCED).await?;
        migrate::to_version(&self.link.connector, schema::STEPS.len()).await?;
        if let Some(at) = leap {
            keep::leap(&self.link, at).await?;
        }
        keep::forget(&self.link, &[LEAPING, ARRIVING]).await
    }
}

impl RowSink for Filling {
    fn begun(&mut self) -> Result<Option<Ticket>> {
        let ticket = self.link.wait(self.there())?;
        if let Some(ticket) = &ticket {
            self.begun = Some(Begun::new(ticket.clone()));
            // What cannot do without syncing syncs.
            let _ = self.link.wait(self.link.run(postgres::UNSYNCED));
        }
        Ok(ticket)
    }

    fn begin(&mut self, ticket: &Ticket) -> Result<()> {
        self.link.wait(self.empty(ticket))?;
        self.begun = Some(Begun::new(ticket.clone()));
        Ok(())
    }

    fn lay_in(&mut self, depot: Depot) {
        self.depot = Some(depot);
    }

    fn depot(&self) -> Option<&Depot> {
        self.depot.as_ref()
    }

    fn put(&mut self, chunk: &Chunk) -> Result<()> {
        let mut begun = self.begun.take().ok_or_else(not_begun)?;
        self.link.wait(self.add(&mut begun, chunk))?;
        self.begun = Some(begun);
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        let mut begun = self.begun.take().ok_or_else(not_begun)?;
        self.link.wait(self.keep(&mut begun))?;
        self.begun = Some(begun);
        Ok(())
    }

    fn rows(&mut self) -> Result<Box<dyn RowSource + '_>> {
        self.settle()?;
        Ok(Box::new(read::view(&self.link)?))
    }

    fn finish(&mut self, leap: Option<Timestamp>) -> Result<()> {
        self.settle()?;
        self.link.wait(self.open_it(leap))
    }
}
