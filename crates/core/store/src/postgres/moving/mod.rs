//! Whole stores out of and into databases.

mod binary;
mod fill;
mod keep;
mod read;

use super::PostgresOptions;
use super::address::Address;
use super::connect::Connector;
use super::fault::checked;
use super::migrate;
use super::session::Session;
use super::value::text;
use crate::moving::{Keeper, RowSink, RowSource, refused};
use crate::sql::moving;
use crate::sql::tables::since;
use kontor_model::{Error, Result};
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::OwnedSemaphorePermit;

/// All rows of the store in a database, as they are at this moment, whoever writes to it meanwhile.
///
/// # Errors
/// `NotFound` if there is none; else as [`super::open`].
pub fn rows(url: &str, options: &PostgresOptions) -> Result<Box<dyn RowSource>> {
    Ok(Box::new(read::view(Link::new(url, options)?)?))
}

/// A database to be filled.
///
/// # Errors
/// As [`super::open`].
pub fn fill(url: &str, options: &PostgresOptions) -> Result<Box<dyn RowSink>> {
    Ok(Box::new(fill::Filling::new(Link::new(url, options)?)))
}

/// Looks after the store in a database, whether servers have it open or not.
///
/// # Errors
/// As [`rows`].
pub fn keeper(url: &str, options: &PostgresOptions) -> Result<Box<dyn Keeper>> {
    Ok(Box::new(keep::Keeping::new(Link::new(url, options)?)?))
}

/// The database that a URL names, for people: without user, password and settings.
pub fn shown(url: &str) -> String {
    match Address::read(url, &PostgresOptions::default()) {
        Ok(Address { words, .. }) => format!("{} at {}", words.name, words.servers),
        Err(_) => "a database".to_owned(),
    }
}

/// All rows as they are at this moment, on a connection of their own.
pub(super) async fn whole(
    connector: Arc<Connector>,
    turn: OwnedSemaphorePermit,
) -> Result<Box<dyn RowSource>> {
    let session = Arc::new(Link::patient(&connector).await?);
    let link = Link { runtime: None, connector, session, _turn: Some(turn) };
    // It waits for answers, which a thread of a runtime may not.
    let view = tokio::task::spawn_blocking(move || read::view(link));
    let view = view.await.map_err(|error| Error::Internal(format!("read the store: {error}")))??;
    Ok(Box::new(view))
}

/// Whether a server may use the store.
pub(super) async fn may_be_opened(session: &Session) -> Result<()> {
    let reasons = reasons(session).await?;
    reasons.first().map_or(Ok(()), |(what, told)| Err(refused(what, told)))
}

async fn reasons(session: &Session) -> Result<Vec<(String, String)>> {
    if migrate::version(session).await?.is_none_or(|version| version < since("moving")) {
        return Ok(Vec::new());
    }
    let rows = checked(moving::REASONS, session.client().query(moving::REASONS, &[]).await)?;
    rows.iter().map(|row| Ok((text(row, 0)?.to_owned(), text(row, 1)?.to_owned()))).collect()
}

/// One connection, used from a thread that may wait.
struct Link {
    /// Ends with it, if it is its own.
    runtime: Option<Runtime>,
    connector: Arc<Connector>,
    session: Arc<Session>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Link {
    fn new(url: &str, options: &PostgresOptions) -> Result<Self> {
        let (runtime, connector) = super::connector(url, options)?;
        match runtime.block_on(Self::patient(&connector)) {
            Ok(session) => {
                Ok(Self { runtime: Some(runtime), connector, session: Arc::new(session), _turn: None })
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// A connection that is not cut off while it works.
    async fn patient(connector: &Arc<Connector>) -> Result<Session> {
        let session = connector.connect().await?;
        let told = connector.tell(&session, crate::sql::postgres::NO_HASTE).await;
        checked("begin", told).map(|()| session)
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.connector.runtime.block_on(work)
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
