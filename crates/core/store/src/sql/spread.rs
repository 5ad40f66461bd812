//! The statements of docs/admin/scale.md that spread the tables over machines: every table is named, and each is spread by a
//! column that its keys begin with.

use super::schema::{DIRECTORY, STEPS};
use std::collections::{BTreeMap, BTreeSet};

const TOLD: &str = include_str!("../../../../../docs/admin/scale.md");

/// Tables that the steps make, with their primary keys and the columns of their unique indexes.
fn keys() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
    let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let columns = |sql: &'static str| -> Vec<&'static str> {
        sql.split(['(', ')']).nth(1).unwrap().split(", ").collect()
    };
    for sql in STEPS.iter().flat_map(|step| step.iter().copied()) {
        let words: Vec<_> = sql.split(' ').collect();
        match words.as_slice() {
            ["CREATE", "TABLE", table, ..] => {
                keys.entry(*table).or_default().push(columns(sql.split("PRIMARY KEY ").nth(1).unwrap()));
            }
            ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => {
                keys.get_mut(*table).unwrap().push(columns(sql))
            }
            ["DROP", ..] => panic!("say here what becomes of the table: {sql}"),
            _ => {}
        }
    }
    keys
}

/// The arguments of a function wherever the text calls it.
fn calls(function: &str) -> Vec<Vec<&'static str>> {
    let call = format!("SELECT {function}(");
    let told = TOLD.split(call.as_str()).skip(1);
    let arguments = told.map(|rest| rest.split(')').next().unwrap().split(", "));
    arguments.map(|all| all.map(|one| one.trim_matches('\'')).collect()).collect()
}

#[test]
fn every_table_is_spread_by_a_column_of_its_keys() {
    let (keys, mut named) = (keys(), BTreeSet::new());
    assert!(keys.len() > 20, "{keys:?}");
    for call in calls("create_reference_table") {
        let [table] = call.as_slice() else { panic!("{call:?}") };
        assert!(
            DIRECTORY.contains(table) && named.insert(*table),
            "{table} is not of the directory, or named twice"
        );
    }
    for call in calls("create_distributed_table") {
        let (table, column) = (call[0], call[1]);
        assert!(keys.contains_key(table) && named.insert(table), "{table} is not there, or named twice");
        assert!(!DIRECTORY.contains(&table), "{table} is looked up by something else than {column}");
        for key in &keys[table] {
            assert_eq!(key.first(), Some(&column), "{table}: a key begins otherwise");
        }
        let beside = call.get(2).copied().unwrap_or_default();
        assert!(table == "account_state" || beside == "colocate_with => 'account_state", "{table}: {beside}");
    }
    assert_eq!(named, keys.keys().copied().collect(), "left: told in docs/admin/scale.md, right: there");
}
