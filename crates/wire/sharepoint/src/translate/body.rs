//! The long text of an item: DESCRIPTION and its HTML, as one field of HTML (MS-OUTSPS 3.2.4.2.2, Description).

use kontor_contentline::{Component, Property};

use super::change::{Changes, revalued};
use super::html;
use crate::row::Row;

/// Properties that say the same as DESCRIPTION in HTML: Outlook's, and that of RFC 9073 6.5.
const STYLED: [&str; 2] = ["X-ALT-DESC", "STYLED-DESCRIPTION"];

/// Longest body that is taken apart; what is longer is taken for text.
const LONGEST: usize = 4 << 20;

/// The HTML of a component, its property and which of that name.
fn styled(component: Component<'_, '_>) -> Option<(&'static str, usize, String)> {
    let is_html = |line: &kontor_contentline::Line<'_>| {
        line.param("FMTTYPE").is_some_and(|kind| kind.has("text/html")) && line.value().len() <= LONGEST
    };
    STYLED.into_iter().find_map(|name| {
        let (nth, line) = component.properties_named(name).enumerate().find(|(_, line)| is_html(line))?;
        let text = line.text().into_owned();
        (!text.trim().is_empty()).then_some((name, nth, text))
    })
}

/// The body as the field tells it.
pub(crate) fn told(component: Component<'_, '_>) -> String {
    let plain = component.property("DESCRIPTION").map(|line| line.text()).unwrap_or_default();
    match styled(component) {
        // Programs that know nothing of the HTML change the words beside it: then it is of yesterday.
        Some((.., text)) if plain.trim().is_empty() || words(&plain) == words(&html::plain(&text)) => {
            html::clean(&text)
        }
        _ => html::of_text(&plain),
    }
}

/// Letters and digits alone, without the addresses of links and the numbers of lists: each program writes these its own way.
fn words(text: &str) -> String {
    let mut found = String::new();
    for line in text.lines() {
        let line = line.trim_start();
        let unnumbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let mut rest = if unnumbered.starts_with(['.', ')']) { unnumbered } else { line };
        while let Some((before, link)) = rest.split_once('<') {
            found.extend(before.chars().filter(|c| c.is_alphanumeric()));
            let address =
                link.split_once('>').filter(|(address, _)| address.contains(':') && !address.contains(' '));
            rest = address.map_or(link, |(_, rest)| rest);
        }
        found.extend(rest.chars().filter(|c| c.is_alphanumeric()));
    }
    found
}

/// Takes over the body if people would call it another one.
pub(crate) fn take(field: &str, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let Some(sent) = fields.get(field) else { return };
    let was = before.get(field).unwrap_or_default();
    if sent == was {
        return;
    }
    if sent.len() > LONGEST {
        return changes.set_text("DESCRIPTION", sent);
    }
    let sent = html::clean(sent);
    let essence = html::essence(&sent);
    if essence == html::essence(was) {
        return;
    }
    let plain = html::plain(&sent);
    if plain != changes.text("DESCRIPTION") {
        changes.set_text("DESCRIPTION", &plain);
    }
    // Words alone need no second version.
    let is_styled = essence != html::essence(&html::of_text(&plain));
    let component = changes.component();
    let kept = styled(component).map(|(name, nth, _)| (name, nth));
    for name in STYLED {
        for (nth, line) in component.properties_named(name).enumerate() {
            if is_styled && kept == Some((name, nth)) {
                let value = kontor_contentline::value::escape(&sent);
                changes.set(name, nth, revalued(line, &value));
            } else {
                changes.remove_nth(name, nth);
            }
        }
    }
    if is_styled && kept.is_none() {
        changes.add(Property::text("X-ALT-DESC", &sent).param("FMTTYPE", "text/html"));
    }
}
