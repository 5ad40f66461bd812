//! Closing a store, opening it again, raising its numbers.

use super::{Link, reasons};
use crate::blob::GUEST;
use crate::moving::{
    ACCOUNTS_AT_ONCE, ARRIVING, Given, Keeper, LEAPING, LEFT, Leapt, cursor, leapt, refused,
};
use crate::postgres::fault::checked;
use crate::postgres::migrate;
use crate::postgres::session::Line;
use crate::postgres::text::numbered;
use crate::postgres::value::{Value, get, values};
use crate::sql::{blobs, changes, moving, postgres, schema, trash};
use kontor_model::{Error, Result, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Row;

/// Rows that are waited for in one transaction.
const HELD_AT_ONCE: i64 = 200;
/// How often that is tried, should it meet a write that waits for it in turn.
const ATTEMPTS: u32 = 50;

/// A database that servers may have open.
pub(super) struct Keeping {
    link: Link,
}

impl Keeping {
    pub(super) fn new(link: Link) -> Result<Self> {
        link.wait(async {
            migrate::version(&link.session).await?.ok_or(Error::NotFound)?;
            migrate::to_version(&link.connector, schema::STEPS.len()).await?;
            match reasons(&link.session).await?.iter().find(|(what, _)| what == ARRIVING) {
                Some((what, told)) => Err(refused(what, told)),
                None => Ok(()),
            }
        })?;
        Ok(Self { link })
    }
}

impl Keeper for Keeping {
    fn leave(&mut self, told: &str) -> Result<()> {
        self.link.wait(async {
            note(&self.link, LEFT, told).await?;
            wait_for_writes(&self.link).await
        })
    }

    fn reopen(&mut self) -> Result<bool> {
        self.link.wait(async {
            let done = self.link.session.client().execute(&numbered(moving::FORGET), &[&LEFT]).await;
            checked(moving::FORGET, done).map(|rows| rows > 0)
        })
    }

    fn share(&mut self) -> Result<()> {
        self.link.wait(async {
            let first = values![i64::MIN, i64::MIN, 1];
            if self.link.session.row(blobs::NEXT_BLOBS, first).await?.is_some() {
                self.link.session.rows(blobs::TAKE_PLACE, values![GUEST]).await?;
            }
            Ok(())
        })
    }

    fn leap(&mut self, at: Timestamp) -> Result<()> {
        self.link.wait(async {
            // Nobody writes between two accounts.
            if reasons(&self.link.session).await?.iter().all(|(what, _)| what != LEAPING) {
                note(&self.link, LEAPING, &i64::MIN.to_string()).await?;
                wait_for_writes(&self.link).await?;
            }
            leap(&self.link, at).await?;
            forget(&self.link, &[LEAPING]).await
        })
    }
}

/// Notes something.
pub(super) async fn note(link: &Link, what: &str, told: &str) -> Result<()> {
    let noted = link.session.client().execute(&numbered(moving::NOTE), &[&what, &told]).await;
    checked(moving::NOTE, noted).map(drop)
}

/// Takes notes away, all at once.
pub(super) async fn forget(link: &Link, notes: &[&str]) -> Result<()> {
    let mut line = Line::new(Arc::clone(&link.session));
    line.plain(postgres::BEGIN).await?;
    for what in notes {
        line.run(moving::FORGET, values![*what]).await?;
    }
    line.plain(postgres::COMMIT).await?;
    line.settle().await
}

/// A write holds the rows of the numbers that it moves, and looks last whether the store is open. So whoever holds
/// each of those rows once after closing it has waited for all that did not see that.
async fn wait_for_writes(link: &Link) -> Result<()> {
    let mut after = (i64::MIN, i64::MIN);
    while let Some(last) =
        held(link, postgres::HOLD_COUNTERS, values![after.0, after.1, HELD_AT_ONCE]).await?
    {
        after = (get(&last, 0)?, get(&last, 1)?);
    }
    let mut after = i64::MIN;
    while let Some(last) = held(link, postgres::HOLD_STATES, values![after, HELD_AT_ONCE]).await? {
        after = get(&last, 0)?;
    }
    Ok(())
}

/// Holds some rows and lets go of them; the last.
async fn held(link: &Link, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
    let mut attempt = 0;
    loop {
        match held_once(link, sql, values.clone()).await {
            Err(Error::Busy { .. }) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn held_once(link: &Link, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
    let mut line = Line::new(Arc::clone(&link.session));
    line.plain(postgres::BEGIN).await?;
    let rows = line.rows(sql, values).await;
    line.plain(postgres::ROLLBACK).await?;
    line.settle().await?;
    Ok(rows?.pop())
}

/// Raises all numbers, from where an earlier call stopped; how far it is stays noted.
pub(super) async fn leap(link: &Link, at: Timestamp) -> Result<()> {
    let reasons = reasons(&link.session).await?;
    let begun = reasons.iter().find(|(what, _)| what == LEAPING);
    let mut after = begun.map_or(i64::MIN, |(_, told)| cursor(told));
    while let Some(last) = some(link, after, at).await? {
        after = last;
    }
    Ok(())
}

/// Raises those of the next accounts; the last of them.
async fn some(link: &Link, after: i64, at: Timestamp) -> Result<Option<i64>> {
    let mut line = Line::new(Arc::clone(&link.session));
    line.plain(postgres::BEGIN).await?;
    let pair = |row: &Row| Ok((get::<i64>(row, 0)?, get::<i64>(row, 1)?));
    let accounts = line.all(moving::NEXT_NUMBERS, values![after, ACCOUNTS_AT_ONCE], pair).await?;
    let asks = accounts.iter().map(|(account, _)| (changes::COUNTERS, values![*account])).collect();
    let counters = line.flight(asks).await?;
    let asks = accounts.iter().map(|(account, _)| (trash::TRASHED_NUMBERS, values![*account])).collect();
    let trashed = line.flight(asks).await?;
    for ((account, number), (counters, trashed)) in accounts.iter().zip(counters.iter().zip(trashed)) {
        let counters = counters.iter().map(pair).collect::<Result<_>>()?;
        let trashed = trashed.iter().map(pair).collect::<Result<_>>()?;
        for (sql, given) in leapt(&Leapt { account: *account, number: *number, counters, trashed }, at) {
            line.run(sql, given.into_iter().map(value).collect()).await?;
        }
    }
    let last = accounts.last().map(|(account, _)| *account);
    if let Some(last) = last {
        line.run(moving::NOTE, values![LEAPING, last.to_string()]).await?;
    }
    line.plain(postgres::COMMIT).await?;
    line.settle().await?;
    Ok(last)
}

fn value(given: Given) -> Value {
    match given {
        Given::Int(number) => Value::Int(number),
        Given::Word(word) => Value::Text(word.to_owned()),
    }
}
