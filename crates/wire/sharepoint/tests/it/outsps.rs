//! The properties of MS-OUTSPS 3.2.4.2, one by one: which of them a list declares, with which GUID and type, which it keeps in
//! the property bag, and why it has none of the others (`fixtures/sharepoint/outsps.tsv`).

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Part, Row};
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};
use kontor_wire_sharepoint::xml::{Element, Limits, Writer, parse};

use crate::office;

/// One line of the table.
struct Property {
    list: String,
    name: String,
    id: String,
    holds: String,
    how: String,
}

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/sharepoint").join(name))
        .unwrap()
}

fn table() -> Vec<Property> {
    let text = fixture("outsps.tsv");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let properties = lines.map(|line| {
        let [list, name, id, holds, how] =
            line.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
        Property { list, name, id, holds, how }
    });
    properties.collect()
}

fn kinds(word: &str) -> Vec<(ListKind, &'static str)> {
    let all = [
        (ListKind::Calendar, "calendar"),
        (ListKind::Tasks, "tasks"),
        (ListKind::Contacts, "contacts"),
        (ListKind::Documents, "documents"),
    ];
    // Categories, which need not be there, are no matter of documents.
    let is_wanted = |own: &str| if word == "common" { own != "documents" } else { own == word };
    all.into_iter().filter(|(_, own)| is_wanted(own)).collect()
}

fn declared(kind: ListKind, name: &str) -> Option<Element> {
    let mut out = Writer::new();
    kind.field(name)?.write(&mut out);
    Some(parse(&out.take(), &Limits::default()).unwrap())
}

/// Whether a list takes a value of the property bag.
fn takes(kind: ListKind, name: &str) -> bool {
    let zone = Zone::utc();
    let context = office::context(&zone);
    let mut row = Row::new();
    row.push_bag(name.to_owned(), "Sample");
    let event = "BEGIN:VEVENT\nUID:e\nDTSTART:20260302T100000Z\nSUMMARY:Event\nEND:VEVENT";
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nN:Ax;;;;\r\nFN:Ax\r\nEND:VCARD\r\n";
    let after = match kind {
        ListKind::Calendar => calendar::edit(&office::calendar(event), &Part::Whole, &row, &context),
        ListKind::Tasks => {
            tasks::edit(&office::calendar("BEGIN:VTODO\nUID:t\nEND:VTODO"), &Part::Whole, &row, &context)
        }
        _ => contacts::edit(card, &Part::Whole, &row, &context),
    };
    matches!(after, Ok(Some(_)))
}

#[test]
fn every_property_is_declared_kept_or_explained() {
    let fields = fixture("fields.tsv");
    let listed: HashSet<(&str, &str)> = fields
        .lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            Some((parts.next()?, parts.next()?.strip_prefix("bag:")?))
        })
        .collect();
    let table = table();
    assert!(table.len() > 150, "{} properties", table.len());
    for property in table {
        for (kind, word) in kinds(&property.list) {
            let (name, what) = (&property.name, format!("{word}: {}", property.name));
            let field = declared(kind, name);
            if let Some(why) = property.how.strip_prefix("- ") {
                assert!(field.is_none() && why.len() > 10, "{what}: it is declared, or nobody says why not");
            } else if property.how == "bag" {
                assert!(field.is_none(), "{what}: it is declared");
                assert!(listed.contains(&(word, name)) || takes(kind, name), "{what}: nothing takes it");
            } else {
                let field = field.unwrap_or_else(|| panic!("{what} is not declared"));
                let id = format!("{{{}}}", property.id);
                assert_eq!(field.attribute("ID"), Some(&*id), "{what}");
                let holds = match property.how.strip_prefix("as ") {
                    Some(how) => how.split(',').next().unwrap(),
                    None => &property.holds,
                };
                assert!(field.attribute("Type").unwrap().eq_ignore_ascii_case(holds), "{what}: {field:?}");
            }
        }
    }
}

#[test]
fn a_guid_names_one_field_of_a_list() {
    for kind in
        [ListKind::Calendar, ListKind::Tasks, ListKind::Contacts, ListKind::Documents, ListKind::People]
    {
        let mut seen = HashSet::new();
        for field in kind.fields() {
            let told = declared(kind, field.name).unwrap();
            if let Some(id) = told.attribute("ID") {
                assert!(seen.insert(id.to_owned()), "{kind:?} {}: {id}", field.name);
            }
        }
    }
}
