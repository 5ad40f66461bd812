//! The words of a body, and what makes two bodies the same.

use super::tokens::{Token, Tokens};

/// Elements that start and end a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "blockquote",
    "pre",
    "hr",
    "dl",
    "dt",
    "dd",
    "center",
    "address",
    "body",
    "html",
    "caption",
];

/// The words of a body, line by line; behind the words of a link its address, as `<https://kontor.example/>`.
pub(crate) fn plain(html: &str) -> String {
    let mut lines = Lines::default();
    let mut link: Option<(String, usize)> = None;
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => lines.text(&text),
            Token::Open(name, attributes) => match name.as_str() {
                "br" => lines.end(true),
                "a" => link = Some((attribute(&attributes, "href").to_owned(), lines.line.len())),
                "li" => {
                    lines.end(false);
                    lines.line.push_str("- ");
                }
                "td" | "th" if !lines.line.is_empty() => lines.line.push('\t'),
                name if BLOCKS.contains(&name) => lines.end(false),
                _ => {}
            },
            Token::Close(name) if name == "a" => {
                if let Some(href) = lines.link(link.take()).filter(|href| href.contains(':')) {
                    lines.line.push_str(&format!(" <{href}>"));
                }
            }
            Token::Close(name) if BLOCKS.contains(&name.as_str()) => lines.end(false),
            Token::Close(_) => {}
        }
    }
    lines.finish()
}

fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> &'a str {
    attributes.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.trim())
}

/// What people see of a body and would call a change: words, line ends, emphasis, links, pictures, lists and tables.
/// Fonts, colours, and the many ways to say the same are left out: word processors write them anew each time.
pub(crate) fn essence(html: &str) -> String {
    let mut lines = Lines::default();
    let mut link: Option<(String, usize)> = None;
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => lines.text(&text),
            Token::Open(name, attributes) => match name.as_str() {
                "br" => lines.end(true),
                "a" => link = Some((attribute(&attributes, "href").to_owned(), lines.line.len())),
                "img" => lines.mark(&format!("img {}", attribute(&attributes, "src"))),
                _ => lines.open(&name),
            },
            Token::Close(name) if name == "a" => {
                if let Some(href) = lines.link(link.take()) {
                    lines.mark(&format!("a {href}"));
                }
            }
            Token::Close(name) => lines.close(&name),
        }
    }
    lines.finish()
}

/// An address without what programs add to it.
fn bare(address: &str) -> &str {
    let address = address.trim().trim_end_matches('/');
    ["mailto:", "http://", "https://"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .unwrap_or(address)
}

/// The mark of an element that shows.
fn mark_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "b" | "strong" => "b",
        "i" | "em" => "i",
        "u" | "ins" => "u",
        "s" | "strike" | "del" => "s",
        "ul" => "ul",
        "ol" => "ol",
        "li" => "li",
        "table" => "table",
        "td" | "th" => "td",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "h",
        _ => return None,
    })
}

/// Lines of text under construction.
#[derive(Default)]
struct Lines {
    done: String,
    line: String,
    /// Whether there is something on the line, be it a blank that will not show.
    begun: bool,
}

impl Lines {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.begun |= c == '\u{a0}' || !c.is_whitespace();
            match c {
                c if c.is_whitespace() || c == '\u{a0}' => {
                    if !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
                        self.line.push(' ');
                    }
                }
                c if c.is_control() || c == '\u{ad}' || c == '\u{feff}' => {}
                c => self.line.push(c),
            }
        }
    }

    /// The address of a link that closes, if its words are others: what looks like an address is made a link of by itself.
    fn link(&self, link: Option<(String, usize)>) -> Option<String> {
        let (href, from) = link?;
        self.line.get(from..).is_none_or(|text| bare(text) != bare(&href)).then_some(href)
    }

    /// Ends the line: always, or only if there is something on it.
    fn end(&mut self, always: bool) {
        if always || self.begun || !self.line.trim_end().is_empty() {
            self.done.push_str(self.line.trim_end());
            self.done.push('\n');
        }
        self.line.clear();
        self.begun = false;
    }

    fn open(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.end(false);
        }
        if let Some(mark) = mark_of(name) {
            self.mark(mark);
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(mark) = mark_of(name) {
            self.mark(&format!("/{mark}"));
        }
        if BLOCKS.contains(&name) {
            self.end(false);
        }
    }

    /// Puts a mark that no text can have; one that closes at once what was opened takes both away.
    fn mark(&mut self, mark: &str) {
        if let Some(open) = mark.strip_prefix('/') {
            let opened = format!("\u{1}{open}\u{2}");
            if let Some(before) = self.line.strip_suffix(opened.as_str()) {
                self.line.truncate(before.len());
                return;
            }
        }
        self.line.push_str(&format!("\u{1}{mark}\u{2}"));
    }

    fn finish(mut self) -> String {
        self.end(false);
        let kept = self.done.trim_end_matches('\n').len();
        self.done.truncate(kept);
        self.done
    }
}
