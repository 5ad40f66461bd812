//! A property on its way into another version.

use crate::prop::Prop;
use kontor_contentline::{Ending, Line, Property, value};
use std::borrow::Cow;

/// A property that is written as it was unless something in it changed.
#[derive(Debug, Clone)]
pub(super) struct Draft<'t, 'a> {
    line: &'t Line<'a>,
    /// Name without group.
    pub(super) name: Cow<'t, str>,
    params: Vec<(Cow<'t, str>, Vec<Cow<'t, str>>)>,
    /// The value, unfolded, escapes as written.
    value: Cow<'a, [u8]>,
    changed: bool,
    dropped: bool,
    after: Vec<Property>,
}

impl<'t, 'a> Draft<'t, 'a> {
    /// Reads a line; what only vCard 2.1 knows (`old`: its text escapes too) is undone at once.
    pub(super) fn read(line: &'t Line<'a>, old: bool) -> Self {
        let prop = Prop::new(line);
        let mut draft = Draft {
            line,
            name: Cow::Borrowed(line.name()),
            params: prop.params().map(|(name, values)| (Cow::Borrowed(name), values)).collect(),
            value: line.value(),
            changed: false,
            dropped: false,
            after: Vec::new(),
        };
        // A bare word in an extension property of a newer card is its writer's own business.
        let known = old || !line.name().get(..2).is_some_and(|head| head.eq_ignore_ascii_case("X-"));
        let bare = known && line.params().any(|param| param.is_bare());
        if bare || prop.is_encoded() {
            draft.changed = true;
            draft.modernise_params();
        }
        if prop.is_encoded() {
            draft.value = Cow::Owned(prop.decoded().into_owned().into_bytes());
        }
        if old {
            let text = modern_text(&draft.name, &String::from_utf8_lossy(&draft.value));
            draft.changed |= text.as_bytes() != &*draft.value;
            draft.value = Cow::Owned(text.into_bytes());
        } else if prop.is_encoded() {
            draft.value = Cow::Owned(modern_line_ends(&String::from_utf8_lossy(&draft.value)).into_bytes());
        }
        draft
    }

    fn modernise_params(&mut self) {
        let gone = ["quoted-printable", "8bit", "7bit"];
        let types: Vec<_> = self.take_param("TYPE");
        self.take_param("CHARSET");
        let encoding = self.take_param("ENCODING");
        if !types.is_empty() {
            self.params.insert(0, (Cow::Borrowed("TYPE"), types));
        }
        let kept: Vec<_> =
            encoding.into_iter().filter(|e| !gone.iter().any(|g| e.eq_ignore_ascii_case(g))).collect();
        if !kept.is_empty() {
            self.params.push((Cow::Borrowed("ENCODING"), kept));
        }
    }

    /// Whether it was read from this line.
    pub(super) fn is_of(&self, line: &Line<'_>) -> bool {
        self.line.span() == line.span()
    }

    /// Whether it has this name, case ignored.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The group as written.
    pub(super) fn group(&self) -> Option<&'t str> {
        self.line.group()
    }

    pub(super) fn rename(&mut self, name: &'static str) {
        self.name = Cow::Borrowed(name);
        self.changed = true;
    }

    /// The value as a string.
    pub(super) fn value(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }

    /// The value as one text, escapes resolved.
    pub(super) fn text(&self) -> String {
        value::unescape(&self.value).into_owned()
    }

    pub(super) fn set_value(&mut self, value: String) {
        self.value = Cow::Owned(value.into_bytes());
        self.changed = true;
    }

    /// The values of all parameters of this name.
    pub(super) fn param(&self, name: &str) -> Vec<&str> {
        let named = self.params.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        named.flat_map(|(_, values)| values.iter().map(|value| &**value)).collect()
    }

    /// Whether a parameter has this value, case ignored.
    pub(super) fn param_is(&self, name: &str, word: &str) -> bool {
        self.param(name).iter().any(|value| value.eq_ignore_ascii_case(word))
    }

    /// Removes all parameters of this name and gives back their values.
    pub(super) fn take_param(&mut self, name: &str) -> Vec<Cow<'t, str>> {
        let mut taken = Vec::new();
        let mut found = false;
        self.params.retain_mut(|(own, values)| {
            let hit = own.eq_ignore_ascii_case(name);
            found |= hit;
            if hit {
                taken.append(values);
            }
            !hit
        });
        self.changed |= found;
        taken
    }

    pub(super) fn add_param(&mut self, name: &'static str, value: String) {
        self.params.push((Cow::Borrowed(name), vec![Cow::Owned(value)]));
        self.changed = true;
    }

    /// The words of `TYPE`, lower case; quoted lists taken apart.
    pub(super) fn types(&self) -> Vec<String> {
        self.param("TYPE")
            .iter()
            .flat_map(|value| value.split(',').map(|word| word.trim().to_ascii_lowercase()))
            .collect()
    }

    /// Takes words out of `TYPE`; says whether one was there.
    pub(super) fn drop_types(&mut self, unwanted: impl Fn(&str) -> bool) -> bool {
        if !self.types().iter().any(|word| unwanted(word)) {
            return false;
        }
        for (name, values) in &mut self.params {
            if name.eq_ignore_ascii_case("TYPE") {
                let words =
                    values.iter().flat_map(|value| value.split(',').map(str::to_owned).collect::<Vec<_>>());
                *values = words
                    .filter(|word| !unwanted(&word.trim().to_ascii_lowercase()))
                    .map(Cow::Owned)
                    .collect();
            }
        }
        self.params.retain(|(name, values)| !name.eq_ignore_ascii_case("TYPE") || !values.is_empty());
        self.changed = true;
        true
    }

    /// Adds a word to `TYPE`.
    pub(super) fn add_type(&mut self, word: &str) {
        match self.params.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("TYPE")) {
            Some((_, values)) => values.push(Cow::Owned(word.to_owned())),
            None => self.params.push((Cow::Borrowed("TYPE"), vec![Cow::Owned(word.to_owned())])),
        }
        self.changed = true;
    }

    /// Gives its text away and is not written.
    pub(super) fn discard(&mut self) -> String {
        self.dropped = true;
        self.text()
    }

    /// Writes another property behind this one.
    pub(super) fn follow_with(&mut self, property: Property) {
        self.after.push(property);
    }

    pub(super) fn write(self, ending: Ending, out: &mut Vec<u8>) {
        if !self.dropped && !self.changed {
            out.extend_from_slice(self.line.raw());
        } else if !self.dropped {
            let mut property = Property::raw(&self.name, &self.value);
            for (name, values) in &self.params {
                property = property.param_list(name, values.iter().map(|value| &**value));
            }
            if let Some(group) = self.line.group() {
                property = property.group(group);
            }
            property.write(ending, out);
        }
        self.after.iter().for_each(|property| property.write(ending, out));
    }
}

/// A vCard 2.1 value with the escapes of 3.0. There only `;` in structured values was escaped, and a comma was text.
fn modern_text(name: &str, value: &str) -> String {
    let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let again = |part: &[u8]| value::escape(&value::unescape(part));
    if is(&["N", "ADR", "ORG"]) {
        value::split(value.as_bytes(), b';').map(again).collect::<Vec<_>>().join(";")
    } else if is(&["FN", "NOTE", "TITLE", "ROLE", "LABEL"]) {
        again(value.as_bytes())
    } else {
        modern_line_ends(value)
    }
}

fn modern_line_ends(value: &str) -> String {
    value.replace("\r\n", "\\n").replace(['\r', '\n'], "\\n")
}
