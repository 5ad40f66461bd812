//! Law 1: only `store` names a database, and SQL stands nowhere else.

use crate::tidy::house::below;
use crate::tidy::rust::line_of;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "database", says: "only crates/core/store names a database or holds SQL", check };

const STORE: &str = "crates/core/store";
const ENGINES: &[&str] = &["rusqlite", "libsqlite3-sys", "sqlx", "diesel", "postgres", "tokio-postgres"];
/// How a statement begins inside a literal.
const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT ", " FROM "),
    ("INSERT ", "INTO "),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("CREATE TABLE ", ""),
    ("CREATE INDEX ", ""),
    ("PRAGMA ", ""),
];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in house.crates().iter().filter(|c| c.folder.starts_with("crates/") && c.folder != STORE) {
        for engine in member.needs.iter().filter(|n| ENGINES.contains(&n.as_str())) {
            found.push(Finding::new(
                &format!("{}/Cargo.toml", member.folder),
                0,
                format!("{engine} belongs in {STORE}"),
            ));
        }
    }
    for (path, rust) in house.product(&["crates"]).filter(|(path, _)| !below(path, STORE)) {
        for line in rust.lines_with("rusqlite") {
            found.push(Finding::new(path, line, format!("a database is named outside of {STORE}")));
        }
        for (first, then) in STATEMENTS {
            for (at, _) in rust.spoken.match_indices(&format!("\"{first}")) {
                let statement = rust.spoken.get(at..).unwrap_or_default();
                if statement.chars().take(400).collect::<String>().contains(then) {
                    let line = line_of(&rust.spoken, at);
                    found.push(Finding::new(path, line, format!("SQL outside of {STORE}")));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn an_engine_or_a_statement_elsewhere_is_found() {
        let house = sample(&[
            ("crates/doors/dav/Cargo.toml", "[package]\nname='d'\n[dependencies]\nrusqlite.workspace=true\n"),
            (
                "crates/doors/dav/src/lib.rs",
                "use rusqlite::Connection;\nconst Q: &str = \"SELECT a FROM b\";\n",
            ),
        ]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn the_store_and_prose_are_free() {
        let house = sample(&[
            (
                "crates/core/store/src/lib.rs",
                "use rusqlite::Connection; const Q: &str = \"SELECT a FROM b\";",
            ),
            ("crates/doors/dav/src/lib.rs", "//! no rusqlite\nconst A: &str = \"UPDATE is not a method\";"),
        ]);
        assert_eq!(check(&house), []);
    }
}
