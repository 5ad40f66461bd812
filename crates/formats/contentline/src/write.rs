//! Fresh lines: escaped, folded, ended.

use crate::param;
use crate::text::{Ending, declares_quoted_printable};
use crate::value;

/// Octets on a physical line, line end excluded (RFC 5545 3.1, RFC 6350 3.2).
pub const FOLD_AT: usize = 75;

/// Appends `line` (no line end in it) folded at [`FOLD_AT`] octets, never inside a UTF-8 sequence, and a line end.
pub fn fold(line: &[u8], ending: Ending, out: &mut Vec<u8>) {
    let mut rest = line;
    let mut room = FOLD_AT;
    while rest.len() > room {
        let (piece, tail) = rest.split_at_checked(boundary(rest, room)).unwrap_or((rest, &[]));
        out.extend_from_slice(piece);
        out.extend_from_slice(ending.bytes());
        out.push(b' ');
        rest = tail;
        room = FOLD_AT - 1;
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(ending.bytes());
}

/// The last place at or before `room` that does not split a UTF-8 sequence; `room` itself where the bytes are not
/// UTF-8.
fn boundary(bytes: &[u8], room: usize) -> usize {
    let splits = |at: usize| bytes.get(at).is_some_and(|b| b & 0xC0 == 0x80);
    (room.saturating_sub(3)..=room).rev().find(|at| !splits(*at)).unwrap_or(room)
}

/// A property to be written: a group, a name, parameters and a value.
///
/// What would break the line cannot get in: names keep only what a reader of lines takes for a name; CR, LF and NUL are
/// dropped from raw values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Group, name and parameters as they will stand.
    head: Vec<u8>,
    value: Vec<u8>,
}

impl Property {
    /// A property whose value is written as given (dates, numbers, URIs, structured values already escaped).
    pub fn raw(name: &str, value: impl AsRef<[u8]>) -> Self {
        let mut head = Vec::with_capacity(name.len() + 32);
        push_name(name, &mut head);
        let value = value.as_ref().iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0)).collect();
        Property { head, value }
    }

    /// A property with one text as its value; escapes are added.
    pub fn text(name: &str, text: &str) -> Self {
        Property::raw(name, value::escape(text))
    }

    /// A property with a list of texts as its value; escapes are added.
    pub fn list<'t>(name: &str, texts: impl IntoIterator<Item = &'t str>) -> Self {
        Property::raw(name, join(texts, ","))
    }

    /// A property with a structured value (N, ADR, ORG, REQUEST-STATUS); escapes are added.
    pub fn structured<'t>(name: &str, parts: impl IntoIterator<Item = &'t str>) -> Self {
        Property::raw(name, join(parts, ";"))
    }

    /// Puts the property into a group: `item1.EMAIL`.
    pub fn group(mut self, group: &str) -> Self {
        let mut head = Vec::with_capacity(self.head.len() + group.len() + 1);
        push_dotted(group, &mut head);
        head.push(b'.');
        head.append(&mut self.head);
        self.head = head;
        self
    }

    /// Adds a parameter with one value, quoted and `^`-escaped as needed.
    pub fn param(self, name: &str, value: &str) -> Self {
        self.param_list(name, [value])
    }

    /// Adds a parameter with several values.
    pub fn param_list<'t>(mut self, name: &str, values: impl IntoIterator<Item = &'t str>) -> Self {
        push_param(name, values, &mut self.head);
        self
    }

    /// Appends the property as one folded line. Quoted-printable values, whose own soft breaks a fold would disturb,
    /// stay on one physical line.
    pub fn write(&self, ending: Ending, out: &mut Vec<u8>) {
        write_line(&self.head, &self.value, ending, out);
    }
}

/// Joins name, parameters and an unfolded value to one folded line.
pub(crate) fn write_line(head: &[u8], value: &[u8], ending: Ending, out: &mut Vec<u8>) {
    let line = [head, b":", value].concat();
    if declares_quoted_printable(head) {
        // A soft break at the end would swallow the next line.
        let hard = line.iter().rposition(|b| *b != b'=').map_or(0, |last| last + 1);
        out.extend_from_slice(line.get(..hard).unwrap_or_default());
        out.extend_from_slice(ending.bytes());
    } else {
        fold(&line, ending, out);
    }
}

/// Appends `;NAME=value,value`.
pub(crate) fn push_param<'t>(name: &str, values: impl IntoIterator<Item = &'t str>, out: &mut Vec<u8>) {
    out.push(b';');
    push_dotted(name, out);
    out.push(b'=');
    for (nth, value) in values.into_iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        param::encode(value, out);
    }
}

fn push_name(name: &str, out: &mut Vec<u8>) {
    push_word(name, b":;=,\".", out);
}

/// Groups and parameters may have dots, property names may not: what is before the last dot is the group.
fn push_dotted(name: &str, out: &mut Vec<u8>) {
    push_word(name, b":;=,\"", out);
}

fn push_word(word: &str, special: &[u8], out: &mut Vec<u8>) {
    let before = out.len();
    out.extend(word.bytes().filter(|b| b.is_ascii_graphic() && !special.contains(b)));
    if out.len() == before {
        out.push(b'X');
    }
}

fn join<'t>(texts: impl IntoIterator<Item = &'t str>, separator: &str) -> String {
    texts.into_iter().map(value::escape).collect::<Vec<_>>().join(separator)
}

/// Builds a text line by line.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    out: Vec<u8>,
    ending: Ending,
}

impl Writer {
    /// An empty text with this line end.
    pub fn new(ending: Ending) -> Self {
        Writer { out: Vec::new(), ending }
    }

    /// Opens a component.
    pub fn begin(&mut self, name: &str) -> &mut Self {
        self.property(&Property::raw("BEGIN", name))
    }

    /// Closes a component.
    pub fn end(&mut self, name: &str) -> &mut Self {
        self.property(&Property::raw("END", name))
    }

    /// Adds a property.
    pub fn property(&mut self, property: &Property) -> &mut Self {
        property.write(self.ending, &mut self.out);
        self
    }

    /// Adds lines that are already written, as they are; they must end with a line end.
    pub fn lines(&mut self, raw: &[u8]) -> &mut Self {
        self.out.extend_from_slice(raw);
        self
    }

    /// The text.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}
