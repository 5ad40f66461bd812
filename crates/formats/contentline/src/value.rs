//! Values: the escapes of text, and the lists and structures built with unescaped `,` and `;`.

use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Resolves the escapes of RFC 5545 3.3.11 and RFC 6350 3.4: `\\`, `\;`, `\,`, `\n`, `\N`; and `\:`, which some
/// clients write. Any other backslash stands for itself. Bytes that are not UTF-8 become U+FFFD.
pub fn unescape(value: &[u8]) -> Cow<'_, str> {
    lossy(unescape_cow(Cow::Borrowed(value)))
}

/// As [`unescape`], on bytes, keeping what is borrowed borrowed.
pub fn unescape_cow(value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if memchr(b'\\', &value).is_none() {
        return value;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest: &[u8] = &value;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let decoded = match rest.first() {
            Some(b'n' | b'N') => b'\n',
            Some(c @ (b'\\' | b';' | b',' | b':')) => *c,
            _ => {
                out.push(b'\\');
                continue;
            }
        };
        out.push(decoded);
        rest = rest.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Escapes a text value: backslash, comma, semicolon and line ends; other control characters but the tab, which no
/// content line may carry, are dropped.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ',' | ';' => {
                out.push('\\');
                out.push(c);
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("\\n"),
            c if c.is_ascii_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

/// The parts of a value between separators that no backslash protects; the parts keep their escapes. An empty value
/// is one empty part. Separators are `;` (structured values), `,` (lists).
pub fn split(value: &[u8], separator: u8) -> Split<'_> {
    Split { rest: Some(value), separator }
}

/// Iterator made by [`split`].
#[derive(Debug, Clone)]
pub struct Split<'v> {
    rest: Option<&'v [u8]>,
    separator: u8,
}

impl<'v> Iterator for Split<'v> {
    type Item = &'v [u8];

    fn next(&mut self) -> Option<&'v [u8]> {
        let rest = self.rest?;
        let mut at = 0;
        while let Some(hit) = memchr2(b'\\', self.separator, rest.get(at..).unwrap_or_default()) {
            at += hit;
            if rest.get(at) == Some(&self.separator) {
                self.rest = rest.get(at + 1..);
                return rest.get(..at);
            }
            at = (at + 2).min(rest.len());
        }
        self.rest = None;
        Some(rest)
    }
}

/// Bytes as a string; what is not UTF-8 becomes U+FFFD.
pub(crate) fn lossy(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_resolve() {
        let check = |raw: &[u8], expect: &str| assert_eq!(unescape(raw), expect);
        check(b"plain", "plain");
        check(b"a\\, b\\; c\\\\n\\nd\\Ne", "a, b; c\\n\nd\ne");
        check(b"C:\\temp\\", "C:\\temp\\");
        check(b"http\\://x", "http://x");
        check(b"caf\xe9", "caf\u{fffd}");
    }

    #[test]
    fn escape_is_undone_by_unescape() {
        for text in ["", "a,b;c\\d\ne", "\\n", "trailing\\", "\u{1F600}\t,"] {
            assert_eq!(unescape(escape(text).as_bytes()), text);
        }
        assert_eq!(escape("a\r\nb\rc\0d"), "a\\nb\\ncd");
    }

    #[test]
    fn parts_are_split_at_bare_separators() {
        let check = |raw: &str, separator, expect: &[&str]| {
            let parts: Vec<_> = split(raw.as_bytes(), separator).map(String::from_utf8_lossy).collect();
            assert_eq!(parts, expect, "{raw}");
        };
        check("", b';', &[""]);
        check("a;b;;c;", b';', &["a", "b", "", "c", ""]);
        check("a\\;b;c\\\\;d", b';', &["a\\;b", "c\\\\", "d"]);
        check("a,b\\", b',', &["a", "b\\"]);
    }
}
