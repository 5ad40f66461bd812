//! Parameters: `;NAME=value,"quoted value"`, and the bare words of vCard 2.1.

use memchr::memchr2;
use std::borrow::Cow;

/// One parameter, borrowed from its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param<'l> {
    name: &'l [u8],
    raw: Option<&'l [u8]>,
}

impl<'l> Param<'l> {
    /// The name as written; of a bare word (`TEL;HOME:` in vCard 2.1) the word. Empty if it is not UTF-8.
    pub fn name(&self) -> &'l str {
        std::str::from_utf8(self.name).unwrap_or_default()
    }

    /// Whether the parameter has this name; names have no case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether it is a bare word without `=`.
    pub fn is_bare(&self) -> bool {
        self.raw.is_none()
    }

    /// All that stands after the `=`, quotes and `^` escapes as written; empty for a bare word.
    pub fn raw(&self) -> &'l [u8] {
        self.raw.unwrap_or_default()
    }

    /// The values, split at commas outside quotes; none for a bare word.
    pub fn values(&self) -> Values<'l> {
        Values { rest: self.raw }
    }

    /// The first value, decoded as [`Values`] does; empty for a bare word.
    pub fn value(&self) -> Cow<'l, str> {
        self.values().next().unwrap_or_default()
    }

    /// The length of the parameter in its line, the `;` included.
    pub(crate) fn written_len(&self) -> usize {
        1 + self.name.len() + self.raw.map_or(0, |raw| 1 + raw.len())
    }

    /// Appends the parameter as it was written, the `;` included.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b';');
        out.extend_from_slice(self.name);
        if let Some(raw) = self.raw {
            out.push(b'=');
            out.extend_from_slice(raw);
        }
    }

    /// Whether one of the values is this word, case ignored.
    pub fn has(&self, word: &str) -> bool {
        self.values().any(|value| value.eq_ignore_ascii_case(word))
    }
}

/// Iterator over the parameters of a line.
#[derive(Debug, Clone)]
pub struct Params<'l> {
    rest: &'l [u8],
}

impl<'l> Params<'l> {
    /// `rest` starts with the `;` before the first parameter, or is empty.
    pub(crate) fn new(rest: &'l [u8]) -> Self {
        Params { rest }
    }
}

impl<'l> Iterator for Params<'l> {
    type Item = Param<'l>;

    fn next(&mut self) -> Option<Param<'l>> {
        let rest = self.rest.strip_prefix(b";")?;
        let (param, rest) = cut(rest, b';');
        self.rest = rest;
        Some(match param.iter().position(|b| *b == b'=') {
            Some(at) => Param { name: param.get(..at)?, raw: Some(param.get(at + 1..)?) },
            None => Param { name: param, raw: None },
        })
    }
}

/// Iterator over the values of a parameter: quotes taken off, `^n`, `^'` and `^^` decoded (RFC 6868), and bytes that
/// are not UTF-8 as U+FFFD.
#[derive(Debug, Clone)]
pub struct Values<'l> {
    rest: Option<&'l [u8]>,
}

impl<'l> Iterator for Values<'l> {
    type Item = Cow<'l, str>;

    fn next(&mut self) -> Option<Cow<'l, str>> {
        let (value, rest) = cut(self.rest?, b',');
        self.rest = rest.strip_prefix(b",");
        let value = match value {
            [b'"', inner @ .., b'"'] => inner,
            _ => value,
        };
        Some(decode_caret(String::from_utf8_lossy(value)))
    }
}

/// Splits before the first `separator` that is not between quotes. A quote opens only where a value starts.
fn cut(from: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let mut at = 0;
    let mut quoted = false;
    while let Some(hit) = memchr2(separator, b'"', from.get(at..).unwrap_or_default()) {
        at += hit;
        let byte = from.get(at).copied().unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| from.get(before));
        if byte == b'"' {
            // In a list of values (separator ',') the list itself starts a value.
            let starts = matches!(before, Some(b'=' | b',')) || (before.is_none() && separator == b',');
            quoted = !quoted && starts;
        } else if byte == separator && !quoted {
            return from.split_at_checked(at).unwrap_or((from, &[]));
        }
        at += 1;
    }
    (from, &[])
}

/// RFC 6868 3.2: `^n` is a line end, `^'` a double quote, `^^` a caret; any other `^` stands for itself.
fn decode_caret(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.contains('^') {
        return value;
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let decoded = match (c, chars.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('\'')) => '"',
            ('^', Some('^')) => '^',
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(decoded);
    }
    Cow::Owned(out)
}

/// Encodes a parameter value: RFC 6868 carets, and quotes where a comma, colon or semicolon needs them. Line ends
/// become `^n`; other control characters cannot be written and are dropped.
pub(crate) fn encode(value: &str, out: &mut Vec<u8>) {
    let quote = value.contains([',', ':', ';']) || value.starts_with(' ') || value.ends_with(' ');
    if quote {
        out.push(b'"');
    }
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' => out.extend_from_slice(b"^^"),
            '"' => out.extend_from_slice(b"^'"),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.extend_from_slice(b"^n"),
            c if c.is_ascii_control() && c != '\t' => {}
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    if quote {
        out.push(b'"');
    }
}
