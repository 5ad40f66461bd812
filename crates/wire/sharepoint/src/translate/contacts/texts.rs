//! Fields that are one property each: title, mail, web, and who else belongs to somebody.

use kontor_contentline::{Property, value};

use super::card::{Lines, Own, changed, drop_line, put_text, same_in_order, shown};
use crate::row::Row;
use crate::translate::change::Changes;

/// A field and the properties that say it, the one that is written first (names as in MS-OXVCARD 2.1.3, Apple's and
/// Evolution's).
const TEXTS: [(&str, &[&str]); 11] = [
    ("JobTitle", &["TITLE"]),
    ("Profession", &["ROLE"]),
    ("ManagersName", &["X-MS-MANAGER", "X-MANAGER", "X-EVOLUTION-MANAGER"]),
    ("AssistantsName", &["X-MS-ASSISTANT", "X-ASSISTANT", "X-EVOLUTION-ASSISTANT"]),
    ("SpouseName", &["X-MS-SPOUSE", "X-SPOUSE", "X-EVOLUTION-SPOUSE"]),
    ("ChildrensNames", &["X-MS-CHILD"]),
    ("Hobbies", &["X-MS-INTERESTS", "HOBBY"]),
    ("FirstNamePhonetic", &["X-PHONETIC-FIRST-NAME"]),
    ("LastNamePhonetic", &["X-PHONETIC-LAST-NAME"]),
    ("CompanyPhonetic", &["X-PHONETIC-ORG"]),
    ("Language", &["LANG", "X-KONTOR-OUTLOOK-LANGUAGE"]),
];

/// Mail addresses, the preferred one first.
const MAILS: [&str; 3] = ["Email", "Email2", "Email3"];

/// Properties that name somebody for instant messages.
const MESSENGERS: [&str; 5] = ["X-MS-IMADDRESS", "IMPP", "X-JABBER", "X-SKYPE", "X-AIM"];

/// Tells them.
pub(super) fn tell(lines: &Lines<'_, '_>, row: &mut Row) {
    for (field, names) in TEXTS {
        row.push(field, lines.first_of(names).map(|(_, own)| own.text()).unwrap_or_default());
    }
    row.push("Nickname", lines.first("NICKNAME").map(|own| shown(&own.raw())).unwrap_or_default());
    let mails = lines.preferred("EMAIL");
    for (at, field) in MAILS.into_iter().enumerate() {
        row.push(field, mails.get(at).map(|own| bare(&own.text())).unwrap_or_default());
    }
    row.push("IMAddress", lines.first_of(&MESSENGERS).map(|(_, own)| own.text()).unwrap_or_default());
    for (field, is_home) in [("WebPage", false), ("PersonalWebsite", true)] {
        let url = url(lines, is_home).map(|own| own.line().value_str().trim().to_owned());
        // A URL field is an address, a comma and a blank, and a text.
        let told = url.map_or_else(String::new, |url| {
            let caption = caption(lines, field, &url).unwrap_or_else(|| url.clone());
            format!("{}, {caption}", url.replace(',', "%2C"))
        });
        row.push(field, told);
    }
    if let Some(own) = lines.first("FBURL") {
        row.push_bag("FreeBusyURL", own.line().value_str().trim().to_owned());
    }
    if let Some(gender) = gender(lines) {
        row.push_bag("Gender", gender);
    }
}

/// A mail address without a scheme.
fn bare(mail: &str) -> String {
    let mail = mail.trim();
    let scheme = mail.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    scheme.and_then(|_| mail.get(7..)).unwrap_or(mail).to_owned()
}

fn url<'t, 'a>(lines: &Lines<'t, 'a>, is_home: bool) -> Option<Own<'t, 'a>> {
    let mut all = lines.preferred("URL").into_iter();
    all.find(|own| own.has("home") == is_home)
}

/// The text that stands for an address, kept beside it with the address: that one may be changed by others.
fn caption(lines: &Lines<'_, '_>, field: &str, url: &str) -> Option<String> {
    let kept = lines.first(caption_of(field))?.text();
    let (address, caption) = kept.split_once(' ')?;
    (address == url && !caption.trim().is_empty()).then(|| caption.trim().to_owned())
}

/// The property of the text of a URL field.
fn caption_of(field: &str) -> &'static str {
    if field == "WebPage" { "X-KONTOR-OUTLOOK-WEBPAGE" } else { "X-KONTOR-OUTLOOK-PERSONALWEBSITE" }
}

/// Keeps a text that is not the address itself.
fn take_caption(lines: &Lines<'_, '_>, field: &str, sent: (&str, &str), changes: &mut Changes<'_, '_>) {
    let (url, caption) = sent;
    let kept = if caption.is_empty() || caption == url || url.is_empty() {
        String::new()
    } else {
        format!("{url} {caption}")
    };
    let now = lines.first(caption_of(field)).map(|own| own.text()).unwrap_or_default();
    if kept != now {
        put_text(lines, caption_of(field), &kept, changes);
    }
}

/// Gender (MS-OUTSPS 2.2.5.7) of GENDER (RFC 6350 6.2.7).
fn gender(lines: &Lines<'_, '_>) -> Option<&'static str> {
    let text = lines.first_of(&["GENDER", "X-GENDER"])?.1.text();
    match text.chars().next()?.to_ascii_uppercase() {
        'F' => Some("1"),
        'M' => Some("2"),
        _ => None,
    }
}

/// Takes them over.
pub(super) fn take(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    for (field, names) in TEXTS {
        if let Some(sent) = changed(before, fields, field) {
            let fresh = fresh_name(field, names, lines);
            let name = lines.first_of(names).map_or(fresh, |(name, _)| name);
            put_text(lines, name, sent, changes);
        }
    }
    if let Some(sent) = changed(before, fields, "Nickname") {
        let items = sent.split(',').map(|item| value::escape(item.trim())).filter(|item| !item.is_empty());
        let items: Vec<String> = items.collect();
        match lines.first("NICKNAME") {
            None if items.is_empty() => {}
            Some(own) if items.is_empty() => changes.remove_nth("NICKNAME", own.nth),
            Some(own) => changes.set("NICKNAME", own.nth, own.with_raw(&items.join(","))),
            None => changes.add(Property::raw("NICKNAME", items.join(","))),
        }
    }
    take_mails(lines, before, fields, changes);
    take_messenger(lines, before, fields, changes);
    take_urls(lines, before, fields, changes);
    take_gender(lines, before, fields, changes);
}

/// The property that is made new for a field. LANG means something in version 4.0 only.
fn fresh_name(field: &str, names: &[&'static str], lines: &Lines<'_, '_>) -> &'static str {
    let at = usize::from(field == "Language" && !lines.is_v4);
    names.get(at).copied().unwrap_or("X-KONTOR-OUTLOOK-TEXT")
}

fn take_mails(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    if same_in_order(before, fields, &MAILS) {
        return;
    }
    let now = lines.preferred("EMAIL");
    for (at, field) in MAILS.into_iter().enumerate() {
        let Some(sent) = changed(before, fields, field) else { continue };
        match now.get(at) {
            Some(own) if sent.is_empty() => drop_line(lines, "EMAIL", own, changes),
            Some(own) => changes.set("EMAIL", own.nth, own.with_raw(&value::escape(sent))),
            None if sent.is_empty() => {}
            None if lines.is_v4 => changes.add(Property::text("EMAIL", sent)),
            None => changes.add(Property::text("EMAIL", sent).param("TYPE", "INTERNET")),
        }
    }
}

fn take_messenger(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let Some(sent) = changed(before, fields, "IMAddress") else { return };
    match lines.first_of(&MESSENGERS) {
        Some((name, own)) if sent.is_empty() => drop_line(lines, name, &own, changes),
        Some((name @ "IMPP", own)) => {
            // A URI keeps its scheme if people type a name only.
            let was = own.raw();
            let scheme = was.split_once(':').map(|(scheme, _)| format!("{scheme}:"));
            let scheme = scheme.filter(|_| !sent.contains(':')).unwrap_or_default();
            changes.set(name, own.nth, own.with_raw(&format!("{scheme}{sent}")));
        }
        Some((name, own)) => changes.set(name, own.nth, own.with_raw(&value::escape(sent))),
        None => changes.add(Property::text("X-MS-IMADDRESS", sent)),
    }
}

fn take_urls(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    for (field, is_home) in [("WebPage", false), ("PersonalWebsite", true)] {
        let Some(sent) = fields.get(field) else { continue };
        let was = before.get(field).unwrap_or_default();
        if sent.trim() == was {
            continue;
        }
        let (sent, caption) = sent.split_once(", ").unwrap_or((sent, ""));
        let (sent, caption) = (sent.trim().replace("%2C", ","), caption.trim());
        take_caption(lines, field, (&sent, caption), changes);
        if sent == was.split(", ").next().unwrap_or_default().trim().replace("%2C", ",") {
            continue;
        }
        match url(lines, is_home) {
            Some(own) if sent.is_empty() => drop_line(lines, "URL", &own, changes),
            Some(own) => changes.set("URL", own.nth, own.with_raw(&sent)),
            None if sent.is_empty() => {}
            None => {
                let fresh = Property::raw("URL", &sent);
                changes.add(if is_home { fresh.param("TYPE", "HOME") } else { fresh });
            }
        }
    }
    let sent = fields.bag("FreeBusyURL").map(str::trim);
    if let Some(sent) = sent.filter(|sent| before.bag("FreeBusyURL").unwrap_or_default() != *sent) {
        match lines.first("FBURL") {
            Some(own) if sent.is_empty() => changes.remove_nth("FBURL", own.nth),
            Some(own) => changes.set("FBURL", own.nth, own.with_raw(sent)),
            None => changes.add(Property::raw("FBURL", sent)),
        }
    }
}

fn take_gender(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let sent = fields.bag("Gender").or_else(|| fields.get("Gender")).map(str::trim);
    let Some(sent) = sent.filter(|sent| before.bag("Gender").unwrap_or("0") != *sent) else { return };
    let letter = match sent {
        "1" | "Female" => "F",
        "2" | "Male" => "M",
        _ => "",
    };
    let now = lines.first_of(&["GENDER", "X-GENDER"]);
    match now {
        Some((name, own)) if letter.is_empty() && gender(lines).is_some() => {
            changes.remove_nth(name, own.nth)
        }
        Some((name, own)) if !letter.is_empty() => changes.set(name, own.nth, own.with_raw(letter)),
        None if !letter.is_empty() => {
            changes.add(Property::raw(if lines.is_v4 { "GENDER" } else { "X-GENDER" }, letter));
        }
        _ => {}
    }
}
