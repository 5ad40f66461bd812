//! What happened to accounts as such, read from the log of the house.
//!
//! Its numbers become visible in order, so whoever knows one asks for what comes after it and misses nothing. The latest
//! that was known when the store was opened is the first; how long ago it was asked for is the lag of this node.

use crate::encode::HOUSE;
use crate::postgres::session::Session;
use crate::postgres::value::{get, text, values};
use crate::sql::changes;
use kontor_model::{AccountId, News, Result};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Entries read at a time.
const SOME: i64 = 500;
/// If there are more than this many, all accounts are looked at again instead.
const MANY: i64 = 20_000;

/// How far this node has heard.
pub(in crate::postgres) struct House {
    /// The latest number told.
    known: AtomicI64,
    born: Instant,
    /// When it was last asked whether that is the latest; microseconds after `born`.
    sure: AtomicU64,
}

impl House {
    /// Of which nothing was heard yet.
    pub(in crate::postgres) fn new(known: i64) -> Self {
        Self { known: AtomicI64::new(known), born: Instant::now(), sure: AtomicU64::new(0) }
    }

    /// The latest number.
    pub(in crate::postgres) async fn number(session: &Session) -> Result<i64> {
        let row = session.row(changes::STATE, values![HOUSE]).await?;
        row.map_or(Ok(0), |row| get(&row, 0))
    }

    /// How long ago something may have happened of which nothing was told yet.
    pub(in crate::postgres) fn lag(&self) -> Duration {
        let sure = Duration::from_micros(self.sure.load(Ordering::Acquire));
        self.born.elapsed().saturating_sub(sure)
    }

    /// Asks what happened since the last time, and tells it.
    pub(in crate::postgres) async fn ask(&self, session: &Session, tell: impl Fn(&News)) -> Result<()> {
        let asked = self.born.elapsed();
        loop {
            let known = self.known.load(Ordering::Acquire);
            let number = Self::number(session).await?;
            if number == known {
                break;
            }
            let far = number < known || number - known > MANY;
            let rows = match far {
                true => Vec::new(),
                false => session.rows(changes::ACCOUNT_SINCE, values![HOUSE, known, SOME]).await?,
            };
            let mut reached = known;
            for row in &rows {
                let next = get(row, 0)?;
                if next != reached + 1 {
                    break;
                }
                reached = next;
                tell(&news(AccountId(get(row, 1)?), text(row, 2)?));
            }
            if reached == known {
                // The log was trimmed meanwhile, or goes on from another state.
                tell(&News::Anything);
                reached = number;
            }
            self.known.store(reached, Ordering::Release);
        }
        // After all was told: from now on it counts as known.
        self.sure.store(u64::try_from(asked.as_micros()).unwrap_or(u64::MAX), Ordering::Release);
        Ok(())
    }
}

fn news(account: AccountId, verb: &str) -> News {
    match verb {
        "set-grants" | "revoke-grants" => News::Grants(account),
        "create-principal" | "update-principal" | "remove-principal" | "secrets" => News::Account(account),
        // Of a later version: it may mean either.
        _ => News::Anything,
    }
}
