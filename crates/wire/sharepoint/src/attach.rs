//! Attachments of rows: inline ATTACH lines of events and tasks (RFC 5545 3.8.1.1), the photo of a contact
//! (RFC 6350 6.2.4, MS-OUTSPS 3.2.4.2.2), and other files of a contact in lines of our own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kontor_contentline::{Component, Edit, Line, Nth, Path, Property, Tree, apply};

use crate::list::ListKind;
use crate::row::Error;
use crate::translate::contacts::{self, PHOTO};

/// Files of a contact other than its photo.
const FILE: &str = "X-KONTOR-ATTACH";

/// One attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Name of the file; unique within the item.
    pub name: String,
    /// As the line says it, else what the name suggests.
    pub media_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Where one is kept.
struct Kept {
    name: String,
    property: &'static str,
    nth: usize,
}

/// Names of an item's attachments, in order.
#[must_use]
pub fn names(kind: ListKind, text: &[u8]) -> Vec<String> {
    // Most items have none: that is seen without reading their lines.
    let hints: [&[u8]; 4] = [b"ATTACH", b"PHOTO", b"attach", b"photo"];
    if !hints.iter().any(|hint| memchr::memmem::find(text, hint).is_some()) {
        return Vec::new();
    }
    let tree = Tree::parse(text);
    let found = main(kind, &tree).map(|component| kept(kind, component));
    found.unwrap_or_default().into_iter().map(|kept| kept.name).collect()
}

/// Whether a name is that of the photo of a contact.
fn is_photo(kind: ListKind, name: &str) -> bool {
    kind == ListKind::Contacts && name.eq_ignore_ascii_case(PHOTO)
}

/// An attachment by name, letter case ignored.
#[must_use]
pub fn get(kind: ListKind, text: &[u8], name: &str) -> Option<Attachment> {
    let tree = Tree::parse(text);
    let component = main(kind, &tree)?;
    let kept = kept(kind, component).into_iter().find(|kept| kept.name.eq_ignore_ascii_case(name))?;
    if is_photo(kind, name) {
        let photo = contacts::photo(text)?;
        return Some(Attachment { name: kept.name, media_type: photo.media.to_owned(), bytes: photo.bytes });
    }
    let line = component.properties_named(kept.property).nth(kept.nth)?;
    let value = line.value_str();
    let (declared, data) = match value.split_once(',') {
        Some((head, data)) if head.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) => {
            (head.get(5..).and_then(|head| head.split(';').next()).map(str::to_owned), data)
        }
        _ => (media_type(line), &*value),
    };
    let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(data).ok()?;
    let media_type =
        declared.filter(|one| one.contains('/')).unwrap_or_else(|| by_name(&kept.name).to_owned());
    Some(Attachment { name: kept.name, media_type, bytes })
}

/// The text with one attachment more.
///
/// # Errors
/// Value, if there is one of that name, the name cannot be one, or the photo is no picture; unreadable.
pub fn add(kind: ListKind, text: &[u8], name: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let wrong = |reason: &'static str| Error::Value { field: "Attachments".into(), reason: reason.into() };
    if name.is_empty()
        || name.len() > 255
        || name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '"'))
    {
        return Err(wrong("that is no name of a file"));
    }
    let tree = Tree::parse(text);
    let component = main(kind, &tree).ok_or_else(|| Error::Unreadable("nothing to attach to".into()))?;
    if kept(kind, component).iter().any(|kept| kept.name.eq_ignore_ascii_case(name)) {
        return Err(wrong("an attachment of that name is there already"));
    }
    if is_photo(kind, name) {
        return Ok(contacts::set_photo(text, Some(bytes))?.unwrap_or_else(|| text.to_vec()));
    }
    let (data, at) = (STANDARD.encode(bytes), component.path());
    let property = match kind {
        ListKind::Contacts => {
            Property::raw(FILE, data).param("FILENAME", name).param("FMTTYPE", by_name(name))
        }
        _ => Property::raw("ATTACH", data)
            .param("FMTTYPE", by_name(name))
            .param("FILENAME", name)
            .param("ENCODING", "BASE64")
            .param("VALUE", "BINARY"),
    };
    edited(text, &[Edit::Add { at, property }])
}

/// The text without an attachment; `None` if there is none of that name.
///
/// # Errors
/// Unreadable.
pub fn remove(kind: ListKind, text: &[u8], name: &str) -> Result<Option<Vec<u8>>, Error> {
    let tree = Tree::parse(text);
    let Some(component) = main(kind, &tree) else { return Ok(None) };
    let found = kept(kind, component).into_iter().find(|kept| kept.name.eq_ignore_ascii_case(name));
    let Some(kept) = found else { return Ok(None) };
    let (at, name): (Path, _) = (component.path(), kept.property.to_owned());
    edited(text, &[Edit::Remove { at, name, nth: Nth::One(kept.nth) }]).map(Some)
}

fn edited(text: &[u8], edits: &[Edit]) -> Result<Vec<u8>, Error> {
    apply(text, edits).map_err(|error| Error::Unreadable(error.to_string().into()))
}

/// The component that attachments belong to: that of the item itself.
fn main<'t, 'a>(kind: ListKind, tree: &'t Tree<'a>) -> Option<Component<'t, 'a>> {
    let outer = tree.root().children().next()?;
    let name = match kind {
        ListKind::Contacts => return Some(outer).filter(|outer| outer.is("VCARD")),
        ListKind::Calendar => "VEVENT",
        ListKind::Tasks => "VTODO",
        ListKind::Documents | ListKind::People => return None,
    };
    let mut all = outer.children().filter(|child| child.is(name));
    all.find(|child| child.property("RECURRENCE-ID").is_none())
}

fn kept(kind: ListKind, component: Component<'_, '_>) -> Vec<Kept> {
    let mut out = Vec::new();
    let property = if kind == ListKind::Contacts { FILE } else { "ATTACH" };
    if kind == ListKind::Contacts {
        let photo = contacts::shown(component);
        out.extend(photo.map(|nth| Kept { name: PHOTO.to_owned(), property: "PHOTO", nth }));
    }
    for (nth, line) in component.properties_named(property).enumerate() {
        if !is_inline(line) {
            continue;
        }
        let named = ["FILENAME", "X-FILENAME", "X-LABEL", "X-APPLE-FILENAME"];
        let name = named.iter().find_map(|name| line.param(name)).map(|param| param.value().into_owned());
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("attachment-{}", nth + 1));
        let taken = out.iter().any(|kept: &Kept| kept.name.eq_ignore_ascii_case(&name));
        let name = if taken { format!("{}-{name}", nth + 1) } else { name };
        out.push(Kept { name: name.replace(['/', '\\'], "_"), property, nth });
    }
    out
}

/// Whether the bytes are in the line, not at an address.
fn is_inline(line: &Line<'_>) -> bool {
    let value = line.value_str();
    let data = value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let encoded = line.param("ENCODING").is_some_and(|param| param.has("BASE64") || param.has("B"));
    data || encoded || line.is(FILE)
}

fn media_type(line: &Line<'_>) -> Option<String> {
    let kind = line.param("FMTTYPE").or_else(|| line.param("MEDIATYPE"))?;
    Some(kind.value().into_owned())
}

fn by_name(name: &str) -> &'static str {
    const KNOWN: [(&str, &str); 10] = [
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("gif", "image/gif"),
        ("pdf", "application/pdf"),
        ("txt", "text/plain"),
        ("csv", "text/csv"),
        ("zip", "application/zip"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending));
    known.map_or("application/octet-stream", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nATTACH:https://a.example/x\r\n\
                         ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/html:PGE+\r\nX-KEEP;A=b:  c\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n";

    #[test]
    fn attachments_come_and_go_without_a_trace() {
        for (kind, text, name) in [
            (ListKind::Calendar, EVENT, "Plan für Mai.txt"),
            (ListKind::Contacts, CARD, PHOTO),
            (ListKind::Contacts, CARD, "a.pdf"),
            (ListKind::Contacts, &CARD.replace("3.0", "4.0"), PHOTO),
        ] {
            let bytes: Vec<u8> = b"\xFF\xD8\xFF".iter().copied().chain(0..=255).collect();
            let with = add(kind, text.as_bytes(), name, &bytes).unwrap();
            assert!(names(kind, &with).contains(&name.to_owned()));
            let got = get(kind, &with, &name.to_ascii_uppercase()).unwrap();
            assert_eq!(
                (got.name.as_str(), &got.bytes, got.media_type.as_str()),
                (name, &bytes, by_name(name))
            );
            assert!(add(kind, &with, name, b"").is_err(), "twice");
            assert_eq!(remove(kind, &with, name).unwrap().as_deref(), Some(text.as_bytes()));
            assert_eq!(remove(kind, text.as_bytes(), name), Ok(None));
        }
    }

    #[test]
    fn what_others_attached_is_found() {
        assert_eq!(names(ListKind::Calendar, EVENT.as_bytes()), ["attachment-2"]);
        let got = get(ListKind::Calendar, EVENT.as_bytes(), "attachment-2").unwrap();
        assert_eq!((got.media_type.as_str(), got.bytes.as_slice()), ("text/html", &b"<a>"[..]));
        for bad in ["", "a/b", "a\"b", "a\nb"] {
            assert!(add(ListKind::Calendar, EVENT.as_bytes(), bad, b"").is_err());
        }
        assert!(add(ListKind::Tasks, EVENT.as_bytes(), "a", b"").is_err(), "no task in it");
    }
}
