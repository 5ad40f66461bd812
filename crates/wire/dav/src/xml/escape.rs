//! Text into XML. Whatever comes in, only XML characters come out.

use std::borrow::Cow;

/// Whether XML 1.0 allows this character at all.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Bytes that cannot be copied as they are: markup, CR (a reader would make it LF), control characters, and the lead
/// byte of U+FFFE and U+FFFF.
fn stops(byte: u8) -> bool {
    matches!(byte, 0..0x09 | 0x0B..0x20 | b'<' | b'>' | b'&' | 0xEF)
}

/// Where the first such byte is. Looked for in blocks, which the compiler makes a few instructions each.
fn first_stop(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let blocks = bytes.chunks_exact(BLOCK);
    let clear =
        blocks.take_while(|block| !block.iter().fold(false, |found, byte| found | stops(*byte))).count();
    let from = clear * BLOCK;
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|byte| stops(*byte)).map(|at| from + at)
}

/// Appends `text` as character data. CR becomes `&#13;`, so that line ends survive; what XML cannot hold becomes U+FFFD.
pub fn escape_into(out: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while let Some(stop) = first_stop(rest.as_bytes()) {
        let (plain, from) = rest.split_at(stop);
        out.extend_from_slice(plain.as_bytes());
        let mut chars = from.chars();
        match chars.next() {
            Some('<') => out.extend_from_slice(b"&lt;"),
            Some('>') => out.extend_from_slice(b"&gt;"),
            Some('&') => out.extend_from_slice(b"&amp;"),
            Some('\r') => out.extend_from_slice(b"&#13;"),
            Some(c) => push_char(out, if is_xml_char(c) { c } else { char::REPLACEMENT_CHARACTER }),
            None => {}
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Like [`escape_into`], for bytes that ought to be UTF-8; what is not becomes U+FFFD.
pub fn escape_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return escape_into(out, text);
    }
    for chunk in bytes.utf8_chunks() {
        escape_into(out, chunk.valid());
        if !chunk.invalid().is_empty() {
            push_char(out, char::REPLACEMENT_CHARACTER);
        }
    }
}

/// `text` as character data.
pub fn escape(text: &str) -> Cow<'_, str> {
    if first_stop(text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    escape_into(&mut out, text);
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Appends `text` as the inside of a double-quoted attribute value.
pub(super) fn escape_attribute(out: &mut Vec<u8>, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.extend_from_slice(b"&lt;"),
            '&' => out.extend_from_slice(b"&amp;"),
            '"' => out.extend_from_slice(b"&quot;"),
            '\t' => out.extend_from_slice(b"&#9;"),
            '\n' => out.extend_from_slice(b"&#10;"),
            '\r' => out.extend_from_slice(b"&#13;"),
            c => push_char(out, if is_xml_char(c) { c } else { char::REPLACEMENT_CHARACTER }),
        }
    }
}

fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        assert_eq!(escape(input), expect);
    }

    #[test]
    fn text_is_escaped() {
        check("plain \"text\"\n\t", "plain \"text\"\n\t");
        check("a<b>&c\r\n", "a&lt;b&gt;&amp;c&#13;\n");
        check(
            "\0x\u{1b}\u{FFFE}\u{FFFF}\u{FFFD}\u{FEFF}",
            "\u{FFFD}x\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FEFF}",
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut out = Vec::new();
        escape_bytes(&mut out, b"a\xFFb<\xC0\xAF");
        assert_eq!(String::from_utf8(out).unwrap(), "a\u{FFFD}b&lt;\u{FFFD}\u{FFFD}");
    }
}
