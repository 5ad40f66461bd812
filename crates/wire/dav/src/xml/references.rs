//! References, line ends and attribute values (XML 1.0, 2.11, 3.3.3, 4.1, 4.6).

use super::escape::is_xml_char;

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
    // from_str_radix would take a sign
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| is_xml_char(*c))
}

/// An attribute value as it is meant: references resolved, white space as spaces. The error is the reason.
pub(super) fn attribute_value(raw: &str) -> Result<String, &'static str> {
    if raw.contains('<') {
        return Err("< in an attribute value");
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(stop) = rest.find(['&', '\t', '\n', '\r']) {
        let (plain, from) = rest.split_at(stop);
        value.push_str(plain);
        if let Some(reference) = from.strip_prefix('&') {
            let (name, after) = reference.split_once(';').ok_or("& without ; in an attribute value")?;
            value.push(resolve(name).ok_or("an entity that is not predefined in an attribute value")?);
            rest = after;
        } else {
            value.push(' ');
            rest = from.strip_prefix("\r\n").or_else(|| from.get(1..)).unwrap_or_default();
        }
    }
    value.push_str(rest);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_predefined_entities_and_characters_resolve() {
        for (name, expect) in [
            ("amp", Some('&')),
            ("#65", Some('A')),
            ("#x41", Some('A')),
            ("#x10FFFF", Some('\u{10FFFF}')),
            ("#13", Some('\r')),
            ("#0", None),
            ("#xD800", None),
            ("#+65", None),
            ("#", None),
            ("#x", None),
            ("#X41", None),
            ("#99999999999", None),
            ("nbsp", None),
            ("", None),
        ] {
            assert_eq!(resolve(name), expect, "{name}");
        }
    }

    #[test]
    fn attribute_values_are_normalised() {
        assert_eq!(attribute_value("a\r\nb\tc&#10;&lt;").as_deref(), Ok("a b c\n<"));
        assert!(attribute_value("a<b").is_err());
        assert!(attribute_value("a&b").is_err());
        assert!(attribute_value("a&b;").is_err());
    }
}
