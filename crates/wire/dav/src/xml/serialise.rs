//! A tree back to text that stands on its own.

use std::sync::Arc;

use super::element::{Attribute, Element, Node};
use super::escape::{escape_attribute, escape_into};
use super::scope::Scope;
use crate::name::{Name, is_name_char, ns};

impl Element {
    /// This element as text that can be put anywhere: with the declarations it needs, and `xml:lang` as it was in force
    /// (RFC 4918 4.3, 4.4). Prefixes stay as they were, also those that only text or attribute values mention.
    pub fn to_xml(&self) -> String {
        let mut out = Vec::new();
        self.write_xml(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// [`Element::to_xml`] into a buffer. The place must not have a default namespace in force; ours never have.
    pub fn write_xml(&self, out: &mut Vec<u8>) {
        let mut active = Vec::new();
        if let Some(scope) = &self.scope {
            hoist(self, scope, &mut active);
        }
        write(out, self, &mut active, 0, self.lang());
    }
}

/// Declarations in force where we write: prefix and namespace, innermost last.
type Active = Vec<(Arc<str>, String)>;

/// Declares at the top what the tree inherits, so that a thousand children do not each repeat it.
fn hoist(element: &Element, scope: &Scope, active: &mut Active) {
    if let Some(prefix) = element.prefix.as_deref()
        && !declared_here(active, 0, prefix)
        && let Some((prefix, uri)) = scope.resolve(prefix)
        && uri.as_str() == element.name.ns()
        && uri.as_str() != ns::XML
    {
        active.push((prefix, uri.as_str().to_owned()));
    }
    for child in element.children() {
        hoist(child, scope, active);
    }
}

/// Writes one element; declarations from `outer` on are its own.
fn write(out: &mut Vec<u8>, element: &Element, active: &mut Active, outer: usize, lang: Option<&str>) {
    let name_prefix = declare_for_element(element, active);
    let keys: Vec<Arc<str>> =
        element.attributes.iter().map(|a| declare_for_attribute(a, active, outer)).collect();
    declare_mentioned(element, active, outer);
    out.push(b'<');
    write_name(out, &name_prefix, &element.name);
    for (prefix, uri) in active.get(outer..).unwrap_or_default() {
        out.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
        out.extend_from_slice(prefix.as_bytes());
        write_value(out, uri);
    }
    for (attribute, prefix) in element.attributes.iter().zip(&keys) {
        out.push(b' ');
        write_name(out, prefix, &attribute.name);
        write_value(out, &attribute.value);
    }
    if let Some(lang) = lang.filter(|_| !element.attributes.iter().any(|a| a.name.is(ns::XML, "lang"))) {
        out.extend_from_slice(b" xml:lang");
        write_value(out, lang);
    }
    write_content(out, element, active, &name_prefix);
    active.truncate(outer);
}

fn write_content(out: &mut Vec<u8>, element: &Element, active: &mut Active, prefix: &str) {
    if element.nodes.is_empty() {
        out.extend_from_slice(b"/>");
        return;
    }
    out.push(b'>');
    for node in &element.nodes {
        match node {
            Node::Element(child) => {
                let outer = active.len();
                write(out, child, active, outer, None);
            }
            Node::Text(text) => escape_into(out, text),
        }
    }
    out.extend_from_slice(b"</");
    write_name(out, prefix, &element.name);
    out.push(b'>');
}

fn write_name(out: &mut Vec<u8>, prefix: &str, name: &Name) {
    if !prefix.is_empty() {
        out.extend_from_slice(prefix.as_bytes());
        out.push(b':');
    }
    out.extend_from_slice(name.local().as_bytes());
}

fn write_value(out: &mut Vec<u8>, value: &str) {
    out.extend_from_slice(b"=\"");
    escape_attribute(out, value);
    out.push(b'"');
}

/// What `prefix` stands for now. No declaration at all is the same as an empty default namespace.
fn current<'a>(active: &'a Active, prefix: &str) -> Option<&'a str> {
    let found = active.iter().rev().find(|(known, _)| **known == *prefix).map(|(_, uri)| uri.as_str());
    if prefix.is_empty() { found.or(Some("")) } else { found }
}

fn declared_here(active: &Active, outer: usize, prefix: &str) -> bool {
    active.get(outer..).unwrap_or_default().iter().any(|(known, _)| **known == *prefix)
}

fn declare_for_element(element: &Element, active: &mut Active) -> Arc<str> {
    let uri = element.name.ns();
    if uri == ns::XML {
        return "xml".into();
    }
    let prefix = element.prefix.clone().unwrap_or_default();
    if current(active, &prefix) != Some(uri) {
        active.push((Arc::clone(&prefix), uri.to_owned()));
    }
    prefix
}

fn declare_for_attribute(attribute: &Attribute, active: &mut Active, outer: usize) -> Arc<str> {
    let uri = attribute.name.ns();
    if uri.is_empty() {
        return "".into();
    }
    if uri == ns::XML {
        return "xml".into();
    }
    if let Some(prefix) = attribute.prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
        if current(active, prefix) == Some(uri) {
            return Arc::clone(prefix);
        }
        if !declared_here(active, outer, prefix) {
            active.push((Arc::clone(prefix), uri.to_owned()));
            return Arc::clone(prefix);
        }
    }
    let fresh = (0..).map(|n| format!("n{n}")).find(|name| current(active, name).is_none());
    let prefix: Arc<str> = fresh.unwrap_or_default().into();
    active.push((Arc::clone(&prefix), uri.to_owned()));
    prefix
}

/// Prefixes may also stand in text and values (qualified names in content); keep those that were declared.
fn declare_mentioned(element: &Element, active: &mut Active, outer: usize) {
    let Some(scope) = &element.scope else { return };
    for node in &element.nodes {
        if let Node::Text(text) = node {
            declare_in(text, scope, active, outer);
        }
    }
    for attribute in &element.attributes {
        declare_in(&attribute.value, scope, active, outer);
    }
}

fn declare_in(text: &str, scope: &Scope, active: &mut Active, outer: usize) {
    for (colon, _) in text.match_indices(':') {
        let before = text.get(..colon).unwrap_or_default();
        let start = before.char_indices().rev().take_while(|(_, c)| is_name_char(*c)).last().map(|(i, _)| i);
        let Some(prefix) = start.and_then(|start| before.get(start..)) else { continue };
        if prefix == "xml" || declared_here(active, outer, prefix) {
            continue;
        }
        if let Some((prefix, uri)) = scope.resolve(prefix)
            && current(active, &prefix) != Some(uri.as_str())
        {
            active.push((prefix, uri.as_str().to_owned()));
        }
    }
}
