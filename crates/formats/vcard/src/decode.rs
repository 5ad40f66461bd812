//! The encodings of vCard 2.1: quoted-printable and character sets.

use std::borrow::Cow;

/// Decodes quoted-printable (RFC 2045 6.7); a `=` that two hex digits do not follow stands for itself.
pub(crate) fn quoted_printable(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let decoded = match (first, tail) {
            (b'=', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| (h << 4 | l, after)),
            _ => None,
        };
        match decoded {
            Some((byte, after)) => {
                out.push(byte);
                rest = after;
            }
            None => out.push(*first),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The bytes as a string in the named character set; one that is not known is read as UTF-8.
pub(crate) fn charset<'v>(value: Cow<'v, [u8]>, name: &str) -> Cow<'v, str> {
    let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is(&["iso-8859-1", "latin1", "windows-1252", "cp1252"]) && !value.is_ascii() {
        return Cow::Owned(value.iter().map(|byte| windows_1252(*byte)).collect());
    }
    match value {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// What writers that say ISO-8859-1 mean: Windows-1252, which fills the control range.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|at| HIGH.get(usize::from(at)).copied()).unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_decoded_and_junk_kept() {
        let check = |raw: &[u8], expect: &[u8]| assert_eq!(quoted_printable(raw), expect);
        check(b"a=20b=C3=A4", b"a b\xC3\xA4");
        check(b"=", b"=");
        check(b"=4", b"=4");
        check(b"=ZZ=41", b"=ZZA");
    }

    #[test]
    fn character_sets() {
        let check = |raw: &[u8], name, expect: &str| assert_eq!(charset(raw.into(), name), expect);
        check(b"caf\xE9 \x80", "ISO-8859-1", "café €");
        check(b"caf\xC3\xA9", "utf-8", "café");
        check(b"caf\xE9", "x-unknown", "caf\u{fffd}");
    }
}
