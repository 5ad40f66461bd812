//! Raising the numbers of a store that goes on from an older state than clients may have seen.
//!
//! A store brought back from a backup would give out numbers a second time, for other changes: a client that saw the
//! first ones would believe that it knows the second ones, and would never ask. So every number leaps by [`LEAP`], and the
//! leap is an entry of the log. A number is known if an entry has it; what lies in a gap that a leap made was given
//! out in the course of events that is lost, and whoever comes with it is sent to start afresh. What was given out before
//! the backup stays known, so those clients notice nothing.

use crate::sql::{changes, moving, trash};
use kontor_model::{Origin, Timestamp, Verb};

/// By how much: more than ten thousand changes a second to a single collection come to in three years.
pub const LEAP: i64 = 1 << 40;

/// By how much the small numbers of items leap, which must stay below 2^31: more than a list grows by between two
/// backups, and room for a thousand leaps.
const SMALL_LEAP: i64 = 1 << 20;

/// Accounts whose numbers are raised in one transaction.
pub(crate) const ACCOUNTS_AT_ONCE: i64 = 64;

/// One account, with the numbers that it and its collections had.
pub(crate) struct Leapt {
    pub(crate) account: i64,
    pub(crate) number: i64,
    /// Collection and number.
    pub(crate) counters: Vec<(i64, i64)>,
    /// The same of those in the trash, which go on counting when they come back.
    pub(crate) trashed: Vec<(i64, i64)>,
}

/// A value of a statement.
pub(crate) enum Given {
    /// A number.
    Int(i64),
    /// A word.
    Word(&'static str),
}

/// How far it was, by the note.
pub(crate) fn cursor(told: &str) -> i64 {
    told.parse().unwrap_or(i64::MIN)
}

/// What raises the numbers of an account and writes that down.
pub(crate) fn leapt(one: &Leapt, at: Timestamp) -> Vec<(&'static str, Vec<Given>)> {
    use Given::{Int, Word};
    let (leap, origin, at) = (Verb::Leap.word(), Origin::Admin.word(), at.millis());
    let account = || Int(one.account);
    let entry = vec![account(), Int(one.number + LEAP), Int(0), Word(leap), Int(0), Word(origin), Int(at)];
    let mut all = vec![
        (moving::LEAP_STATE, vec![account(), Int(LEAP)]),
        (moving::LEAP_SECRET, vec![account(), Int(LEAP)]),
        (moving::LEAP_ORDINALS, vec![account(), Int(SMALL_LEAP)]),
        (changes::LOG_ACCOUNT, entry),
    ];
    if !one.trashed.is_empty() {
        all.push((trash::LEAP_TRASHED, vec![account(), Int(LEAP)]));
    }
    let counters = one.counters.iter().map(|one| (one, true));
    for ((collection, version), counts) in counters.chain(one.trashed.iter().map(|one| (one, false))) {
        let collection = || Int(*collection);
        let version = Int(version + LEAP);
        let nothing = [Int(0), Word("")];
        let [item, name] = nothing;
        let entry =
            vec![account(), collection(), version, item, name, Word(leap), Int(0), Word(origin), Int(at)];
        if counts {
            all.push((moving::LEAP_COUNTER, vec![account(), collection(), Int(LEAP)]));
        }
        all.push((changes::LOG, entry));
    }
    all
}
