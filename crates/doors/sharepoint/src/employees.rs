//! The directory as lists: everybody as contacts, and as users of the site. Read-only: whoever is taken out of such a
//! folder in Outlook stays in the office.

use crate::list::List;
use crate::people::person;
use crate::rows::{READ_MASK, ToldRow};
use crate::{time, token};
use kontor_model::{CollectionId, ItemId, Principal, PrincipalKind};
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Part, Row};

/// Whether somebody stands in the list: only people are employees.
pub(crate) fn is_listed(list: &List, principal: &Principal) -> bool {
    list.kind == ListKind::People || principal.kind == PrincipalKind::User
}

/// The row of somebody.
pub(crate) fn row(list: &List, principal: &Principal, number: i64) -> ToldRow {
    let mut row = Row::new();
    let who = person(principal, number);
    let (first, last) = who.name.rsplit_once(' ').unwrap_or(("", &who.name));
    match list.kind {
        ListKind::People => {
            row.push("Title", who.name.clone());
            row.push("Name", who.login.clone());
            row.push("EMail", who.mail.clone());
            row.push("FirstName", first.to_owned());
            row.push("LastName", last.to_owned());
            row.push("UserName", who.login.clone());
            row.push("ImnName", who.name.clone());
            row.push("IsActive", if principal.active { "1" } else { "0" });
        }
        ListKind::Calendar | ListKind::Tasks | ListKind::Contacts | ListKind::Documents => {
            row.push("Title", last.to_owned());
            row.push("FirstName", first.to_owned());
            row.push("FullName", who.name.clone());
            row.push("Email", who.mail.clone());
        }
    }
    let version = version(&row);
    let guid = token::row_guid(CollectionId(0), ItemId(principal.id.0), number);
    row.push("ID", number.to_string());
    row.push("owshiddenversion", version.to_string());
    row.push("UniqueId", format!("{number};#{guid}"));
    row.push("FSObjType", format!("{number};#0"));
    row.push("PermMask", READ_MASK);
    row.push("ContentTypeId", list.kind.content_type());
    row.push("Created", time::iso(principal.created));
    row.push("Modified", time::iso(principal.created));
    row.push("FileRef", format!("{number};#{}/{number}_.000", list.path().trim_start_matches('/')));
    row.push("Attachments", "0");
    row.push("_ModerationStatus", "0");
    row.push("_Level", "1");
    ToldRow { number, part: Part::Whole, version, row }
}

/// What a row says, as a number: the directory counts no changes.
fn version(row: &Row) -> i64 {
    let texts = row.fields.iter().map(|field| &*field.value);
    fold(texts) & 0x7fff_ffff
}

/// What a whole list says, as a number.
pub(crate) fn state(rows: &[ToldRow]) -> i64 {
    let numbers: Vec<String> = rows.iter().map(|row| format!("{}:{}", row.number, row.version)).collect();
    fold(numbers.iter().map(String::as_str))
}

/// FNV-1a, without the sign.
fn fold<'t>(texts: impl Iterator<Item = &'t str>) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for text in texts {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    (hash >> 1).cast_signed()
}
