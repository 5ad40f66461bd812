//! One step of the schema, so that a crash in the middle leaves it whole.
//!
//! Where tables can be changed in a transaction, a step is one, together with the mark of its version. An index on a
//! table that is there already is made outside of it, while the table is written to. Elsewhere the mark that a step was
//! begun is set first, then it is done statement by statement; whoever finds that mark does again what may be done.

use super::{Manner, Marks, Plan, hold, run as say, set};
use crate::postgres::fault::{Tried, Trouble, trouble};
use crate::postgres::session::Session;
use crate::sql::postgres::{APART, BEGIN, COMMIT, DROP_INDEX, INDEX_IS_WHOLE, NARROWED, ROLLBACK, mark};
use crate::tally::Undone;

/// Runs the step that follows the version of `marks`.
pub(super) async fn run(session: &Session, manner: Manner, marks: Marks, plan: Plan<'_>) -> Tried<()> {
    let at = usize::try_from(marks.version).unwrap_or(0);
    let step = plan.steps.get(at).copied().unwrap_or_default();
    match manner {
        Manner::Whole => whole(session, marks, step).await,
        Manner::Piecemeal => piecemeal(session, marks, step).await,
    }
}

async fn whole(session: &Session, marks: Marks, step: &[&str]) -> Tried<()> {
    let to = marks.version + 1;
    let (apart, together): (Vec<&str>, Vec<&str>) = step.iter().partition(|sql| is_apart(sql, step));
    let reached = if apart.is_empty() { mark::VERSION } else { mark::BEGUN };
    if marks.begun < to || apart.is_empty() {
        transaction(session, marks.version, &together, (reached, to)).await?;
    }
    for sql in &apart {
        index(session, sql).await?;
    }
    if apart.is_empty() {
        Ok(())
    } else {
        transaction(session, marks.version, &[], (mark::VERSION, to)).await
    }
}

/// Runs `all` if the version is still `from`, and sets a mark.
async fn transaction(session: &Session, from: i64, all: &[&str], marked: (i64, i64)) -> Tried<()> {
    say(session, BEGIN).await?;
    let done = async {
        if hold(session, mark::VERSION).await? != from {
            return Err(Trouble::Retry(Undone::Taken));
        }
        for sql in all {
            say(session, &for_postgres(sql)).await?;
        }
        set(session, marked.0, marked.1).await
    };
    let done = match done.await {
        Ok(()) => say(session, COMMIT).await,
        Err(trouble) => Err(trouble),
    };
    if done.is_err() {
        // The connection may be gone, which undoes it as well.
        let _ = say(session, ROLLBACK).await;
    }
    done
}

async fn piecemeal(session: &Session, marks: Marks, step: &[&str]) -> Tried<()> {
    let to = marks.version + 1;
    let again = marks.begun >= to;
    if !again {
        set(session, mark::BEGUN, to).await?;
    }
    for sql in step {
        let sql = for_postgres(sql);
        let sql = if again { if_not_there(&sql) } else { sql };
        say(session, &sql).await?;
    }
    set(session, mark::VERSION, to).await
}

/// Makes an index while the table is written to. One that was begun and is not whole is made afresh.
async fn index(session: &Session, sql: &str) -> Tried<()> {
    let sql = &for_postgres(sql);
    let Some((head, name, tail)) = index_parts(sql) else { return say(session, sql).await };
    let numbered = crate::postgres::text::numbered(INDEX_IS_WHOLE);
    let found = session.client().query_opt(&numbered, &[&name]).await;
    let found = found.map_err(|refusal| trouble(INDEX_IS_WHOLE, &refusal))?;
    match found.map(|row| row.try_get::<_, bool>(0).unwrap_or(false)) {
        Some(true) => return Ok(()),
        Some(false) => say(session, &format!("{DROP_INDEX} {name}")).await?,
        None => {}
    }
    say(session, &format!("{head} {APART} {name} {tail}")).await
}

/// What stands before the name of an index, the name, and the rest.
fn index_parts(sql: &str) -> Option<(&'static str, &str, &str)> {
    let head = ["CREATE UNIQUE INDEX", "CREATE INDEX"].into_iter().find(|head| sql.starts_with(head))?;
    let (name, tail) = sql.get(head.len()..)?.trim_start().split_once(' ')?;
    Some((head, name, tail))
}

/// Whether a statement makes an index on a table that is not made by this step.
fn is_apart(sql: &str, step: &[&str]) -> bool {
    let table = index_parts(sql).and_then(|(_, _, tail)| tail.strip_prefix("ON ")?.split([' ', '(']).next());
    let makes = |sql: &str, table: &str| {
        sql.strip_prefix("CREATE TABLE ").is_some_and(|rest| rest.split(' ').next() == Some(table))
    };
    table.is_some_and(|table| !step.iter().any(|sql| makes(sql, table)))
}

/// A statement that does nothing where it was done before.
pub(in crate::postgres) fn if_not_there(sql: &str) -> String {
    for head in ["CREATE TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX "] {
        if let Some(rest) = sql.strip_prefix(head) {
            return format!("{head}IF NOT EXISTS {rest}");
        }
    }
    sql.replace(" ADD COLUMN ", " ADD COLUMN IF NOT EXISTS ")
}

/// Says what is said otherwise here: bytes, texts in the order of their bytes, indexes over some rows.
pub(in crate::postgres) fn for_postgres(sql: &str) -> String {
    let index = sql.split_once(" INDEX ").and_then(|(_, rest)| rest.split(' ').next());
    let narrowed = NARROWED.iter().find(|(name, _)| Some(*name) == index).map_or("", |(_, rows)| rows);
    sql.replace(" BLOB", " BYTEA").replace(" TEXT", " TEXT COLLATE \"C\"") + narrowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::schema;

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

    #[test]
    fn an_index_on_what_is_there_already_is_made_apart() {
        let step = [
            "CREATE TABLE x (a BIGINT)",
            "CREATE INDEX x_a ON x (a)",
            "CREATE UNIQUE INDEX item_a ON item (a)",
        ];
        let apart: Vec<bool> = step.iter().map(|sql| is_apart(sql, &step)).collect();
        assert_eq!(apart, [false, false, true]);
        assert_eq!(index_parts(step[2]), Some(("CREATE UNIQUE INDEX", "item_a", "ON item (a)")));
    }

    #[test]
    fn what_was_done_is_not_done_again() {
        let check = |sql: &str, expect: &str| assert_eq!(if_not_there(sql), expect);
        check("CREATE TABLE x (a BIGINT)", "CREATE TABLE IF NOT EXISTS x (a BIGINT)");
        check("CREATE INDEX x_a ON x (a)", "CREATE INDEX IF NOT EXISTS x_a ON x (a)");
        check("CREATE UNIQUE INDEX x_a ON x (a)", "CREATE UNIQUE INDEX IF NOT EXISTS x_a ON x (a)");
        check("ALTER TABLE x ADD COLUMN b BIGINT", "ALTER TABLE x ADD COLUMN IF NOT EXISTS b BIGINT");
    }
}
