//! Private items (features.md 6.2, rule 6): who may read a calendar but lacks `p` sees of an event marked private or
//! confidential only when it is, and cannot touch it.

use kontor_contentline::{Component, Line, Tree};
use kontor_model::{Collection, Item, Kind, Right, Rights};
use kontor_store::Select;

/// What is left of a component: its identity, and when it is.
const LEFT: [&str; 17] = [
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "TRANSP",
    "STATUS",
    "CLASS",
    "CREATED",
    "LAST-MODIFIED",
];

/// How items look to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// As they are.
    Full,
    /// Without what is private. What is told about them (size, entity tag) is that of the whole.
    Veiled,
}

impl Sight {
    /// How items of this collection look to somebody with these rights.
    pub(crate) fn of(collection: &Collection, rights: Rights) -> Self {
        let has_classes = matches!(collection.kind, Kind::Calendar | Kind::Tasks);
        if has_classes && !rights.has(Right::Private) { Self::Veiled } else { Self::Full }
    }

    /// The item, read and then selected.
    pub(crate) fn item(self, mut item: Item, select: Select) -> Item {
        if select == Select::Meta {
            item.body = bytes::Bytes::new();
        } else if self == Self::Veiled
            && let Some(body) = veiled(&item.body)
        {
            item.body = body.into();
        }
        item
    }

    /// Whether there is something in a body that must not be seen.
    pub(crate) fn hides(self, body: &[u8]) -> bool {
        self == Self::Veiled && veiled(body).is_some()
    }

    /// The items, read and then selected.
    pub(crate) fn items(self, items: Vec<Item>, select: Select) -> Vec<Item> {
        if self == Self::Full || select == Select::Meta {
            return items;
        }
        items.into_iter().map(|item| self.item(item, select)).collect()
    }
}

/// What is left of a private object; `None` if it is not private.
fn veiled(body: &[u8]) -> Option<Vec<u8>> {
    let tree = Tree::parse(body);
    let calendar = tree.root().child("VCALENDAR")?;
    if !calendar.children().any(is_private) {
        return None;
    }
    let mut out = Vec::with_capacity(body.len());
    out.extend_from_slice(b"BEGIN:VCALENDAR\r\n");
    keep(calendar, &["VERSION", "PRODID", "CALSCALE"], &mut out);
    for one in calendar.children() {
        if one.is("VTIMEZONE") {
            out.extend_from_slice(one.raw());
        } else if ["VEVENT", "VTODO", "VJOURNAL"].iter().any(|name| one.is(name)) {
            out.extend_from_slice(format!("BEGIN:{}\r\n", one.name()).as_bytes());
            keep(one, &LEFT, &mut out);
            out.extend_from_slice(b"SUMMARY:Busy\r\n");
            out.extend_from_slice(format!("END:{}\r\n", one.name()).as_bytes());
        }
    }
    out.extend_from_slice(b"END:VCALENDAR\r\n");
    Some(out)
}

fn keep(of: Component<'_, '_>, names: &[&str], out: &mut Vec<u8>) {
    for line in of.properties().filter(|line| names.iter().any(|name| line.is(name))) {
        out.extend_from_slice(line.raw());
    }
}

/// Marked as private or confidential; any word that nobody knows counts as private (RFC 5545 3.8.1.3).
fn is_private(of: Component<'_, '_>) -> bool {
    let class = of.property("CLASS").map(Line::text);
    class.is_some_and(|word| !word.trim().eq_ignore_ascii_case("PUBLIC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:X\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T100000Z\r\n\
        CLASS:PRIVATE\r\nSUMMARY:Doctor\r\nDESCRIPTION:Bring the\r\n  letter\r\nATTENDEE:mailto:x@example.com\r\nBEGIN:VALARM\r\n\
        TRIGGER:-PT5M\r\nEND:VALARM\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn of_a_private_event_only_the_time_is_left() {
        let left = String::from_utf8(veiled(TEXT.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            left,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260101T100000Z\r\n\
             CLASS:PRIVATE\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Busy\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
    }

    #[test]
    fn other_classes_are_seen() {
        let check = |class: &str, hidden: bool| {
            let text = TEXT.replace("CLASS:PRIVATE\r\n", class);
            assert_eq!(veiled(text.as_bytes()).is_some(), hidden, "{class}");
        };
        check("", false);
        check("CLASS:public\r\n", false);
        check("CLASS:CONFIDENTIAL\r\n", true);
        check("CLASS:X-SECRET\r\n", true);
        check("cla\r\n ss:private\r\n", true);
    }
}
