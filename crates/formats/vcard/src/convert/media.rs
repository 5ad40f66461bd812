//! Pictures, sounds and keys: `ENCODING=b` (RFC 2426 2.4.1) and `data:` URIs (RFC 6350 5.1, RFC 2397).

use super::draft::Draft;
use kontor_contentline::value;

const NAMES: [(&str, &str); 4] =
    [("PHOTO", "image"), ("LOGO", "image"), ("SOUND", "audio"), ("KEY", "application")];

/// The words of `TYPE` that do not name a format.
fn is_place(word: &str) -> bool {
    matches!(word, "home" | "work" | "pref")
}

fn family(draft: &Draft<'_, '_>) -> Option<&'static str> {
    NAMES.iter().find(|(name, _)| draft.is(name)).map(|(_, family)| *family)
}

/// To 4.0.
pub(super) fn to_uri(draft: &mut Draft<'_, '_>) {
    let Some(family) = family(draft) else { return };
    let format = draft.types().into_iter().find(|word| !is_place(word));
    if draft.param_is("ENCODING", "b") || draft.param_is("ENCODING", "base64") {
        let payload: String = draft.value().split_whitespace().collect();
        let media = format.map_or_else(|| sniff(&payload).to_owned(), |format| media_type(family, &format));
        draft.take_param("ENCODING");
        draft.take_param("VALUE");
        draft.drop_types(|word| !is_place(word));
        draft.set_value(format!("data:{media};base64,{payload}"));
    } else if let Some(format) = format.filter(|_| !draft.param("VALUE").is_empty()) {
        draft.drop_types(|word| !is_place(word));
        draft.add_param("MEDIATYPE", media_type(family, &format));
    }
    modern_uri(draft);
}

/// vCard 2.1 says `VALUE=URL`.
fn modern_uri(draft: &mut Draft<'_, '_>) {
    if draft.param_is("VALUE", "url") {
        draft.take_param("VALUE");
        draft.add_param("VALUE", "uri".to_owned());
    }
}

/// To 3.0.
pub(super) fn to_inline(draft: &mut Draft<'_, '_>) {
    if family(draft).is_none() {
        return;
    }
    if let Some((media, payload)) = base64_uri(&draft.value()) {
        draft.take_param("VALUE");
        draft.take_param("MEDIATYPE");
        draft.add_param("ENCODING", "b".to_owned());
        if let Some(word) = format_word(&media) {
            draft.add_type(&word);
        }
        return draft.set_value(payload);
    }
    modern_uri(draft);
    if draft.param_is("ENCODING", "base64") {
        let payload = draft.value().split_whitespace().collect();
        draft.take_param("ENCODING");
        draft.add_param("ENCODING", "b".to_owned());
        draft.set_value(payload);
    }
    if draft.param("VALUE").is_empty() && draft.param("ENCODING").is_empty() && draft.value().contains(':') {
        draft.add_param("VALUE", "uri".to_owned());
    }
    if let Some(word) = draft.take_param("MEDIATYPE").first().and_then(|media| format_word(media)) {
        draft.add_type(&word);
    }
}

/// Media type and payload of a base64 `data:` URI; some writers escape its comma.
fn base64_uri(value: &str) -> Option<(String, String)> {
    let value = value.trim();
    value.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
    let uri = value::unescape(value.get(5..)?.as_bytes());
    let (header, payload) = uri.split_once(',')?;
    let (media, encoding) = header.rsplit_once(';')?;
    let media = media.split(';').next().unwrap_or_default();
    encoding.eq_ignore_ascii_case("base64").then(|| (media.to_ascii_lowercase(), payload.to_owned()))
}

fn media_type(family: &str, format: &str) -> String {
    match (family, format) {
        (_, full) if full.contains('/') => full.to_owned(),
        ("application", "pgp") => "application/pgp-keys".to_owned(),
        ("application", "x509") => "application/pkix-cert".to_owned(),
        ("image", "jpg") => "image/jpeg".to_owned(),
        _ => format!("{family}/{format}"),
    }
}

fn format_word(media: &str) -> Option<String> {
    match media.trim().to_ascii_lowercase().as_str() {
        "application/pgp-keys" => Some("PGP".to_owned()),
        "application/pkix-cert" | "application/x-x509-ca-cert" => Some("X509".to_owned()),
        other => other.split_once('/').map(|(_, format)| format.to_ascii_uppercase()),
    }
}

/// The media type that the first bytes of a base64 text tell.
fn sniff(payload: &str) -> &'static str {
    let known = [
        ("/9j/", "image/jpeg"),
        ("iVBORw0KGgo", "image/png"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
    ];
    known
        .iter()
        .find(|(head, _)| payload.starts_with(head))
        .map_or("application/octet-stream", |(_, media)| media)
}
