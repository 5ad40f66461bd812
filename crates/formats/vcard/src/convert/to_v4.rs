//! 2.1 and 3.0 to 4.0.

use super::draft::Draft;
use super::{date, media};
use std::collections::{BTreeMap, VecDeque};

pub(super) fn convert(drafts: &mut [Draft<'_, '_>]) {
    labels(drafts);
    for draft in drafts {
        match draft.name.to_ascii_uppercase().as_str() {
            "VERSION" => draft.set_value("4.0".to_owned()),
            "X-ADDRESSBOOKSERVER-KIND" => draft.rename("KIND"),
            "X-ADDRESSBOOKSERVER-MEMBER" => draft.rename("MEMBER"),
            "BDAY" | "ANNIVERSARY" | "REV" => basic_date(draft),
            "GEO" => geo(draft),
            "EMAIL" => {
                draft.drop_types(|word| word == "internet");
            }
            _ => {}
        }
        media::to_uri(draft);
        // `pref` was a type; RFC 6350 5.3 made it a number.
        if draft.drop_types(|word| word == "pref") && draft.param("PREF").is_empty() {
            draft.add_param("PREF", "1".to_owned());
        }
    }
}

/// Apple writes a birthday without year as one in 1604, with a parameter that says so.
fn basic_date(draft: &mut Draft<'_, '_>) {
    let Some(basic) = date::basic(draft.value().trim()) else { return };
    let omitted = draft.param("X-APPLE-OMIT-YEAR").first().map(|year| (*year).to_owned());
    match omitted.and_then(|year| basic.strip_prefix(&year).map(str::to_owned)) {
        Some(rest) => {
            draft.take_param("X-APPLE-OMIT-YEAR");
            draft.set_value(format!("--{rest}"));
        }
        None => draft.set_value(basic),
    }
}

fn geo(draft: &mut Draft<'_, '_>) {
    let value = draft.value().into_owned();
    if let Some((lat, lon)) = value.split_once(';').filter(|_| !value.contains(':')) {
        draft.set_value(format!("geo:{},{}", lat.trim(), lon.trim()));
    }
}

/// A `LABEL` property becomes the `LABEL` parameter of the address of the same group and types (RFC 6350 6.3.1); one
/// that belongs to no address stays as it is.
fn labels(drafts: &mut [Draft<'_, '_>]) {
    let key = |draft: &Draft<'_, '_>| {
        let mut types = draft.types();
        types.retain(|word| word != "pref");
        types.sort_unstable();
        (draft.group().map(str::to_ascii_lowercase), types)
    };
    let mut labels: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.is("LABEL")) {
        labels.entry(key(draft)).or_default().push_back(at);
    }
    for adr in 0..drafts.len() {
        let Some(draft) = drafts.get(adr).filter(|draft| draft.is("ADR") && draft.param("LABEL").is_empty())
        else {
            continue;
        };
        let Some(label) = labels.get_mut(&key(draft)).and_then(VecDeque::pop_front) else { continue };
        let Some(text) = drafts.get_mut(label).map(|draft| draft.discard()) else { continue };
        if let Some(draft) = drafts.get_mut(adr) {
            draft.add_param("LABEL", text);
        }
    }
}
