//! One logical line: `[group "."] name *(";" param) ":" value`.

use crate::param::{Param, Params};
use crate::text::{MAX_CRS, is_quoted_printable, trim_cr, unfold};
use crate::value;
use memchr::memchr;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Why a line is kept as opaque bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// There is no `:` in it.
    NoColon,
    /// The name is empty or has a blank, a control, a quote, or a byte outside ASCII.
    BadName,
    /// A quoted parameter value has no closing quote.
    OpenQuote,
    /// It starts with a blank, but there is no line before it that it could continue.
    OrphanFold,
    /// It is longer than 4 GiB.
    TooLong,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Flaw::NoColon => "line has no colon between name and value",
            Flaw::BadName => "property name is empty or has a character that is not allowed",
            Flaw::OpenQuote => "quoted parameter value is not closed",
            Flaw::OrphanFold => "first line starts with a blank, as if it continued another",
            Flaw::TooLong => "line is longer than 4 GiB",
        })
    }
}

/// One logical line of a [`crate::Text`], folding and line end included.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    raw: &'a [u8],
    /// Name and parameters, unfolded; present only when a fold runs through them.
    unfolded_head: Option<Box<[u8]>>,
    start: usize,
    number: u32,
    /// Offset of name and parameters in `raw` (3 after a byte order mark).
    head_at: u32,
    /// Offset of the colon in `raw`; 0 if broken or blank.
    colon: u32,
    /// Offsets in the unfolded head.
    name_at: u32,
    name_end: u32,
    /// Length of the line end in `raw`.
    ending: u32,
    newline: u8,
    soft: bool,
    flaw: Option<Flaw>,
}

/// UTF-8 byte order mark.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One of 64 bits, the same for all spellings of a name.
pub(crate) fn mark(name: &[u8]) -> u64 {
    let letter = |byte: Option<&u8>| u32::from(byte.map_or(0, u8::to_ascii_uppercase));
    let length = name.len() as u32;
    1 << ((letter(name.first()).wrapping_mul(7) + letter(name.last()).wrapping_mul(3) + length) % 64)
}

impl<'a> Line<'a> {
    pub(crate) fn read(raw: &'a [u8], start: usize, number: u32, newline: u8, soft: bool) -> Self {
        let content = match raw.strip_suffix(&[newline]) {
            Some(content) => trim_cr(content),
            None => raw,
        };
        let mut line = Line {
            raw,
            unfolded_head: None,
            start,
            number,
            head_at: if start == 0 && raw.starts_with(BOM) { short(BOM.len()) } else { 0 },
            colon: 0,
            name_at: 0,
            name_end: 0,
            ending: u32::try_from(raw.len() - content.len()).unwrap_or(u32::MAX),
            newline,
            soft,
            flaw: None,
        };
        if u32::try_from(raw.len()).is_err() {
            line.flaw = Some(Flaw::TooLong);
        } else {
            line.read_head(content);
        }
        line
    }

    fn read_head(&mut self, content: &[u8]) {
        let head_at = self.head_at as usize;
        match content.get(head_at..) {
            None | Some([]) => return,
            Some([b' ' | b'\t', ..]) => {
                self.flaw = content.iter().any(|b| !b.is_ascii_whitespace()).then_some(Flaw::OrphanFold);
                return;
            }
            Some(_) => {}
        }
        let mut scan = Scan::new(content, head_at, self.newline);
        if let Err(flaw) = scan.head() {
            self.flaw = Some(if memchr(b':', content).is_none() { Flaw::NoColon } else { flaw });
            return;
        }
        self.colon = short(scan.at);
        self.name_at = short(scan.name_at);
        self.name_end = short(scan.name_end);
        if scan.folds {
            let raw_head = content.get(head_at..scan.at).unwrap_or_default();
            self.unfolded_head = Some(unfold(raw_head, self.newline, false).into_boxed_slice());
        }
    }

    /// The bytes of the line as they came: folds, line end and byte order mark included.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where [`Line::raw`] stands in the text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }

    /// [`Line::span`] without a byte order mark.
    pub(crate) fn content_span(&self) -> Range<usize> {
        self.start + self.head_at as usize..self.start + self.raw.len()
    }

    /// 1-based number of the first physical line.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Why the line is opaque; such a line has an empty name and no value.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    /// Whether the line is opaque; [`Line::flaw`] says why.
    pub fn is_broken(&self) -> bool {
        self.flaw.is_some()
    }

    /// Whether there is nothing (or only blanks) on the line.
    pub fn is_blank(&self) -> bool {
        self.flaw.is_none() && self.colon == 0
    }

    /// Whether vCard 2.1 soft line breaks (`=` at the line end) run through the line.
    pub fn has_soft_breaks(&self) -> bool {
        self.soft
    }

    /// Whether the line ends with a soft break that the next line did not take up.
    pub(crate) fn dangles(&self) -> bool {
        let content = self.raw.get(..self.raw.len().saturating_sub(self.ending as usize)).unwrap_or_default();
        // A CR that ends the text becomes part of the line end that it is given.
        trim_cr(content).last() == Some(&b'=') && is_quoted_printable(self.raw, self.newline)
    }

    /// The bytes of the line end: empty on a last line without one.
    pub fn ending(&self) -> &'a [u8] {
        self.raw.get(self.raw.len().saturating_sub(self.ending as usize)..).unwrap_or_default()
    }

    /// Group, name and parameters, unfolded, without the colon. Empty if broken.
    pub fn head(&self) -> &[u8] {
        match &self.unfolded_head {
            Some(head) => head,
            None => self.raw.get(self.head_at as usize..self.colon as usize).unwrap_or_default(),
        }
    }

    /// The group of a vCard line: `item1` in `item1.EMAIL:...`.
    pub fn group(&self) -> Option<&str> {
        let end = (self.name_at as usize).checked_sub(1)?;
        self.head().get(..end).and_then(|group| std::str::from_utf8(group).ok())
    }

    /// The name as written, without the group; compare it with [`Line::is`]. Empty if broken or blank.
    pub fn name(&self) -> &str {
        let name = self.head().get(self.name_at as usize..self.name_end as usize).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// Whether the line has this name; names have no case.
    pub fn is(&self, name: &str) -> bool {
        // Most names differ in length already.
        if (self.name_end - self.name_at) as usize != name.len() {
            return false;
        }
        let own = self.head().get(self.name_at as usize..self.name_end as usize).unwrap_or_default();
        own.eq_ignore_ascii_case(name.as_bytes()) && !own.is_empty()
    }

    /// The mark of its name.
    pub(crate) fn mark(&self) -> u64 {
        mark(self.head().get(self.name_at as usize..self.name_end as usize).unwrap_or_default())
    }

    /// The parameters in order.
    pub fn params(&self) -> Params<'_> {
        Params::new(self.head().get(self.name_end as usize..).unwrap_or_default())
    }

    /// The first parameter of this name; names have no case.
    pub fn param(&self, name: &str) -> Option<Param<'_>> {
        self.params().find(|param| param.is(name))
    }

    /// The value as it stands, folds included, line end excluded.
    pub fn raw_value(&self) -> &'a [u8] {
        if self.colon == 0 {
            return &[];
        }
        let end = self.raw.len().saturating_sub(self.ending as usize);
        self.raw.get(self.colon as usize + 1..end).unwrap_or_default()
    }

    /// The value, unfolded (soft breaks of quoted-printable taken out too).
    pub fn value(&self) -> Cow<'a, [u8]> {
        let raw = self.raw_value();
        match memchr(self.newline, raw) {
            None => Cow::Borrowed(raw),
            Some(_) => Cow::Owned(unfold(raw, self.newline, self.soft)),
        }
    }

    /// The value, unfolded, as a string: bytes that are not UTF-8 become U+FFFD.
    pub fn value_str(&self) -> Cow<'a, str> {
        value::lossy(self.value())
    }

    /// The value as one text: unfolded, and the escapes of RFC 5545 3.3.11 and RFC 6350 3.4 resolved.
    pub fn text(&self) -> Cow<'a, str> {
        value::lossy(value::unescape_cow(self.value()))
    }
}

/// Walks name and parameters up to the colon, stepping over folds.
struct Scan<'c> {
    content: &'c [u8],
    newline: u8,
    /// Offset in `content`.
    at: usize,
    /// Offset in the unfolded head.
    logical: usize,
    name_at: usize,
    name_end: usize,
    folds: bool,
}

impl<'c> Scan<'c> {
    fn new(content: &'c [u8], at: usize, newline: u8) -> Self {
        Scan { content, newline, at, logical: 0, name_at: 0, name_end: 0, folds: false }
    }

    /// The byte here, after stepping over a fold.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let rest = self.content.get(self.at..)?;
            let first = *rest.first()?;
            if first != b'\r' && first != self.newline {
                return Some(first);
            }
            let crs = rest.iter().take(MAX_CRS).take_while(|b| **b == b'\r' && self.newline == b'\n').count();
            match (rest.get(crs), rest.get(crs + 1)) {
                (Some(newline), Some(b' ' | b'\t')) if *newline == self.newline => {
                    self.at += crs + 2;
                    self.folds = true;
                }
                _ => return Some(first),
            }
        }
    }

    fn step(&mut self) {
        self.at += 1;
        self.logical += 1;
    }

    /// Leaves `at` on the colon.
    fn head(&mut self) -> Result<(), Flaw> {
        loop {
            match self.peek() {
                None => return Err(Flaw::NoColon),
                Some(b':' | b';') => break,
                Some(b'.') => self.name_at = self.logical + 1,
                Some(b'"' | b'=' | b',') => return Err(Flaw::BadName),
                Some(byte) if byte.is_ascii_graphic() => {}
                Some(_) => return Err(Flaw::BadName),
            }
            self.step();
        }
        self.name_end = self.logical;
        if self.name_end <= self.name_at {
            return Err(Flaw::BadName);
        }
        self.params()
    }

    /// From the first `;` to the colon. A quote opens only at the start of a value: `CN=O"Brien` is one word.
    fn params(&mut self) -> Result<(), Flaw> {
        let mut before = 0;
        let mut quoted = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' if quoted => quoted = false,
                b'"' if matches!(before, b'=' | b',') => quoted = true,
                b':' if !quoted => return Ok(()),
                _ => {}
            }
            before = byte;
            self.step();
        }
        Err(if quoted { Flaw::OpenQuote } else { Flaw::NoColon })
    }
}

/// Offsets fit: `Line::read` refuses longer lines.
fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
