//! Secrets, failed log-ins, settings, leases.

use super::{AccountChange, Tx};
use crate::sql::principals;
use crate::sqlite::db::get;
use crate::sqlite::trim;
use crate::{AppPassword, Done, Tenure, encode};
use kontor_model::{AccountId, Error, Result};
use rusqlite::params;

/// Nobody asks for failures that are older than this, in milliseconds: 48 hours.
const FAILURES_KEPT: i64 = 48 * 3_600_000;
/// Old failures that each new one takes along: more than it brings, so that the table shrinks after a siege.
const FAILURES_DROPPED: i64 = 10;

impl Tx<'_> {
    pub(super) fn set_password(&mut self, id: AccountId, digest: Option<&str>) -> Result<Done> {
        found(self.db.run(principals::SET_PASSWORD, params![id.0, digest])?)?;
        self.secrets_changed(id)
    }

    pub(super) fn add_app_password(&mut self, id: AccountId, new: &AppPassword) -> Result<Done> {
        let number: i64 =
            self.db.one(principals::NEXT_APP_PASSWORD, [id.0], |row| get(row, 0))?.ok_or(Error::NotFound)?;
        let values = params![
            id.0,
            number,
            new.label,
            new.digest,
            encode::join(&new.scopes),
            i64::from(new.read_only),
            new.expires.map(kontor_model::Timestamp::millis),
            new.created.millis(),
            new.last_used.map(kontor_model::Timestamp::millis)
        ];
        self.db.run(principals::ADD_APP_PASSWORD, values)?;
        self.secrets_changed(id)?;
        Ok(Done::AppPassword { id: number })
    }

    pub(super) fn revoke_app_password(&mut self, id: AccountId, number: i64) -> Result<Done> {
        found(self.db.run(principals::REVOKE_APP_PASSWORD, params![id.0, number])?)?;
        self.db.run(principals::BUMP_SECRET, [id.0])?;
        self.secrets_changed(id)
    }

    /// Not a change of a secret: whoever remembers a log-in goes on remembering.
    pub(super) fn touch_app_password(&mut self, id: AccountId, number: i64) -> Result<Done> {
        let day = encode::day(self.at);
        found(self.db.run(principals::TOUCH_APP_PASSWORD, params![id.0, number, day])?)?;
        self.effect.secrets.push(id);
        Ok(Done::Other)
    }

    pub(super) fn count_failure(&self, scopes: &[String], tried: &[u8]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::COUNT_FAILURE, params![scope, self.at, tried])?;
        }
        trim::failures(self.db, self.at.saturating_sub(FAILURES_KEPT), FAILURES_DROPPED)?;
        Ok(Done::Other)
    }

    pub(super) fn take_back_failure(&self, scopes: &[String], tried: &[u8]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::FORGET_FAILURE, params![scope, self.at, tried])?;
        }
        Ok(Done::Other)
    }

    pub(super) fn forget_failures(&self, scopes: &[String]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::FORGET_FAILURES, [scope])?;
        }
        Ok(Done::Other)
    }

    pub(super) fn init_setting(&self, key: &str, value: &[u8]) -> Result<Done> {
        self.db.run(principals::INIT_SETTING, params![key, value])?;
        Ok(Done::Other)
    }

    pub(super) fn move_lease(&self, name: &str, seen: Option<Tenure>, next: Tenure) -> Result<Done> {
        let rows = match seen {
            None => self.db.run(principals::NEW_LEASE, params![name, next.holder, next.beat])?,
            Some(seen) => {
                let values = params![name, seen.holder, seen.beat, next.holder, next.beat];
                self.db.run(principals::MOVE_LEASE, values)?
            }
        };
        if rows == 0 { Err(Error::Stale { have: None }) } else { Ok(Done::Other) }
    }

    fn secrets_changed(&mut self, id: AccountId) -> Result<Done> {
        self.effect.secrets.push(id);
        self.log_account(id, AccountChange::Secrets)?;
        Ok(Done::Other)
    }
}

fn found(rows: usize) -> Result<()> {
    if rows == 0 { Err(Error::NotFound) } else { Ok(()) }
}
