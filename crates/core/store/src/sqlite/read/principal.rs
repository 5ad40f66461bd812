//! Accounts, secrets, failures, settings.

use crate::sql::principals;
use crate::sqlite::db::{Db, get};
use crate::sqlite::row;
use crate::{Failure, Orphan, Secrets, Tenure, encode};
use kontor_model::{AccountId, AccountName, Principal, Result, Timestamp};
use rusqlite::params;
use std::sync::Arc;

/// More failures than this in one window answer nothing new.
const FAILURES_TOLD: i64 = 1_000;

pub(in crate::sqlite) fn by_name(db: Db<'_>, name: &AccountName) -> Result<Option<Principal>> {
    db.one(principals::BY_NAME, [name.as_str()], row::principal)
}

pub(in crate::sqlite) fn by_id(db: Db<'_>, id: AccountId) -> Result<Option<Principal>> {
    db.one(principals::BY_ID, [id.0], row::principal)
}

pub(in crate::sqlite) fn by_email(db: Db<'_>, address: &str) -> Result<Option<Principal>> {
    db.one(principals::BY_ADDRESS, [encode::fold_address(address)], row::principal)
}

pub(in crate::sqlite) fn page(db: Db<'_>, after: &str, limit: i64) -> Result<Vec<Arc<Principal>>> {
    db.all(principals::PAGE_BY_NAME, params![after, limit], |row| row::principal(row).map(Arc::new))
}

pub(in crate::sqlite) fn orphans(db: Db<'_>) -> Result<Vec<Orphan>> {
    db.all(principals::ORPHANS, [], |row| {
        let name: String = get(row, 1)?;
        Ok(Orphan {
            account: AccountId(get(row, 0)?),
            name: AccountName::new(&name)?,
            since: row::time(row, 2)?,
        })
    })
}

pub(in crate::sqlite) fn secrets(db: Db<'_>, id: AccountId) -> Result<Option<Secrets>> {
    db.view(|db| {
        let Some((password, version)) =
            db.one(principals::SECRET, [id.0], |row| Ok((get(row, 0)?, get(row, 1)?)))?
        else {
            return Ok(None);
        };
        let app_passwords = db.all(principals::APP_PASSWORDS, [id.0], row::app_password)?;
        Ok(Some(Secrets { password, version, app_passwords }))
    })
}

pub(in crate::sqlite) fn failures(db: Db<'_>, scope: &str, since: Timestamp) -> Result<Vec<Failure>> {
    let mut told = db.all(principals::FAILURES, params![scope, since.millis(), FAILURES_TOLD], |row| {
        Ok(Failure { at: row::time(row, 0)?, tried: get(row, 1)? })
    })?;
    told.reverse();
    Ok(told)
}

pub(in crate::sqlite) fn setting(db: Db<'_>, key: &str) -> Result<Option<Vec<u8>>> {
    db.one(principals::SETTING, [key], |row| get(row, 0))
}

pub(in crate::sqlite) fn lease(db: Db<'_>, name: &str) -> Result<Option<Tenure>> {
    db.one(principals::LEASE, [name], |row| Ok(Tenure { holder: get(row, 0)?, beat: get(row, 1)? }))
}
