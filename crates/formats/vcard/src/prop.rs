//! One property of a card.

use crate::decode;
use kontor_contentline::{Line, value};
use std::borrow::Cow;

/// A property, borrowed from its card. Bare words of vCard 2.1 (`TEL;HOME;QUOTED-PRINTABLE:`) are seen as the `TYPE`
/// and `ENCODING` parameters they stand for.
#[derive(Debug, Clone, Copy)]
pub struct Prop<'t, 'a> {
    line: &'t Line<'a>,
}

impl<'t, 'a> Prop<'t, 'a> {
    pub(crate) fn new(line: &'t Line<'a>) -> Self {
        Prop { line }
    }

    /// The line it is written on.
    pub fn line(&self) -> &'t Line<'a> {
        self.line
    }

    /// The name as written, without the group.
    pub fn name(&self) -> &'t str {
        self.line.name()
    }

    /// The group: `item1` in `item1.EMAIL`.
    pub fn group(&self) -> Option<&'t str> {
        self.line.group()
    }

    /// Whether a filter or selector means this property: `EMAIL` means it in any group, `item1.EMAIL` in that group only
    /// (RFC 6352 10.4.2 and 10.5.1). Case is ignored.
    pub fn is(&self, name: &str) -> bool {
        match name.rsplit_once('.') {
            Some((group, name)) => {
                self.line.is(name) && self.group().is_some_and(|own| own.eq_ignore_ascii_case(group))
            }
            None => self.line.is(name),
        }
    }

    /// The parameters with their values, in order; bare words by the parameter they stand for.
    pub fn params(&self) -> impl Iterator<Item = (&'t str, Vec<Cow<'t, str>>)> + use<'t, 'a> {
        self.line.params().map(|param| {
            if param.is_bare() {
                (bare_means(param.name()), vec![Cow::Borrowed(param.name())])
            } else {
                (param.name(), param.values().collect())
            }
        })
    }

    /// The values of all parameters of this name. None at all and no parameter look the same; ask [`Prop::has_param`].
    pub fn param_values<'n>(&self, name: &'n str) -> impl Iterator<Item = Cow<'t, str>> + use<'t, 'a, 'n> {
        self.params().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).flat_map(|(_, values)| values)
    }

    /// Whether there is a parameter of this name.
    pub fn has_param(&self, name: &str) -> bool {
        self.params().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    /// The words of `TYPE`, quoted lists of vCard 4.0 (`TYPE="voice,home"`) taken apart.
    pub fn types(&self) -> Vec<String> {
        self.param_values("TYPE").flat_map(|v| v.split(',').map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// Whether `TYPE` has this word, case ignored.
    pub fn has_type(&self, word: &str) -> bool {
        self.types().iter().any(|own| own.eq_ignore_ascii_case(word))
    }

    /// How much it is preferred: 1 most, 100 least (`PREF`, RFC 6350 5.3; `TYPE=pref` counts as 1).
    pub fn preference(&self) -> Option<u8> {
        let pref = self.param_values("PREF").next().and_then(|value| value.trim().parse().ok());
        pref.or(self.has_type("pref").then_some(1))
    }

    /// Whether the value is binary (`ENCODING=b`, `ENCODING=BASE64`, `data:` URI): nothing to search in.
    pub fn is_binary(&self) -> bool {
        let encoded = self
            .param_values("ENCODING")
            .any(|v| v.eq_ignore_ascii_case("b") || v.eq_ignore_ascii_case("base64"));
        encoded || self.line.raw_value().get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"data:"))
    }

    /// The value as one text: unfolded, encodings and character sets of vCard 2.1 decoded, escapes resolved. In
    /// structured values the separators stay: this is the text that filters look at.
    pub fn text(&self) -> Cow<'a, str> {
        match self.decoded() {
            Cow::Borrowed(text) => value::unescape(text.as_bytes()),
            Cow::Owned(text) => match value::unescape(text.as_bytes()) {
                Cow::Borrowed(_) => Cow::Owned(text),
                Cow::Owned(text) => Cow::Owned(text),
            },
        }
    }

    /// The components of a structured value (N, ADR, ORG), each a list, escapes resolved.
    pub fn parts(&self) -> Vec<Vec<String>> {
        let own = self.decoded();
        value::split(own.as_bytes(), b';')
            .map(|part| value::split(part, b',').map(|item| value::unescape(item).into_owned()).collect())
            .collect()
    }

    /// The items of a list value (NICKNAME, CATEGORIES), escapes resolved.
    pub fn items(&self) -> Vec<String> {
        let own = self.decoded();
        value::split(own.as_bytes(), b',').map(|item| value::unescape(item).into_owned()).collect()
    }

    /// Whether an encoding or a character set must be undone before the value is UTF-8.
    pub(crate) fn is_encoded(&self) -> bool {
        self.is_quoted_printable() || self.has_param("CHARSET")
    }

    fn is_quoted_printable(&self) -> bool {
        self.param_values("ENCODING").any(|encoding| encoding.eq_ignore_ascii_case("quoted-printable"))
    }

    /// The value, unfolded and decoded, escapes as written.
    pub(crate) fn decoded(&self) -> Cow<'a, str> {
        let mut bytes = self.line.value();
        if self.is_quoted_printable() {
            bytes = Cow::Owned(decode::quoted_printable(&bytes));
        }
        let charset = self.param_values("CHARSET").next().unwrap_or_default();
        decode::charset(bytes, &charset)
    }
}

/// The parameter that a bare word of vCard 2.1 stands for.
fn bare_means(word: &str) -> &'static str {
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    if is("QUOTED-PRINTABLE") || is("BASE64") || is("8BIT") || is("7BIT") {
        "ENCODING"
    } else if is("INLINE") || is("URL") || is("CONTENT-ID") || is("CID") {
        "VALUE"
    } else {
        "TYPE"
    }
}
