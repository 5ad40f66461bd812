//! A line scan that stands in until the format rooms tell more.

use kontor_model::{Components, Error, Result, Rule, Span};
use kontor_store::Facets;

fn refuse(rule: Rule, detail: &str) -> Error {
    Error::Invalid { rule, detail: detail.to_owned() }
}

pub(super) fn calendar(bytes: &[u8], takes: Components) -> Result<Facets> {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_start().starts_with("BEGIN:VCALENDAR") || !text.trim_end().ends_with("END:VCALENDAR") {
        return Err(refuse(Rule::Data, "line 1: not an iCalendar object"));
    }
    let mut found = Components::NONE;
    for (name, bit) in
        [("VEVENT", Components::EVENT), ("VTODO", Components::TASK), ("VJOURNAL", Components::JOURNAL)]
    {
        if text.contains(&format!("BEGIN:{name}")) {
            found = found.with(bit);
        }
    }
    if !takes.has(found) || found == Components::NONE {
        return Err(refuse(Rule::Component, "the collection does not take this component"));
    }
    Ok(Facets {
        uid: uid(&text),
        components: found.0,
        span: Some(Span { first: i64::MIN, last: i64::MAX }),
        timeline: Vec::new(),
        folded: Vec::new(),
    })
}

pub(super) fn contact(bytes: &[u8]) -> Result<Facets> {
    let text = String::from_utf8_lossy(bytes);
    if !text.trim_start().starts_with("BEGIN:VCARD") || !text.trim_end().ends_with("END:VCARD") {
        return Err(refuse(Rule::Data, "line 1: not a vCard"));
    }
    let mut folded = Vec::new();
    crate::fold::push(&text, &mut folded);
    folded.push(crate::fold::BORDER);
    Ok(Facets { uid: uid(&text), folded, ..Facets::default() })
}

fn uid(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("UID:")).map(|uid| uid.trim().to_owned())
}
