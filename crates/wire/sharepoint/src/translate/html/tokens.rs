//! HTML cut into tags and text.

use super::entities::decoded;

/// A piece of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text, references resolved.
    Text(String),
    /// A start tag: name and attribute names in lower case.
    Open(String, Vec<(String, String)>),
    /// An end tag: name in lower case.
    Close(String),
}

/// Elements whose content is no body.
const SKIPPED: [&str; 15] = [
    "script", "style", "head", "title", "xml", "template", "iframe", "object", "applet", "svg", "math",
    "textarea", "select", "noscript", "noembed",
];

/// Attributes that one tag may have; the rest are left out.
const MOST_ATTRIBUTES: usize = 50;

/// Iterates the pieces. What is no markup is text; what is not closed ends with the input.
pub(super) struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(html: &'t str) -> Self {
        Self { rest: html }
    }

    /// Steps over so many bytes.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Steps behind the next `end`; behind all if there is none.
    fn skip_behind(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, after)| after);
    }

    /// Steps behind the end tag of an element.
    fn skip_element(&mut self, name: &str) {
        while let Some(at) = self.rest.find("</") {
            self.skip(at + 2);
            let own = self.rest.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name));
            if own && !self.rest.as_bytes().get(name.len()).is_some_and(u8::is_ascii_alphanumeric) {
                return self.skip_behind(">");
            }
        }
        self.rest = "";
    }

    fn name(&mut self) -> String {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=');
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let name = self.rest.get(..end).unwrap_or_default().to_ascii_lowercase();
        self.skip(end);
        name
    }

    fn attributes(&mut self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            match self.rest.chars().next() {
                None => return found,
                Some('>') => {
                    self.skip(1);
                    return found;
                }
                Some('=') => {
                    self.skip(1);
                    continue;
                }
                Some(_) => {}
            }
            let name = self.name();
            let after = self.rest.trim_start();
            let value = match after.strip_prefix('=') {
                Some(value) => {
                    self.rest = value.trim_start();
                    self.value()
                }
                None => String::new(),
            };
            if found.len() < MOST_ATTRIBUTES && !found.iter().any(|(own, _)| *own == name) {
                found.push((name, value));
            }
        }
    }

    fn value(&mut self) -> String {
        let raw = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = self.rest.get(1..).unwrap_or_default();
                let (value, after) = inside.split_once(quote).unwrap_or((inside, ""));
                self.rest = after;
                value
            }
            _ => {
                let end = self.rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(self.rest.len());
                let value = self.rest.get(..end).unwrap_or_default();
                self.skip(end);
                value
            }
        };
        decoded(raw)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let at = self.rest.find('<').unwrap_or(self.rest.len());
            if at > 0 {
                let text = decoded(self.rest.get(..at).unwrap_or_default());
                self.skip(at);
                return Some(Token::Text(text));
            }
            let mut after = self.rest.chars().skip(1);
            match (after.next(), after.next()) {
                (Some('!'), _) if self.rest.starts_with("<!--") => self.skip_behind("-->"),
                (Some('!' | '?'), _) => self.skip_behind(">"),
                (Some('/'), Some(letter)) if letter.is_ascii_alphabetic() => {
                    self.skip(2);
                    let name = self.name();
                    self.skip_behind(">");
                    return Some(Token::Close(name));
                }
                (Some('/'), _) => self.skip_behind(">"),
                (Some(letter), _) if letter.is_ascii_alphabetic() => {
                    self.skip(1);
                    let name = self.name();
                    let attributes = self.attributes();
                    if SKIPPED.contains(&name.as_str()) {
                        self.skip_element(&name);
                        continue;
                    }
                    return Some(Token::Open(name, attributes));
                }
                _ => {
                    self.skip(1);
                    return Some(Token::Text("<".to_owned()));
                }
            }
        }
    }
}
