//! The shared statements as PostgreSQL takes them: for one row, or the same for several at once.

use super::value::Value;
use crate::sql::postgres::OF_LIST;
use std::collections::HashSet;

/// Rows that one statement takes at most. As statements are prepared for 1, 2, 4, ... rows there are few of them.
pub(super) const MOST: usize = 64;

/// How often a shared statement says what it says once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Once.
    One,
    /// For so many rows to be written.
    Rows(usize),
    /// For whatever equals one of a list: its last parameter.
    Any,
}

/// A shared statement in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) sql: &'static str,
    pub(super) form: Form,
}

impl From<&'static str> for Text {
    fn from(sql: &'static str) -> Self {
        Self { sql, form: Form::One }
    }
}

/// Writes parameters the way PostgreSQL does: `?1` becomes `$1`.
pub(super) fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

impl Text {
    /// The words to prepare.
    pub(super) fn written(self) -> String {
        match self.form {
            Form::One => numbered(self.sql),
            Form::Rows(count) => self.rows(count).unwrap_or_else(|| numbered(self.sql)),
            Form::Any => self.any(),
        }
    }

    /// The statement for each of a list in the place of its last key.
    fn any(self) -> String {
        let last = (1..).take_while(|number| self.sql.contains(&format!("?{number}"))).last().unwrap_or(0);
        let one = self.sql.replace(&format!("?{last}"), OF_LIST.one);
        format!("{}${last}{}{}{}", OF_LIST.before, OF_LIST.between, numbered(&one), OF_LIST.after)
    }

    fn rows(self, count: usize) -> Option<String> {
        let (head, rest) = self.sql.split_once(" VALUES (")?;
        let (row, tail) = rest.split_once(')')?;
        let width = row.matches('?').count();
        let rows: Vec<_> = (0..count).map(|at| format!("({})", shifted(row, at * width))).collect();
        Some(format!("{head} VALUES {}{}", rows.join(", "), numbered(tail)))
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

/// A look-up of all that lie in one place and whose last key is one of several.
pub(super) fn look_up(sql: &'static str, place: (i64, i64), last: Vec<String>) -> (Text, Vec<Value>) {
    let values = vec![Value::Int(place.0), Value::Int(place.1), Value::Texts(last)];
    (Text { sql, form: Form::Any }, values)
}

/// Rows to be written, by statement.
#[derive(Default)]
pub(super) struct Gathered {
    /// What has to be said before any of them.
    ahead: Vec<(Text, Vec<Value>)>,
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

    /// Says something before the rows.
    pub(super) fn say_ahead(&mut self, sql: &'static str, values: Vec<Value>) {
        self.ahead.push((sql.into(), values));
    }

    /// All statements, in as few as there are powers of two.
    pub(super) fn take(&mut self) -> Vec<(Text, Vec<Value>)> {
        let mut out = std::mem::take(&mut self.ahead);
        for sort in std::mem::take(&mut self.sorts) {
            let mut rows = sort.rows.into_iter().peekable();
            while rows.peek().is_some() {
                let some = 1 << rows.len().min(MOST).ilog2();
                let values: Vec<Value> = rows.by_ref().take(some).flatten().collect();
                let form = if some == 1 { Form::One } else { Form::Rows(some) };
                out.push((Text { sql: sort.sql, form }, values));
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
        let two = |sql| Text { sql, form: Form::Rows(2) }.written();
        let insert = two(principals::COUNT_FAILURE);
        assert!(
            insert.contains("VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT (scope, at, tried)"),
            "{insert}"
        );
        let put = two(items::PUT);
        assert!(put.contains("$6, 1, $7") && put.contains("$24, 1, $25") && put.contains("$36) ON"), "{put}");
    }

    #[test]
    fn several_look_ups_in_one_statement() {
        let (find, values) = look_up(items::FIND_SOME, (1, 2), vec!["a".to_owned()]);
        let find = find.written();
        assert!(find.contains("(CAST($3 AS TEXT[]))"), "{find}");
        assert!(find.contains("account = $1 AND collection = $2 AND name = wanted.one LIMIT 1)"), "{find}");
        assert_eq!(values[2], Value::Texts(vec!["a".to_owned()]));
        let (read, _) = look_up(items::BODY, (1, 2), Vec::new());
        let read = read.written();
        assert!(read.contains("AND name = wanted.one AND live = 1 LIMIT 1)"), "{read}");
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
        let sizes: Vec<_> = gathered.take().iter().map(|(text, values)| (text.form, values.len())).collect();
        let rows = |count| (Form::Rows(count), 2 * count);
        assert_eq!(sizes, [rows(64), rows(8), rows(4), (Form::One, 2)]);
        assert!(gathered.take().is_empty());
    }
}
