//! Some of the properties of a card (RFC 6352 10.4).

use crate::prop::Prop;
use kontor_contentline::{Line, Tree};

/// A property that a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select<'s> {
    /// Its name, with or without a group (see [`Prop::is`]).
    pub name: &'s str,
    /// Only name and parameters, no value.
    pub novalue: bool,
}

/// What a card is not a card without, whether asked for or not.
const ALWAYS: [&str; 3] = ["VERSION", "FN", "UID"];

/// The text with only these properties in its cards, each line as it is stored; `VERSION`, `FN` and `UID` always stay,
/// so that what the client gets is still a card.
pub fn select(bytes: &[u8], wanted: &[Select<'_>]) -> Vec<u8> {
    let tree = Tree::parse(bytes);
    let mut out = Vec::new();
    for card in tree.root().children_named("VCARD") {
        let [begin, .., end] = card.lines() else { continue };
        out.extend_from_slice(begin.raw());
        for line in card.properties() {
            match answer(line, wanted) {
                Answer::Whole => out.extend_from_slice(line.raw()),
                Answer::NoValue => {
                    out.extend_from_slice(line.head());
                    out.push(b':');
                    out.extend_from_slice(tree.ending().bytes());
                }
                Answer::Nothing => {}
            }
        }
        if end.is("END") {
            out.extend_from_slice(end.raw());
        }
    }
    out
}

enum Answer {
    Whole,
    NoValue,
    Nothing,
}

/// Of several selectors for one property the one with the value wins.
fn answer(line: &Line<'_>, wanted: &[Select<'_>]) -> Answer {
    let prop = Prop::new(line);
    let mut asked = wanted.iter().filter(|select| prop.is(select.name)).peekable();
    if asked.peek().is_some() {
        if asked.all(|select| select.novalue) { Answer::NoValue } else { Answer::Whole }
    } else if ALWAYS.iter().any(|name| line.is(name)) {
        Answer::Whole
    } else {
        Answer::Nothing
    }
}
