//! Secrets, failed log-ins, settings, leases.

use super::{AccountChange, Tx};
use crate::postgres::trim;
use crate::postgres::value::get;
use crate::postgres::value::values;
use crate::sql::principals;
use crate::{AppPassword, Done, Tenure, encode};
use kontor_model::{AccountId, Error, Result};

/// Nobody asks for failures that are older than this, in milliseconds: 48 hours.
const FAILURES_KEPT: i64 = 48 * 3_600_000;
/// Old failures that each new one takes along: more than it brings, so that the table shrinks after a siege.
const FAILURES_DROPPED: i64 = 10;

impl Tx<'_> {
    pub(super) async fn set_password(&mut self, id: AccountId, digest: Option<&str>) -> Result<Done> {
        found(self.db.count(principals::SET_PASSWORD, values![id.0, digest]).await?)?;
        self.secrets_changed(id).await
    }

    pub(super) async fn add_app_password(&mut self, id: AccountId, new: &AppPassword) -> Result<Done> {
        let number: i64 = self
            .db
            .one(principals::NEXT_APP_PASSWORD, values![id.0], |row| get(row, 0))
            .await?
            .ok_or(Error::NotFound)?;
        let values = values![
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
        self.db.run(principals::ADD_APP_PASSWORD, values).await?;
        self.secrets_changed(id).await?;
        Ok(Done::AppPassword { id: number })
    }

    pub(super) async fn revoke_app_password(&mut self, id: AccountId, number: i64) -> Result<Done> {
        found(self.db.count(principals::REVOKE_APP_PASSWORD, values![id.0, number]).await?)?;
        self.db.run(principals::BUMP_SECRET, values![id.0]).await?;
        self.secrets_changed(id).await
    }

    /// Not a change of a secret: whoever remembers a log-in goes on remembering.
    pub(super) async fn touch_app_password(&mut self, id: AccountId, number: i64) -> Result<Done> {
        let day = encode::day(self.at);
        found(self.db.count(principals::TOUCH_APP_PASSWORD, values![id.0, number, day]).await?)?;
        Ok(Done::Other)
    }

    pub(super) async fn count_failure(&mut self, scopes: &[String], tried: &[u8]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::COUNT_FAILURE, values![scope, self.at, tried]).await?;
        }
        trim::failures(self.db, self.at.saturating_sub(FAILURES_KEPT), FAILURES_DROPPED).await?;
        Ok(Done::Other)
    }

    pub(super) async fn take_back_failure(&mut self, scopes: &[String], tried: &[u8]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::FORGET_FAILURE, values![scope, self.at, tried]).await?;
        }
        Ok(Done::Other)
    }

    pub(super) async fn forget_failures(&mut self, scopes: &[String]) -> Result<Done> {
        for scope in scopes {
            self.db.run(principals::FORGET_FAILURES, values![scope]).await?;
        }
        Ok(Done::Other)
    }

    pub(super) async fn init_setting(&mut self, key: &str, value: &[u8]) -> Result<Done> {
        self.db.run(principals::INIT_SETTING, values![key, value]).await?;
        Ok(Done::Other)
    }

    pub(super) async fn move_lease(
        &mut self,
        name: &str,
        seen: Option<Tenure>,
        next: Tenure,
    ) -> Result<Done> {
        let rows = match seen {
            None => self.db.count(principals::NEW_LEASE, values![name, next.holder, next.beat]).await?,
            Some(seen) => {
                let values = values![name, seen.holder, seen.beat, next.holder, next.beat];
                self.db.count(principals::MOVE_LEASE, values).await?
            }
        };
        if rows == 0 { Err(Error::Stale { have: None }) } else { Ok(Done::Other) }
    }

    async fn secrets_changed(&mut self, id: AccountId) -> Result<Done> {
        self.log_account(id, AccountChange::Secrets).await?;
        Ok(Done::Other)
    }
}

fn found(rows: u64) -> Result<()> {
    if rows == 0 { Err(Error::NotFound) } else { Ok(()) }
}
