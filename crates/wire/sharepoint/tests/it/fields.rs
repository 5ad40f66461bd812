//! Every field of every list, by its name: which lines of an item say it, or why none does.
//!
//! The tables stand in `fixtures/sharepoint/fields.tsv`: list, field (`bag:` before what is in the property bag), a value
//! that a client sends, and the properties that change by it, or `-` and the reason why nothing does. Behind `after` stand
//! fields that are sent together with it, `First` where no value is named: a second number is told as the first if there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Context, Error, Part, Row};
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};

use crate::office::{self, lines_without};

/// Lines that say when and how often an item was changed.
const STAMPS: [&str; 5] = ["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "REV", "CREATED"];

struct List {
    kind: ListKind,
    word: &'static str,
    text: Vec<u8>,
}

fn lists() -> [List; 3] {
    let event = "BEGIN:VEVENT
        UID:e
        DTSTAMP:20260101T000000Z
        DTSTART;TZID=Europe/Berlin:20260302T100000
        DTEND;TZID=Europe/Berlin:20260302T110000
        SUMMARY:Event
        END:VEVENT";
    let task = "BEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\nSUMMARY:Task\nEND:VTODO";
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nN:Ax;;;;\r\nFN:Ax\r\nEND:VCARD\r\n";
    [
        List { kind: ListKind::Calendar, word: "calendar", text: office::calendar(event) },
        List { kind: ListKind::Tasks, word: "tasks", text: office::calendar(task) },
        List { kind: ListKind::Contacts, word: "contacts", text: card.as_bytes().to_vec() },
    ]
}

impl List {
    fn edit(&self, text: &[u8], fields: &Row, context: &Context<'_>) -> Result<Option<Vec<u8>>, Error> {
        match self.kind {
            ListKind::Calendar => calendar::edit(text, &Part::Whole, fields, context),
            ListKind::Tasks => tasks::edit(text, &Part::Whole, fields, context),
            _ => contacts::edit(text, &Part::Whole, fields, context),
        }
    }

    fn row(&self, text: &[u8], context: &Context<'_>) -> Row {
        let rows = match self.kind {
            ListKind::Calendar => calendar::rows(text, context),
            ListKind::Tasks => tasks::rows(text, context),
            _ => contacts::rows(text, context),
        };
        rows.unwrap().swap_remove(0).1
    }
}

/// Names of the properties whose lines differ.
fn names(before: &[u8], after: &[u8]) -> BTreeSet<String> {
    let lines = lines_without(before, after).into_iter().chain(lines_without(after, before));
    let name = |line: String| line.split([':', ';']).next().unwrap_or_default().to_owned();
    let names = lines.map(name).filter(|name| !name.starts_with(' '));
    names.filter(|name| !STAMPS.contains(&name.as_str())).collect()
}

fn table() -> BTreeMap<(String, String), (String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/sharepoint/fields.tsv");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let [list, field, value, how] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        ((list.to_owned(), field.to_owned()), (value.to_owned(), how.to_owned()))
    })
    .collect()
}

fn get<'r>(row: &'r Row, field: &str) -> Option<&'r str> {
    match field.strip_prefix("bag:") {
        Some(property) => row.bag(property),
        None => row.get(field),
    }
}

#[test]
fn every_field_is_kept_somewhere_or_says_why_not() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let staff = office::Staff::new();
    let context = Context { people: &staff, tasks: &office::Others, ..office::context(&zone) };
    let (table, mut used) = (table(), 0);
    for list in lists() {
        for field in list.kind.fields() {
            let key = (list.word.to_owned(), field.name.to_owned());
            assert!(table.contains_key(&key), "{key:?} is in no table");
        }
        for ((_, field), (value, how)) in table.iter().filter(|((word, _), _)| word == list.word) {
            let (how, others) = how.split_once(" after ").unwrap_or((how, ""));
            let mut fields = Row::new();
            for other in others.split_whitespace() {
                let (name, value) = other.split_once('=').unwrap_or((other, "First"));
                fields.push(name.to_owned(), value.to_owned());
            }
            match field.strip_prefix("bag:") {
                Some(property) => fields.push_bag(property.to_owned(), value.clone()),
                None => fields.push(field.clone(), value.clone()),
            }
            used += 1;
            let after = list.edit(&list.text, &fields, &context);
            let what = format!("{}: {field}", list.word);
            if let Some(why) = how.strip_prefix("- ") {
                assert!(why.len() > 10, "{what}: say why");
                assert!(matches!(after, Ok(None) | Err(_)), "{what} is written: {after:?}");
                continue;
            }
            let after = after.unwrap_or_else(|why| panic!("{what}: {why}"));
            let after = after.unwrap_or_else(|| panic!("{what}: nothing changes"));
            let expect: BTreeSet<String> = how.split(' ').map(str::to_owned).collect();
            let found = names(&list.text, &after);
            let is_right = if others.is_empty() { found == expect } else { found.is_superset(&expect) };
            assert!(is_right, "{what}: {found:?}");
            let told = list.row(&after, &context);
            let read = get(&told, field).map(|told| told.replace("<div>", "").replace("</div>", ""));
            assert_eq!(read.as_deref(), Some(value.as_str()), "{what}");
            // Sent back as it was told, it changes nothing.
            assert_eq!(list.edit(&after, &told, &context), Ok(None), "{what}");
        }
    }
    assert_eq!(used, table.len(), "the table names a list that is none");
}
