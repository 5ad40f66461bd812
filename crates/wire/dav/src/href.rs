//! Paths in URLs: segments, percent-encoded and back.
//!
//! A path is a list of segments, and each segment is a name. `%2F` inside a segment is a slash inside a name and never
//! divides; dot segments, control characters and what is not UTF-8 are refused. So no spelling of a path reaches a
//! place that another spelling of the same names would not.

use std::fmt::Write as _;

use crate::error::{At, Error, Result};

/// Longest path that is read, in bytes as sent.
pub const MAX_PATH: usize = 8192;

/// Whether a path ended in a slash. Collections do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slash {
    /// It did.
    #[default]
    Yes,
    /// It did not.
    No,
}

/// An absolute path: decoded names from the root on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Names, decoded; none of them empty.
    pub segments: Vec<String>,
    /// Whether a slash stood at the end.
    pub slash: Slash,
}

impl Path {
    /// Reads an absolute path as it stands in a request line or a DAV:href. A query or fragment is cut off; empty
    /// segments are dropped.
    pub fn parse(raw: &str) -> Result<Self> {
        let raw = raw.split(['?', '#']).next().unwrap_or_default();
        if raw.len() > MAX_PATH {
            return Err(Error::too_large(At::default(), "bytes in a path", MAX_PATH));
        }
        let Some(rest) = raw.strip_prefix('/') else {
            return Err(Error::malformed(At::default(), "path does not begin with a slash"));
        };
        let segments = rest.split('/').filter(|s| !s.is_empty()).map(decode).collect::<Result<Vec<_>>>()?;
        let slash = if raw.ends_with('/') { Slash::Yes } else { Slash::No };
        Ok(Path { segments, slash })
    }

    /// Segments as borrowed names, to match on: `["dav", "calendars", user, ..]`.
    pub fn names(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The path, encoded.
    pub fn encode(&self) -> String {
        let mut out = String::from("/");
        for (n, segment) in self.segments.iter().enumerate() {
            if n > 0 {
                out.push('/');
            }
            encode_into(&mut out, segment);
        }
        if self.slash == Slash::Yes && !self.segments.is_empty() {
            out.push('/');
        }
        out
    }
}

/// A DAV:href or Destination: absolute URI or absolute path (RFC 4918 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Href {
    /// Host and port as written, if it was a URI; whether it is ours is for the caller to say.
    pub authority: Option<String>,
    /// The path.
    pub path: Path,
}

impl Href {
    /// Reads one. Only `http` and `https` URIs have a path that means something here.
    pub fn parse(raw: &str) -> Result<Self> {
        let raw = raw.trim_ascii();
        if raw.starts_with('/') {
            return Ok(Href { authority: None, path: Path::parse(raw)? });
        }
        let malformed = |reason: &'static str| Error::malformed(At::default(), reason);
        let (scheme, rest) =
            raw.split_once("://").ok_or_else(|| malformed("href is neither a URI nor an absolute path"))?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(malformed("href has a scheme other than http and https"));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        if authority.is_empty() || authority.chars().any(|c| c.is_ascii_control() || c == ' ' || c == '\\') {
            return Err(malformed("href has no proper host"));
        }
        let path = if path.starts_with('/') { Path::parse(path)? } else { Path::default() };
        Ok(Href { authority: Some(authority.to_ascii_lowercase()), path })
    }
}

/// Whether a decoded name may be a segment: not empty, no dot segment, no control characters.
pub fn is_segment(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.chars().any(char::is_control)
}

/// Decodes one segment.
///
/// Quirk(raw-href): some clients do not escape enough; what is not escaped is taken as it stands.
pub fn decode(raw: &str) -> Result<String> {
    let malformed = |reason: &'static str| Error::malformed(At::default(), reason);
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, after @ ..] = rest else { return Err(malformed("path has % without two digits")) };
        let digits = hex(*high).zip(hex(*low)).ok_or_else(|| malformed("path has % without two digits"))?;
        bytes.push(digits.0 << 4 | digits.1);
        rest = after;
    }
    let name = String::from_utf8(bytes).map_err(|_| malformed("path is not UTF-8"))?;
    if is_segment(&name) { Ok(name) } else { Err(malformed("path has a dot segment or a control character")) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// `name` as one segment: everything but letters, digits, `-._~` and `@` escaped.
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    encode_into(&mut out, name);
    out
}

/// Appends `name` as one segment.
pub fn encode_into(out: &mut String, name: &str) {
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            out.push(char::from(byte));
        } else {
            // writing to a string does not fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(raw: &str, segments: &[&str], slash: Slash) {
        let path = Path::parse(raw).unwrap();
        assert_eq!(path.names(), segments, "{raw}");
        assert_eq!(path.slash, slash);
        assert_eq!(Path::parse(&path.encode()).unwrap(), path);
    }

    #[test]
    fn paths_are_names() {
        check("/", &[], Slash::Yes);
        check("/dav/calendars/ann/default/", &["dav", "calendars", "ann", "default"], Slash::Yes);
        check("/a%20b/c%2Fd.ics", &["a b", "c/d.ics"], Slash::No);
        check("//a///b?x#y", &["a", "b"], Slash::No);
        check("/%C3%A4/ä/%61+%2B", &["ä", "ä", "a++"], Slash::No);
        check("/%252F", &["%2F"], Slash::No);
    }

    #[test]
    fn tricks_are_refused() {
        for raw in [
            "",
            "a",
            "/..",
            "/a/../b",
            "/%2e%2E/b",
            "/.",
            "/%2E",
            "/a%00",
            "/a%0d%0Ab",
            "/a\nb",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/%C0%AF",
            "/%FF",
            "/%ED%A0%80",
            "/%F5%80%80%80",
            "/a%7F",
            "/%C2%85",
        ] {
            assert!(Path::parse(raw).is_err(), "{raw}");
        }
        assert_eq!(Path::parse(&format!("/{}", "a".repeat(MAX_PATH))).unwrap_err().status(), 413);
    }

    #[test]
    fn hrefs_may_be_uris() {
        let read = |raw| Href::parse(raw).unwrap();
        assert_eq!(read(" /a/b ").authority, None);
        assert_eq!(read("HTTPS://u:p@Host:8443/a").authority.as_deref(), Some("host:8443"));
        assert_eq!(read("http://[::1]:80").path, Path::default());
        assert_eq!(read("http://h?x").path, Path::default());
        for raw in ["", "a/b", "mailto:a@b", "ftp://h/a", "http:///a", "http://a b/", "http://h/../x"] {
            assert!(Href::parse(raw).is_err(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn a_name_survives(name in "\\PC{1,20}") {
            prop_assume!(is_segment(&name));
            prop_assert_eq!(decode(&encode(&name)).unwrap(), name);
        }

        #[test]
        fn nothing_panics_and_what_is_read_is_safe(raw in any::<String>()) {
            let _ = Href::parse(&raw);
            if let Ok(path) = Path::parse(&format!("/{raw}")) {
                prop_assert!(path.segments.iter().all(|name| is_segment(name)));
                let encoded = path.encode();
                prop_assert_eq!(Path::parse(&encoded).unwrap(), path);
            }
        }
    }
}
