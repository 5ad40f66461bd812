//! Reads a body into a tree, within limits, with names resolved.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::Limits;
use super::element::{Attribute, Element, Node};
use super::escape::is_xml_char;
use super::references::{attribute_value, push_normalised, resolve};
use super::scope::Scope;
use crate::error::{At, Error, ErrorKind, Result};
use crate::name::{Name, Namespace, dav, is_ncname, ns};

/// Reads one document.
///
/// Refused: what is not well-formed or not namespace-well-formed (an undeclared prefix), any DOCTYPE, any entity but
/// the five predefined, text that is not UTF-8, and what passes a limit. Comments and processing instructions are
/// skipped.
pub fn parse(body: &[u8], limits: &Limits) -> Result<Element> {
    if body.len() > limits.max_bytes {
        return Err(Error::too_large(At::default(), "bytes of XML", limits.max_bytes));
    }
    let source = decode(body)?;
    let mut reader = Reader::from_str(source);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::new(source, limits);
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        builder.move_to(start);
        match reader.read_event() {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.event(event, start)?,
            Err(error) => {
                let offset = usize::try_from(reader.error_position()).unwrap_or(start);
                builder.move_to(offset);
                return Err(Error::malformed(builder.at(), format!("body is not well-formed XML: {error}")));
            }
        }
    }
}

/// The body as text: UTF-8 without its mark, XML characters only.
fn decode(body: &[u8]) -> Result<&str> {
    if matches!(body, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..]) {
        let kind = ErrorKind::Encoding("body is UTF-16 or UTF-32, only UTF-8 is read".into());
        return Err(Error { kind, at: At { line: 1, column: 1 } });
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let source = std::str::from_utf8(body).map_err(|error| {
        let at = place(body.get(..error.valid_up_to()).unwrap_or_default());
        Error { kind: ErrorKind::Encoding("body is not UTF-8".into()), at }
    })?;
    match source.char_indices().find(|(_, c)| !is_xml_char(*c)) {
        None => Ok(source),
        Some((offset, c)) => {
            let at = place(body.get(..offset).unwrap_or_default());
            Err(Error::malformed(at, format!("character U+{:04X} is not allowed in XML", u32::from(c))))
        }
    }
}

/// The place just after `before`.
fn place(before: &[u8]) -> At {
    let mut at = At { line: 1, column: 1 };
    advance(&mut at, before);
    at
}

fn advance(at: &mut At, passed: &[u8]) {
    let lines = memchr::memchr_iter(b'\n', passed).count();
    at.line = at.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    let tail = match memchr::memrchr(b'\n', passed) {
        Some(last) => {
            at.column = 1;
            passed.len() - last - 1
        }
        None => passed.len(),
    };
    at.column = at.column.saturating_add(u32::try_from(tail).unwrap_or(u32::MAX));
}

struct Open {
    element: Element,
    scope: Arc<Scope>,
    text: usize,
}

struct Builder<'a> {
    source: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<Element>,
    elements: usize,
    offset: usize,
    at: At,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, limits: &'a Limits) -> Self {
        let at = At { line: 1, column: 1 };
        Builder { source, limits, open: Vec::new(), root: None, elements: 0, offset: 0, at }
    }

    fn move_to(&mut self, offset: usize) {
        if let Some(passed) = self.source.as_bytes().get(self.offset..offset) {
            advance(&mut self.at, passed);
            self.offset = offset;
        }
    }

    fn at(&self) -> At {
        self.at
    }

    fn malformed(&self, reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::malformed(self.at, reason)
    }

    fn event(&mut self, event: Event<'_>, start: usize) -> Result<()> {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::Empty(tag) => {
                self.start(&tag)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => {
                let text = text.into_inner();
                if text.contains("]]>") {
                    return Err(self.malformed("]]> in text"));
                }
                self.text(&text)
            }
            Event::CData(text) if !self.open.is_empty() => self.text(&text.into_inner()),
            Event::CData(_) => Err(self.malformed("CDATA outside the root element")),
            Event::GeneralRef(name) => self.reference(&name.into_inner()),
            Event::Decl(decl) => self.declaration(&decl, start),
            Event::PI(pi) if is_ncname(pi.target()) && !pi.target().eq_ignore_ascii_case("xml") => Ok(()),
            Event::PI(_) => Err(self.malformed("a processing instruction without a proper name")),
            Event::DocType(_) => {
                let refused = "a document type declaration is not accepted";
                Err(Error::unsupported(self.at, dav::NO_EXTERNAL_ENTITIES, refused))
            }
            Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn declaration(&self, decl: &BytesDecl<'_>, start: usize) -> Result<()> {
        if start != 0 {
            return Err(self.malformed("an XML declaration that is not at the start"));
        }
        let version = decl.version().map_err(|e| self.malformed(format!("bad XML declaration: {e}")))?;
        if !version.starts_with("1.") {
            return Err(self.malformed("an XML version that is not 1.x"));
        }
        match decl.encoding() {
            None => Ok(()),
            Some(Err(e)) => Err(self.malformed(format!("bad XML declaration: {e}"))),
            Some(Ok(name))
                if ["utf-8", "utf8", "us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)) =>
            {
                Ok(())
            }
            Some(Ok(_)) => {
                let kind = ErrorKind::Encoding("body declares an encoding other than UTF-8".into());
                Err(Error { kind, at: self.at })
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        if self.root.is_some() && self.open.is_empty() {
            return Err(self.malformed("a second root element"));
        }
        self.elements += 1;
        if self.elements > self.limits.max_elements {
            return Err(Error::too_large(self.at, "XML elements", self.limits.max_elements));
        }
        let deepest = self.limits.max_depth.min(Limits::DEEPEST);
        if self.open.len() >= deepest {
            return Err(Error { kind: ErrorKind::TooDeep { limit: deepest }, at: self.at });
        }
        let parent = self.open.last().map_or_else(Arc::default, |open| Arc::clone(&open.scope));
        let raw = self.raw_attributes(tag)?;
        let scope = self.scope(&parent, &raw)?;
        let (prefix, name) = self.resolve(&scope, tag.name().into_inner(), true)?;
        let attributes = self.attributes(&scope, raw)?;
        let nodes = Vec::new();
        let element =
            Element { name, attributes, nodes, at: self.at, prefix, scope: Some(Arc::clone(&scope)) };
        self.open.push(Open { element, scope, text: 0 });
        Ok(())
    }

    /// Attributes as written, each with its value as meant.
    fn raw_attributes<'t>(&self, tag: &'t BytesStart<'_>) -> Result<Vec<(&'t str, String)>> {
        self.check_spacing(tag.attributes_raw())?;
        let mut list = Vec::new();
        let attributes: Attributes<'t> = tag.attributes();
        for attribute in attributes {
            let attribute = attribute.map_err(|e| self.malformed(format!("bad attribute: {e}")))?;
            if list.len() >= self.limits.max_attributes {
                return Err(Error::too_large(self.at, "attributes", self.limits.max_attributes));
            }
            if attribute.value.len() > self.limits.max_text {
                return Err(Error::too_large(self.at, "bytes in an attribute", self.limits.max_text));
            }
            let value = attribute_value(&attribute.value).map_err(|reason| self.malformed(reason))?;
            list.push((attribute.key.into_inner(), value));
        }
        Ok(list)
    }

    /// White space must stand between attributes; the pull parser does not ask for it.
    fn check_spacing(&self, raw: &str) -> Result<()> {
        let mut quote = None;
        let mut closed = false;
        for byte in raw.bytes() {
            if closed && !byte.is_ascii_whitespace() {
                return Err(self.malformed("no white space between attributes"));
            }
            closed = quote == Some(byte);
            quote = match quote {
                Some(open) if open != byte => Some(open),
                Some(_) => None,
                None => matches!(byte, b'"' | b'\'').then_some(byte),
            };
        }
        Ok(())
    }

    fn scope(&self, parent: &Arc<Scope>, raw: &[(&str, String)]) -> Result<Arc<Scope>> {
        let mut declared = Vec::new();
        let mut lang = None;
        for (key, value) in raw {
            let prefix = match *key {
                "xmlns" => "",
                "xml:lang" => {
                    lang = Some(Arc::from(value.as_str()));
                    continue;
                }
                key => match key.strip_prefix("xmlns:") {
                    Some(prefix) => prefix,
                    None => continue,
                },
            };
            self.check_declaration(prefix, value, *key == "xmlns")?;
            declared.push((Arc::from(prefix), Namespace::new(value)));
        }
        let scope = Scope::inside(parent, declared, lang);
        if scope.count() > self.limits.max_attributes {
            return Err(Error::too_large(self.at, "namespace declarations", self.limits.max_attributes));
        }
        Ok(scope)
    }

    fn check_declaration(&self, prefix: &str, uri: &str, default: bool) -> Result<()> {
        if prefix.len().max(uri.len()) > self.limits.max_name {
            return Err(Error::too_large(self.at, "bytes in a namespace declaration", self.limits.max_name));
        }
        let reserved = uri == ns::XMLNS || (uri == ns::XML) != (prefix == "xml") || prefix == "xmlns";
        if reserved || (!default && (uri.is_empty() || !is_ncname(prefix))) {
            return Err(
                self.malformed(format!("namespace declaration of prefix \"{prefix}\" is not allowed"))
            );
        }
        Ok(())
    }

    fn resolve(&self, scope: &Scope, name: &str, element: bool) -> Result<(Option<Arc<str>>, Name)> {
        if name.len() > self.limits.max_name {
            return Err(Error::too_large(self.at, "bytes in a name", self.limits.max_name));
        }
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        if !is_ncname(local) || (name.contains(':') && !is_ncname(prefix)) {
            return Err(self.malformed(format!("\"{name}\" is not an XML name")));
        }
        if prefix.is_empty() && !element {
            return Ok((None, Name::new("", local)));
        }
        match scope.resolve(prefix) {
            Some((prefix, uri)) => Ok((Some(prefix), Name::with_namespace(uri, local))),
            None if prefix.is_empty() => Ok((None, Name::new("", local))),
            None => Err(self.malformed(format!("prefix \"{prefix}\" is not declared"))),
        }
    }

    fn attributes(&self, scope: &Scope, raw: Vec<(&str, String)>) -> Result<Vec<Attribute>> {
        let mut attributes: Vec<Attribute> = Vec::new();
        for (key, value) in raw {
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let (prefix, name) = self.resolve(scope, key, false)?;
            if attributes.iter().any(|known| known.name == name) {
                return Err(self.malformed(format!("attribute {} is there twice", name.local())));
            }
            attributes.push(Attribute { name, value, prefix });
        }
        Ok(attributes)
    }

    fn end(&mut self) -> Result<()> {
        let Some(open) = self.open.pop() else {
            return Err(self.malformed("an end tag without its start tag"));
        };
        match self.open.last_mut() {
            Some(parent) => parent.element.nodes.push(Node::Element(open.element)),
            None => self.root = Some(open.element),
        }
        Ok(())
    }

    fn reference(&mut self, name: &str) -> Result<()> {
        match resolve(name) {
            Some(c) if !self.open.is_empty() => {
                // a reference to CR stays CR: it must not pass through line-end normalisation
                self.append(c.len_utf8(), |text| text.push(c))
            }
            Some(_) => Err(self.malformed("a reference outside the root element")),
            None => Err(self.malformed(format!("entity \"{}\" is not predefined", shorten(name)))),
        }
    }

    fn text(&mut self, raw: &str) -> Result<()> {
        if self.open.is_empty() {
            let blank = raw.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
            return if blank { Ok(()) } else { Err(self.malformed("text outside the root element")) };
        }
        self.append(raw.len(), |text| push_normalised(text, raw))
    }

    fn append(&mut self, len: usize, push: impl FnOnce(&mut String)) -> Result<()> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.text += len;
        if open.text > self.limits.max_text {
            return Err(Error::too_large(self.at, "bytes of text in an element", self.limits.max_text));
        }
        if let Some(Node::Text(text)) = open.element.nodes.last_mut() {
            push(text);
        } else if len > 0 {
            let mut text = String::new();
            push(&mut text);
            open.element.nodes.push(Node::Text(text));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Element> {
        if let Some(open) = self.open.last() {
            let reason = format!("{} is not closed before the end", open.element.name.local());
            return Err(Error::malformed(open.element.at, reason));
        }
        self.root.take().ok_or_else(|| self.malformed("no root element"))
    }
}

fn shorten(name: &str) -> &str {
    name.char_indices().nth(40).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}
