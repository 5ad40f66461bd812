//! Brings a database to the schema of this program: one node does, the others wait for it.

use super::address::Words;
use super::explain;
use super::fault::{Answer, Tried, Trouble, trouble};
use super::pool::Connector;
use super::session::Session;
use crate::sql::postgres::{
    BEGIN, COMMIT, HOLD_MARK, MARK, MARK_ROW, MARK_TABLE, NARROWED, ROLLBACK, SET_MARK, TABLES,
};
use crate::sql::schema;
use kontor_model::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

/// How often a node that met another one tries again.
const ATTEMPTS: u32 = 20;

/// Brings the database to the schema of this program.
///
/// # Errors
/// `Unsupported` with a text for the administrator.
pub(super) async fn to_current(connector: &Arc<Connector>) -> Result<()> {
    let session = connector.connect().await?;
    let words = &connector.address.words;
    refuse_strangers(&session, words).await?;
    let mut attempt = 0;
    loop {
        match bring(&session, schema::STEPS).await {
            Err(Trouble::Retry) if attempt < ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(trouble) => return Err(unsupported(explain::opening(words, trouble))),
            Ok(()) => return Ok(()),
        }
    }
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

/// Runs the steps that are missing, all in one transaction.
async fn bring(session: &Session, steps: &[&[&str]]) -> Tried<()> {
    // IF NOT EXISTS does not help against another node that makes it at this very moment.
    run(session, MARK)
        .await
        .map_err(|trouble| if already_there(&trouble) { Trouble::Retry } else { trouble })?;
    for sql in [MARK_ROW, BEGIN] {
        run(session, sql).await?;
    }
    let done = missing(session, steps).await;
    let end = if done.is_ok() { COMMIT } else { ROLLBACK };
    let ended = run(session, end).await;
    done.and(ended)
}

async fn missing(session: &Session, steps: &[&[&str]]) -> Tried<()> {
    let client = session.client();
    let held = client.query_one(HOLD_MARK, &[]).await.and_then(|row| row.try_get::<_, i64>(0));
    let version = held.map_err(|refusal| trouble(HOLD_MARK, &refusal))?;
    let current = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if version > current {
        let detail = format!(
            "the data in the database have schema version {version}, this program knows versions up to {current}: \
             use a newer one"
        );
        return Err(Trouble::Lasting(Error::Unsupported { detail }));
    }
    if version == current {
        return Ok(());
    }
    let done = usize::try_from(version).unwrap_or(0);
    for sql in steps.iter().skip(done).flat_map(|step| step.iter()) {
        run(session, &for_postgres(sql)).await?;
    }
    let set = client.execute(&super::text::numbered(SET_MARK), &[&current]).await;
    set.map(drop).map_err(|refusal| trouble(SET_MARK, &refusal))
}

fn already_there(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Lasting(Error::Internal(why)) if why.contains("already exists"))
}

async fn run(session: &Session, sql: &str) -> Tried<()> {
    session.client().batch_execute(sql).await.map_err(|refusal| trouble(sql, &refusal))
}

/// Says what is said otherwise here: bytes, texts in the order of their bytes, indexes over some rows.
fn for_postgres(sql: &str) -> String {
    let index = sql.strip_prefix("CREATE UNIQUE INDEX ").and_then(|rest| rest.split(' ').next());
    let narrowed = NARROWED.iter().find(|(name, _)| Some(*name) == index).map_or("", |(_, rows)| rows);
    sql.replace(" BLOB", " BYTEA").replace(" TEXT", " TEXT COLLATE \"C\"") + narrowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_in_its_words() {
        let told = for_postgres("CREATE TABLE x (a BIGINT NOT NULL, text TEXT NOT NULL, b BLOB)");
        assert_eq!(told, "CREATE TABLE x (a BIGINT NOT NULL, text TEXT COLLATE \"C\" NOT NULL, b BYTEA)");
    }

    #[test]
    fn indexes_that_begin_alike_are_narrowed() {
        let all = || schema::STEPS.iter().flat_map(|step| step.iter());
        for (name, rows) in NARROWED {
            let told: Vec<_> = all().map(|sql| for_postgres(sql)).filter(|sql| sql.contains(name)).collect();
            assert!(matches!(told.as_slice(), [one] if one.ends_with(rows)), "{told:?}");
        }
    }
}
