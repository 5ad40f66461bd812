//! The statements of the store: one text for every engine.
//!
//! Rules, checked by the tests in `portable`, which read every statement with a parser: `?1` parameters; integers are
//! BIGINT and come from the application, ids and times (milliseconds since 1970) too; the account comes first in every
//! key and is said of every table of accounts in every WHERE, so that one node can answer; CAST where a parameter meets
//! arithmetic; no sequence, no advisory lock, no data-modifying CTE, no subquery inside INSERT, no word and no function
//! that is not known to be everywhere. Locks of rows, settings and hints stand in `postgres` alone.
//! What an engine needs besides (storage options, pragmas, BYTEA for BLOB, byte order for TEXT) its executor adds.

/// Names statements and lists them for the checker.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = [$($text:tt)*];)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = concat!($($text)*);)*

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

pub(crate) mod blobs;
pub(crate) mod changes;
pub(crate) mod collections;
pub(crate) mod doomed;
pub(crate) mod facets;
pub(crate) mod items;
pub(crate) mod locks;
pub(crate) mod moving;
pub(crate) mod ordinals;
pub(crate) mod past;
#[cfg(test)]
pub(crate) mod portable;
pub(crate) mod postgres;
pub(crate) mod principals;
pub(crate) mod schema;
#[cfg(test)]
mod spread;
pub(crate) mod sqlite;
pub(crate) mod tables;
pub(crate) mod tides;
pub(crate) mod trash;

/// Every statement of every file.
#[cfg(test)]
pub(crate) fn all() -> Vec<(&'static str, &'static str)> {
    [
        blobs::ALL,
        changes::ALL,
        collections::ALL,
        doomed::ALL,
        facets::ALL,
        items::ALL,
        locks::ALL,
        moving::ALL,
        ordinals::ALL,
        past::ALL,
        principals::ALL,
        tides::ALL,
        trash::ALL,
    ]
    .concat()
}
