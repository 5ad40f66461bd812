//! Bodies: what Outlook writes as HTML and calendars keep as text, and both ways.
//!
//! HTML from outside is hostile and odd: Outlook sends whole documents made by Word. [`clean`] keeps what a body may be
//! made of, [`plain`] the words, [`essence`] what people would call the same body. All are linear in the input and
//! bound in depth.

mod clean;
mod entities;
mod plain;
mod tokens;

pub(crate) use clean::clean;
pub(crate) use plain::{essence, plain};

/// Text as HTML: the least that shows it.
pub(crate) fn of_text(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str("<div>");
    for (nth, line) in text.replace("\r\n", "\n").split(['\n', '\r']).enumerate() {
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
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c if c.is_control() && !matches!(c, '\t' | '\n') => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
