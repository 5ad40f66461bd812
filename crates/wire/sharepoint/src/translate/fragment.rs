//! The small XML that fields of a list hold: RecurrenceData, XMLTZone, AttachProps (MS-OUTSPS 2.2.4).
//!
//! A fragment may have several outermost elements (`<recurrence>..</recurrence><deleteExceptions>`). There are no
//! DOCTYPEs, processing instructions or namespaces in it; prefixes are taken off names.

/// Bytes that a fragment may have; the longest that Outlook writes has some 500.
const LONGEST: usize = 16 * 1024;
/// Elements and attributes that it may have.
const MOST: usize = 200;
/// How deep elements may nest; four is what the schemas need.
const DEEPEST: usize = 12;

/// One element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Name without prefix.
    pub(crate) name: String,
    /// Attributes, names without prefix, in order.
    pub(crate) attributes: Vec<(String, String)>,
    /// Elements directly inside.
    pub(crate) children: Vec<Element>,
    /// Text directly inside.
    pub(crate) text: String,
}

impl Element {
    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim())
    }

    /// The text, blanks around it taken off.
    pub(crate) fn content(&self) -> &str {
        self.text.trim()
    }
}

/// Reads a fragment: a root without name that has its outermost elements as children.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn read(text: &str) -> Result<Element, &'static str> {
    if text.len() > LONGEST {
        return Err("it is longer than 16 KiB");
    }
    let mut reader = Reader { rest: text, left: MOST };
    let mut open = vec![Element::default()];
    while !reader.rest.is_empty() {
        reader.piece(&mut open)?;
    }
    match (open.pop(), open.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err("an element is not closed"),
    }
}

struct Reader<'t> {
    rest: &'t str,
    left: usize,
}

impl<'t> Reader<'t> {
    fn piece(&mut self, open: &mut Vec<Element>) -> Result<(), &'static str> {
        let Some(markup) = self.rest.strip_prefix('<') else {
            let text = self.until('<').unwrap_or_else(|| std::mem::take(&mut self.rest));
            let text = decoded(text)?;
            if open.len() == 1 && !text.trim().is_empty() {
                return Err("there is text outside of elements");
            }
            open.last_mut()
                .map(|element| element.text.push_str(&text))
                .ok_or("an element is closed twice")?;
            return Ok(());
        };
        for (start, end) in [("!--", "-->"), ("?xml ", "?>")] {
            if let Some(inside) = markup.strip_prefix(start) {
                let (_, after) = inside.split_once(end).ok_or("a comment is not closed")?;
                self.rest = after;
                return Ok(());
            }
        }
        if markup.starts_with(['!', '?']) {
            return Err("only elements may be in it");
        }
        self.rest = markup;
        match markup.strip_prefix('/') {
            Some(name) => {
                self.rest = name;
                self.close(open)
            }
            None => self.open(open),
        }
    }

    fn close(&mut self, open: &mut Vec<Element>) -> Result<(), &'static str> {
        let name = local(self.until('>').ok_or("a tag is not closed")?.trim_end());
        self.rest = self.rest.get(1..).unwrap_or_default();
        let element = open.pop().filter(|element| element.name == name).ok_or("tags do not match")?;
        open.last_mut().map(|outer| outer.children.push(element)).ok_or("an element is closed twice")
    }

    fn open(&mut self, open: &mut Vec<Element>) -> Result<(), &'static str> {
        let mut element = Element { name: local(self.name()?).to_owned(), ..Element::default() };
        self.count()?;
        loop {
            self.rest = self.rest.trim_start();
            if let Some(after) = self.rest.strip_prefix("/>") {
                self.rest = after;
                let outer = open.last_mut().ok_or("an element is closed twice")?;
                outer.children.push(element);
                return Ok(());
            }
            if let Some(after) = self.rest.strip_prefix('>') {
                self.rest = after;
                open.push(element);
                return if open.len() > DEEPEST { Err("it nests too deep") } else { Ok(()) };
            }
            let attribute = self.attribute()?;
            self.count()?;
            element.attributes.push(attribute);
        }
    }

    fn attribute(&mut self) -> Result<(String, String), &'static str> {
        const BROKEN: &str = "an attribute is broken";
        let name = local(self.name()?).to_owned();
        let rest = self.rest.trim_start().strip_prefix('=').ok_or(BROKEN)?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(BROKEN)?;
        let (value, after) = rest.get(1..).and_then(|rest| rest.split_once(quote)).ok_or(BROKEN)?;
        self.rest = after;
        Ok((name, decoded(value)?))
    }

    /// A name; the rest starts behind it.
    fn name(&mut self) -> Result<&'t str, &'static str> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, after) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = after;
        if name.is_empty() { Err("a name is missing") } else { Ok(name) }
    }

    /// All before a character, which the rest starts with then.
    fn until(&mut self, stop: char) -> Option<&'t str> {
        let (before, after) = self.rest.split_at_checked(self.rest.find(stop)?)?;
        self.rest = after;
        Some(before)
    }

    fn count(&mut self) -> Result<(), &'static str> {
        self.left = self.left.checked_sub(1).ok_or("it has too many parts")?;
        Ok(())
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The text with its references resolved: the five of XML and numbers.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';').ok_or("a reference is broken")?;
        out.push(reference(name).ok_or("it names a character that nobody knows")?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The character that `amp`, `#65` or `#x41` stands for.
pub(crate) fn reference(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let plain = !digits.is_empty() && digits.len() <= 8 && digits.chars().all(|c| c.is_digit(radix));
        plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten().and_then(char::from_u32)
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16),
                None => number(digits, 10),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_has_several_roots() {
        let root = read(
            "<?xml version='1.0'?> <a:recurrence x='1' y = \"&lt;&#65;\"><!-- c --><b/> t </a:recurrence>\n<d>true</d>",
        );
        let root = root.unwrap();
        assert_eq!(root.child("d").unwrap().content(), "true");
        let outer = root.child("recurrence").unwrap();
        assert_eq!((outer.attribute("x"), outer.attribute("y")), (Some("1"), Some("<A")));
        assert_eq!((outer.content(), outer.children.len()), ("t", 1));
        assert_eq!(read(" "), Ok(Element { text: " ".to_owned(), ..Element::default() }));
    }

    #[test]
    fn broken_fragments_say_why() {
        for text in [
            "<a>",
            "</a>",
            "<a></b>",
            "<a",
            "<a x>",
            "<a x=1/>",
            "<a x='1/>",
            "text",
            "<!DOCTYPE a>",
            "<a>&b;</a>",
            "<a>&#xD800;</a>",
            "<a>&amp</a>",
            "<!-- ",
            "<>",
            "< a/>",
            "<?php ?>",
            "<a/></a>",
            "<ä/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"<a>".repeat(100)).is_err());
        assert!(read(&"<a/>".repeat(MOST + 1)).is_err());
        assert!(read(&" ".repeat(LONGEST + 1)).is_err());
    }
}
