//! Reads a message into a tree, within limits.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::text::{attribute_value, is_xml_char, push_normalised, resolve};
use super::{Element, Limits};
use crate::error::{Error, Result};

/// Reads one document.
///
/// Refused: what is not well-formed, any DOCTYPE, any entity but the five predefined, text that is not UTF-8, an
/// undeclared prefix, and what passes a limit. Comments and processing instructions are skipped.
///
/// # Errors
/// As said.
pub fn parse(body: &[u8], limits: &Limits) -> Result<Element> {
    if body.len() > limits.max_bytes {
        return Err(Error::too_large(0, "bytes of XML", limits.max_bytes));
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let source = std::str::from_utf8(body).map_err(|_| Error::malformed(0, "the message is not UTF-8"))?;
    if !source.chars().all(is_xml_char) {
        return Err(Error::malformed(0, "a character that is not allowed in XML"));
    }
    let mut reader = Reader::from_str(source);
    let mut builder = Builder { source, limits, open: Vec::new(), root: None, elements: 0, at: 0, line: 1 };
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        builder.move_to(start);
        match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.event(event)?,
            Err(error) => return Err(builder.malformed(format!("not well-formed XML: {error}"))),
        }
    }
}

struct Open {
    element: Element,
    /// Prefixes declared here.
    declared: Vec<(String, Arc<str>)>,
}

struct Builder<'a> {
    source: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<Element>,
    elements: usize,
    at: usize,
    line: u32,
}

impl Builder<'_> {
    fn move_to(&mut self, offset: usize) {
        let passed = self.source.as_bytes().get(self.at..offset).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = offset;
    }

    fn malformed(&self, reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::malformed(self.line, reason)
    }

    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::Empty(tag) => {
                self.start(&tag)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.into_inner()),
            Event::CData(text) if !self.open.is_empty() => self.text(&text.into_inner()),
            Event::CData(_) => Err(self.malformed("CDATA outside the root element")),
            Event::GeneralRef(name) => self.reference(&name.into_inner()),
            Event::DocType(_) => Err(self.malformed("a document type declaration is not accepted")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        if self.root.is_some() && self.open.is_empty() {
            return Err(self.malformed("a second root element"));
        }
        self.elements += 1;
        if self.elements > self.limits.max_elements {
            return Err(Error::too_large(self.line, "XML elements", self.limits.max_elements));
        }
        if self.open.len() >= self.limits.max_depth {
            return Err(Error::too_large(self.line, "elements within elements", self.limits.max_depth));
        }
        let (attributes, declared) = self.attributes(tag)?;
        let full = tag.name().into_inner();
        let (prefix, name) = full.split_once(':').unwrap_or(("", full));
        let namespace = self.namespace(prefix, &declared)?;
        let element =
            Element { name: name.to_owned(), namespace, attributes, line: self.line, ..Element::default() };
        self.open.push(Open { element, declared });
        Ok(())
    }

    #[allow(clippy::type_complexity)]
    fn attributes(&self, tag: &BytesStart<'_>) -> Result<(Vec<(String, String)>, Vec<(String, Arc<str>)>)> {
        let (mut attributes, mut declared) = (Vec::new(), Vec::new());
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.malformed(format!("bad attribute: {error}")))?;
            if attributes.len() + declared.len() >= self.limits.max_attributes {
                return Err(Error::too_large(self.line, "attributes", self.limits.max_attributes));
            }
            if attribute.value.len() > self.limits.max_text {
                return Err(Error::too_large(self.line, "bytes in an attribute", self.limits.max_text));
            }
            let value = attribute_value(&attribute.value);
            let value = value.ok_or_else(|| self.malformed("an attribute value that is not well-formed"))?;
            let key = attribute.key.into_inner();
            match key.split_once(':') {
                None if key == "xmlns" => declared.push((String::new(), Arc::from(value))),
                Some(("xmlns", prefix)) => declared.push((prefix.to_owned(), Arc::from(value))),
                Some((_, local)) => attributes.push((local.to_owned(), value)),
                None => attributes.push((key.to_owned(), value)),
            }
        }
        Ok((attributes, declared))
    }

    fn namespace(&self, prefix: &str, here: &[(String, Arc<str>)]) -> Result<Arc<str>> {
        let around = self.open.iter().rev().map(|open| open.declared.as_slice());
        let mut declared = std::iter::once(here).chain(around).flatten();
        match declared.find(|(known, _)| known == prefix) {
            Some((_, namespace)) => Ok(Arc::clone(namespace)),
            None if prefix.is_empty() => Ok(Arc::from("")),
            None if prefix == "xml" => Ok(Arc::from("http://www.w3.org/XML/1998/namespace")),
            None => Err(self.malformed("a prefix that is not declared")),
        }
    }

    fn end(&mut self) -> Result<()> {
        let Some(Open { element, .. }) = self.open.pop() else {
            return Err(self.malformed("an end tag without its start tag"));
        };
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn reference(&mut self, name: &str) -> Result<()> {
        let character = resolve(name).ok_or_else(|| self.malformed("an entity that is not predefined"))?;
        self.append(character.encode_utf8(&mut [0; 4]), String::push_str)
    }

    fn text(&mut self, raw: &str) -> Result<()> {
        if self.open.is_empty() {
            return if raw.trim_ascii().is_empty() {
                Ok(())
            } else {
                Err(self.malformed("text outside the root element"))
            };
        }
        self.append(raw, push_normalised)
    }

    fn append(&mut self, text: &str, push: impl FnOnce(&mut String, &str)) -> Result<()> {
        let (line, most) = (self.line, self.limits.max_text);
        let Some(open) = self.open.last_mut() else {
            return Err(self.malformed("a reference outside the root element"));
        };
        if open.element.text.len() + text.len() > most {
            return Err(Error::too_large(line, "bytes of text in an element", most));
        }
        push(&mut open.element.text, text);
        Ok(())
    }

    fn finish(mut self) -> Result<Element> {
        if let Some(open) = self.open.last() {
            let reason = format!("{} is not closed before the end", open.element.name);
            return Err(Error::malformed(open.element.line, reason));
        }
        self.root.take().ok_or_else(|| self.malformed("no root element"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read() {
        let text = "<?xml version=\"1.0\"?><a:x xmlns:a=\"urn:a\" k='1&amp;2'>\n<y xmlns=\"urn:y\">t&lt;<![CDATA[<]]></y></a:x>";
        let root = parse(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((root.name.as_str(), &*root.namespace, root.attribute("k")), ("x", "urn:a", Some("1&2")));
        let child = root.child("y").unwrap();
        assert_eq!((child.text.as_str(), &*child.namespace, child.line), ("t<<", "urn:y", 2));
    }

    #[test]
    fn bombs_and_broken_messages_are_refused() {
        let limits =
            Limits { max_depth: 8, max_elements: 50, max_attributes: 4, max_text: 100, max_bytes: 4000 };
        let deep = "<a>".repeat(20) + &"</a>".repeat(20);
        let many = format!("<a>{}</a>", "<b/>".repeat(60));
        let long = format!("<a>{}</a>", "x".repeat(200));
        let bytes = " ".repeat(5000);
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a x='1' x='2'/>",
            "<p:a/>",
            "<a>&nbsp;</a>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
            "<a b='1' c='2' d='3' e='4' f='5'/>",
            "<a>\u{1}</a>",
            &deep,
            &many,
            &long,
            &bytes,
        ] {
            assert!(parse(bad.as_bytes(), &limits).is_err(), "{bad}");
        }
        assert!(parse(b"<a>\xFF</a>", &limits).is_err());
    }
}
