//! Parts of a body: Range and Content-Range (RFC 9110 14), the partial PUT (14.5) and the PATCH of sabre/dav
//! (X-Update-Range).

use std::fmt;

use super::{EntityTag, malformed, split_list};
use crate::error::Result;

/// Bytes `first` to `last`, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte, from 0.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

impl Span {
    /// How many bytes it has.
    pub fn size(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// `bytes 0-9/100`.
    pub fn content_range(self, whole: u64) -> String {
        format!("bytes {}-{}/{whole}", self.first, self.last)
    }
}

/// One part that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSpec {
    /// From a byte to another, or to the end.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

/// The value of Range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges(pub Vec<RangeSpec>);

/// What a Range comes to on a body of a known size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The header is to be passed over: the whole body is answered.
    Whole,
    /// These parts, in the order asked for.
    Some(Vec<Span>),
    /// Nothing of it is there: 416.
    Nothing,
}

impl Ranges {
    /// More parts than this in one request are passed over, as RFC 9110 14.2 allows: who asks for many tiny parts
    /// means harm.
    pub const MOST: usize = 64;

    /// Reads the header value; `None` if it is to be passed over: another unit, or not what the grammar allows.
    pub fn parse(value: &str) -> Option<Self> {
        let (unit, set) = value.split_once('=')?;
        if !unit.trim_ascii().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let pieces = split_list(set, ',');
        if pieces.is_empty() || pieces.len() > Self::MOST {
            return None;
        }
        pieces.into_iter().map(spec).collect::<Option<_>>().map(Self)
    }

    /// The parts of a body of `size` bytes. Parts that lie over each other, or that cost more to send one by one than
    /// the whole, are answered by the whole (RFC 9110 14.2, 15.3.7.2).
    pub fn of(&self, size: u64) -> Parts {
        let spans: Vec<Span> = self.0.iter().filter_map(|spec| spec.within(size)).collect();
        if spans.is_empty() {
            return Parts::Nothing;
        }
        let mut sorted = spans.clone();
        sorted.sort_by_key(|span| span.first);
        let overlap = sorted.windows(2).any(|pair| matches!(pair, [a, b] if b.first <= a.last));
        if overlap { Parts::Whole } else { Parts::Some(spans) }
    }
}

impl RangeSpec {
    fn within(self, size: u64) -> Option<Span> {
        let end = size.checked_sub(1)?;
        match self {
            Self::From(first, last) if first <= end => {
                Some(Span { first, last: last.map_or(end, |last| last.min(end)) })
            }
            Self::Last(count) if count > 0 => Some(Span { first: size.saturating_sub(count), last: end }),
            Self::From(..) | Self::Last(_) => None,
        }
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes=")?;
        for (n, spec) in self.0.iter().enumerate() {
            f.write_str(if n > 0 { "," } else { "" })?;
            match spec {
                RangeSpec::From(first, Some(last)) => write!(f, "{first}-{last}")?,
                RangeSpec::From(first, None) => write!(f, "{first}-")?,
                RangeSpec::Last(count) => write!(f, "-{count}")?,
            }
        }
        Ok(())
    }
}

fn spec(text: &str) -> Option<RangeSpec> {
    let (first, last) = text.split_once('-')?;
    match (first.trim_ascii(), last.trim_ascii()) {
        ("", count) => number(count).map(RangeSpec::Last),
        (first, "") => number(first).map(|first| RangeSpec::From(first, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(RangeSpec::From(first, Some(last)))
        }
    }
}

/// The value of If-Range (RFC 9110 13.1.5): parts are sent only if the body is still this one, else all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfRange {
    /// It has this entity tag; a weak one never does.
    Tag(EntityTag),
    /// It was last changed at this moment, as written; nobody can be sure that nothing happened within that second.
    Date(String),
}

impl IfRange {
    /// Reads the header value. What is neither a tag nor a date is taken as a date that was never told.
    pub fn parse(value: &str) -> Self {
        let value = value.trim_ascii();
        let tag = value.starts_with('"') || value.starts_with("W/");
        match EntityTag::parse(value) {
            Ok(read) if tag => Self::Tag(read),
            _ => Self::Date(value.to_owned()),
        }
    }

    /// Whether the body with this tag, last changed at this date, is the one meant.
    pub fn holds(&self, tag: &EntityTag, changed: Option<&str>) -> bool {
        match self {
            Self::Tag(meant) => meant.same_strongly(tag),
            Self::Date(meant) => changed == Some(meant),
        }
    }
}

/// Digits alone; more than fits is as good as the most.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The value of Content-Range in a request: which part of the target the body is (RFC 9110 14.4, 14.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// The part.
    pub span: Span,
    /// The size of the whole, if the client knows it.
    pub whole: Option<u64>,
}

impl ContentRange {
    /// Reads the header value.
    ///
    /// # Errors
    /// `Malformed` for another unit, or a part that does not lie in its whole.
    pub fn parse(value: &str) -> Result<Self> {
        let wrong = || malformed("content-range header is not bytes FIRST-LAST/SIZE");
        let (unit, rest) = value.trim_ascii().split_once(' ').ok_or_else(wrong)?;
        let (span, whole) = rest.split_once('/').ok_or_else(wrong)?;
        let whole = match whole.trim_ascii() {
            "*" => None,
            size => Some(number(size).ok_or_else(wrong)?),
        };
        match spec(span.trim_ascii()) {
            Some(RangeSpec::From(first, Some(last)))
                if unit.eq_ignore_ascii_case("bytes") && whole.is_none_or(|whole| last < whole) =>
            {
                Ok(Self { span: Span { first, last }, whole })
            }
            _ => Err(wrong()),
        }
    }
}

/// Where the body of a PATCH of type `application/x-sabredav-partialupdate` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateRange {
    /// Behind what is there.
    Append,
    /// Over what begins at this byte; the last one, if the client says it.
    From(u64, Option<u64>),
    /// Over what begins so many bytes before the end.
    Last(u64),
}

impl UpdateRange {
    /// Reads the header value.
    ///
    /// # Errors
    /// `Malformed` for anything but `append`, `bytes=FIRST-`, `bytes=FIRST-LAST` and `bytes=-COUNT`.
    pub fn parse(value: &str) -> Result<Self> {
        if value.trim_ascii().eq_ignore_ascii_case("append") {
            return Ok(Self::Append);
        }
        match Ranges::parse(value).as_ref().map(|ranges| ranges.0.as_slice()) {
            Some([RangeSpec::From(first, last)]) => Ok(Self::From(*first, *last)),
            Some([RangeSpec::Last(count)]) if *count > 0 => Ok(Self::Last(*count)),
            _ => Err(malformed("x-update-range header is neither append nor one range of bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, size: u64, expect: Parts) {
        assert_eq!(Ranges::parse(value).map(|ranges| ranges.of(size)), Some(expect), "{value}");
    }

    fn some(spans: &[(u64, u64)]) -> Parts {
        Parts::Some(spans.iter().map(|(first, last)| Span { first: *first, last: *last }).collect())
    }

    #[test]
    fn parts_of_a_body() {
        check("bytes=0-0", 10, some(&[(0, 0)]));
        check("Bytes = 5-", 10, some(&[(5, 9)]));
        check("bytes=-3", 10, some(&[(7, 9)]));
        check("bytes=-30", 10, some(&[(0, 9)]));
        check("bytes=8-99999999999999999999999", 10, some(&[(8, 9)]));
        check("bytes=7-8, 0-1", 10, some(&[(7, 8), (0, 1)]));
        check("bytes=0-1,20-", 10, some(&[(0, 1)]));
        check("bytes=0-5,5-6", 10, Parts::Whole);
        check("bytes=10-", 10, Parts::Nothing);
        check("bytes=-0", 10, Parts::Nothing);
        check("bytes=0-", 0, Parts::Nothing);
        assert_eq!(Span { first: 0, last: 9 }.content_range(100), "bytes 0-9/100");
    }

    #[test]
    fn what_is_passed_over() {
        let many = format!("bytes={}", "0-0,".repeat(100));
        for bad in
            ["", "bytes", "bytes=", "bytes=a-b", "bytes=2-1", "bytes=--1", "items=0-1", "bytes=+1-2", &many]
        {
            assert_eq!(Ranges::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn resuming_only_the_same_body() {
        let (tag, date) = (EntityTag::strong("a"), "Sun, 22 Nov 2026 03:11:34 GMT");
        let check = |value: &str, expect| assert_eq!(IfRange::parse(value).holds(&tag, Some(date)), expect);
        check("\"a\"", true);
        check("\"b\"", false);
        check("W/\"a\"", false);
        check(date, true);
        check("Sun, 22 Nov 2026 03:11:35 GMT", false);
        check("a", false);
        check("", false);
        assert!(!IfRange::parse("").holds(&tag, None));
    }

    #[test]
    fn partial_writes() {
        let part = ContentRange { span: Span { first: 3, last: 5 }, whole: Some(6) };
        assert_eq!(ContentRange::parse("bytes 3-5/6"), Ok(part));
        assert_eq!(ContentRange::parse("bytes 3-5/*"), Ok(ContentRange { whole: None, ..part }));
        assert_eq!(part.span.size(), 3);
        let all = ContentRange::parse("bytes 0-99999999999999999999999/*").unwrap();
        assert_eq!(all.span.size(), u64::MAX);
        for bad in ["", "bytes 3-5", "bytes */6", "bytes 3-6/6", "bytes 5-3/9", "lines 3-5/6", "bytes -5/9"] {
            assert!(ContentRange::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(UpdateRange::parse("append"), Ok(UpdateRange::Append));
        assert_eq!(UpdateRange::parse("bytes=3-"), Ok(UpdateRange::From(3, None)));
        assert_eq!(UpdateRange::parse("bytes=3-5"), Ok(UpdateRange::From(3, Some(5))));
        assert_eq!(UpdateRange::parse("bytes=-5"), Ok(UpdateRange::Last(5)));
        assert!(
            ["", "bytes=1-2,4-5", "bytes=-0", "prepend"].iter().all(|bad| UpdateRange::parse(bad).is_err())
        );
    }
}
