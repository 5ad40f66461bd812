//! The lines of a card, looked at with the types they have.

use kontor_contentline::{Component, Line, Property, value};

use crate::row::Row;
use crate::translate::change::{Changes, revalued};

/// A line, and which of its name it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<'t, 'a> {
    pub(super) line: &'t Line<'a>,
    /// Which of that name, from 0.
    pub(super) nth: usize,
}

/// The lines of a card.
pub(super) struct Lines<'t, 'a> {
    component: Component<'t, 'a>,
    /// Whether it is version 4.0.
    pub(super) is_v4: bool,
}

impl<'t, 'a> Lines<'t, 'a> {
    pub(super) fn of(component: Component<'t, 'a>) -> Self {
        let is_v4 = component.property("VERSION").is_some_and(|line| line.value_str().trim() == "4.0");
        Self { component, is_v4 }
    }

    /// The lines of a name, in order.
    pub(super) fn named<'n>(&self, name: &'n str) -> impl Iterator<Item = Own<'t, 'a>> + use<'t, 'a, 'n> {
        self.component.properties_named(name).enumerate().map(|(nth, line)| Own { line, nth })
    }

    /// The first line of a name.
    pub(super) fn first(&self, name: &str) -> Option<Own<'t, 'a>> {
        self.named(name).next()
    }

    /// The first line of the first of these names that is there.
    pub(super) fn first_of(&self, names: &[&'static str]) -> Option<(&'static str, Own<'t, 'a>)> {
        names.iter().find_map(|name| Some((*name, self.first(name)?)))
    }

    /// The lines of a name, the most preferred first.
    pub(super) fn preferred(&self, name: &str) -> Vec<Own<'t, 'a>> {
        let mut all: Vec<_> = self.named(name).collect();
        all.sort_by_key(Own::preference);
        all
    }

    /// The labels (`item1.X-ABLABEL`) of a group.
    pub(super) fn labels(&self, group: &str) -> Vec<Own<'t, 'a>> {
        let same =
            |own: &Own<'_, '_>| own.line.group().is_some_and(|other| other.eq_ignore_ascii_case(group));
        self.named("X-ABLABEL").filter(same).collect()
    }
}

impl<'a> Own<'_, 'a> {
    /// The words of TYPE in lower case, bare words of version 2.1 and quoted lists included.
    pub(super) fn types(&self) -> Vec<String> {
        let words = self.line.params().flat_map(|param| {
            if param.is_bare() {
                vec![param.name().to_ascii_lowercase()]
            } else if param.is("TYPE") {
                let values = param.values().map(|value| value.to_ascii_lowercase());
                values
                    .flat_map(|value| value.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>())
                    .collect()
            } else {
                Vec::new()
            }
        });
        words.collect()
    }

    /// Whether TYPE has this word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.types().iter().any(|own| own == word)
    }

    /// 1 is preferred most; without any preference 101.
    pub(super) fn preference(&self) -> u8 {
        let pref = self.line.param("PREF").and_then(|param| param.value().trim().parse().ok());
        pref.unwrap_or(if self.has("pref") { 1 } else { 101 })
    }

    /// The text of the value, escapes resolved.
    pub(super) fn text(&self) -> String {
        self.decoded().map_or_else(
            || self.line.text().into_owned(),
            |text| value::unescape(text.as_bytes()).into_owned(),
        )
    }

    /// The components of a structured value as they are written.
    pub(super) fn parts(&self) -> Vec<String> {
        let own = self.raw();
        value::split(own.as_bytes(), b';').map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    /// The value as it is written, unfolded.
    pub(super) fn raw(&self) -> String {
        self.decoded().unwrap_or_else(|| self.line.value_str().into_owned())
    }

    /// What quoted-printable hides; only version 2.1 has it.
    fn decoded(&self) -> Option<String> {
        let is_quoted = |param: kontor_contentline::Param<'_>| {
            param.has("QUOTED-PRINTABLE") || (param.is_bare() && param.is("QUOTED-PRINTABLE"))
        };
        self.line.params().any(is_quoted).then(|| {
            let own = kontor_vcard::Card::read(self.line_as_card().as_bytes())
                .and_then(|card| card.props().last().map(|prop| prop.text().into_owned()));
            own.map(|text| value::escape(&text)).unwrap_or_default()
        })
    }

    /// The line in a card of its own, for whoever can decode it.
    fn line_as_card(&self) -> String {
        let line = String::from_utf8_lossy(self.line.raw()).into_owned();
        format!("BEGIN:VCARD\r\n{}\r\nEND:VCARD\r\n", line.trim_end())
    }

    /// The property with another value, escaped already.
    pub(super) fn with_raw(&self, value: &str) -> Property {
        revalued(self.line, value)
    }

    /// The group of the line.
    pub(super) fn group(&self) -> Option<&str> {
        self.line.group()
    }

    /// The line itself.
    pub(super) fn line(&self) -> &Line<'a> {
        self.line
    }
}

/// Items of one component, escapes resolved, as one text.
pub(super) fn shown(part: &str) -> String {
    let items = value::split(part.as_bytes(), b',').map(|item| value::unescape(item).trim().to_owned());
    items.filter(|item| !item.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Makes the first property of a name say a text; an empty text takes it away.
pub(super) fn put_text(lines: &Lines<'_, '_>, name: &str, text: &str, changes: &mut Changes<'_, '_>) {
    match lines.first(name) {
        Some(own) if text.is_empty() => changes.remove_nth(name, own.nth),
        Some(own) => changes.set(name, own.nth, own.with_raw(&value::escape(text))),
        None if text.is_empty() => {}
        None => changes.add(Property::text(name, text)),
    }
}

/// Takes a line away, and the label that only it had.
pub(super) fn drop_line(lines: &Lines<'_, '_>, name: &str, own: &Own<'_, '_>, changes: &mut Changes<'_, '_>) {
    changes.remove_nth(name, own.nth);
    if let Some(group) = own.group() {
        lines.labels(group).iter().for_each(|label| changes.remove_nth("X-ABLABEL", label.nth));
    }
}

/// Whether what a client sent for a family of fields is what the card has, only in other places: lines have an order, but
/// no places that stay empty.
pub(super) fn same_in_order(before: &Row, fields: &Row, family: &[&str]) -> bool {
    let mut lists: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
    for name in family {
        let was = before.get(name).unwrap_or_default().trim();
        let sent = fields.get(name).map_or(was, str::trim);
        for (list, value) in lists.iter_mut().zip([was, sent]) {
            if !value.is_empty() && !list.contains(&value) {
                list.push(value);
            }
        }
    }
    let [was, sent] = lists;
    was == sent
}

/// The value that a client sent for a field, if it is another one than before.
pub(super) fn changed<'r>(before: &Row, fields: &'r Row, name: &str) -> Option<&'r str> {
    let sent = fields.get(name)?;
    (before.get(name).unwrap_or_default().trim() != sent.trim()).then_some(sent.trim())
}
