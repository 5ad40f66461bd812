//! The shared statements as PostgreSQL takes them: for one row, or the same for several at once.

use super::value::Value;
use std::collections::HashSet;

/// Rows that one statement takes at most. As statements are prepared for 1, 2, 4, ... rows there are few of them.
const MOST: usize = 64;

/// A shared statement, for so many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) sql: &'static str,
    pub(super) rows: usize,
}

impl From<&'static str> for Text {
    fn from(sql: &'static str) -> Self {
        Self { sql, rows: 1 }
    }
}

/// Writes parameters the way PostgreSQL does: `?1` becomes `$1`.
pub(super) fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

impl Text {
    /// The words to prepare.
    pub(super) fn written(self) -> String {
        if self.rows == 1 {
            return numbered(self.sql);
        }
        match self.sql.split_once(" VALUES (").and_then(|(head, rest)| Some((head, rest.split_once(')')?))) {
            Some((head, (row, tail))) => {
                let width = row.matches('?').count();
                let rows: Vec<_> =
                    (0..self.rows).map(|at| format!("({})", shifted(row, at * width))).collect();
                format!("{head} VALUES {}{}", rows.join(", "), numbered(tail))
            }
            None => self.listed(),
        }
    }

    /// A look-up by its last parameter: one for each of several. Not by IN: where a collection is thought to be
    /// small, PostgreSQL then reads all of it.
    fn listed(self) -> String {
        let Some((head, last)) = self.sql.rsplit_once(" = ?") else { return numbered(self.sql) };
        let (head, last): (_, usize) = (numbered(head), last.parse().unwrap_or(0));
        let each: Vec<_> = (last..last + self.rows).map(|number| format!("{head} = ${number}")).collect();
        each.join(" UNION ALL ")
    }
}

/// Parameters further on.
fn shifted(row: &str, by: usize) -> String {
    let parts = row.split(", ").map(|part| match part.strip_prefix('?').map(str::parse::<usize>) {
        Some(Ok(number)) => format!("${}", number + by),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Look-ups with the same first values, by the last: some at once. The last of a list is repeated to fill it.
pub(super) fn look_ups(sql: &'static str, first: &[Value], last: &[Value]) -> Vec<(Text, Vec<Value>)> {
    let one = |some: &[Value]| {
        let rows = some.len().next_power_of_two();
        let fill = some.last().into_iter().cycle().take(rows - some.len());
        let values = first.iter().chain(some).chain(fill).cloned().collect();
        (Text { sql, rows }, values)
    };
    last.chunks(MOST).map(one).collect()
}

/// Rows to be written, by statement.
#[derive(Default)]
pub(super) struct Gathered {
    sorts: Vec<Sort>,
}

struct Sort {
    sql: &'static str,
    rows: Vec<Vec<Value>>,
    keys: HashSet<Vec<Value>>,
}

impl Gathered {
    fn sort(&self, sql: &'static str) -> Option<&Sort> {
        self.sorts.iter().find(|sort| sort.sql == sql)
    }

    /// Whether the row can go along: one statement cannot write the same row twice.
    pub(super) fn takes(&self, sql: &'static str, key: usize, values: &[Value]) -> bool {
        let key = values.get(..key).unwrap_or(values);
        self.sort(sql).is_none_or(|sort| !sort.keys.contains(key))
    }

    pub(super) fn add(&mut self, sql: &'static str, key: usize, values: Vec<Value>) {
        let key = values.get(..key).unwrap_or(&values).to_vec();
        if self.sort(sql).is_none() {
            self.sorts.push(Sort { sql, rows: Vec::new(), keys: HashSet::new() });
        }
        if let Some(sort) = self.sorts.iter_mut().find(|sort| sort.sql == sql) {
            sort.rows.push(values);
            sort.keys.insert(key);
        }
    }

    /// All statements, in as few as there are powers of two.
    pub(super) fn take(&mut self) -> Vec<(Text, Vec<Value>)> {
        let mut out = Vec::new();
        for sort in std::mem::take(&mut self.sorts) {
            let mut rows = sort.rows.into_iter().peekable();
            while rows.peek().is_some() {
                let some = 1 << rows.len().min(MOST).ilog2();
                let values: Vec<Value> = rows.by_ref().take(some).flatten().collect();
                out.push((Text { sql: sort.sql, rows: some }, values));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::value::{ToValue, values};
    use crate::sql::{items, principals};

    #[test]
    fn parameters_are_numbered_the_other_way() {
        assert_eq!(Text::from("SELECT ?1, ?12").written(), "SELECT $1, $12");
        // No statement has a question mark for anything else.
        for (name, sql) in crate::sql::all() {
            let marks = sql.match_indices('?').all(|(at, _)| {
                sql.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            });
            assert!(marks && !sql.contains('$'), "{name}");
        }
    }

    #[test]
    fn several_rows_in_one_statement() {
        let insert = Text { sql: principals::COUNT_FAILURE, rows: 2 }.written();
        assert!(
            insert.contains("VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT (scope, at, tried)"),
            "{insert}"
        );
        let put = Text { sql: items::PUT, rows: 2 }.written();
        assert!(put.contains("$6, 1, $7") && put.contains("$23, 1, $24") && put.contains("$34) ON"), "{put}");
        let find = Text { sql: items::BY_UID, rows: 4 }.written();
        assert_eq!(find.matches(" UNION ALL SELECT ").count(), 3);
        assert!(find.ends_with("account = $1 AND collection = $2 AND uid = $6"), "{find}");
    }

    #[test]
    fn rows_go_in_powers_of_two_and_no_row_twice() {
        let mut gathered = Gathered::default();
        for n in 0..77_i64 {
            assert!(gathered.takes("INSERT", 1, &[n.value(), 1.value()]));
            gathered.add("INSERT", 1, values![n, 1]);
        }
        assert!(
            !gathered.takes("INSERT", 1, &[5.value(), 2.value()])
                && gathered.takes("OTHER", 1, &[5.value(), 2.value()])
        );
        let sizes: Vec<_> = gathered.take().iter().map(|(text, values)| (text.rows, values.len())).collect();
        assert_eq!(sizes, [(64, 128), (8, 16), (4, 8), (1, 2)]);
        assert!(gathered.take().is_empty());
        let asked = look_ups("x", &[1.value()], &[2.value(), 3.value(), 4.value()]);
        assert_eq!(asked, [(Text { sql: "x", rows: 4 }, values![1, 2, 3, 4, 4])]);
    }
}
