//! Conditions and order of rows: the part of CAML that clients of lists send (MS-WSSCAML 2.2).

use std::cmp::Ordering;

use super::{is_true, truth};
use crate::error::{Error, Result};
use crate::row::Row;
use crate::xml::{Element, Writer};

/// Most conditions in one query.
const MOST: usize = 256;

/// Which rows, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which; all without one.
    pub condition: Option<Condition>,
    /// In which order, first key first.
    pub order: Vec<Order>,
}

/// One sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Static name of the field.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A condition on a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// One of them.
    Or(Box<Condition>, Box<Condition>),
    /// Of one field.
    Field {
        /// Static name.
        field: String,
        /// Which comparison.
        test: Test,
        /// With what.
        value: String,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The same.
    Eq,
    /// Another.
    Neq,
    /// Less.
    Lt,
    /// Less or the same.
    Leq,
    /// More.
    Gt,
    /// More or the same.
    Geq,
    /// Begins with it.
    BeginsWith,
    /// Holds it.
    Contains,
    /// Has no value.
    IsNull,
    /// Has a value.
    IsNotNull,
}

const TESTS: [(&str, Test); 10] = [
    ("Eq", Test::Eq),
    ("Neq", Test::Neq),
    ("Lt", Test::Lt),
    ("Leq", Test::Leq),
    ("Gt", Test::Gt),
    ("Geq", Test::Geq),
    ("BeginsWith", Test::BeginsWith),
    ("Contains", Test::Contains),
    ("IsNull", Test::IsNull),
    ("IsNotNull", Test::IsNotNull),
];

impl Query {
    /// Whether it asks for all rows in any order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.condition.is_none() && self.order.is_empty()
    }

    pub(super) fn read(element: Option<&Element>) -> Result<Self> {
        let Some(element) = element else { return Ok(Self::default()) };
        let mut left = MOST;
        let inside = element.child("Where").and_then(|inside| inside.children.first());
        let condition = inside.map(|inside| Condition::read(inside, &mut left)).transpose()?;
        let order = element.child("OrderBy").map(|order| order.all("FieldRef").collect::<Vec<_>>());
        let order = order.unwrap_or_default().into_iter().filter_map(|field| {
            let descending = field.attribute("Ascending").is_some_and(|ascending| !is_true(ascending));
            Some(Order { field: field.attribute("Name")?.to_owned(), descending })
        });
        Ok(Self { condition, order: order.take(MOST).collect() })
    }

    /// Narrows it by what stands in a `contains` (MS-LISTSWS 3.1.4.22.2.1): a condition without a `Where` around it.
    pub(super) fn narrowed(mut self, contains: Option<&Element>) -> Result<Self> {
        let Some(inside) = contains.and_then(|contains| contains.children.first()) else { return Ok(self) };
        let more = Condition::read(inside, &mut { MOST })?;
        self.condition = Some(match self.condition {
            Some(condition) => Condition::And(Box::new(condition), Box::new(more)),
            None => more,
        });
        Ok(self)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.open("Query", &[("xmlns", "")]);
        if let Some(condition) = &self.condition {
            out.open("Where", &[]);
            condition.write(out);
            out.close("Where");
        }
        if !self.order.is_empty() {
            out.open("OrderBy", &[]);
            for key in &self.order {
                out.empty("FieldRef", &[("Name", &key.field), ("Ascending", truth(!key.descending))]);
            }
            out.close("OrderBy");
        }
        out.close("Query");
    }

    /// Whether the row is wanted.
    #[must_use]
    pub fn wants(&self, row: &Row) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(row))
    }

    /// Which of two rows comes first.
    #[must_use]
    pub fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let mut keys = self.order.iter().map(|key| {
            let order = compare(a.get(&key.field).unwrap_or_default(), b.get(&key.field).unwrap_or_default());
            if key.descending { order.reverse() } else { order }
        });
        keys.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl Condition {
    fn read(element: &Element, left: &mut usize) -> Result<Self> {
        *left = left
            .checked_sub(1)
            .ok_or_else(|| Error::too_large(element.line, "conditions in a query", MOST))?;
        let wrong = |reason: &'static str| Error::malformed(element.line, reason);
        if matches!(element.name.as_str(), "And" | "Or") {
            let [first, second] = element.children.as_slice() else {
                return Err(wrong("an And or Or without two conditions"));
            };
            let (first, second) = (Box::new(Self::read(first, left)?), Box::new(Self::read(second, left)?));
            return Ok(if element.name == "And" {
                Self::And(first, second)
            } else {
                Self::Or(first, second)
            });
        }
        let test = TESTS.iter().find(|(name, _)| *name == element.name);
        let test = test.ok_or_else(|| wrong("a condition that this server does not know"))?.1;
        let field = element.child("FieldRef").and_then(|field| field.attribute("Name"));
        let field = field.ok_or_else(|| wrong("a condition without FieldRef"))?.to_owned();
        let value = element.value("Value").unwrap_or_default().to_owned();
        Ok(Self::Field { field, test, value })
    }

    fn write(&self, out: &mut Writer) {
        let (name, pair) = match self {
            Self::And(a, b) => ("And", (a, b)),
            Self::Or(a, b) => ("Or", (a, b)),
            Self::Field { field, test, value } => {
                let name = TESTS.iter().find(|(_, known)| known == test).map_or("Eq", |(name, _)| name);
                out.open(name, &[]);
                out.empty("FieldRef", &[("Name", field)]);
                if !matches!(test, Test::IsNull | Test::IsNotNull) {
                    out.leaf_with("Value", &[("Type", "Text")], value);
                }
                return out.close(name);
            }
        };
        out.open(name, &[]);
        pair.0.write(out);
        pair.1.write(out);
        out.close(name);
    }

    fn holds(&self, row: &Row) -> bool {
        match self {
            Self::And(a, b) => a.holds(row) && b.holds(row),
            Self::Or(a, b) => a.holds(row) || b.holds(row),
            Self::Field { field, test, value } => test.holds(row.get(field).unwrap_or_default(), value),
        }
    }
}

impl Test {
    fn holds(self, have: &str, want: &str) -> bool {
        match self {
            Self::Eq => compare(have, want).is_eq(),
            Self::Neq => compare(have, want).is_ne(),
            Self::Lt => compare(have, want).is_lt(),
            Self::Leq => compare(have, want).is_le(),
            Self::Gt => compare(have, want).is_gt(),
            Self::Geq => compare(have, want).is_ge(),
            Self::BeginsWith => have.to_lowercase().starts_with(&want.to_lowercase()),
            Self::Contains => have.to_lowercase().contains(&want.to_lowercase()),
            Self::IsNull => have.is_empty(),
            Self::IsNotNull => !have.is_empty(),
        }
    }
}

/// Numbers as numbers, everything else as text without letter case; the text of a look-up (`3;#text`) counts, and
/// times are alike however they are written.
fn compare(a: &str, b: &str) -> Ordering {
    if let (Ok(a), Ok(b)) = (a.trim().parse::<f64>(), b.trim().parse::<f64>()) {
        return a.total_cmp(&b);
    }
    let plain = |text: &str| {
        let text = text.split_once(";#").map_or(text, |(_, text)| text).trim().to_lowercase();
        let bytes = text.as_bytes();
        let time = bytes.len() >= 19 && bytes.get(4) == Some(&b'-') && bytes.get(13) == Some(&b':');
        if time { text.trim_end_matches('z').replacen('t', " ", 1) } else { text }
    };
    plain(a).cmp(&plain(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn row() -> Row {
        let mut row = Row::new();
        row.push("Title", "Planning");
        row.push("ID", "9");
        row.push("EventDate", "2026-01-31T12:00:00Z");
        row.push("Author", "3;#Ada");
        row
    }

    #[test]
    fn conditions_hold_or_not() {
        let check = |inside: &str, expect: bool| {
            let text = format!("<Query><Where>{inside}</Where></Query>");
            let query = Query::read(Some(&parse(text.as_bytes(), &Limits::default()).unwrap())).unwrap();
            assert_eq!(query.wants(&row()), expect, "{inside}");
            let mut out = Writer::new();
            query.write(&mut out);
            let again = parse(&out.take(), &Limits::default()).unwrap();
            assert_eq!(Query::read(Some(&again)), Ok(query));
        };
        let one = |test: &str, field: &str, value: &str| {
            format!("<{test}><FieldRef Name='{field}'/><Value Type='Text'>{value}</Value></{test}>")
        };
        check(&one("Eq", "Title", "planning"), true);
        check(&one("Neq", "Title", "planning"), false);
        check(&one("Gt", "ID", "10"), false);
        check(&one("Leq", "ID", "9"), true);
        check(&one("Geq", "EventDate", "2026-01-31 12:00:00"), true);
        check(&one("Eq", "Author", "Ada"), true);
        check(&one("BeginsWith", "Title", "Plan"), true);
        check(&one("Contains", "Title", "NN"), true);
        check("<IsNull><FieldRef Name='Location'/></IsNull>", true);
        check("<IsNotNull><FieldRef Name='Location'/></IsNotNull>", false);
        check(&format!("<And>{}{}</And>", one("Eq", "ID", "9"), one("Eq", "Title", "x")), false);
        check(&format!("<Or>{}{}</Or>", one("Eq", "ID", "9"), one("Eq", "Title", "x")), true);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for inside in ["<Membership/>", "<And><Eq/></And>", "<Eq><Value>1</Value></Eq>"] {
            let text = format!("<Query><Where>{inside}</Where></Query>");
            assert!(
                Query::read(Some(&parse(text.as_bytes(), &Limits::default()).unwrap())).is_err(),
                "{inside}"
            );
        }
    }
}
