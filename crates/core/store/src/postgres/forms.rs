//! What this engine makes of the shared statements at run time is as portable as they are.

use super::migrate::{for_postgres, if_not_there};
use super::text::{Form, MOST, Text};
use crate::sql::portable::{May, check, check_schema, parsed};
use crate::sql::postgres::OF_LIST;
use crate::sql::{all, items, schema};
use sqlparser::ast::DataType;

#[test]
fn several_rows_in_one_statement_are_portable() {
    let mut count = 0;
    for (name, sql) in all().into_iter().filter(|(_, sql)| sql.starts_with("INSERT ")) {
        for rows in [1, 2, MOST] {
            let written = Text { sql, form: Form::Rows(rows) }.written();
            check(&written, May::default(), &[]).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(written.matches("), (").count(), rows - 1, "{written}");
        }
        count += 1;
    }
    assert!(count > 15, "the list is there");
}

/// Around the statement stands what PostgreSQL, CockroachDB (20.1 and later) and YugabyteDB have, and what Citus hands
/// to the one node of the account: a list that comes as a parameter, and for each of it the statement itself.
#[test]
fn look_ups_by_a_list_are_portable() {
    for sql in [items::FIND_SOME, items::BY_UID_SOME, items::META, items::BODY] {
        let written = Text { sql, form: Form::Any }.written();
        parsed(&written).unwrap_or_else(|why| panic!("{written}: {why}"));
        let (before, rest) = written.split_once(OF_LIST.between).unwrap();
        let last = before.strip_prefix(OF_LIST.before).unwrap();
        let inner = rest.strip_suffix(OF_LIST.after).unwrap().replace(OF_LIST.one, last);
        check(&inner, May::default(), &[]).unwrap_or_else(|why| panic!("{inner}: {why}"));
        assert_eq!(inner, sql.replace('?', "$"));
    }
}

#[test]
fn steps_in_its_own_words_are_portable() {
    for sql in schema::STEPS.iter().flat_map(|step| step.iter()) {
        let more = ["COLLATE", "BYTEA", "IF", "EXISTS"];
        for told in [for_postgres(sql), if_not_there(&for_postgres(sql))] {
            // The order of bytes has a name in quotes.
            let plain = told.replace(" COLLATE \"C\"", "");
            check_schema(&plain, &DataType::Bytea, &more).unwrap_or_else(|why| panic!("{told}: {why}"));
            assert_eq!(plain.matches(" TEXT").count(), told.matches(" TEXT COLLATE \"C\"").count(), "{told}");
        }
    }
}
