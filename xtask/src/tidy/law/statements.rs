//! Law 1, inside the store: SQL stands in `sql/` alone, where tests read every statement, and nowhere else.

use crate::tidy::house::below;
use crate::tidy::rust::line_of;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "statements", says: "inside the store SQL stands in src/sql only", check };

const STORE: &str = "crates/core/store/src";
const SQL: &str = "crates/core/store/src/sql";
/// What a statement of several words begins with.
const FIRST: &[&str] = &[
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "CREATE", "ALTER", "DROP", "TRUNCATE", "LOCK",
    "SET", "SHOW", "RESET", "LISTEN", "UNLISTEN", "NOTIFY", "COPY", "PREPARE", "EXECUTE", "DISCARD",
    "PRAGMA", "ATTACH", "VACUUM", "REINDEX", "ANALYZE",
];
/// What can be a statement alone.
const ALONE: &[&str] =
    &["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "VACUUM"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in house.product(&[STORE]).filter(|(path, _)| !below(path, SQL)) {
        for (at, _) in rust.spoken.match_indices('"') {
            if rust.spoken.get(at + 1..).is_some_and(is_statement) {
                let line = line_of(&rust.spoken, at);
                found.push(Finding::new(path, line, format!("SQL outside of {SQL}")));
            }
        }
    }
    found
}

/// Whether a literal begins here and is a statement. Words that a statement is searched for (`"CREATE TABLE "`) are not.
fn is_statement(text: &str) -> bool {
    let literal = text.split('"').next().unwrap_or_default();
    let mut words = literal.split_whitespace();
    let first = words.next().unwrap_or_default().trim_end_matches(';');
    let more = words.any(|word| !word.chars().all(|c| c.is_ascii_uppercase()));
    !literal.starts_with(char::is_whitespace) && (ALONE.contains(&first) || FIRST.contains(&first) && more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_statement_beside_the_list_is_found() {
        let house = sample(&[
            ("crates/core/store/src/sql/items.rs", "const A: &str = \"SELECT a FROM b\";"),
            (
                "crates/core/store/src/postgres/x.rs",
                "run(\"SELECT a FROM b\");\nrun(\"COMMIT\");\nrun(&format!(\"SET x = {y}\"));\n\
                 strip(\"CREATE TABLE \");\nsay(\" VALUES (\");\nerror(\"update the row\");\n\
                 #[cfg(test)]\nmod tests { fn t() { run(\"DELETE FROM a\"); } }\n",
            ),
        ]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
