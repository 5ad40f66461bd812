//! Which words a statement may be made of: what is not known to be everywhere is refused.

use super::super::schema;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::BTreeSet;

/// Words of SQL that SQLite, PostgreSQL, CockroachDB, YugabyteDB and Citus understand alike, where they stand here.
const EVERYWHERE: &[&str] = &[
    "SELECT",
    "DISTINCT",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS",
    "AS",
    "ORDER",
    "BY",
    "DESC",
    "LIMIT",
    "CROSS",
    "LEFT",
    "JOIN",
    "ON",
    "UNION",
    "ALL",
    "WITH",
    "VALUES",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "COUNT",
    "COALESCE",
    "SUM",
    "INSERT",
    "INTO",
    "CONFLICT",
    "DO",
    "NOTHING",
    "UPDATE",
    "SET",
    "EXCLUDED",
    "DELETE",
    "RETURNING",
    "BIGINT",
];

/// What makes tables, besides.
pub(super) const OF_TABLES: &[&str] =
    &["CREATE", "TABLE", "INDEX", "UNIQUE", "PRIMARY", "KEY", "TEXT", "BLOB", "ALTER", "ADD", "COLUMN"];

/// Reserved beyond the standard by CockroachDB (its `cockroachdb_extra_reserved_keyword` and
/// `cockroachdb_extra_type_func_name_keyword`), or by PostgreSQL: nothing of ours is called so.
const NAMES_OF_OTHERS: &[&str] = &[
    "index",
    "nothing",
    "family",
    "all",
    "analyse",
    "analyze",
    "array",
    "both",
    "check",
    "collate",
    "column",
    "constraint",
    "default",
    "desc",
    "end",
    "fetch",
    "foreign",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "into",
    "lateral",
    "leading",
    "limit",
    "offset",
    "on",
    "only",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "some",
    "table",
    "then",
    "to",
    "trailing",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];

/// The words of a statement that are neither names nor literals nor parameters, and the signs.
fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let all = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().map_err(|error| error.to_string())?;
    Ok(all.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect())
}

/// Tables, columns and indexes of the schema.
pub(super) fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sql in schema::STEPS.iter().flat_map(|step| step.iter()) {
        let words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        names.extend(words.filter(|word| word.chars().any(|c| c.is_ascii_lowercase())).map(str::to_owned));
    }
    names
}

/// Refuses words that are not in the list, not in `more`, not a name of the schema and not given by the statement
/// itself (`WITH name (column, ...)`).
pub(super) fn check(sql: &str, more: &[&str]) -> Result<(), String> {
    let (mut known, tokens) = (names(), tokens(sql)?);
    known.extend(given(sql));
    for token in &tokens {
        match token {
            Token::Word(word) if word.quote_style.is_some() => {
                return Err(format!("{token}: names are not quoted"));
            }
            Token::Word(word) => {
                let upper = word.value.to_uppercase();
                let listed = EVERYWHERE.contains(&upper.as_str()) || more.contains(&upper.as_str());
                if !listed && !known.contains(&word.value) {
                    return Err(format!("{token} is not known to be everywhere"));
                }
            }
            Token::Placeholder(_) | Token::Number(..) | Token::SingleQuotedString(_) => {}
            Token::Comma | Token::LParen | Token::RParen | Token::Period | Token::Mul => {}
            Token::Eq | Token::Lt | Token::LtEq | Token::Gt | Token::GtEq => {}
            Token::Plus | Token::Minus | Token::Div => {}
            other => return Err(format!("{other} is not known to be everywhere")),
        }
    }
    Ok(())
}

/// Names that a statement gives to a list of its own.
fn given(sql: &str) -> BTreeSet<String> {
    let head =
        sql.strip_prefix("WITH ").and_then(|rest| rest.split_once(" AS (")).map_or("", |(head, _)| head);
    head.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Parameters have numbers without a gap.
pub(super) fn check_parameters(sql: &str) -> Result<(), String> {
    let mut used = BTreeSet::new();
    for token in tokens(sql)? {
        if let Token::Placeholder(mark) = &token {
            let number = mark.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
            used.insert(number.filter(|number| *number > 0).ok_or(format!("{mark} is no parameter"))?);
        }
    }
    let last = used.last().copied().unwrap_or(0);
    if used.len() == last { Ok(()) } else { Err(format!("parameters have a gap: {used:?}")) }
}

#[test]
fn nothing_is_called_what_others_reserve() {
    for name in names() {
        assert!(!NAMES_OF_OTHERS.contains(&name.as_str()), "{name}");
    }
}
