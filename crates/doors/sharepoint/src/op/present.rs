//! Rows as a client asked for them.

use crate::list::List;
use crate::time;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::row::Row;

/// Fields that every row has, whatever was asked for (MS-LISTSWS 2.2.4.9, MS-OUTSPS 3.2.4.1).
const ALWAYS: [&str; 12] = [
    "ID",
    "owshiddenversion",
    "UniqueId",
    "FSObjType",
    "PermMask",
    "ContentTypeId",
    "Created",
    "Modified",
    "FileRef",
    "MetaInfo",
    "_ModerationStatus",
    "_Level",
];

/// The wanted fields of a row, with times as they are wanted.
pub(crate) fn present(mut row: Row, ask: &Ask, list: &List) -> Row {
    if !ask.fields.is_empty() {
        let wanted = |name: &str| {
            ALWAYS.contains(&name) || ask.fields.iter().any(|field| field == name || field == "*")
        };
        row.fields.retain(|field| wanted(&field.name));
    }
    if !ask.attachment_urls {
        let attached = row.fields.iter_mut().find(|field| field.name == "Attachments");
        attached.into_iter().filter(|field| field.value != "0").for_each(|field| field.value = "1".into());
    }
    if !ask.utc {
        time::to_site(&mut row, list.kind, &list.zone);
    }
    row
}
