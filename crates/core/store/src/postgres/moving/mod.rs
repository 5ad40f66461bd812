//! Whole stores out of and into databases.

mod binary;
mod fill;
mod read;

use super::fault::checked;
use super::pool::Connector;
use super::session::Session;
use super::value::text;
use crate::moving::{RowSink, RowSource, refused};
use crate::sql::moving;
use kontor_model::Result;
use std::sync::Arc;
use tokio::runtime::{Handle, Runtime};

/// All rows of the store in a database, as they are at this moment, whoever writes to it meanwhile.
///
/// # Errors
/// `NotFound` if there is none; else as [`super::open`].
pub fn rows(url: &str) -> Result<Box<dyn RowSource>> {
    Ok(Box::new(read::view(Link::new(url)?)?))
}

/// A database to be filled.
///
/// # Errors
/// As [`super::open`].
pub fn fill(url: &str) -> Result<Box<dyn RowSink>> {
    Ok(Box::new(fill::Filling::new(Link::new(url)?)))
}

/// Whether a server may use the store.
pub(super) async fn may_be_opened(session: &Session) -> Result<()> {
    let reasons = reasons(session).await?;
    reasons.first().map_or(Ok(()), |(what, told)| Err(refused(what, told)))
}

async fn reasons(session: &Session) -> Result<Vec<(String, String)>> {
    let rows = checked(moving::REASONS, session.client().query(moving::REASONS, &[]).await)?;
    rows.iter().map(|row| Ok((text(row, 0)?.to_owned(), text(row, 1)?.to_owned()))).collect()
}

/// One connection, used from a thread that may wait.
struct Link {
    /// Ends with it, if it is its own.
    runtime: Option<Runtime>,
    handle: Handle,
    session: Arc<Session>,
}

impl Link {
    fn new(url: &str) -> Result<Self> {
        let (runtime, connector) = super::connector(url)?;
        let session = runtime.block_on(Self::patient(&connector));
        let handle = runtime.handle().clone();
        let link = |session| Self { runtime: Some(runtime), handle, session: Arc::new(session) };
        session.map(link)
    }

    /// A connection that is not cut off while it works.
    async fn patient(connector: &Connector) -> Result<Session> {
        let session = connector.reach().await?;
        let told = session.client().batch_execute(crate::sql::postgres::NO_HASTE).await;
        checked("begin", told).map(|()| session)
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.handle.block_on(work)
    }

    /// Statements without parameters or answers.
    async fn run(&self, sql: &str) -> Result<()> {
        checked(sql, self.session.client().batch_execute(sql).await)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
