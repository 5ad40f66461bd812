//! Rows in answers: `listitems`, `rs:data` and `z:row` (MS-LISTSWS 2.2.4.9).

use super::{is_true, truth};
use crate::error::Result;
use crate::row::{BAG, Field, Row};
use crate::xml::{Element, Writer};
use std::borrow::Cow;

const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:s", "uuid:BDC6E3F0-6DA3-11d1-A2A3-00AA00C14882"),
    ("xmlns:dt", "uuid:C2F41010-65B3-11d1-A29F-00AA00C14882"),
    ("xmlns:rs", "urn:schemas-microsoft-com:rowset"),
    ("xmlns:z", "#RowsetSchema"),
];

/// What a row takes in an answer, most often.
pub const ROW_BYTES: usize = 2048;

/// `<listitems>` with attributes besides its namespaces.
pub fn begin(out: &mut Writer, attributes: &[(&str, &str)]) {
    let all: Vec<_> = NAMESPACES.iter().chain(attributes).copied().collect();
    out.open("listitems", &all);
}

/// `</listitems>`.
pub fn end(out: &mut Writer) {
    out.close("listitems");
}

/// `<rs:data>`; how many rows follow, and where to go on.
pub fn begin_data(out: &mut Writer, count: Option<usize>, next: Option<&str>) {
    out.begin("rs:data");
    if let Some(count) = count {
        out.attribute(&["ItemCount"], &count.to_string());
    }
    if let Some(next) = next {
        out.attribute(&["ListItemCollectionPositionNext"], next);
    }
    out.raw(">");
}

/// `</rs:data>`.
pub fn end_data(out: &mut Writer) {
    out.close("rs:data");
}

/// One `<z:row>`.
pub fn row(out: &mut Writer, row: &Row) {
    row_in(out, row, &[]);
}

/// One `<z:row>` outside of `<listitems>`, with the declaration of its namespace.
pub fn lone_row(out: &mut Writer, row: &Row) {
    row_in(out, row, &[("xmlns:z", "#RowsetSchema")]);
}

fn row_in(out: &mut Writer, row: &Row, attributes: &[(&str, &str)]) {
    out.begin("z:row");
    attributes.iter().for_each(|(name, value)| out.attribute(&[name], value));
    for field in &row.fields {
        let named = field.property.as_ref().unwrap_or(&field.name);
        let name = &**named;
        // Our own names are names.
        if matches!(named, Cow::Owned(_)) && !is_name(name) {
            continue;
        }
        match field.property {
            Some(_) => out.attribute(&["ows_", BAG, "_", name], &field.value),
            None => out.attribute(&["ows_", name], &field.value),
        }
    }
    out.end_empty();
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// The row of a `z:row` element.
#[must_use]
pub fn read_row(element: &Element) -> Row {
    let mut row = Row::new();
    for (name, value) in &element.attributes {
        let Some(name) = name.strip_prefix("ows_") else { continue };
        match name.strip_prefix("MetaInfo_") {
            Some(property) => row.push_bag(property.to_owned(), value.clone()),
            None => {
                row.fields.push(Field {
                    name: name.to_owned().into(),
                    property: None,
                    value: value.clone().into(),
                });
            }
        }
    }
    row
}

/// What an answer with rows says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where to go on.
    pub next: Option<String>,
    /// Numbers of rows that are gone.
    pub deleted: Vec<i64>,
    /// Whether the token was not known.
    pub invalid_token: bool,
    /// The token to ask with next time.
    pub token: Option<String>,
    /// Whether there are more changes.
    pub more: bool,
    /// Whether the definition of the list was told.
    pub schema: bool,
}

impl Listing {
    /// Reads an answer of GetListItems, GetListItemChanges or GetListItemChangesSinceToken.
    ///
    /// # Errors
    /// Malformed.
    pub fn read(answer: &Element) -> Result<Self> {
        let result = answer.children.first().map_or(answer, |result| result);
        let items = result.required("listitems")?;
        let data = items.required("data")?;
        let changes = items.child("Changes");
        let ids = || changes.into_iter().flat_map(|changes| changes.all("Id"));
        let attribute = |name: &str| changes.and_then(|changes| changes.attribute(name));
        let gone = ids().filter(|id| id.attribute("ChangeType") == Some("Delete"));
        Ok(Self {
            rows: data.all("row").map(read_row).collect(),
            next: data.attribute("ListItemCollectionPositionNext").map(str::to_owned),
            deleted: gone.filter_map(|id| id.text.trim().parse().ok()).collect(),
            invalid_token: ids().any(|id| id.attribute("ChangeType") == Some("InvalidToken")),
            token: attribute("LastChangeToken").map(str::to_owned),
            more: attribute("MoreChanges").is_some_and(is_true),
            schema: changes.is_some_and(|changes| changes.child("List").is_some()),
        })
    }
}

/// `<Changes>`: the token, what is gone, and the definition of the list if it is wanted.
pub fn changes(
    out: &mut Writer,
    token: &str,
    more: bool,
    deleted: &[i64],
    invalid: bool,
    schema: impl FnOnce(&mut Writer),
) {
    let mut attributes = vec![("LastChangeToken", token)];
    if more {
        attributes.push(("MoreChanges", truth(true)));
    }
    out.open("Changes", &attributes);
    schema(out);
    if invalid {
        out.empty("Id", &[("ChangeType", "InvalidToken")]);
    }
    for number in deleted {
        out.leaf_with("Id", &[("ChangeType", "Delete")], &number.to_string());
    }
    out.close("Changes");
}
