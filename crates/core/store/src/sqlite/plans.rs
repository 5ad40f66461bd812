//! How SQLite goes about each statement: cost grows with what is told, not with what is stored.

use super::migrate;
use crate::sql;
use rusqlite::Connection;
use std::path::Path;

/// Statements that are about all there is: lists for the administrator, and rounds of housekeeping that end early.
const ABOUT_ALL: &[&str] = &["ORPHANS", "NEXT", "REASONS", "OPEN"];

/// Statements whose rows are sorted: few, and asked for by a person.
const SORTED: &[&str] = &["ORPHANS"];

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let rows = statement.raw_query();
    rows.mapped(|row| row.get::<_, String>(3)).map(Result::unwrap).collect()
}

#[test]
fn no_statement_reads_more_than_it_tells() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::to_current(&mut connection, Path::new("memory")).unwrap();
    for (name, sql) in sql::all() {
        for step in plan(&connection, sql) {
            let scans = step.starts_with("SCAN") && !step.contains("class") && !step.contains("CONSTANT ROW");
            assert!(!scans || ABOUT_ALL.contains(&name), "{name}: {step}");
            assert!(!step.contains("TEMP B-TREE") || SORTED.contains(&name), "{name}: {step}");
            assert!(!step.contains("AUTOMATIC"), "{name}: {step}");
        }
    }
}

#[test]
fn look_ups_use_the_index_made_for_them() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::to_current(&mut connection, Path::new("memory")).unwrap();
    let check = |sql: &str, part: &str| {
        let plan = plan(&connection, sql).join("; ");
        assert!(plan.contains(part), "{sql}: {plan}");
    };
    let by_version = "item_version (account=? AND collection=? AND version>? AND version<?)";
    check(sql::changes::SINCE_META, by_version);
    check(sql::changes::SINCE_BODY, by_version);
    check(sql::changes::LIVE_BODY, by_version);
    check(sql::items::BY_UID, "item_uid (account=? AND collection=? AND uid>? AND uid<?)");
    check(sql::items::PAGE_BODY, "PRIMARY KEY (account=? AND collection=? AND name>?)");
    check(sql::facets::TIMINGS, "PRIMARY KEY (account=? AND collection=? AND level=? AND edge>? AND edge<?)");
    check(sql::changes::NEXT_COUNTERS, "SEARCH counter");
    check(sql::ordinals::ORDINALS_OF_ITEM, "ordinal_part (account=? AND collection=? AND item=?)");
    check(
        sql::ordinals::ORDINAL_OF_PART,
        "ordinal_part (account=? AND collection=? AND item=? AND part>? AND part<?)",
    );
    check(
        sql::ordinals::ORDINALS_OF_NAMES,
        "ordinal_name (account=? AND collection=? AND name>? AND name<?)",
    );
    check(sql::ordinals::ORDINALS_OF_NAME, "ordinal_name (account=? AND collection=? AND name>? AND name<?)");
}

#[test]
fn whole_tables_are_read_in_the_order_of_their_key_without_sorting() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::to_current(&mut connection, Path::new("memory")).unwrap();
    for table in sql::tables::tables(sql::schema::STEPS.len()).unwrap() {
        let plan = plan(&connection, &table.read).join("; ");
        assert!(!plan.contains("TEMP B-TREE"), "{}: {plan}", table.name);
        assert!(table.is_directory() || plan.contains("(account>? AND account<?)"), "{}: {plan}", table.name);
    }
}
