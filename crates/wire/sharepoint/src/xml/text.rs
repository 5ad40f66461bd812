//! Text into XML and out of it (XML 1.0, 2.2, 2.11, 3.3.3, 4.1, 4.6).

/// Whether XML 1.0 allows this character at all.
pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Appends `text` as character data. CR survives as a reference; what XML cannot hold becomes U+FFFD.
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    escape_with(out, text, |byte| match byte {
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'&' => Some("&amp;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Appends `text` as the inside of a double-quoted attribute value.
pub(super) fn escape_attribute(out: &mut Vec<u8>, text: &str) {
    escape_with(out, text, |byte| match byte {
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'&' => Some("&amp;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Where the first such byte is. Stretches are looked at without an early exit, so that the processor looks at many bytes
/// at once.
pub(crate) fn first(text: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    const STRETCH: usize = 16;
    let mut clean = 0;
    for stretch in text.chunks(STRETCH) {
        if stretch.iter().fold(false, |found, byte| found | is(*byte)) {
            return stretch.iter().position(|byte| is(*byte)).map(|at| clean + at);
        }
        clean += stretch.len();
    }
    None
}

/// Whether a byte may begin something that is not written as it is; 0xEF begins U+FFFE and U+FFFF.
const fn is_suspect(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'<' | b'>' | b'&' | b'"' | 0xEF)
}

/// Answers hold little else than this text: bytes are looked at, characters only where they may be wrong.
fn escape_with(out: &mut Vec<u8>, text: &str, reference: impl Fn(u8) -> Option<&'static str>) {
    let mut rest = text.as_bytes();
    while let Some(at) = first(rest, is_suspect) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let (first, after) = (from.first().copied().unwrap_or_default(), from.get(1..).unwrap_or_default());
        rest = after;
        match (reference(first), first) {
            (Some(instead), _) => out.extend_from_slice(instead.as_bytes()),
            (None, 0xEF) => match after {
                [0xBF, 0xBE | 0xBF, after @ ..] => {
                    out.extend_from_slice("\u{FFFD}".as_bytes());
                    rest = after;
                }
                _ => out.push(first),
            },
            (None, b'\t' | b'\n' | b'\r' | 0x20..) => out.push(first),
            (None, _) => out.extend_from_slice("\u{FFFD}".as_bytes()),
        }
    }
    out.extend_from_slice(rest);
}

/// Appends `raw` with CR LF and CR as LF.
pub(super) fn push_normalised(out: &mut String, raw: &str) {
    let mut parts = raw.split('\r');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('\n');
        out.push_str(part.strip_prefix('\n').unwrap_or(part));
    }
}

/// What `&name;` stands for: one of the five predefined entities or a character. Nothing else is ever expanded.
pub(super) fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => character(name.strip_prefix('#')?),
    }
}

fn character(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (digits, 10),
    };
    // from_str_radix would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| is_xml_char(*c))
}

/// An attribute value as it is meant; `None` if it is not well-formed.
pub(super) fn attribute_value(raw: &str) -> Option<String> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(stop) = rest.find(['&', '<', '\t', '\n', '\r']) {
        let (plain, from) = rest.split_at(stop);
        value.push_str(plain);
        if let Some(reference) = from.strip_prefix('&') {
            let (name, after) = reference.split_once(';')?;
            value.push(resolve(name)?);
            rest = after;
        } else if from.starts_with('<') {
            return None;
        } else {
            value.push(' ');
            rest = from.strip_prefix("\r\n").or_else(|| from.get(1..)).unwrap_or_default();
        }
    }
    value.push_str(rest);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let check = |attribute: bool, text: &str, expect: &str| {
            let mut out = Vec::new();
            if attribute {
                escape_attribute(&mut out, text)
            } else {
                escape(&mut out, text)
            }
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        check(false, "a<b>&\r\n\"", "a&lt;b&gt;&amp;&#13;\n\"");
        check(true, "a<b>&\r\n\t\"", "a&lt;b&gt;&amp;&#13;&#10;&#9;&quot;");
        check(false, "\0ü\u{FFFE}", "\u{FFFD}ü\u{FFFD}");
        for attribute in [false, true] {
            check(
                attribute,
                "\u{FFFF}\u{FFFD}\u{F000}\u{1F}\u{7F}x\u{FFFE}",
                "\u{FFFD}\u{FFFD}\u{F000}\u{FFFD}\u{7F}x\u{FFFD}",
            );
        }
    }

    #[test]
    fn references_resolve() {
        assert_eq!(attribute_value("a&#10;\r\nb&lt;").as_deref(), Some("a\n b<"));
        for bad in ["&nbsp;", "&", "a<b", "&#0;", "&#+65;"] {
            assert_eq!(attribute_value(bad), None, "{bad}");
        }
    }
}
