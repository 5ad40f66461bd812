//! Bytes cut into logical lines.

use crate::line::Line;
use memchr::memchr;

/// How the lines of a text end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// `\r\n`, as RFC 5545 and RFC 6350 want it.
    #[default]
    CrLf,
    /// `\n`.
    Lf,
    /// `\r` alone; taken for a line end only in a text without any `\n`.
    Cr,
}

impl Ending {
    /// The bytes of this line end.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Ending::CrLf => b"\r\n",
            Ending::Lf => b"\n",
            Ending::Cr => b"\r",
        }
    }
}

/// A text of content lines, borrowed from its bytes.
///
/// Lines end with LF, with CR LF (or CR CR LF, as some gateways write), or, in a text that has no LF at
/// all, with CR. A bare CR in a text that has LFs is data.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    bytes: &'a [u8],
    ending: Ending,
}

impl<'a> Text<'a> {
    /// Looks at the bytes; never fails, since any bytes are a text.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let ending = match memchr(b'\n', bytes) {
            Some(at) if at > 0 && bytes.get(at - 1) == Some(&b'\r') => Ending::CrLf,
            Some(_) => Ending::Lf,
            None if memchr(b'\r', bytes).is_some() => Ending::Cr,
            None => Ending::CrLf,
        };
        Text { bytes, ending }
    }

    /// The line end of the first line (CR LF if there is none): what new lines should use.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// The bytes as they came.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The logical lines in order; their [`Line::raw`] bytes, joined, are [`Text::bytes`].
    pub fn lines(&self) -> Lines<'a> {
        let newline = if self.ending == Ending::Cr { b'\r' } else { b'\n' };
        Lines { rest: self.bytes, at: 0, number: 1, newline }
    }
}

impl<'a> IntoIterator for Text<'a> {
    type Item = Line<'a>;
    type IntoIter = Lines<'a>;
    fn into_iter(self) -> Lines<'a> {
        self.lines()
    }
}

/// Iterator over the logical lines of a [`Text`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    at: usize,
    number: u32,
    newline: u8,
}

/// Extent of one logical line.
struct Extent {
    len: usize,
    physical: u32,
    soft: bool,
}

impl<'a> Lines<'a> {
    fn extent(&self) -> Extent {
        let mut extent = Extent { len: 0, physical: 0, soft: false };
        let mut quoted_printable = None;
        loop {
            let rest = self.rest.get(extent.len..).unwrap_or_default();
            extent.physical = extent.physical.saturating_add(1);
            let Some(newline) = memchr(self.newline, rest) else {
                extent.len = self.rest.len();
                return extent;
            };
            extent.len += newline + 1;
            match self.rest.get(extent.len) {
                Some(b' ' | b'\t') => {}
                Some(_) if ends_soft(rest.get(..newline).unwrap_or_default()) => {
                    let quoted =
                        *quoted_printable.get_or_insert_with(|| is_quoted_printable(self.rest, self.newline));
                    let next = self.rest.get(extent.len..).unwrap_or_default();
                    if !quoted || starts_component(next) {
                        return extent;
                    }
                    extent.soft = true;
                }
                _ => return extent,
            }
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let extent = self.extent();
        let (raw, rest) = self.rest.split_at_checked(extent.len)?;
        let line = Line::read(raw, self.at, self.number, self.newline, extent.soft);
        self.rest = rest;
        self.at += extent.len;
        self.number = self.number.saturating_add(extent.physical);
        Some(line)
    }
}

fn ends_soft(physical: &[u8]) -> bool {
    trim_cr(physical).last() == Some(&b'=')
}

/// How many CRs before an LF belong to the line end; any before them are data.
pub(crate) const MAX_CRS: usize = 2;

/// Takes the CRs of the line end off a physical line whose newline is already off.
pub(crate) fn trim_cr(mut line: &[u8]) -> &[u8] {
    for _ in 0..MAX_CRS {
        let [head @ .., b'\r'] = line else { break };
        line = head;
    }
    line
}

/// Whether the line that starts here declares the quoted-printable encoding of vCard 2.1 and vCalendar 1.0, whose
/// soft line breaks (`=` at the end of the line) need no blank on the next line.
pub(crate) fn is_quoted_printable(from: &[u8], newline: u8) -> bool {
    let end = memchr(newline, from).unwrap_or(from.len());
    let first = from.get(..end).unwrap_or_default();
    let Some(colon) = memchr(b':', first) else { return false };
    declares_quoted_printable(first.get(..colon).unwrap_or_default())
}

/// Whether the name and parameters of a line declare the quoted-printable encoding.
pub(crate) fn declares_quoted_printable(head: &[u8]) -> bool {
    head.split(|b| *b == b';').skip(1).any(|param| {
        param.eq_ignore_ascii_case(b"QUOTED-PRINTABLE")
            || param.eq_ignore_ascii_case(b"ENCODING=QUOTED-PRINTABLE")
    })
}

fn starts_component(line: &[u8]) -> bool {
    let starts = |word: &[u8]| line.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    starts(b"END:") || starts(b"BEGIN:")
}

/// The bytes between folds: removes every line end together with the one blank that follows it (RFC 5545 3.1), and in
/// a `soft` line the `=` before the line end too.
pub(crate) fn unfold(raw: &[u8], newline: u8, soft: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(newline, rest) {
        let piece = trim_cr(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(match piece {
            [head @ .., b'='] if soft => head,
            _ => piece,
        });
        rest = match rest.get(at + 1..).unwrap_or_default() {
            [b' ' | b'\t', tail @ ..] => tail,
            tail => tail,
        };
    }
    out.extend_from_slice(rest);
    out
}
