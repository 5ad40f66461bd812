//! Reads every statement with a parser and refuses what not every engine can do: those that are shared here, those of
//! the engine for several nodes, and what it makes of them at run time in `postgres::forms`.
//!
//! The list is that of "Rules" in [`super`]. It is a list of what is known to be everywhere: words, functions, shapes
//! that nobody has looked at are refused until somebody has.

mod shape;
mod tables;
mod words;

use super::{all, postgres, schema, sqlite, tables as carried};
pub(crate) use shape::May;
use sqlparser::ast::{DataType, Statement};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use std::collections::BTreeSet;

/// Statements of housekeeping that ask every account, and say so.
const ASKING_ALL: &[&str] = &[
    "NEXT_COUNTERS",
    "NEXT_STATES",
    "NEXT_NUMBERS",
    "GRANTING_TO",
    "GRANTING",
    "NEXT_RIGHTS",
    "GRANTING_ALL",
    "NEXT",
    "LOOSE",
    "NEXT_BLOBS",
    "NEXT_TREE",
];

/// The one statement in a text.
pub(crate) fn parsed(sql: &str) -> Result<Statement, String> {
    let mut all = Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| error.to_string())?;
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err("several statements in one text".to_owned()),
    }
}

/// `?1` is written `$1` for the parser.
fn numbered(sql: &str) -> Result<String, String> {
    if sql.contains('$') { Err("parameters are written ?1".to_owned()) } else { Ok(sql.replace('?', "$")) }
}

/// Refuses a statement, as an engine hears it, that not every engine understands.
pub(crate) fn check(sql: &str, may: May, more: &[&str]) -> Result<(), String> {
    words::check(sql, more)?;
    words::check_parameters(sql)?;
    shape::check(&parsed(sql)?, may)
}

fn check_shared(sql: &str, ask_all: bool) -> Result<(), String> {
    check(&numbered(sql)?, May { ask_all, ..May::default() }, &[])
}

/// Refuses a statement that makes tables.
pub(crate) fn check_schema(sql: &str, bytes: &DataType, more: &[&str]) -> Result<(), String> {
    words::check(sql, &[words::OF_TABLES, more].concat())?;
    tables::check(&parsed(sql)?, bytes)
}

#[test]
fn every_shared_statement_is_portable() {
    let all = all();
    assert!(all.len() > 80, "the list is there");
    for (name, sql) in all {
        check_shared(sql, ASKING_ALL.contains(&name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn what_asks_every_account_is_housekeeping_and_no_more() {
    for name in ASKING_ALL {
        let sql =
            all().into_iter().find(|(one, _)| one == name).unwrap_or_else(|| panic!("{name} is gone")).1;
        assert!(check_shared(sql, false).is_err(), "{name} asks one account");
    }
}

#[test]
fn every_step_of_the_schema_is_portable() {
    for sql in schema::STEPS.iter().flat_map(|step| step.iter()) {
        check_schema(sql, &DataType::Blob(None), &[]).unwrap_or_else(|why| panic!("{sql}: {why}"));
    }
}

#[test]
fn what_carries_whole_tables_is_portable() {
    let ask_all = May { ask_all: true, ..May::default() };
    for table in carried::tables(schema::STEPS.len()).unwrap() {
        for sql in [&table.read, &table.insert, &table.peek, &table.sweep] {
            check(&numbered(sql).unwrap(), ask_all, &[]).unwrap_or_else(|why| panic!("{sql}: {why}"));
        }
        // A form of its own where there is one; whoever lacks it has `insert` and `sweep`.
        assert!(matches!(parsed(&table.fill), Ok(Statement::Copy { .. })), "{}", table.fill);
        assert!(matches!(parsed(&table.clear), Ok(Statement::Truncate(_))), "{}", table.clear);
    }
}

/// What the engine for several nodes says besides: how each sort is read.
#[test]
fn what_is_said_to_postgres_alone_is_what_others_have_too() {
    let hold = May { hold: true, ..May::default() };
    let hold_some = May { hold: true, ask_all: true, ..May::default() };
    for (name, sql) in postgres::ALL {
        let sql = &numbered(sql).unwrap();
        let asks = |may: May, more: &[&str]| check(sql, may, more);
        let done = match *name {
            "BEGIN" | "BEGIN_VIEW" => begins(sql),
            "COMMIT" | "ROLLBACK" | "SAVE" | "BACK" | "RELEASE" => ends(sql),
            "HOLD_COUNTER" | "HOLD_FLOOR" | "HOLD_STATE" | "SHARE_STATE" => asks(hold, &["FOR", "SHARE"]),
            // For groups, which are not made where accounts are spread; CockroachDB has it since 20.2, YugabyteDB at
            // this level.
            "HOLD_COUNTER_NOW" | "HOLD_STATE_NOW" | "SHARE_STATE_NOW" => {
                asks(hold, &["FOR", "SHARE", "NOWAIT"])
            }
            // Of several accounts at once, each by its key.
            "NUMBERS" | "STATES" => asks(May { ask_all: true, ..May::default() }, &["ANY"]),
            "HOLD_COUNTERS" | "HOLD_STATES" => asks(hold_some, &["FOR"]),
            // Its own table, of one row for each mark, that no account has.
            "MARK" => check_schema(sql, &DataType::Bytea, &["IF", "EXISTS", "KONTOR_SCHEMA", "ONE"])
                .err()
                .map_or(Err("a key without account".to_owned()), |why| {
                    if why.contains("its key begins with Some(\"one\")") { Ok(()) } else { Err(why) }
                }),
            "MARK_ROWS" | "MARKS" | "HOLD_MARK" | "HOLD_TURN" | "SET_MARK" => parsed(sql).map(drop),
            // Asked of the catalogue when tables are made; all have these, or say so in words that are understood.
            "WHICH" | "CITUS" | "INDEX_IS_WHOLE" => parsed(sql).map(drop),
            "APART" | "DROP_INDEX" => Ok(()),
            _ => asks(May::default(), &[]),
        };
        done.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

/// The levels that are everywhere; whoever has but a stricter one takes that.
fn begins(sql: &str) -> Result<(), String> {
    let known = ["BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]
        .contains(&sql);
    if known && matches!(parsed(sql)?, Statement::StartTransaction { .. }) {
        Ok(())
    } else {
        Err(sql.to_owned())
    }
}

fn ends(sql: &str) -> Result<(), String> {
    match parsed(sql)? {
        Statement::Commit { chain: false, .. }
        | Statement::Rollback { chain: false, .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. } => Ok(()),
        other => Err(other.to_string()),
    }
}

/// Settings are asked for and done without; hints are sent and heard of, and done without.
#[test]
fn settings_and_hints_are_nothing_that_is_needed() {
    let lists = [postgres::SETTINGS, postgres::WISHES, postgres::AT_LENGTH, postgres::NO_HASTE].concat();
    let others = [postgres::READING, postgres::IN_HASTE, postgres::UNSYNCED, postgres::SYNCED];
    for sql in lists.into_iter().chain(others).flat_map(|sql| sql.split("; ")) {
        // What depends on what was set before is said as a question.
        let asks = sql.starts_with("SELECT set_config(");
        assert!(asks && parsed(sql).is_ok() || matches!(parsed(sql), Ok(Statement::Set(_))), "{sql}");
    }
    assert!(matches!(parsed(postgres::LISTEN), Ok(Statement::LISTEN { .. })));
    let notify = May { call: &["PG_NOTIFY"], ..May::default() };
    check(&numbered(postgres::NOTIFY).unwrap(), notify, &["PG_NOTIFY"]).unwrap();
    let own = May { call: &["PG_BACKEND_PID"], ..May::default() };
    check(postgres::OWN_PROCESS, own, &["PG_BACKEND_PID"]).unwrap();
    parsed(postgres::TABLES).unwrap();
}

/// What only the embedded engine hears need not be portable, but has to be SQL.
#[test]
fn what_is_said_to_sqlite_alone_is_understood() {
    let dialect = sqlparser::dialect::SQLiteDialect {};
    for sql in sqlite::ALL {
        // This parser does not know the short form.
        let sql = sql.replace("RELEASE write_one", "RELEASE SAVEPOINT write_one");
        let sql = sql.replace("ROLLBACK TO write_one", "ROLLBACK TO SAVEPOINT write_one");
        let pragma = sql.starts_with("PRAGMA ");
        assert!(pragma || Parser::parse_sql(&dialect, &sql).is_ok_and(|all| all.len() == 1), "{sql}");
    }
}

/// Every text in this folder is in one of the lists that are read above.
#[test]
fn nothing_stands_beside_the_lists() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql");
    let listed: BTreeSet<&str> =
        ["statements!", "ALL", "DIRECTORY", "CLUSTERED", "CARRIED", "STAYING"].into();
    let read_above = [
        "STEPS",
        "SETTINGS",
        "READING",
        "IN_HASTE",
        "WISHES",
        "AT_LENGTH",
        "NO_HASTE",
        "UNSYNCED",
        "SYNCED",
        "NEWS_NAME",
        "LISTEN",
        "NOTIFY",
        "OWN_PROCESS",
        "TABLES",
        "MARK_TABLE",
        "CHANNEL",
        "NARROWED",
    ];
    for entry in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        if entry.file_name() == "sqlite.rs" {
            let constants = text.matches("pub(crate) const ").count() - 1;
            assert_eq!(constants, sqlite::ALL.len(), "sqlite::ALL lists all of that file");
            continue;
        }
        for line in text.lines().filter_map(|line| line.strip_prefix("pub(crate) const ")) {
            let (name, kind) = line.split_once(':').unwrap();
            if kind.contains("str") {
                let known = listed.contains(name) || read_above.contains(&name);
                assert!(known, "{name} in {:?} is read by no test", entry.file_name());
            }
        }
    }
}

#[test]
fn lists_of_tables_name_tables() {
    let known = words::names();
    for table in schema::CLUSTERED.iter().chain(schema::DIRECTORY) {
        assert!(known.contains(*table), "{table}");
    }
}

/// What passes,
const GOOD: &[&str] = &[
    "SELECT size FROM item WHERE account = ?1",
    "SELECT size FROM item WHERE collection = ?2 AND (account = ?1)",
    "SELECT item.size FROM item CROSS JOIN body WHERE body.account = item.account AND item.account = ?1",
    "SELECT value FROM setting WHERE key = ?1",
    "SELECT 1 FROM item WHERE account = ?1 LIMIT 1",
    "INSERT INTO item (account, size) VALUES (?1, ?2), (?3, -1) ON CONFLICT (account, size) DO NOTHING",
    "UPDATE item SET size = size + CAST(?2 AS BIGINT) WHERE account = ?1",
];
/// what does not,
const BAD: &[&str] = &[
    // The account is missing, or not the first parameter, or not in all tables.
    "SELECT size FROM item WHERE name = ?1",
    "SELECT size FROM item WHERE account = ?2 AND name = ?1",
    "SELECT size FROM item WHERE account = ?1 OR name = ?2",
    "SELECT size FROM item WHERE account > ?1",
    "SELECT item.size FROM item CROSS JOIN body WHERE item.account = ?1 AND body.item = item.id",
    "SELECT item.size FROM item LEFT JOIN body ON body.item = item.id WHERE item.account = ?1",
    "UPDATE item SET size = 0 WHERE name = ?1",
    "UPDATE item SET account = ?2 WHERE account = ?1",
    "DELETE FROM item WHERE name = ?1",
    "DELETE FROM item",
    "INSERT INTO item (name, account) VALUES (?1, ?2)",
    "INSERT INTO item (account, name) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
    "INSERT INTO item (account, name) VALUES (?1, ?2) ON CONFLICT (account, name) DO UPDATE SET account = 1",
    // Not everywhere.
    "INSERT INTO item (account, size) SELECT ?1, 1",
    "INSERT INTO item (account, size) VALUES (?1, (SELECT 1))",
    "INSERT INTO item (account, size) VALUES (?1, 1) ON CONFLICT DO NOTHING",
    "INSERT OR IGNORE INTO setting (key) VALUES (?1)",
    "INSERT INTO setting VALUES (?1, ?2)",
    "WITH x AS (DELETE FROM item WHERE account = ?1 RETURNING id) SELECT id FROM x",
    "WITH x AS (SELECT id FROM item WHERE account = ?1) SELECT id FROM x",
    "SELECT size FROM item WHERE account = ?1 FOR UPDATE",
    "SELECT size FROM item WHERE account = ?1 LIMIT 1",
    "SELECT size FROM item WHERE account = ?1 ORDER BY size LIMIT 1 OFFSET 1",
    "SELECT * FROM item WHERE account = ?1",
    "SELECT size FROM item WHERE account = ?1 AND size IN (SELECT size FROM item WHERE account = ?1)",
    "SELECT size FROM item AS i WHERE account = ?1",
    "SELECT size FROM item WHERE account = ?1 AND name LIKE ?2",
    "SELECT size::BIGINT FROM item WHERE account = ?1",
    "SELECT CAST(size AS INTEGER) FROM item WHERE account = ?1",
    "SELECT size FROM item WHERE account = ?1 AND size > ?2 + 1",
    "SELECT size FROM item WHERE account = ?1 AND size > ?3",
    "SELECT size || name FROM item WHERE account = ?1",
    "SELECT \"size\" FROM item WHERE account = ?1",
    "SELECT pg_advisory_xact_lock(?1)",
    "SELECT nextval('item_id')",
    "SELECT NOW()",
    "LISTEN item",
    "NOTIFY item",
    "LOCK TABLE item",
    "SELECT size FROM item WHERE account = ?1; SELECT 1",
    "SELECT size FROM item WHERE account = $1",
    "nonsense",
];
/// and what does not where tables are made.
const BAD_TABLES: &[&str] = &[
    "CREATE TABLE item (account BIGINT NOT NULL, name TEXT, PRIMARY KEY (name, account))",
    "CREATE TABLE item (account INTEGER NOT NULL, PRIMARY KEY (account))",
    "CREATE TABLE item (account BIGINT NOT NULL)",
    "CREATE TABLE item (account BIGSERIAL, PRIMARY KEY (account))",
    "CREATE TABLE item (account BIGINT DEFAULT 1, PRIMARY KEY (account))",
    "CREATE TABLE item (account BIGINT REFERENCES principal, PRIMARY KEY (account))",
    "CREATE TABLE item (account BIGINT, name TEXT, PRIMARY KEY (account), UNIQUE (name))",
    "CREATE UNIQUE INDEX x ON item (name)",
    "CREATE INDEX x ON item USING gin (account)",
    "CREATE INDEX x ON item (account) INCLUDE (name)",
    "CREATE SEQUENCE x",
    "CREATE TRIGGER x AFTER INSERT ON item EXECUTE FUNCTION x()",
];

#[test]
fn the_checks_refuse() {
    for good in GOOD {
        assert_eq!(check_shared(good, false), Ok(()), "{good}");
    }
    for bad in BAD {
        assert!(check_shared(bad, false).is_err(), "{bad}");
    }
    let table = |sql: &str| check_schema(sql, &DataType::Blob(None), &["X"]);
    let good = "CREATE TABLE item (account BIGINT NOT NULL, name TEXT, PRIMARY KEY (account, name))";
    assert_eq!(table(good), Ok(()));
    for bad in BAD_TABLES {
        assert!(table(bad).is_err(), "{bad}");
    }
}
