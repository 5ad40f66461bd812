//! A body without what could act, track or disguise: a list of what may stay.

use super::escape;
use super::tokens::{Token, Tokens};

/// Elements that may stay.
const ELEMENTS: [&str; 46] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Elements that have no end tag.
const VOID: [&str; 4] = ["br", "col", "hr", "img"];

/// Attributes that may stay on any element; addresses and styles are looked at.
const ATTRIBUTES: [&str; 17] = [
    "align",
    "alt",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "dir",
    "face",
    "height",
    "lang",
    "rowspan",
    "size",
    "start",
    "title",
    "valign",
    "width",
];

/// Parts of a style that may stay.
const STYLES: [&str; 24] = [
    "background",
    "background-color",
    "border",
    "border-collapse",
    "color",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "line-height",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "padding",
    "text-align",
    "text-decoration",
    "text-indent",
    "vertical-align",
    "white-space",
    "width",
    "list-style-type",
];

/// How deep elements may nest; deeper ones leave their text only.
const DEEPEST: usize = 100;

/// The body with what may stay, properly nested.
pub(crate) fn clean(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => escape(&text, &mut out),
            Token::Open(name, attributes) if ELEMENTS.contains(&name.as_str()) => {
                let void = VOID.contains(&name.as_str());
                if !void && open.len() >= DEEPEST {
                    continue;
                }
                out.push('<');
                out.push_str(&name);
                attributes.iter().for_each(|(own, value)| attribute(&name, own, value, &mut out));
                out.push('>');
                if !void {
                    open.push(name);
                }
            }
            Token::Close(name) => {
                if let Some(at) = open.iter().rposition(|own| *own == name) {
                    open.drain(at..).rev().for_each(|name| close(&name, &mut out));
                }
            }
            Token::Open(..) => {}
        }
    }
    open.iter().rev().for_each(|name| close(name, &mut out));
    out.trim().to_owned()
}

fn close(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn attribute(element: &str, name: &str, value: &str, out: &mut String) {
    let value = match (element, name) {
        ("a", "href") if is_address(value, &["http:", "https:", "mailto:", "tel:"]) => value.to_owned(),
        ("img", "src") if is_address(value, &["http:", "https:", "cid:"]) => value.to_owned(),
        (_, "style") => style(value),
        (_, name) if ATTRIBUTES.contains(&name) => value.to_owned(),
        _ => return,
    };
    if value.is_empty() {
        return;
    }
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(&value, out);
    out.push('"');
}

/// Whether an address starts with one of these schemes; blanks and controls, which some readers step over, are not
/// allowed in it.
fn is_address(value: &str, schemes: &[&str]) -> bool {
    let known = |scheme: &&str| value.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme));
    schemes.iter().any(known) && !value.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The parts of a style that only change how text looks.
fn style(value: &str) -> String {
    let is_plain = |value: &str| {
        let word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '#' | '%' | '.' | ',' | '-' | '\'');
        let value = value.trim();
        let inner = value.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(value);
        inner.chars().all(word)
    };
    let parts = value.split(';').filter_map(|part| part.split_once(':'));
    let kept = parts.filter_map(|(name, value)| {
        let name = name.trim().to_ascii_lowercase();
        (STYLES.contains(&name.as_str()) && is_plain(value)).then(|| format!("{name}:{}", value.trim()))
    });
    kept.collect::<Vec<_>>().join(";")
}
