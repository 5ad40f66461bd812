//! Accounts, secrets, failures, settings.

use super::viewed;
use crate::postgres::pool::Readers;
use crate::postgres::row;
use crate::postgres::session::{Line, Session};
use crate::postgres::value::{Value, get, text, values};
use crate::sql::principals;
use crate::{Failure, Orphan, Secrets, Tenure, encode};
use kontor_model::{AccountId, AccountName, Principal, Result, Timestamp};
use std::sync::Arc;

/// More failures than this in one window answer nothing new.
const FAILURES_TOLD: i64 = 1_000;

async fn one(session: &Session, sql: &'static str, key: Vec<Value>) -> Result<Option<Arc<Principal>>> {
    session.row(sql, key).await?.map(|row| row::principal(&row).map(Arc::new)).transpose()
}

pub(in crate::postgres) async fn by_name(session: &Session, name: &str) -> Result<Option<Arc<Principal>>> {
    one(session, principals::BY_NAME, values![name]).await
}

pub(in crate::postgres) async fn by_id(session: &Session, id: AccountId) -> Result<Option<Arc<Principal>>> {
    one(session, principals::BY_ID, values![id.0]).await
}

pub(in crate::postgres) async fn by_email(
    session: &Session,
    address: &str,
) -> Result<Option<Arc<Principal>>> {
    one(session, principals::BY_ADDRESS, values![encode::fold_address(address)]).await
}

pub(in crate::postgres) async fn page(
    session: &Session,
    after: String,
    limit: i64,
) -> Result<Vec<Arc<Principal>>> {
    let rows = session.rows(principals::PAGE_BY_NAME, values![after, limit]).await?;
    rows.iter().map(|row| row::principal(row).map(Arc::new)).collect()
}

pub(in crate::postgres) async fn orphans(session: &Session) -> Result<Vec<Orphan>> {
    let rows = session.rows(principals::ORPHANS, Vec::new()).await?;
    let orphan = |row| {
        let name = AccountName::new(text(row, 1)?)?;
        Ok(Orphan { account: AccountId(get(row, 0)?), name, since: row::time(row, 2)? })
    };
    rows.iter().map(orphan).collect()
}

pub(in crate::postgres) async fn secrets(
    readers: &Arc<Readers>,
    id: AccountId,
) -> Result<Option<Arc<Secrets>>> {
    viewed!(readers, |line| secrets_in(line, id))
}

async fn secrets_in(line: &mut Line, id: AccountId) -> Result<Option<Arc<Secrets>>> {
    let asks = vec![(principals::SECRET, values![id.0]), (principals::APP_PASSWORDS, values![id.0])];
    let mut rows = line.flight(asks).await?.into_iter();
    let (secret, app_passwords) = (rows.next().unwrap_or_default(), rows.next().unwrap_or_default());
    let Some(secret) = secret.first() else { return Ok(None) };
    let app_passwords = app_passwords.iter().map(row::app_password).collect::<Result<Vec<_>>>()?;
    Ok(Some(Arc::new(Secrets { password: get(secret, 0)?, version: get(secret, 1)?, app_passwords })))
}

pub(in crate::postgres) async fn failures(
    session: &Session,
    scope: &str,
    since: Timestamp,
) -> Result<Vec<Failure>> {
    let rows = session.rows(principals::FAILURES, values![scope, since.millis(), FAILURES_TOLD]).await?;
    // They come newest first.
    rows.iter().rev().map(|row| Ok(Failure { at: row::time(row, 0)?, tried: get(row, 1)? })).collect()
}

pub(in crate::postgres) async fn setting(session: &Session, key: &str) -> Result<Option<Vec<u8>>> {
    session.row(principals::SETTING, values![key]).await?.map(|row| get(&row, 0)).transpose()
}

pub(in crate::postgres) async fn lease(session: &Session, name: &str) -> Result<Option<Tenure>> {
    let row = session.row(principals::LEASE, values![name]).await?;
    row.map(|row| Ok(Tenure { holder: get(&row, 0)?, beat: get(&row, 1)? })).transpose()
}
