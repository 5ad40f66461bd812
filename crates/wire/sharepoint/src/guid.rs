//! GUIDs as SharePoint writes them.

use std::fmt;
use std::str::FromStr;

/// 128 bits that name a list or an item. Written upper-case in braces: `{00000000-0000-0000-0000-000000000000}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guid(pub u128);

impl Guid {
    /// Without braces, upper-case.
    #[must_use]
    pub fn bare(self) -> String {
        let mut out = String::with_capacity(36);
        self.write(&mut out);
        out
    }

    fn write(self, out: &mut String) {
        const DASHES_BEFORE: [usize; 4] = [4, 6, 8, 10];
        let digit = |half: u8| char::from(half + if half < 10 { b'0' } else { b'A' - 10 });
        for (nth, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if DASHES_BEFORE.contains(&nth) {
                out.push('-');
            }
            out.push(digit(byte >> 4));
            out.push(digit(byte & 0xf));
        }
    }

    /// As it is written, in braces.
    #[must_use]
    pub fn braced(self) -> String {
        let mut out = String::with_capacity(38);
        out.push('{');
        self.write(&mut out);
        out.push('}');
        out
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.braced())
    }
}

impl FromStr for Guid {
    type Err = ();

    /// With or without braces, in any letter case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        let text = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        let mut lengths = [8, 4, 4, 4, 12].into_iter();
        let mut hex = String::with_capacity(32);
        for part in text.split('-') {
            if lengths.next() != Some(part.len()) || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(());
            }
            hex.push_str(part);
        }
        if lengths.next().is_some() {
            return Err(());
        }
        u128::from_str_radix(&hex, 16).map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_read_and_written() {
        let guid: Guid = "{0123abcd-89ab-cdef-0123-456789abcdef}".parse().unwrap();
        assert_eq!(guid.to_string(), "{0123ABCD-89AB-CDEF-0123-456789ABCDEF}");
        assert_eq!(guid.bare().parse(), Ok(guid));
        for bad in [
            "",
            "{}",
            "0123abcd89abcdef0123456789abcdef",
            "0123abcd-89ab-cdef-0123-456789abcdeg",
            "a-b-c-d-e",
        ] {
            assert!(bad.parse::<Guid>().is_err(), "{bad}");
        }
    }
}
