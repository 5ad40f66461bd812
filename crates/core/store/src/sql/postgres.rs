//! What only the engine for several nodes says: transactions, locks, settings, hints, the mark of the schema.
//!
//! What a database that speaks like PostgreSQL may lack stands in [`WISHES`] and [`HINTS`], and is done without where
//! it is refused.

statements! {
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
    /// Floor of a log, held so that another node that trims waits.
    HOLD_FLOOR = ["SELECT floor FROM counter WHERE account = ?1 AND collection = ?2 FOR UPDATE"];
    /// Numbers of an account, held to the commit.
    HOLD_STATE = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR UPDATE"];
    /// The same, held together with others who only want it to stay.
    SHARE_STATE = ["SELECT number, shelf FROM account_state WHERE account = ?1 FOR SHARE"];
    /// The numbers of the next collections, each waited for and held.
    HOLD_COUNTERS = ["SELECT account, collection FROM counter WHERE account >= ?1 \
                      AND (account, collection) > (?1, ?2) ORDER BY account, collection LIMIT ?3 FOR UPDATE"];
    /// The numbers of the next accounts, the same.
    HOLD_STATES = ["SELECT account FROM account_state WHERE account > ?1 ORDER BY account LIMIT ?2 FOR UPDATE"];
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

/// What each connection is told, and must take if it knows of it. A server may have been set to acknowledge before the disk does; this
/// engine is not to.
pub(crate) const SETTINGS: &[&str] = &[
    "SET synchronous_commit = on",
    "SET statement_timeout = '60s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET client_encoding = 'UTF8'",
];

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
];

/// What indexes are narrowed by. Where several indexes begin with the same columns, the planner takes the one that it
/// thinks cheapest, which is any of them while it knows nothing of a table, and stays with that. An index over some rows
/// only is none of its choices unless a statement asks for those rows.
pub(crate) const NARROWED: &[(&str, &str)] =
    &[("item_version", " WHERE revision > 0"), ("item_uid", " WHERE uid IS NOT NULL")];

/// The channel on which nodes tell each other of changes.
pub(crate) const CHANNEL: &str = "kontor_store";
/// Hears of what other nodes tell.
pub(crate) const LISTEN: &str = "LISTEN kontor_store";
/// Tells them.
pub(crate) const NOTIFY: &str = "SELECT pg_notify(?1, ?2)";
/// Who we are among those who tell.
pub(crate) const OWN_PROCESS: &str = "SELECT pg_backend_pid()";

/// Before reading or filling a whole store, which takes as long as it takes.
pub(crate) const NO_HASTE: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
/// Asked for while a store is filled: what a power cut takes back is filled again.
pub(crate) const UNSYNCED: &str = "SET synchronous_commit = off";
/// When it is full: this commit brings all before it to the disk.
pub(crate) const SYNCED: &str = "SET synchronous_commit = on";
