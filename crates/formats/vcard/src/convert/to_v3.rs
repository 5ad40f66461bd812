//! 2.1 and 4.0 to 3.0.

use super::draft::Draft;
use super::{date, media};
use kontor_contentline::{Property, value};
use std::collections::BTreeMap;

pub(super) fn convert(drafts: &mut [Draft<'_, '_>]) {
    let most = most_preferred(drafts);
    let named = drafts.iter().any(|draft| draft.is("N"));
    let full_name = drafts.iter().find(|draft| draft.is("FN")).map(Draft::text);
    for draft in drafts.iter_mut() {
        match draft.name.to_ascii_uppercase().as_str() {
            "VERSION" => draft.set_value("3.0".to_owned()),
            "KIND" => draft.rename("X-ADDRESSBOOKSERVER-KIND"),
            "MEMBER" => draft.rename("X-ADDRESSBOOKSERVER-MEMBER"),
            "BDAY" | "ANNIVERSARY" | "REV" => extended_date(draft),
            "GEO" => geo(draft),
            "TEL" => telephone(draft),
            "ADR" => label(draft),
            _ => {}
        }
        media::to_inline(draft);
        preference(draft, &most);
        // 4.0 may quote the list as one value, which 3.0 would read as one word.
        if draft.param("TYPE").iter().any(|value| value.contains(',')) {
            let words: Vec<_> = draft.types();
            draft.take_param("TYPE");
            words.iter().for_each(|word| draft.add_type(word));
        }
    }
    // N is required in 3.0 (RFC 2426 3.1.2), not in 4.0.
    if let (false, Some(full_name)) = (named, full_name)
        && let Some(first) = drafts.iter_mut().find(|draft| draft.is("FN"))
    {
        first.follow_with(Property::structured("N", [full_name.as_str(), "", "", "", ""]));
    }
}

/// The lowest `PREF` of each property name: 3.0 knows preferred and not preferred only.
fn most_preferred(drafts: &[Draft<'_, '_>]) -> BTreeMap<String, u8> {
    let mut most = BTreeMap::new();
    for draft in drafts {
        if let Some(pref) = pref(draft) {
            let least = most.entry(draft.name.to_ascii_uppercase()).or_insert(pref);
            *least = pref.min(*least);
        }
    }
    most
}

fn pref(draft: &Draft<'_, '_>) -> Option<u8> {
    draft.param("PREF").first().and_then(|value| value.trim().parse().ok())
}

fn preference(draft: &mut Draft<'_, '_>, most: &BTreeMap<String, u8>) {
    // Renamed ones (MEMBER) have no entry, and no use for a preference in 3.0.
    let Some(pref) = pref(draft) else { return };
    draft.take_param("PREF");
    if most.get(&draft.name.to_ascii_uppercase()) == Some(&pref)
        && !draft.types().iter().any(|word| word == "pref")
    {
        draft.add_type("pref");
    }
}

/// A date without year is written as Apple does, in 1604 with a parameter that says so: 3.0 has no such dates.
fn extended_date(draft: &mut Draft<'_, '_>) {
    let value = draft.value().trim().to_owned();
    if let Some((month, day)) = date::without_year(&value) {
        draft.add_param("X-APPLE-OMIT-YEAR", "1604".to_owned());
        draft.set_value(format!("1604-{month}-{day}"));
    } else if let Some(extended) = date::extended(&value) {
        draft.set_value(extended);
    }
}

fn geo(draft: &mut Draft<'_, '_>) {
    let value = draft.text();
    let Some(rest) = value.get(..4).filter(|s| s.eq_ignore_ascii_case("geo:")).and_then(|_| value.get(4..))
    else {
        return;
    };
    let point = rest.split(';').next().unwrap_or_default();
    if let Some((lat, lon)) = point.split_once(',') {
        let lon = lon.split(',').next().unwrap_or_default();
        draft.take_param("VALUE");
        draft.set_value(format!("{lat};{lon}"));
    }
}

fn telephone(draft: &mut Draft<'_, '_>) {
    let value = draft.text();
    let scheme = value.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    if let Some(number) = value.get(4..).filter(|_| scheme) {
        let number = value::escape(number);
        draft.take_param("VALUE");
        draft.set_value(number);
    }
}

/// The `LABEL` parameter becomes a property of the same types.
fn label(draft: &mut Draft<'_, '_>) {
    let text = draft.take_param("LABEL").join(",");
    if text.is_empty() {
        return;
    }
    let mut label = Property::text("LABEL", &text);
    let types = draft.types();
    if !types.is_empty() {
        label = label.param_list("TYPE", types.iter().map(String::as_str));
    }
    if let Some(group) = draft.group() {
        label = label.group(group);
    }
    draft.follow_with(label);
}
