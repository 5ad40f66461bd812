//! Reads every statement and refuses what not every engine can do.

use super::{all, schema};
use std::collections::BTreeSet;

/// What some engine lacks, does otherwise, or does for itself where the application must.
const FORBIDDEN: &[&str] = &[
    "AUTOINCREMENT",
    "SERIAL",
    "SEQUENCE",
    "INTEGER",
    "INT",
    "REPLACE",
    "IGNORE",
    "ROWID",
    "OID",
    "GLOB",
    "REGEXP",
    "COLLATE",
    "IFNULL",
    "PRAGMA",
    "OFFSET",
    "DEFAULT",
    "REFERENCES",
    "TRIGGER",
    "INDEXED",
    "MATERIALIZED",
    "RANDOM",
    "NOW",
    "CURRENT_TIMESTAMP",
    "CURRENT_DATE",
    "UNIXEPOCH",
    "STRFTIME",
    "DATETIME",
    "JULIANDAY",
    "ILIKE",
    "LIKE",
    "SERIALIZABLE",
    "LATERAL",
    "MERGE",
    "WITHOUT",
    "STRICT",
    "BYTEA",
    "REAL",
    "FLOAT",
    "NOTIFY",
    "LISTEN",
    "PG_ADVISORY_LOCK",
    "FULL",
];

/// Statements of housekeeping that ask every account, and say so.
const WHOLE_STORE: &[&str] =
    &["NEXT_COUNTERS", "NEXT_STATES", "NEXT_NUMBERS", "HOLD_COUNTERS", "HOLD_STATES", "GRANTING_TO", "NEXT"];

/// Indexes that only those use.
const WHOLE_STORE_INDEXES: &[&str] = &["access_entry_grantee", "access_entry_kind"];

/// Words, numbers, parameters and signs.
fn tokens(sql: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut join = false;
    for c in sql.chars() {
        let word = c.is_alphanumeric() || matches!(c, '_' | '?' | '$' | '.');
        match out.last_mut() {
            Some(last) if word && join => last.push(c),
            _ if c.is_whitespace() => {}
            _ => out.push(c.to_string()),
        }
        join = word;
    }
    out
}

fn parameter(token: &str) -> Option<usize> {
    token.strip_prefix('?').map(|number| number.parse().unwrap_or(0))
}

fn check_words(name: &str, words: &[String]) {
    for word in words {
        let upper = word.to_uppercase();
        assert!(!FORBIDDEN.contains(&upper.as_str()), "{name}: {word} is not portable");
        assert!(!word.contains('$'), "{name}: parameters are written ?1");
        assert!(!matches!(word.as_str(), "\"" | "`" | "[" | ";"), "{name}: {word}");
    }
    let count = |wanted: &str| words.iter().filter(|word| word.eq_ignore_ascii_case(wanted)).count();
    let writes = count("INSERT") + usize::from(words[0] == "UPDATE") + count("DELETE");
    assert!(words[0] != "INSERT" || count("SELECT") == 0, "{name}: a subquery inside INSERT");
    assert!(words[0] != "WITH" || writes == 0, "{name}: a data-modifying CTE");
}

fn check_parameters(name: &str, words: &[String]) {
    let used: BTreeSet<usize> = words.iter().filter_map(|word| parameter(word)).collect();
    assert_eq!(used.len(), used.last().copied().unwrap_or(0), "{name}: parameters have a gap: {used:?}");
    assert!(!used.contains(&0), "{name}: a parameter without a number");
    let sign =
        |word: Option<&String>| word.is_some_and(|word| matches!(word.as_str(), "+" | "-" | "*" | "/"));
    for (at, word) in words.iter().enumerate().filter(|(_, word)| parameter(word).is_some()) {
        let bare = sign(words.get(at + 1)) || at.checked_sub(1).is_some_and(|before| sign(words.get(before)));
        assert!(!bare, "{name}: {word} meets arithmetic without CAST");
    }
}

/// The tables that a statement reads or writes.
fn tables(words: &[String]) -> BTreeSet<&str> {
    let known = schema_tables();
    words.iter().map(String::as_str).filter(|word| known.contains(word)).collect()
}

fn schema_tables() -> BTreeSet<&'static str> {
    let create = |sql: &&'static str| sql.strip_prefix("CREATE TABLE ");
    let all = schema::STEPS.iter().flat_map(|step| step.iter()).filter_map(create);
    all.filter_map(|rest| rest.split_whitespace().next()).collect()
}

fn check_account(name: &str, sql: &str, words: &[String]) {
    let of_accounts = tables(words).iter().any(|table| !schema::DIRECTORY.contains(table));
    if !of_accounts || WHOLE_STORE.contains(&name) {
        return;
    }
    let first = if words[0] == "INSERT" { "(account," } else { "account = ?1" };
    assert!(sql.contains(first), "{name}: the account does not come first");
}

#[test]
fn every_statement_is_portable() {
    let all = all();
    assert!(all.len() > 80, "the list is there");
    for (name, sql) in all.iter().chain(super::postgres::ALL) {
        let words = tokens(sql);
        check_words(name, &words);
        check_parameters(name, &words);
        check_account(name, sql, &words);
    }
}

#[test]
fn every_table_begins_with_the_account() {
    for sql in schema::STEPS.iter().flat_map(|step| step.iter()) {
        let words = tokens(sql);
        check_words(sql, &words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", table, "(", columns @ ..] => check_table(table, columns),
            ["CREATE", "INDEX", index, "ON", table, "(", first, ..]
            | ["CREATE", "UNIQUE", "INDEX", index, "ON", table, "(", first, ..] => {
                let free = schema::DIRECTORY.contains(table) || WHOLE_STORE_INDEXES.contains(index);
                assert!(free || *first == "account", "{sql}");
            }
            ["INSERT", "INTO", _, "(", first, .., "ON", "CONFLICT", "(", _, ")", "DO", "NOTHING"] => {
                assert_eq!(*first, "account", "{sql}");
            }
            other => panic!("not a step that only adds, and can be run again: {other:?}"),
        }
    }
}

fn check_table(table: &str, columns: &[&str]) {
    let key = columns.windows(4).find(|w| w[0] == "PRIMARY" && w[1] == "KEY" && w[2] == "(").map(|w| w[3]);
    let key = key.unwrap_or_else(|| panic!("{table} has no primary key"));
    assert!(schema::DIRECTORY.contains(&table) || key == "account", "{table}: its key begins with {key}");
    for column in columns.split(|word| *word == ",") {
        if let [name, kind, ..] = column
            && name.chars().all(|c| c.is_lowercase() || c == '_')
            && *kind != ")"
        {
            assert!(matches!(*kind, "BIGINT" | "TEXT" | "BLOB"), "{table}.{name} is {kind}");
        }
    }
}

#[test]
fn lists_of_tables_name_tables() {
    let known = schema_tables();
    for table in schema::CLUSTERED.iter().chain(schema::DIRECTORY) {
        assert!(known.contains(table), "{table}");
    }
}

#[test]
fn the_checks_refuse() {
    let refused = |sql: &str| {
        let words = tokens(sql);
        std::panic::catch_unwind(|| {
            check_words("test", &words);
            check_parameters("test", &words);
            check_account("test", sql, &words);
        })
        .is_err()
    };
    assert!(!refused("SELECT size FROM item WHERE account = ?1"));
    assert!(refused("SELECT size FROM item WHERE name = ?1"));
    assert!(refused("SELECT size FROM item WHERE account = ?1 AND size > ?2 + 1"));
    assert!(refused("SELECT size FROM item WHERE account = ?1 AND size > ?3"));
    assert!(refused("INSERT INTO item (account, size) SELECT ?1, 1"));
    assert!(refused("INSERT OR IGNORE INTO setting (key) VALUES (?1)"));
    assert!(refused("WITH x AS (DELETE FROM item WHERE account = ?1 RETURNING id) SELECT id FROM x"));
}
