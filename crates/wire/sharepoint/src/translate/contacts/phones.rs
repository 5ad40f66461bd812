//! Telephone numbers by their types.

use kontor_contentline::{Property, value};

use super::card::{Lines, Own, changed, drop_line, same_in_order};
use crate::row::Row;
use crate::translate::change::Changes;

/// Words of TYPE that make a number something else than one to talk by.
const SPECIAL: [&str; 13] = [
    "fax",
    "cell",
    "pager",
    "car",
    "isdn",
    "bbs",
    "modem",
    "video",
    "textphone",
    "tlx",
    "telex",
    "radio",
    "ttytdd",
];

/// A field: the property, the words of TYPE it has, and those it has not.
struct Phone {
    field: &'static str,
    property: &'static str,
    has: &'static [&'static str],
    has_not: &'static [&'static str],
    /// TYPE of a fresh one.
    fresh: &'static [&'static str],
}

const fn phone(
    field: &'static str,
    has: &'static [&'static str],
    has_not: &'static [&'static str],
    fresh: &'static [&'static str],
) -> Phone {
    Phone { field, property: "TEL", has, has_not, fresh }
}

/// A kind of number that only Outlook has (MS-OXVCARD 2.1.3.2.3).
const fn own(field: &'static str, word: &'static [&'static str]) -> Phone {
    Phone { field, property: "X-MS-TEL", has: word, has_not: &[], fresh: word }
}

/// In the order in which they choose: a number belongs to the first field that it fits and that has none yet.
const PHONES: [Phone; 20] = [
    phone("HomeFaxNumber", &["fax", "home"], &[], &["FAX", "HOME"]),
    phone("WorkFax", &["fax", "work"], &[], &["FAX", "WORK"]),
    phone("OtherFaxNumber", &["fax"], &["home", "work"], &["FAX"]),
    phone("CarNumber", &["car"], &[], &["CAR"]),
    phone("PagerNumber", &["pager"], &[], &["PAGER"]),
    phone("ISDNNumber", &["isdn"], &[], &["ISDN"]),
    phone("TelexNumber", &["tlx"], &[], &["TLX"]),
    phone("TTYTDDNumber", &["textphone"], &[], &["TEXTPHONE"]),
    phone("CellPhone", &["cell"], &["fax"], &["CELL"]),
    phone("WorkPhone", &["work"], &SPECIAL, &["WORK", "VOICE"]),
    phone("Business2Number", &["work"], &SPECIAL, &["WORK", "VOICE"]),
    phone("HomePhone", &["home"], &SPECIAL, &["HOME", "VOICE"]),
    phone("Home2Number", &["home"], &SPECIAL, &["HOME", "VOICE"]),
    phone("PrimaryNumber", &["pref"], &["home", "work"], &["PREF"]),
    phone("OtherNumber", &[], &["home", "work", "pref"], &["VOICE"]),
    own("AssistantNumber", &["ASSISTANT"]),
    own("CallbackNumber", &["CALLBACK"]),
    own("CompanyNumber", &["COMPANY"]),
    own("RadioNumber", &["RADIO"]),
    own("TTYTDDNumber", &["TTYTDD"]),
];

/// Fields that differ by their order only.
const FAMILIES: [[&str; 2]; 2] = [["WorkPhone", "Business2Number"], ["HomePhone", "Home2Number"]];

impl Phone {
    fn fits(&self, line: &Own<'_, '_>) -> bool {
        let types = line.types();
        let has = |word: &&str| types.iter().any(|own| own.eq_ignore_ascii_case(word));
        let is_pref = |word: &&str| *word == "pref" && line.preference() <= 100;
        let special = self.has.is_empty() || self.has == ["pref"];
        self.has.iter().all(|word| has(word) || is_pref(word))
            && !self.has_not.iter().any(|word| has(word) || is_pref(word))
            && !(special && SPECIAL.iter().any(has))
    }
}

/// The number that a line says.
fn number(line: &Own<'_, '_>) -> String {
    let text = line.text();
    let text = text.trim();
    let scheme = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    scheme.and_then(|_| text.get(4..)).unwrap_or(text).to_owned()
}

/// The fields, with the line that each has, or how a fresh one is made.
fn assigned<'t, 'a>(lines: &Lines<'t, 'a>) -> Vec<(&'static Phone, Option<Own<'t, 'a>>)> {
    let mut found: Vec<(&'static Phone, Option<Own<'t, 'a>>)> = Vec::with_capacity(PHONES.len());
    let numbers = [("TEL", lines.preferred("TEL")), ("X-MS-TEL", lines.preferred("X-MS-TEL"))];
    for phone in &PHONES {
        let taken = |property: &str, nth: usize| {
            let same = |(other, line): &(&Phone, Option<Own<'_, '_>>)| {
                other.property == property && line.is_some_and(|line| line.nth == nth)
            };
            found.iter().any(same)
        };
        let own = numbers.iter().filter(|(property, _)| *property == phone.property);
        let mut own = own.flat_map(|(_, lines)| lines);
        let line = own.find(|line| phone.fits(line) && !taken(phone.property, line.nth)).copied();
        // One field may have two kinds of lines.
        match found.iter_mut().find(|(other, _)| other.field == phone.field) {
            Some(known) if known.1.is_none() && line.is_some() => *known = (phone, line),
            Some(_) => {}
            None => found.push((phone, line)),
        }
    }
    found
}

/// Tells the numbers.
pub(super) fn tell(lines: &Lines<'_, '_>, row: &mut Row) {
    for (phone, line) in assigned(lines) {
        row.push(phone.field, line.map(|line| number(&line)).unwrap_or_default());
    }
}

/// Takes over those that changed.
pub(super) fn take(lines: &Lines<'_, '_>, before: &Row, sent: &Row, changes: &mut Changes<'_, '_>) {
    let same: Vec<&str> =
        FAMILIES.into_iter().filter(|family| same_in_order(before, sent, family)).flatten().collect();
    for (phone, line) in assigned(lines) {
        if same.contains(&phone.field) {
            continue;
        }
        let Some(number) = changed(before, sent, phone.field) else { continue };
        match line {
            Some(line) if number.is_empty() => drop_line(lines, phone.property, &line, changes),
            Some(line) => changes.set(phone.property, line.nth, with_number(&line, number)),
            None if number.is_empty() => {}
            None => {
                let property = Property::text(phone.property, number);
                changes.add(property.param_list("TYPE", phone.fresh.iter().copied()));
            }
        }
    }
}

/// The line with another number. What people type is text, no URI.
fn with_number(line: &Own<'_, '_>, number: &str) -> Property {
    let is_uri = line.line().param("VALUE").is_some_and(|param| param.has("uri"));
    if !is_uri {
        return line.with_raw(&value::escape(number));
    }
    let params = line.line().params().filter(|param| !param.is("VALUE") && !param.is_bare());
    let property = params.fold(Property::text(line.line().name(), number), |property, param| {
        let values: Vec<String> = param.values().map(std::borrow::Cow::into_owned).collect();
        property.param_list(param.name(), values.iter().map(String::as_str))
    });
    match line.group() {
        Some(group) => property.group(group),
        None => property,
    }
}
