//! The same card in another version.

mod date;
mod draft;
mod media;
mod to_v3;
mod to_v4;

use crate::card::Version;
use draft::Draft;
use kontor_contentline::{Component, Ending, Property, Tree};

/// The text with its cards written as version 3.0 or 4.0; a card that already has this version (or a text without cards)
/// comes back byte for byte, and so does every line that means the same in both. Asked for 2.1, which nobody should
/// write, it changes nothing.
///
/// What only one version knows is carried where the other has a common way to say it: pictures and keys as `data:` URI
/// or `ENCODING=b`, `PREF` or `TYPE=pref`, `KIND`/`MEMBER` or `X-ADDRESSBOOKSERVER-KIND`/`-MEMBER`, address labels as
/// parameter or property, dates in basic or extended form, `GEO`, telephone URIs. Other properties stay as they are.
pub fn convert(bytes: &[u8], to: Version) -> Vec<u8> {
    let tree = Tree::parse(bytes);
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut at = 0;
    for card in tree.root().children_named("VCARD") {
        let from = card.property("VERSION").and_then(|line| Version::read(&line.text()));
        if to == Version::V2_1 || from == Some(to) {
            continue;
        }
        let span = card.span();
        out.extend_from_slice(bytes.get(at..span.start).unwrap_or_default());
        rewrite(card, from, to, tree.ending(), &mut out);
        at = span.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

fn rewrite(card: Component<'_, '_>, from: Option<Version>, to: Version, ending: Ending, out: &mut Vec<u8>) {
    let old = from == Some(Version::V2_1);
    let mut drafts: Vec<_> = card.properties().map(|line| Draft::read(line, old)).collect();
    match to {
        Version::V4 => to_v4::convert(&mut drafts),
        _ => to_v3::convert(&mut drafts),
    }
    let mut drafts = drafts.into_iter().peekable();
    for (nth, line) in card.lines().iter().enumerate() {
        match drafts.next_if(|draft| draft.is_of(line)) {
            Some(draft) => draft.write(ending, out),
            // BEGIN, END, inner components and opaque lines.
            None => out.extend_from_slice(line.raw()),
        }
        if nth == 0 && card.property("VERSION").is_none() {
            Property::raw("VERSION", to.as_str()).write(ending, out);
        }
    }
}
