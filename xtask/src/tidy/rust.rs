//! Just enough of Rust's surface to judge it: which bytes are code, comment or literal, which belong to test modules,
//! where functions begin and end. Not a parser: macros that build syntax out of nothing are beyond it, and that is fine.

use std::ops::Range;

/// One Rust file in three readings of the same length and line structure as its text.
pub(crate) struct Rust {
    /// The file as it is.
    pub(crate) text: String,
    /// Comments and literals blanked.
    pub(crate) code: String,
    /// As `code`, with `#[cfg(test)]` items blanked too.
    pub(crate) shipped: String,
    /// Comments and `#[cfg(test)]` items blanked, literals kept.
    pub(crate) spoken: String,
}

/// A function with a body.
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the `fn`, from 1.
    pub(crate) line: usize,
    /// From the line of `fn` to the line of the closing brace, both counted.
    pub(crate) lines: usize,
}

impl Rust {
    /// Reads a file.
    pub(crate) fn parse(text: &str) -> Rust {
        let spans = scan(text.as_bytes());
        let code = blank(text, spans.iter().map(|(_, r)| r.clone()));
        let bare = blank(text, spans.iter().filter(|(c, _)| *c == Class::Comment).map(|(_, r)| r.clone()));
        let tests = test_items(&code);
        let shipped = blank(&code, tests.iter().cloned());
        let spoken = blank(&bare, tests.iter().cloned());
        Rust { text: text.to_owned(), code, shipped, spoken }
    }

    /// Lines of the file without its `#[cfg(test)]` items; blank lines and comments count.
    pub(crate) fn shipped_lines(&self) -> usize {
        let in_tests: usize =
            test_items(&self.code).iter().map(|r| lines_in(&self.code, r).saturating_sub(1)).sum();
        self.text.lines().count().saturating_sub(in_tests)
    }

    /// Lines (from 1) on which `word` stands in the shipped code as a whole word.
    pub(crate) fn lines_with(&self, word: &str) -> Vec<usize> {
        lines_with(&self.shipped, word)
    }

    /// Every function of the shipped code that has a body.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for at in words(&self.shipped, "fn") {
            let rest = self.shipped.get(at + 2..).unwrap_or_default();
            let name: String =
                rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let body = opening(self.shipped.as_bytes(), at + 2);
            if name.is_empty() || self.shipped.as_bytes().get(body) != Some(&b'{') {
                continue; // `fn(..)` as a type, or a declaration without a body
            }
            let end = closing(self.shipped.as_bytes(), body);
            found.push(Function {
                name,
                line: line_of(&self.shipped, at),
                lines: lines_in(&self.shipped, &(at..end)),
            });
        }
        found
    }
}

/// Lines (from 1) of `text` on which `word` stands with no word character beside it.
pub(crate) fn lines_with(text: &str, word: &str) -> Vec<usize> {
    let mut lines: Vec<usize> = words(text, word).into_iter().map(|at| line_of(text, at)).collect();
    lines.dedup();
    lines
}

fn words(text: &str, word: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let first = word.starts_with(|c: char| c.is_alphanumeric());
    let last = word.ends_with(|c: char| c.is_alphanumeric());
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(|at| {
            let before = at.checked_sub(1).and_then(|i| bytes.get(i));
            let after = bytes.get(at + word.len());
            !(first && is_word(before) || last && is_word(after))
        })
        .collect()
}

/// Line, from 1, of a byte offset.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

fn lines_in(text: &str, range: &Range<usize>) -> usize {
    1 + text.get(range.clone()).unwrap_or_default().bytes().filter(|b| *b == b'\n').count()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Comment,
    Literal,
}

/// Comments and literals in order. The quotes of a literal stay code.
fn scan(b: &[u8]) -> Vec<(Class, Range<usize>)> {
    let at = |i: usize| b.get(i).copied().unwrap_or(0);
    let mut spans = Vec::new();
    let mut i = 0;
    while i < b.len() {
        let word_before = i > 0 && (at(i - 1).is_ascii_alphanumeric() || at(i - 1) == b'_');
        match (at(i), at(i + 1)) {
            (b'/', b'/') => {
                let end = find(b, i, b"\n").unwrap_or(b.len());
                spans.push((Class::Comment, i..end));
                i = end;
            }
            (b'/', b'*') => {
                let end = block_comment(b, i);
                spans.push((Class::Comment, i..end));
                i = end;
            }
            (b'r', b'"' | b'#') if !word_before || at(i - 1) == b'b' => match raw_string(b, i) {
                Some((inner, end)) => {
                    spans.push((Class::Literal, inner));
                    i = end;
                }
                None => i += 1,
            },
            (b'"', _) => {
                let end = quoted(b, i + 1, b'"');
                spans.push((Class::Literal, i + 1..end));
                i = end + 1;
            }
            (b'\'', _) => match character(b, i) {
                Some(end) => {
                    spans.push((Class::Literal, i + 1..end));
                    i = end + 1;
                }
                None => i += 1,
            },
            _ => i += 1,
        }
    }
    spans
}

fn find(b: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let tail = b.get(from..)?;
    tail.windows(what.len()).position(|w| w == what).map(|i| from + i)
}

fn block_comment(b: &[u8], from: usize) -> usize {
    let (mut depth, mut i) = (0usize, from);
    while i < b.len() {
        match (b.get(i), b.get(i + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                i += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth = depth.saturating_sub(1);
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    b.len()
}

/// `r"..."`, `r#"..."#`: the inside and the offset after the whole; `None` for a raw identifier.
fn raw_string(b: &[u8], from: usize) -> Option<(Range<usize>, usize)> {
    let hashes = b.get(from + 1..)?.iter().take_while(|c| **c == b'#').count();
    let open = from + 1 + hashes;
    if b.get(open) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let end = find(b, open + 1, &close).unwrap_or(b.len());
    Some((open + 1..end, (end + close.len()).min(b.len())))
}

/// Offset of the closing `quote`, backslash escapes respected.
fn quoted(b: &[u8], from: usize, quote: u8) -> usize {
    let mut i = from;
    while let Some(c) = b.get(i) {
        match c {
            b'\\' => i += 2,
            c if *c == quote => return i,
            _ => i += 1,
        }
    }
    b.len()
}

/// Offset of the closing quote of a character literal; `None` for a lifetime.
fn character(b: &[u8], from: usize) -> Option<usize> {
    match b.get(from + 1)? {
        b'\\' => Some(quoted(b, from + 1, b'\'')),
        _ => {
            let end = find(b, from + 2, b"'").filter(|e| e - from <= 5)?;
            let inner = std::str::from_utf8(b.get(from + 1..end)?).ok()?;
            (inner.chars().count() == 1).then_some(end)
        }
    }
}

fn blank(text: &str, spans: impl Iterator<Item = Range<usize>>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        for byte in bytes.get_mut(span).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Spans of items under `#[cfg(test)]`, attribute included.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        if items.last().is_some_and(|r| r.contains(&at)) {
            continue;
        }
        let open = opening(code.as_bytes(), at + "#[cfg(test)]".len());
        let end = match code.as_bytes().get(open) {
            Some(b'{') => closing(code.as_bytes(), open),
            _ => open,
        };
        items.push(at..(end + 1).min(code.len()));
    }
    items
}

/// Offset of the first `{` or `;` outside of brackets: where an item's body begins, or where it ends without one.
fn opening(b: &[u8], from: usize) -> usize {
    let mut depth = 0usize;
    for (i, c) in b.iter().enumerate().skip(from) {
        match c {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' | b';' if depth == 0 => return i,
            _ => {}
        }
    }
    b.len()
}

/// Offset of the brace that closes the one at `open`.
fn closing(b: &[u8], open: usize) -> usize {
    let mut depth = 0usize;
    for (i, c) in b.iter().enumerate().skip(open) {
        match c {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let r = Rust::parse(
            "let a = \"tokio // x\"; // tokio\n/* tokio /* y */ z */ let c = '\"'; b r#\"to\"kio\"# 'a",
        );
        assert!(!r.code.contains("tokio"), "{}", r.code);
        assert!(r.code.contains("let c = ' ';") && r.code.ends_with("'a"), "{}", r.code);
        assert!(r.spoken.contains("tokio // x") && !r.spoken.contains("/* tokio"));
    }

    #[test]
    fn test_modules_are_not_shipped() {
        let r = Rust::parse("fn a() {\n  1\n}\n#[cfg(test)]\nmod tests {\n  fn tokio() {}\n}\nfn b() {}\n");
        assert!(r.lines_with("tokio").is_empty());
        assert_eq!(
            r.functions().iter().map(|f| (f.name.as_str(), f.lines)).collect::<Vec<_>>(),
            [("a", 3), ("b", 1)]
        );
        assert_eq!(r.shipped_lines(), 5);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(lines_with("a\nenv::var()\nmy_env::var", "env::var"), [2]);
        assert_eq!(lines_with("x.now( y", ".now("), [1]);
    }
}
