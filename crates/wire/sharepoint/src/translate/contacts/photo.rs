//! The picture of a contact: an attachment of the row, a PHOTO of the card (MS-OUTSPS 2.2.4.1).

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use kontor_contentline::{Component, Line, Property, Tree};

use crate::row::{Error, Row};
use crate::translate::change::Changes;

/// A picture as an attachment has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Media type, by the first bytes.
    pub media: &'static str,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// What Outlook calls the file, whatever is in it.
pub const PHOTO: &str = "ContactPicture.jpg";

/// First bytes, media type and word of TYPE of the formats that Outlook shows.
const FORMATS: [(&[u8], &str, &str); 4] = [
    (b"\xFF\xD8\xFF", "image/jpeg", "JPEG"),
    (b"\x89PNG\r\n\x1A\n", "image/png", "PNG"),
    (b"GIF8", "image/gif", "GIF"),
    (b"BM", "image/bmp", "BMP"),
];

/// Padding is often left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Media type and word of TYPE.
fn format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    FORMATS.iter().find(|(start, ..)| bytes.starts_with(start)).map(|(_, media, word)| (*media, *word))
}

/// The base64 text of a line, if its picture is in it.
fn payload(line: &Line<'_>) -> Option<String> {
    let text = line.value_str();
    let is_inline = line.param("ENCODING").is_some_and(|param| param.has("b") || param.has("base64"));
    let data = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let payload = if data {
        let (head, payload) = text.split_once(',')?;
        head.to_ascii_lowercase().trim_end_matches('\\').ends_with(";base64").then_some(payload)?
    } else if is_inline || line.params().any(|param| param.is_bare() && param.is("BASE64")) {
        &text
    } else {
        return None;
    };
    Some(payload.chars().filter(|c| !c.is_whitespace()).collect())
}

/// The first picture of a card that is in the card itself.
fn first<'t, 'a>(component: Component<'t, 'a>) -> Option<(usize, &'t Line<'a>, String)> {
    let lines = component.properties_named("PHOTO").enumerate();
    lines.into_iter().find_map(|(nth, line)| Some((nth, line, payload(line)?)))
}

/// Which of the PHOTO lines a list shows as an attachment, without decoding it.
pub(crate) fn shown(component: Component<'_, '_>) -> Option<usize> {
    let (nth, _, payload) = first(component)?;
    // 4 letters are 3 bytes; the first 16 tell the format.
    let start = BASE64.decode(payload.get(..16).unwrap_or(&payload)).ok()?;
    format(&start).map(|_| nth)
}

/// Says in a row that there is a picture.
pub(super) fn tell(component: Component<'_, '_>, row: &mut Row) {
    if shown(component).is_some() {
        row.push_bag("AttachProps", format!("<File Photo=\"-1\">{PHOTO}</File>"));
    }
}

/// The picture of a contact; `None` if the card has none, or only a link to one.
#[must_use]
pub fn photo(text: &[u8]) -> Option<Photo> {
    let tree = Tree::parse(text);
    let (.., payload) = first(tree.root().child("VCARD")?)?;
    let bytes = BASE64.decode(payload).ok()?;
    let (media, _) = format(&bytes)?;
    Some(Photo { media, bytes })
}

/// The text with this picture in place of the one it has, or without any; `None` if it says that already.
///
/// # Errors
/// [`Error::Value`], if the bytes are no JPEG, PNG, GIF or BMP; [`Error::Unreadable`], if the text is no card.
pub fn set_photo(text: &[u8], bytes: Option<&[u8]>) -> Result<Option<Vec<u8>>, Error> {
    let tree = Tree::parse(text);
    let component = super::component(&tree)?;
    let now = first(component);
    let mut changes = Changes::of(component);
    match (bytes, now) {
        (None, None) => return Ok(None),
        (None, Some((nth, ..))) => changes.remove_nth("PHOTO", nth),
        (Some(bytes), now) => {
            if now.as_ref().and_then(|(.., payload)| BASE64.decode(payload).ok()).as_deref() == Some(bytes) {
                return Ok(None);
            }
            let fresh = property(component, bytes)?;
            match now {
                Some((nth, line, _)) => {
                    let fresh = match line.group() {
                        Some(group) => fresh.group(group),
                        None => fresh,
                    };
                    changes.set("PHOTO", nth, fresh);
                }
                None => changes.add(fresh),
            }
        }
    }
    changes.make(text).map(Some)
}

fn property(component: Component<'_, '_>, bytes: &[u8]) -> Result<Property, Error> {
    let refused = || Error::Value { field: "Photo".into(), reason: "it is no JPEG, PNG, GIF or BMP".into() };
    let (media, word) = format(bytes).ok_or_else(refused)?;
    let payload = BASE64.encode(bytes);
    let is_v4 = super::card::Lines::of(component).is_v4;
    Ok(if is_v4 {
        Property::raw("PHOTO", format!("data:{media};base64,{payload}"))
    } else {
        Property::raw("PHOTO", payload).param("ENCODING", "b").param("TYPE", word)
    })
}
