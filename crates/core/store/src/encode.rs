//! How nouns look in rows: shared by all engines.

use kontor_model::{
    AccountId, Actor, CollectionId, Error, Grant, Grantee, Limit, Origin, PropertyKey, QuotaSettings, Result,
    Rights,
};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The number that stands for an actor: an account's id, 0 for the server, -1 for the public.
pub(crate) fn actor(actor: &Actor) -> i64 {
    match actor {
        Actor::Account(id) => id.0,
        Actor::System => 0,
        Actor::Public => -1,
    }
}

/// The door of a word.
pub(crate) fn origin_of(word: &str) -> Result<Origin> {
    Origin::from_word(word).ok_or_else(|| unknown("door", word))
}

/// The account that such a number stands for, if any.
pub(crate) fn account_of(actor: i64) -> Option<AccountId> {
    (actor > 0).then_some(AccountId(actor))
}

/// Who such a number stands for.
pub(crate) fn actor_of(number: i64) -> Actor {
    match number {
        0 => Actor::System,
        id if id > 0 => Actor::Account(AccountId(id)),
        _ => Actor::Public,
    }
}

/// Properties in one column: each key and value behind its length.
pub(crate) fn properties(all: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in all.iter().flat_map(|(key, value)| [key.as_bytes(), value.as_slice()]) {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Back from the column.
pub(crate) fn properties_of(mut column: &[u8]) -> Result<Vec<(PropertyKey, Vec<u8>)>> {
    let cut = || Error::Internal("decode a row: properties are cut off".to_owned());
    let mut next = || -> Result<Option<Vec<u8>>> {
        let Some((length, rest)) = column.split_first_chunk() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut())?;
        let (part, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        column = rest;
        Ok(Some(part.to_vec()))
    };
    let mut all = Vec::new();
    while let Some(key) = next()? {
        let key = String::from_utf8(key).map_err(|_| cut())?;
        all.push((PropertyKey(key), next()?.ok_or_else(cut)?));
    }
    Ok(all)
}

/// Kind and id of a grantee.
pub(crate) fn grantee(grantee: &Grantee) -> (i64, i64) {
    match grantee {
        Grantee::Account(id) => (0, id.0),
        Grantee::Everyone => (1, 0),
        Grantee::Public => (2, 0),
    }
}

/// The account that stands for the house: in its log are the changes of all accounts as such.
pub(crate) const HOUSE: i64 = 0;

/// The entry of a row.
pub(crate) fn grant(kind: i64, id: i64, rights: i64) -> Result<Grant> {
    let grantee = match kind {
        0 => Grantee::Account(AccountId(id)),
        1 => Grantee::Everyone,
        2 => Grantee::Public,
        other => return Err(unknown("sort of grantee", other)),
    };
    let rights = u32::try_from(rights).map_err(|_| unknown("set of rights", rights))?;
    Ok(Grant { grantee, rights: Rights(rights) })
}

/// The column for "below which collection"; 0 is the top.
pub(crate) fn parent(parent: Option<CollectionId>) -> i64 {
    parent.map_or(0, |id| id.0)
}

/// Back from the column.
pub(crate) fn parent_of(column: i64) -> Option<CollectionId> {
    (column != 0).then_some(CollectionId(column))
}

/// How addresses are compared.
pub(crate) fn fold_address(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Several short texts in one column.
pub(crate) fn join(texts: &[String]) -> String {
    texts.join("\n")
}

/// Back from the column.
pub(crate) fn split(column: &str) -> Vec<String> {
    column.split('\n').filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// Start of the UTC day, in milliseconds.
pub(crate) fn day(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(DAY_MS)
}

/// When something was changed that was changed before: later in any case, by a second at least, for whoever compares does so
/// in seconds. A node whose clock is behind must not give a new text an older time.
pub(crate) fn after(before_ms: i64, at_ms: i64) -> i64 {
    if at_ms > before_ms { at_ms } else { before_ms.saturating_add(1_000) }
}

/// The token of a lock as a column.
pub(crate) fn token(token: u128) -> String {
    format!("{token:032x}")
}

/// And back.
pub(crate) fn token_of(text: &str) -> Result<u128> {
    u128::from_str_radix(text, 16).map_err(|_| unknown("token", text))
}

/// What ended before that is over for every node, however its clock goes.
pub(crate) fn long_over(at_ms: i64) -> i64 {
    at_ms - DAY_MS
}

/// How much an account may hold, from its three columns: NULL is what the server says, 0 no limit.
pub(crate) fn quota(warn: Option<i64>, soft: Option<i64>, hard: Option<i64>) -> QuotaSettings {
    let limit = |column: Option<i64>| match column {
        None => Limit::Default,
        Some(..=0) => Limit::None,
        Some(bytes) => Limit::Bytes(bytes.unsigned_abs()),
    };
    QuotaSettings { warn: limit(warn), soft: limit(soft), hard: limit(hard) }
}

/// One of them as a column.
pub(crate) fn limit(limit: Limit) -> Option<i64> {
    match limit {
        Limit::Default => None,
        Limit::None => Some(0),
        Limit::Bytes(bytes) => Some(size(bytes)),
    }
}

/// A size as a column.
pub(crate) fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What no engine of this version writes.
pub(crate) fn unknown(what: &str, value: impl std::fmt::Display) -> Error {
    Error::Internal(format!("decode a row: unknown {what} {value}"))
}
