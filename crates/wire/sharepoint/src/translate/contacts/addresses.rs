//! Postal addresses: work, home and another one.

use kontor_contentline::{Property, value};

use super::card::{Lines, Own, changed, drop_line, shown};
use crate::row::Row;
use crate::translate::change::Changes;

/// The fields of an address, by the components of ADR (RFC 6350 6.3.1): post office box (in the property bag), extended
/// address, street, city, region, code, country. Office is the extended address at work (MS-OXVCARD 2.1.3.2.2).
struct Address {
    word: Option<&'static str>,
    fields: [&'static str; 7],
}

const ADDRESSES: [Address; 3] = [
    Address {
        word: Some("work"),
        fields: ["WorkPObox", "Office", "WorkAddress", "WorkCity", "WorkState", "WorkZip", "WorkCountry"],
    },
    Address {
        word: Some("home"),
        fields: [
            "HomePObox",
            "",
            "HomeAddress",
            "HomeAddressCity",
            "HomeAddressStateOrProvince",
            "HomeAddressPostalCode",
            "HomeAddressCountry",
        ],
    },
    Address {
        word: None,
        fields: [
            "OtherAddressPObox",
            "",
            "OtherAddressStreet",
            "OtherAddressCity",
            "OtherAddressStateOrProvince",
            "OtherAddressPostalCode",
            "OtherAddressCountry",
        ],
    },
];

impl Address {
    fn line<'t, 'a>(&self, lines: &Lines<'t, 'a>) -> Option<Own<'t, 'a>> {
        lines.preferred("ADR").into_iter().find(|own| match self.word {
            Some(word) => own.has(word),
            None => !own.has("work") && !own.has("home"),
        })
    }

    /// The fields with the component each is.
    fn parts(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.fields.into_iter().enumerate().filter(|(_, field)| !field.is_empty())
    }
}

/// Tells the addresses.
pub(super) fn tell(lines: &Lines<'_, '_>, row: &mut Row) {
    for address in &ADDRESSES {
        let parts = address.line(lines).map(|own| own.parts()).unwrap_or_default();
        for (at, field) in address.parts() {
            let text = parts.get(at).map(|part| shown(part)).unwrap_or_default();
            if at == 0 { row.push_bag(field, text) } else { row.push(field, text) }
        }
    }
}

/// Takes over the components that changed; the others stay as they are written.
pub(super) fn take(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    for address in &ADDRESSES {
        let own = address.line(lines);
        let mut parts = own.map(|own| own.parts()).unwrap_or_default();
        let mut is_changed = false;
        for (at, field) in address.parts() {
            let sent = if at == 0 {
                fields.bag(field).filter(|sent| before.bag(field).unwrap_or_default().trim() != sent.trim())
            } else {
                changed(before, fields, field)
            };
            let Some(sent) = sent else { continue };
            if parts.len() < 7 {
                parts.resize(7, String::new());
            }
            if let Some(part) = parts.get_mut(at) {
                *part = value::escape(sent.trim());
                is_changed = true;
            }
        }
        if is_changed {
            put(address, own, &parts, lines, changes);
        }
    }
}

fn put(
    address: &Address,
    own: Option<Own<'_, '_>>,
    parts: &[String],
    lines: &Lines<'_, '_>,
    changes: &mut Changes<'_, '_>,
) {
    let is_empty = parts.iter().all(String::is_empty);
    let text = parts.join(";");
    match own {
        Some(own) if is_empty => drop_line(lines, "ADR", &own, changes),
        Some(own) => changes.set("ADR", own.nth, own.with_raw(&text)),
        None if is_empty => {}
        None => {
            let fresh = Property::raw("ADR", text);
            changes.add(match address.word {
                Some(word) => fresh.param("TYPE", &word.to_ascii_uppercase()),
                None => fresh,
            });
        }
    }
}
