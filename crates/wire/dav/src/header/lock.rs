//! Timeout and Lock-Token (RFC 4918 10.5, 10.7).

use std::fmt;

use super::{malformed, split_list};
use crate::error::Result;

/// How long a lock is asked to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// As long as the server likes.
    Infinite,
    /// So many seconds.
    Seconds(u32),
}

impl Timeout {
    /// Reads the header value: the first of the list that is understood.
    pub fn parse(value: &str) -> Result<Self> {
        let known = split_list(value, ',').into_iter().find_map(|piece| {
            if piece.eq_ignore_ascii_case("infinite") {
                return Some(Timeout::Infinite);
            }
            let (word, number) = piece.split_once('-')?;
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            // more than fits is as good as the most
            (word.eq_ignore_ascii_case("second") && digits)
                .then(|| Timeout::Seconds(number.parse().unwrap_or(u32::MAX)))
        });
        known.ok_or_else(|| malformed("timeout header is neither infinite nor a number of seconds"))
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timeout::Infinite => f.write_str("Infinite"),
            Timeout::Seconds(seconds) => write!(f, "Second-{seconds}"),
        }
    }
}

/// A lock token: a URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockToken(pub String);

impl LockToken {
    /// Reads `<uri>`.
    pub fn parse(value: &str) -> Result<Self> {
        let inner = value.trim_ascii().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        match inner {
            Some(uri) if is_uri(uri) => Ok(LockToken(uri.to_owned())),
            _ => Err(malformed("lock token is not a URI in angle brackets")),
        }
    }
}

impl fmt::Display for LockToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// Has a scheme, and nothing that cannot stand in a URI.
pub(super) fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty())
        && text.chars().all(|c| c > ' ' && c != '\u{7F}' && !matches!(c, '<' | '>' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_and_tokens() {
        assert_eq!(
            Timeout::parse("Extend, Second-4100000000, Infinite"),
            Ok(Timeout::Seconds(4_100_000_000))
        );
        assert_eq!(Timeout::parse("Second-99999999999"), Ok(Timeout::Seconds(u32::MAX)));
        assert_eq!(Timeout::parse("infinite"), Ok(Timeout::Infinite));
        assert_eq!(Timeout::parse(&Timeout::Seconds(5).to_string()), Ok(Timeout::Seconds(5)));
        assert!(
            ["", "Second-", "Second--5", "Second-+5", "60"].iter().all(|bad| Timeout::parse(bad).is_err())
        );
        let token = LockToken("urn:uuid:1".to_owned());
        assert_eq!(LockToken::parse(&token.to_string()), Ok(token));
        assert!(
            ["", "urn:x", "<x>", "<a:b", "<a: b>", "<a:<b>>"]
                .iter()
                .all(|bad| LockToken::parse(bad).is_err())
        );
    }
}
