//! Brings a database to the schema of this program: one node does, the others wait for it.
//!
//! The table of marks says which version the data have, and the oldest program that may work on them. A program that is
//! as old as the data, or older but not too old, takes nothing and waits for nobody; it goes on working while a newer
//! one brings the data forward.

mod step;

#[cfg(test)]
pub(super) use step::{for_postgres, if_not_there};

use super::address::Words;
use super::connect::Connector;
use super::explain;
use super::fault::{Answer, Tried, Trouble, trouble};
use super::session::Session;
use crate::sql::postgres::{
    AT_LENGTH, BEGIN, CITUS, COMMIT, HOLD_MARK, HOLD_TURN, MARK, MARK_ROWS, MARK_TABLE, MARKS, SET_MARK,
    TABLES, WHICH, mark,
};
use crate::sql::schema;
use crate::tally::Undone;
use kontor_model::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

/// How long a node that met another one, or a table in use, tries again.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// A schema, and how to get there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    pub(super) steps: &'a [&'a [&'a str]],
    /// The oldest program that may work on data of the last version.
    pub(super) oldest: i64,
    /// Whether to behave as on an engine that cannot undo half a step.
    pub(super) piecemeal: bool,
}

impl Plan<'static> {
    /// That of this program.
    pub(super) const OURS: Self = Self { steps: schema::STEPS, oldest: schema::OLDEST, piecemeal: false };
}

impl Plan<'_> {
    /// The version that it leads to.
    fn current(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }
}

/// What the table of marks says; 0 for what it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    version: i64,
    oldest: i64,
    begun: i64,
}

/// How an engine takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// In one transaction.
    Whole,
    /// Statement by statement: it cannot undo changes of tables, or not together with changes of rows.
    Piecemeal,
}

/// Brings the database to the schema of this program.
///
/// # Errors
/// `Unsupported` with a text for the administrator.
pub(super) async fn to_current(connector: &Arc<Connector>, plan: Plan<'_>) -> Result<()> {
    let session = connector.connect().await?;
    let words = &connector.address.words;
    refuse_strangers(&session, words).await?;
    let begun = Instant::now();
    let mut told = false;
    loop {
        match bring(connector, &session, plan).await {
            Err(Trouble::Retry(_) | Trouble::Held) if begun.elapsed() < PATIENCE => {
                if !std::mem::replace(&mut told, true) {
                    tracing::info!(
                        "waiting: another server brings the schema forward, or the tables are in use"
                    );
                }
                tokio::time::sleep(PAUSE).await;
            }
            Err(trouble) => return Err(unsupported(explain::opening(words, trouble))),
            Ok(()) => return Ok(()),
        }
    }
}

/// Brings it to an earlier schema.
///
/// # Errors
/// As [`to_current`].
pub(super) async fn to_version(connector: &Arc<Connector>, version: usize) -> Result<()> {
    let steps = schema::STEPS.get(..version).unwrap_or(schema::STEPS);
    let oldest = schema::OLDEST.min(i64::try_from(version).unwrap_or(i64::MAX));
    to_current(connector, Plan { steps, oldest, piecemeal: false }).await
}

/// The schema version of what is there; `None` if nothing is.
pub(super) async fn version(session: &Session) -> Result<Option<usize>> {
    let marks = marks(session).await.map_err(Trouble::told)?;
    Ok(marks.and_then(|marks| usize::try_from(marks.version).ok()).filter(|version| *version > 0))
}

fn unsupported(detail: String) -> Error {
    Error::Unsupported { detail }
}

/// Refuses a database with tables that are not ours, before anything is made in it.
async fn refuse_strangers(session: &Session, words: &Words) -> Result<()> {
    let all = session.client().query(TABLES, &[]).await;
    let all = all.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect::<Answer<Vec<String>>>());
    let all = all.map_err(|refusal| unsupported(explain::refusal(words, &refusal)))?;
    match all.first() {
        Some(first) if !all.iter().any(|name| name == MARK_TABLE) => {
            Err(unsupported(explain::strangers(words, first, all.len())))
        }
        _ => Ok(()),
    }
}

async fn bring(connector: &Arc<Connector>, session: &Session, plan: Plan<'_>) -> Tried<()> {
    if !behind(session, plan).await? {
        return Ok(());
    }
    let turn = connector.connect().await.map_err(Trouble::Lasting)?;
    at_length(&turn).await?;
    run(&turn, BEGIN).await?;
    // Asked for again and again instead of waited for, and not as a prepared statement: whoever makes an index waits for
    // all that have a view of the data, as both would have.
    run(&turn, HOLD_TURN).await?;
    at_length(session).await?;
    // Whoever had the turn before has perhaps done it all.
    while behind(session, plan).await? {
        let marks = marks(session).await?.unwrap_or_default();
        set(session, mark::OLDEST, marks.oldest.max(plan.oldest)).await?;
        tracing::info!(version = marks.version + 1, "bringing the schema of the database forward");
        let which = manner(session, plan).await?;
        step::run(session, which, marks, plan).await?;
    }
    run(&turn, COMMIT).await
}

async fn at_length(session: &Session) -> Tried<()> {
    for setting in AT_LENGTH {
        // What does not know one has no such limit.
        match run(session, setting).await {
            Err(Trouble::Lasting(_)) | Ok(()) => {}
            other => return other,
        }
    }
    Ok(())
}

/// Whether the data are older than this program.
async fn behind(session: &Session, plan: Plan<'_>) -> Tried<bool> {
    let marks = match marks(session).await? {
        Some(marks) => marks,
        None => {
            // IF NOT EXISTS does not help against another node that makes it at this very moment.
            let made = run(session, MARK).await;
            made.map_err(
                |trouble| if already_there(&trouble) { Trouble::Retry(Undone::Taken) } else { trouble },
            )?;
            run(session, MARK_ROWS).await?;
            marks(session).await?.unwrap_or_default()
        }
    };
    let current = plan.current();
    if marks.version > current && !(1..=current).contains(&marks.oldest) {
        let detail = format!(
            "the data in the database have schema version {}, this program knows versions up to {current}: \
             use a newer one",
            marks.version
        );
        return Err(Trouble::Lasting(Error::Unsupported { detail }));
    }
    Ok(marks.version < current)
}

/// The marks; `None` if they are not all there.
async fn marks(session: &Session) -> Tried<Option<Marks>> {
    let rows = match session.client().query(MARKS, &[]).await {
        Ok(rows) => rows,
        Err(refusal) if refusal.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(None),
        Err(refusal) => return Err(trouble(MARKS, &refusal)),
    };
    if rows.len() < mark::COUNT {
        return Ok(None);
    }
    let mut marks = Marks::default();
    for row in rows {
        let column = |at| row.try_get::<_, i64>(at).map_err(|refusal| trouble(MARKS, &refusal));
        match column(0)? {
            mark::VERSION => marks.version = column(1)?,
            mark::OLDEST => marks.oldest = column(1)?,
            mark::BEGUN => marks.begun = column(1)?,
            _ => {}
        }
    }
    Ok(Some(marks))
}

/// A mark, held to the end of the transaction.
async fn hold(session: &Session, which: i64) -> Tried<i64> {
    let sql = super::text::numbered(HOLD_MARK);
    let held = session.client().query_one(&sql, &[&which]).await.and_then(|row| row.try_get(0));
    held.map_err(|refusal| trouble(HOLD_MARK, &refusal))
}

async fn set(session: &Session, which: i64, to: i64) -> Tried<()> {
    let sql = super::text::numbered(SET_MARK);
    let set = session.client().execute(&sql, &[&which, &to]).await;
    set.map(drop).map_err(|refusal| trouble(SET_MARK, &refusal))
}

/// How this engine takes steps, by its name.
async fn manner(session: &Session, plan: Plan<'_>) -> Tried<Manner> {
    let answer = session.client().query_one(WHICH, &[]).await.and_then(|row| row.try_get::<_, String>(0));
    let name = answer.map_err(|refusal| trouble(WHICH, &refusal))?;
    Ok(if plan.piecemeal || is_spread(&name) { Manner::Piecemeal } else { Manner::Whole })
}

/// Whether accounts lie on several machines, so that one transaction should not write to several accounts; also where
/// that is not to be learned.
pub(super) async fn spreads(session: &Session) -> bool {
    let name = session.client().query_one(WHICH, &[]).await.and_then(|row| row.try_get::<_, String>(0));
    let citus = session.client().query(CITUS, &[]).await;
    let one = name.is_ok_and(|name| !is_spread(&name)) && citus.is_ok_and(|rows| rows.is_empty());
    !one
}

fn is_spread(name: &str) -> bool {
    name.contains("CockroachDB") || name.contains("-YB-")
}

fn already_there(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Lasting(Error::Internal(why)) if why.contains("already exists"))
}

async fn run(session: &Session, sql: &str) -> Tried<()> {
    session.client().batch_execute(sql).await.map_err(|refusal| trouble(sql, &refusal))
}
