//! Bodies: what Outlook writes as HTML and calendars keep as text, and both ways.
//!
//! HTML from outside is hostile and odd: Outlook sends whole documents made by Word. [`clean`] keeps what a body may be
//! made of, [`plain`] the words, [`essence`] what people would call the same body. All are linear in the input and
//! bound in depth.

mod clean;
mod entities;
mod plain;
mod tokens;

use std::borrow::Cow;

use crate::xml::first;

pub(crate) use clean::clean;
pub(crate) use plain::{essence, plain};

/// Text as HTML: the least that shows it.
pub(crate) fn of_text(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str("<div>");
    let text = if text.contains('\r') { text.replace("\r\n", "\n").into() } else { Cow::Borrowed(text) };
    for (nth, line) in text.split(['\n', '\r']).enumerate() {
        if nth > 0 {
            out.push_str("<br>");
        }
        escape(line, &mut out);
    }
    out.push_str("</div>");
    out
}

/// Text as content of an element.
fn escape(text: &str, out: &mut String) {
    // Runs of what stays as it is are taken over whole.
    // 0xC2 begins no-break spaces and what controls there are beyond ASCII.
    let is_odd = |byte: u8| byte < 0x20 || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0x7f | 0xc2);
    let mut rest = text;
    while let Some((plain, from)) = first(rest.as_bytes(), is_odd).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(plain);
        let mut chars = from.chars();
        let odd = chars.next();
        rest = chars.as_str();
        match odd.unwrap_or_default() {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c if c.is_control() && !matches!(c, '\t' | '\n') => {}
            c => out.push(c),
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests;
