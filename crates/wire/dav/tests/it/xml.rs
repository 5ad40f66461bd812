//! Reading, and writing back what was read.

use kontor_wire_dav::xml::{Element, Limits, Node, parse};
use kontor_wire_dav::{ErrorKind, Name};

fn read(body: &str) -> Element {
    parse(body.as_bytes(), &Limits::default()).unwrap()
}

fn refuse(body: &[u8], reason: &str) {
    let error = parse(body, &Limits::default()).expect_err(&String::from_utf8_lossy(body)).to_string();
    assert!(error.contains(reason), "{error}\nwanted: {reason}");
}

#[test]
fn names_resolve_whatever_the_prefix() {
    let root = read(
        r#"<?xml version="1.0" encoding="UTF-8"?><!-- c --><a xmlns="DAV:" xmlns:b="urn:b"><b:c d="1" b:d="2"/><e xmlns=""/></a> "#,
    );
    assert_eq!(root.name, Name::new("DAV:", "a"));
    let children: Vec<_> = root.children().collect();
    assert_eq!(children[0].name, Name::new("urn:b", "c"));
    assert_eq!(children[0].attribute("d"), Some("1"));
    assert_eq!(children[0].attributes[1].name, Name::new("urn:b", "d"));
    assert_eq!(children[1].name, Name::new("", "e"));
}

#[test]
fn text_is_put_together() {
    let root = read("\u{FEFF}<a>x&lt;<![CDATA[<&]]>&#13;\r\ny<!-- no --><?pi?>z<b/>\t</a>");
    assert_eq!(root.nodes[0], Node::Text("x<<&\r\nyz".into()));
    assert_eq!(root.text(), "x<<&\r\nyz\t");
    assert_eq!(root.children().next().unwrap().at.line, 2);
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    for (body, reason) in [
        ("", "no root element"),
        ("<a", "not closed"),
        ("<a>\n <b></a>", "line 2, column 5"),
        ("<a></b>", "expected `</a>`"),
        ("<a/><b/>", "second root"),
        ("<a/>x", "text outside"),
        ("<a/>&#32;", "outside the root"),
        ("x<a/>", "text outside"),
        ("<a b=1/>", "bad attribute"),
        ("<a b='1'c='2'/>", "no white space"),
        ("<a b='1' b='2'/>", "bad attribute"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "twice"),
        ("<a b='<'/>", "< in an attribute"),
        ("<a b='&x;'/>", "not predefined"),
        ("<a>&x;</a>", "entity \"x\" is not predefined"),
        ("<a>&#0;</a>", "not predefined"),
        ("<a>&</a>", "not closed"),
        ("<a>]]></a>", "]]>"),
        ("<a><!-- -- --></a>", "--"),
        ("<a>\n\u{1}</a>", "U+0001 is not allowed in XML at line 2, column 1"),
        ("<1a/>", "not an XML name"),
        ("<a:b:c xmlns:a='u'/>", "not an XML name"),
        ("<:a/>", "not an XML name"),
        ("<p:a/>", "prefix \"p\" is not declared"),
        ("<a><b xmlns:p='u'/><p:c/></a>", "not declared"),
        ("<a xmlns:p=''/>", "not allowed"),
        ("<a xmlns:xmlns='u'/>", "not allowed"),
        ("<a xmlns:xml='u'/>", "not allowed"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "not allowed"),
        (" <?xml version='1.0'?><a/>", "not at the start"),
        ("<a><?xml version='1.0'?></a>", "not at the start"),
        ("<?xml version='2.0'?><a/>", "version"),
        ("<!DOCTYPE a><a/>", "no-external-entities"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "no-external-entities"),
        ("<?xml version='1.0' encoding='utf-16'?><a/>", "encoding other than UTF-8"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a/>", "encoding other than UTF-8"),
    ] {
        refuse(body.as_bytes(), reason);
    }
    refuse(b"<a>\n\xFF</a>", "not UTF-8 at line 2, column 1");
    refuse(b"\xFE\xFF\0<\0a\0/\0>", "UTF-16");
    refuse(b"<\0a\0/\0>\0", "UTF-16");
}

#[test]
fn a_property_stands_on_its_own() {
    let root = read(
        r#"<d:prop xmlns:d="DAV:" xmlns:x="urn:x" xmlns:q="urn:q" xmlns:un="urn:un" xml:lang="de"><x:a b="1" x:c="&quot;&#10;"><x:b/><d:e/>q:name &amp;&#13;<f xmlns="urn:f" xmlns:g="urn:g">g:h</f></x:a></d:prop>"#,
    );
    let property = root.children().next().unwrap();
    let xml = property.to_xml();
    assert_eq!(
        xml,
        concat!(
            r#"<x:a xmlns:x="urn:x" xmlns:d="DAV:" xmlns:q="urn:q" b="1" x:c="&quot;&#10;" xml:lang="de"><x:b/><d:e/>"#,
            r#"q:name &amp;&#13;<f xmlns="urn:f" xmlns:g="urn:g">g:h</f></x:a>"#
        )
    );
    let again = read(&xml);
    assert_eq!(again.lang(), Some("de"));
    assert_eq!(again.nodes, property.nodes);
    assert_eq!(again.to_xml(), xml);
}

#[test]
fn a_tree_made_here_can_be_written() {
    let made = Element::new(Name::new("DAV:", "a"))
        .with_attribute(Name::new("urn:x", "b"), "1\t\"<")
        .with_attribute(Name::new("urn:y", "b"), "2")
        .with_child(Element::new(Name::new("", "c")).with_text("<&>\r\n"))
        .with_child(Element::new(Name::new("DAV:", "d")));
    assert_eq!(read(&made.to_xml()), made);
}

#[test]
fn limits_hold() {
    let limits = Limits {
        max_bytes: 200,
        max_depth: 3,
        max_elements: 5,
        max_attributes: 2,
        max_text: 10,
        max_name: 8,
    };
    let check = |body: &str, what: &str| {
        let error = parse(body.as_bytes(), &limits).unwrap_err();
        assert_eq!(error.status(), 413);
        assert!(error.to_string().contains(what), "{error}");
    };
    check(&"x".repeat(201), "bytes of XML");
    check("<a><a><a><a/></a></a></a>", "deeper than 3");
    check("<a><b/><b/><b/><b/><b/></a>", "XML elements");
    check("<a a='' b='' c=''/>", "attributes");
    check("<a xmlns:a='u' xmlns:b='u'><a xmlns:c='u'/></a>", "namespace declarations");
    check("<a>123456<b/>78901</a>", "bytes of text");
    check("<a b='12345678901'/>", "bytes in an attribute");
    check("<a12345678/>", "bytes in a name");
    check("<a xmlns='123456789'/>", "bytes in a namespace");
    assert!(parse(b"<a><a><a/></a></a>", &limits).is_ok());
}

#[test]
fn no_limit_lets_nesting_exhaust_the_stack() {
    let limits = Limits { max_depth: usize::MAX, max_elements: usize::MAX, ..Limits::default() };
    let body = "<a>".repeat(500_000);
    let error = parse(body.as_bytes(), &limits).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooDeep { limit: Limits::DEEPEST });
}
