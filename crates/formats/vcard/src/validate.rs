//! What may be stored as one resource of an address book.

use crate::card::{Card, Version};
use kontor_contentline::{Component, Line, Reason, Tree};
use std::fmt;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// More octets than allowed.
    TooLarge {
        /// How many are allowed.
        max: usize,
    },
    /// A NUL byte: binary data or another encoding.
    Nul,
    /// A line or the nesting is broken.
    Broken(Reason),
    /// No card in it.
    NoCard,
    /// A component that is not a card, or a property outside the card.
    NotACard,
    /// More than one card, side by side or nested.
    ManyCards,
    /// No `VERSION`.
    NoVersion,
    /// `VERSION` twice.
    ManyVersions,
    /// vCard 2.1.
    OldVersion,
    /// Neither 3.0 nor 4.0.
    UnknownVersion,
    /// No `FN`.
    NoFullName,
    /// No `UID`, or an empty one.
    NoUid,
    /// `UID` twice.
    ManyUids,
}

/// A text that is refused: the line to look at, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    /// 1-based physical line number; 1 where the whole text is meant.
    pub line: u32,
    /// Why.
    pub kind: ErrorKind,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match self.kind {
            ErrorKind::TooLarge { max } => write!(f, "card is larger than {max} octets"),
            ErrorKind::Broken(reason) => reason.fmt(f),
            kind => f.write_str(match kind {
                ErrorKind::Nul => "NUL byte in text",
                ErrorKind::NoCard => "text has no BEGIN:VCARD",
                ErrorKind::NotACard => "only one VCARD may stand here",
                ErrorKind::ManyCards => "more than one VCARD in one resource",
                ErrorKind::NoVersion => "card has no VERSION",
                ErrorKind::ManyVersions => "card has more than one VERSION",
                ErrorKind::OldVersion => "vCard 2.1 is not accepted, send 3.0 or 4.0",
                ErrorKind::NoFullName => "card has no FN",
                ErrorKind::NoUid => "card has no UID",
                ErrorKind::ManyUids => "card has more than one UID",
                _ => "VERSION is neither 3.0 nor 4.0",
            }),
        }
    }
}

impl std::error::Error for Error {}

/// Checks that the bytes are one card as an address book stores it (RFC 6352 5.1, 6.3.2.1): at most `max` octets,
/// exactly one `VCARD`, version 3.0 or 4.0, with `FN` and one `UID`, and every line readable.
///
/// What clients commonly get wrong and readers get over is let through: no `N` in 3.0, bytes that are not UTF-8, odd line
/// ends, a byte order mark.
pub fn validate(bytes: &[u8], max: usize) -> Result<Card<'_>, Error> {
    if bytes.len() > max {
        return Err(Error { line: 1, kind: ErrorKind::TooLarge { max } });
    }
    if bytes.contains(&0) {
        return Err(Error { line: line_of_nul(bytes), kind: ErrorKind::Nul });
    }
    let tree = Tree::parse(bytes);
    if let Some(problem) = tree.problems().first() {
        return Err(Error { line: problem.line, kind: ErrorKind::Broken(problem.reason) });
    }
    properties(only_card(&tree)?)?;
    Ok(Card::of(tree))
}

fn line_of_nul(bytes: &[u8]) -> u32 {
    let before = bytes.iter().take_while(|byte| **byte != 0).filter(|byte| **byte == b'\n').count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

fn only_card<'t, 'a>(tree: &'t Tree<'a>) -> Result<Component<'t, 'a>, Error> {
    let root = tree.root();
    let at = |line: u32, kind| Err(Error { line, kind });
    let mut outermost = root.children();
    let Some(card) = outermost.next() else { return at(1, ErrorKind::NoCard) };
    if !card.is("VCARD") {
        return at(card.number(), ErrorKind::NotACard);
    }
    if let Some(stray) = root.properties().next() {
        return at(stray.number(), ErrorKind::NotACard);
    }
    if let Some(second) = outermost.next() {
        let kind = if second.is("VCARD") { ErrorKind::ManyCards } else { ErrorKind::NotACard };
        return at(second.number(), kind);
    }
    match card.child("VCARD") {
        Some(inner) => at(inner.number(), ErrorKind::ManyCards),
        None => Ok(card),
    }
}

fn properties(card: Component<'_, '_>) -> Result<(), Error> {
    let version = only(card, "VERSION", ErrorKind::NoVersion, ErrorKind::ManyVersions)?;
    let kind = match Version::read(&version.text()) {
        Some(Version::V3 | Version::V4) => None,
        Some(Version::V2_1) => Some(ErrorKind::OldVersion),
        None => Some(ErrorKind::UnknownVersion),
    };
    if let Some(kind) = kind {
        return Err(Error { line: version.number(), kind });
    }
    if card.property("FN").is_none() {
        return Err(Error { line: card.number(), kind: ErrorKind::NoFullName });
    }
    let uid = only(card, "UID", ErrorKind::NoUid, ErrorKind::ManyUids)?;
    if uid.text().trim().is_empty() {
        return Err(Error { line: uid.number(), kind: ErrorKind::NoUid });
    }
    Ok(())
}

fn only<'t, 'a>(
    card: Component<'t, 'a>,
    name: &str,
    none: ErrorKind,
    many: ErrorKind,
) -> Result<&'t Line<'a>, Error> {
    let mut found = card.properties_named(name);
    let first = found.next().ok_or(Error { line: card.number(), kind: none })?;
    match found.next() {
        Some(second) => Err(Error { line: second.number(), kind: many }),
        None => Ok(first),
    }
}
