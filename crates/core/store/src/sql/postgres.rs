//! What only the engine for several nodes says: transactions, locks, settings, hints, the mark of the schema.
//!
//! What a database that speaks like PostgreSQL may lack stands in [`WISHES`] and [`HINTS`], and is done without where
//! it is refused.

use super::items::meta_body;

/// Spans of one size class that can touch the stretch from `?3` to below `?4`.
macro_rules! stretch {
    ($level:literal, $low:literal, $high:literal) => {
        concat!(
            "SELECT name, timeline FROM span WHERE account = ?1 AND collection = ?2 AND level = ",
            $level,
            " AND edge >= ",
            $low,
            " AND edge < ",
            $high,
            " AND last >= CAST(?3 AS BIGINT)"
        )
    };
}

statements! {
    /// `facets::TIMINGS`, class by class: joined to a list of classes, all spans of the collection would be read where the
    /// planner thinks that they are few.
    TIMINGS = [
            stretch!("12", "CAST(?3 AS BIGINT) - 4096", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("14", "CAST(?3 AS BIGINT) - 16384", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("16", "CAST(?3 AS BIGINT) - 65536", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("18", "CAST(?3 AS BIGINT) - 262144", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("20", "CAST(?3 AS BIGINT) - 1048576", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("22", "CAST(?3 AS BIGINT) - 4194304", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("24", "CAST(?3 AS BIGINT) - 16777216", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("26", "CAST(?3 AS BIGINT) - 67108864", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("28", "CAST(?3 AS BIGINT) - 268435456", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("30", "CAST(?3 AS BIGINT) - 1073741824", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("32", "CAST(?3 AS BIGINT) - 4294967296", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("34", "CAST(?3 AS BIGINT) - 17179869184", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("36", "CAST(?3 AS BIGINT) - 68719476736", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("38", "CAST(?3 AS BIGINT) - 274877906944", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("40", "CAST(?3 AS BIGINT) - 1099511627776", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("42", "CAST(?3 AS BIGINT) - 4398046511104", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("44", "CAST(?3 AS BIGINT) - 17592186044416", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("46", "CAST(?3 AS BIGINT) - 70368744177664", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("48", "CAST(?3 AS BIGINT) - 281474976710656", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("50", "CAST(?3 AS BIGINT) - 1125899906842624", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("52", "CAST(?3 AS BIGINT) - 4503599627370496", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("54", "CAST(?3 AS BIGINT) - 18014398509481984", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("56", "CAST(?3 AS BIGINT) - 72057594037927936", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("58", "CAST(?3 AS BIGINT) - 288230376151711744", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("60", "CAST(?3 AS BIGINT) - 1152921504606846976", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("62", "CAST(?3 AS BIGINT) - 4611686018427387904", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("100", "-1152921504606846976", "CAST(?4 AS BIGINT)"), " UNION ALL ",
            stretch!("101", "CAST(?3 AS BIGINT)", "2305843009213693952"), " UNION ALL ",
            stretch!("102", "-1", "1")];
    /// The shelf number of an account and, if it is there, one of its items with its body.
    SHELF_AND_ITEM = ["SELECT account_state.shelf, ", meta_body!(), " FROM account_state LEFT JOIN item \
                       ON item.account = ?1 AND item.collection = ?2 AND item.name = ?3 \
                       AND item.live = 1 WHERE account_state.account = ?1"];
    /// Begins a write. The rows that matter are locked one by one, so this suffices where it is offered; elsewhere a
    /// stricter one is taken, and what meets another is tried again.
    BEGIN = ["BEGIN ISOLATION LEVEL READ COMMITTED"];
    /// Begins several reads that see the same.
    BEGIN_VIEW = ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"];
    /// On disk when it answers.
    COMMIT = ["COMMIT"];
    /// As if nothing had been said.
    ROLLBACK = ["ROLLBACK"];
    /// To go back to, should one write of a batch fail.
    SAVE = ["SAVEPOINT write_one"];
    /// Goes back.
    BACK = ["ROLLBACK TO SAVEPOINT write_one"];
    /// Goes on.
    RELEASE = ["RELEASE SAVEPOINT write_one"];
    /// Number of a collection, held to the commit.
    HOLD_COUNTER = ["SELECT version FROM counter WHERE account = ?1 AND collection = ?2 FOR UPDATE"];
    /// The same; refused if somebody has it.
    HOLD_COUNTER_NOW = ["SELECT version FROM counter WHERE account = ?1 AND collection = ?2 FOR UPDATE NOWAIT"];
    /// Floor of a log, held so that another node that trims waits.
    HOLD_FLOOR = ["SELECT floor FROM counter WHERE account = ?1 AND collection = ?2 FOR UPDATE"];
    /// Numbers of an account, held to the commit.
    HOLD_STATE = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR UPDATE"];
    /// The same; refused if somebody has it.
    HOLD_STATE_NOW = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR UPDATE NOWAIT"];
    /// The same, held together with others who only want it to stay.
    SHARE_STATE = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR SHARE"];
    /// The same; refused if somebody has it for himself.
    SHARE_STATE_NOW = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR SHARE NOWAIT"];
    /// The numbers of the next collections, each waited for and held.
    HOLD_COUNTERS = ["SELECT account, collection FROM counter WHERE account >= ?1 \
                      AND (account, collection) > (?1, ?2) ORDER BY account, collection LIMIT ?3 FOR UPDATE"];
    /// The numbers of the next accounts, the same.
    HOLD_STATES = ["SELECT account FROM account_state WHERE account > ?1 ORDER BY account LIMIT ?2 FOR UPDATE"];
    /// Numbers of the collections of several accounts.
    NUMBERS = ["SELECT account, collection, version FROM counter WHERE account = ANY(?1)"];
    /// The same of the accounts themselves.
    STATES = ["SELECT account, shelf FROM account_state WHERE account = ANY(?1)"];
    /// The table that says which version the data have, one fact in each row (see [`mark`]).
    MARK = ["CREATE TABLE IF NOT EXISTS kontor_schema \
             (one BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (one))"];
    /// Its rows.
    MARK_ROWS = ["INSERT INTO kontor_schema (one, version) VALUES (1, 0), (2, 0), (3, 0), (4, 0) \
                  ON CONFLICT (one) DO NOTHING"];
    /// The facts.
    MARKS = ["SELECT one, version FROM kontor_schema"];
    /// One of them, held to the commit.
    HOLD_MARK = ["SELECT version FROM kontor_schema WHERE one = ?1 FOR UPDATE"];
    /// The turn of whoever brings the data forward, held to the end of the transaction; refused if somebody has it.
    HOLD_TURN = ["SELECT version FROM kontor_schema WHERE one = 4 FOR UPDATE NOWAIT"];
    /// Another value.
    SET_MARK = ["UPDATE kontor_schema SET version = ?2 WHERE one = ?1"];
    /// Which program answers.
    WHICH = ["SELECT version()"];
    /// Whether tables may lie on several machines though it answers like any other.
    CITUS = ["SELECT extname FROM pg_extension WHERE extname = 'citus'"];
    /// Said of an index that is made or dropped while its table is written to.
    APART = ["CONCURRENTLY"];
    /// Drops such a one.
    DROP_INDEX = ["DROP INDEX CONCURRENTLY IF EXISTS"];
    /// Whether an index is whole; no row if there is none.
    INDEX_IS_WHOLE = ["SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(?1)"];
}

/// The table of [`MARK`].
pub(crate) const MARK_TABLE: &str = "kontor_schema";
/// Tables that are there, whoever made them.
pub(crate) const TABLES: &str =
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";

/// The rows of the table of marks.
pub(crate) mod mark {
    /// The schema version of the data.
    pub(crate) const VERSION: i64 = 1;
    /// The oldest program, by the schema version it knows, that may work on them.
    pub(crate) const OLDEST: i64 = 2;
    /// The version that a step leads to which was begun and is not through.
    pub(crate) const BEGUN: i64 = 3;
    /// How many there are. The last is held by whoever brings the data forward.
    pub(crate) const COUNT: usize = 4;
}

/// For connections that bring the schema forward: a step may take long, but whoever needs a table for itself must not
/// keep others waiting in line behind it for long.
pub(crate) const AT_LENGTH: &[&str] =
    &["SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0", "SET lock_timeout = '2s'"];

/// What each connection is told, and must take if it knows of it. A server may have been set to acknowledge before the
/// disk does; this engine is not to. One that waits until its standby shows a write too is left as it is.
///
/// No bound for statements: it would also end the wait of a COMMIT for a standby, which then is answered as if the
/// standby had it (PostgreSQL 15, 20.11.1 and `synchronous_commit`). Who waits too long gives up the connection.
pub(crate) const SETTINGS: &[&str] = &[
    "SELECT set_config('synchronous_commit', \
     CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = '15s'",
    "SET client_encoding = 'UTF8'",
];

/// What connections are told that only read, so that the database itself ends what takes too long.
pub(crate) const READING: &str = "SET statement_timeout = '15s'";

/// What each connection is asked for. Every statement is written to go step by step along the indexes made
/// for it (`sqlite::plans` has them checked). A planner that knows little of the data yet, or much of the average
/// account and nothing of this one, takes whole tables instead; and as there is but one good way, it is looked for once.
pub(crate) const WISHES: &[&str] = &[
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
    "SET enable_bitmapscan = off",
    "SET enable_sort = off",
    "SET enable_incremental_sort = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET max_parallel_workers_per_gather = 0",
    // A wait for a lock on behalf of somebody who is gone ends.
    "SET client_connection_check_interval = '5s'",
];

/// What connections are told where a batch of one account is written: whoever waits for rows that somebody else holds keeps a connection
/// from the others.
pub(crate) const IN_HASTE: &str = "SET lock_timeout = '100ms'";

/// What indexes are narrowed by. Where several indexes begin with the same columns, the planner takes the one that it
/// thinks cheapest, which is any of them while it knows nothing of a table, and stays with that. An index over some rows
/// only is none of its choices unless a statement asks for those rows.
pub(crate) const NARROWED: &[(&str, &str)] = &[
    ("item_version", " WHERE revision > 0"),
    ("item_uid", " WHERE uid IS NOT NULL"),
    ("access_entry_grantee", " WHERE grantee_kind = 0"),
    ("ordinal_part", " WHERE version >= 0"),
    ("ordinal_name", " WHERE version >= 0"),
    ("past_until", " WHERE until > 0"),
];

/// Words around a look-up of one row that make it one of several, each found by its whole key. `name = ANY(...)` would
/// be found by what comes before it, row by row through the whole collection, where the planner thinks that it is small.
pub(crate) const OF_LIST: OfList = OfList {
    before: "SELECT found.* FROM unnest(CAST(",
    between: " AS TEXT[])) AS wanted (one) CROSS JOIN LATERAL (",
    one: "wanted.one",
    after: " LIMIT 1) AS found",
};

/// See [`OF_LIST`].
pub(crate) struct OfList {
    pub(crate) before: &'static str,
    /// After the parameter with the list.
    pub(crate) between: &'static str,
    /// In the place of the last parameter.
    pub(crate) one: &'static str,
    pub(crate) after: &'static str,
}

/// The channel on which nodes tell each other of changes.
pub(crate) const CHANNEL: &str = "kontor_store";
/// How the connection is called on which a node hears of others.
pub(crate) const NEWS_NAME: &str = "SET application_name = 'kontor news'";
/// Hears of what other nodes tell.
pub(crate) const LISTEN: &str = "LISTEN kontor_store";
/// Tells them.
pub(crate) const NOTIFY: &str = "SELECT pg_notify(?1, ?2)";
/// Who we are among those who tell.
pub(crate) const OWN_PROCESS: &str = "SELECT pg_backend_pid()";

/// Before reading or filling a whole store, which takes as long as it takes.
pub(crate) const NO_HASTE: &[&str] =
    &["SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0"];
/// Asked for while a store is filled: what a power cut takes back is filled again.
pub(crate) const UNSYNCED: &str = "SET synchronous_commit = off";
/// When it is full: this commit brings all before it to the disk.
pub(crate) const SYNCED: &str = "SET synchronous_commit = on";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::facets;

    #[test]
    fn stretches_are_the_same_classes() {
        let classes = facets::TIMINGS.split_once("VALUES (").and_then(|(_, rest)| rest.split_once(")) "));
        let classes: Vec<&str> = classes.unwrap().0.split("), (").collect();
        let branches: Vec<&str> = TIMINGS.split(" UNION ALL ").collect();
        assert_eq!(classes.len(), branches.len());
        for (class, branch) in classes.iter().zip(branches) {
            let [level, low, high] = class.split(", ").collect::<Vec<_>>()[..] else { panic!("{class}") };
            let told = format!("level = {level} AND edge >= {low} AND edge < {high} AND");
            assert!(branch.contains(&told), "{told}: {branch}");
        }
    }
}
