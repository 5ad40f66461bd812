//! Changes to the lines of one component, gathered and made together.

use kontor_contentline::{Component, Edit, Line, Path, Property, apply, value};

use crate::row::Error;

/// Changes to one component.
pub(crate) struct Changes<'t, 'a> {
    component: Component<'t, 'a>,
    path: Path,
    edits: Vec<Edit>,
}

impl<'t, 'a> Changes<'t, 'a> {
    /// No changes yet.
    pub(crate) fn of(component: Component<'t, 'a>) -> Self {
        Self { component, path: component.path(), edits: Vec::new() }
    }

    /// The component before the changes.
    pub(crate) fn component(&self) -> Component<'t, 'a> {
        self.component
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text of a property that has one text; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> String {
        self.component.property(name).map(|line| line.text().into_owned()).unwrap_or_default()
    }

    /// Makes a property say this text, parameters that still hold kept; an empty text takes it away.
    pub(crate) fn set_text(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return self.remove(name);
        }
        let property = match self.component.property(name) {
            Some(line) => revalued(line, &value::escape(text)),
            None => Property::text(name, text),
        };
        self.set(name, 0, property);
    }

    /// Makes a property say this value as it is, and drops its parameters; an empty one takes it away.
    pub(crate) fn set_raw(&mut self, name: &str, value: &str) {
        if value.is_empty() { self.remove(name) } else { self.set(name, 0, Property::raw(name, value)) }
    }

    /// Writes a property in place of the nth of that name, or adds it.
    pub(crate) fn set(&mut self, name: &str, nth: usize, property: Property) {
        self.edits.push(Edit::Set { at: self.path.clone(), name: name.to_owned(), nth, property });
    }

    /// Adds a property.
    pub(crate) fn add(&mut self, property: Property) {
        self.edits.push(Edit::Add { at: self.path.clone(), property });
    }

    /// Takes all properties of a name away.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.component.property(name).is_some() {
            let name = name.to_owned();
            self.edits.push(Edit::Remove { at: self.path.clone(), name, nth: kontor_contentline::Nth::All });
        }
    }

    /// Takes the nth property of a name away.
    pub(crate) fn remove_nth(&mut self, name: &str, nth: usize) {
        let (name, nth) = (name.to_owned(), kontor_contentline::Nth::One(nth));
        self.edits.push(Edit::Remove { at: self.path.clone(), name, nth });
    }

    /// Any other edit.
    pub(crate) fn push(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    /// The text with the changes made, and stamped; `None` if they change nothing.
    ///
    /// # Errors
    /// Unreadable, if the text is not what it seemed to be.
    pub(crate) fn settle(
        mut self,
        text: &[u8],
        stamp: impl FnOnce(&mut Self),
    ) -> Result<Option<Vec<u8>>, Error> {
        if self.is_empty() || applied(text, &self.edits)? == text {
            return Ok(None);
        }
        stamp(&mut self);
        self.make(text).map(Some)
    }

    /// The text with the changes made.
    ///
    /// # Errors
    /// Unreadable, if the text is not what it seemed to be.
    pub(crate) fn make(self, text: &[u8]) -> Result<Vec<u8>, Error> {
        applied(text, &self.edits)
    }
}

/// The text with edits made.
///
/// # Errors
/// Unreadable, if the text is not what it seemed to be.
pub(crate) fn applied(text: &[u8], edits: &[Edit]) -> Result<Vec<u8>, Error> {
    apply(text, edits).map_err(|error| Error::Unreadable(error.to_string().into()))
}

/// The same property with another value. An ALTREP or LABEL, which showed the old one, goes, and so does an encoding.
pub(crate) fn revalued(line: &Line<'_>, value: &str) -> Property {
    let stale = ["ALTREP", "ENCODING", "CHARSET", "LABEL"];
    let params = line.params().filter(|param| !stale.iter().any(|name| param.is(name)));
    let property = params.fold(Property::raw(line.name(), value), |property, param| {
        if param.is_bare() {
            // vCard 2.1 has words of TYPE alone, and encodings.
            return match param.name().to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" | "BASE64" | "8BIT" => property,
                _ => property.param("TYPE", param.name()),
            };
        }
        let values: Vec<String> = param.values().map(std::borrow::Cow::into_owned).collect();
        property.param_list(param.name(), values.iter().map(String::as_str))
    });
    match line.group() {
        Some(group) => property.group(group),
        None => property,
    }
}
