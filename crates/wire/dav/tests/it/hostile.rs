//! Bytes that mean harm, or nothing.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kontor_wire_dav::acl::Acl;
use kontor_wire_dav::answer::{ErrorBody, LockAnswer, MultistatusBody};
use kontor_wire_dav::header::*;
use kontor_wire_dav::report::Report;
use kontor_wire_dav::request::{LockInfo, Make, Mkcol, Propfind, Proppatch};
use kontor_wire_dav::xml::{Limits, parse};
use proptest::prelude::*;

use crate::golden::golden_files;

static GOLDEN: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

fn refuse_quickly(body: &[u8]) {
    let started = Instant::now();
    assert!(parse(body, &Limits::default()).is_err());
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn bombs_are_refused() {
    refuse_quickly("<a>".repeat(1_000_000).as_bytes());
    refuse_quickly(format!("<a>{}</a>", "<b/>".repeat(1_000_000)).as_bytes());
    let many: String = (0..100_000).map(|n| format!(" a{n}='1'")).collect();
    refuse_quickly(format!("<a{many}/>").as_bytes());
    let declarations: String = (0..100_000).map(|n| format!(" xmlns:a{n}='u'")).collect();
    refuse_quickly(format!("<a{declarations}/>").as_bytes());
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>"#;
    refuse_quickly(laughs.as_bytes());
    refuse_quickly(br#"<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>"#);
    refuse_quickly(format!("<a>{}</a>", "x".repeat(2 << 20)).as_bytes());
    refuse_quickly(&vec![b'<'; 8 << 20]);
    refuse_quickly(format!("<a{}", " ".repeat(7 << 20)).as_bytes());
}

#[test]
fn writing_back_does_not_multiply() {
    let long = "u".repeat(1000);
    let children = "<x:b/>".repeat(20_000);
    let body = format!("<p xmlns:x='{long}'><x:a>{children}</x:a><c xmlns='v'>{children}</c></p>");
    let root = parse(body.as_bytes(), &Limits::default()).unwrap();
    assert!(root.children().all(|property| property.to_xml().len() < 2 * body.len()));
}

/// Text that is nearly XML more often than chance would make it.
fn nearly_xml() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<a",
        "/>",
        ">",
        "<D:prop xmlns:D='DAV:'>",
        "</D:prop>",
        " xmlns='u'",
        " b=\"",
        "\"",
        "'",
        "&",
        "&amp;",
        "&#x41;",
        ";",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE",
        " ",
        "\n",
        "é",
        "\u{FFFE}",
        "x:",
        ":",
    ]);
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body, &Limits::default());
        let _ = Propfind::parse(&body, &Limits::default());
    }

    #[test]
    fn what_is_read_is_written_the_same(body in nearly_xml()) {
        if let Ok(root) = parse(body.as_bytes(), &Limits::default()) {
            let again = parse(root.to_xml().as_bytes(), &Limits::default()).unwrap();
            prop_assert_eq!(&root, &again);
            prop_assert_eq!(root.to_xml(), again.to_xml());
        }
    }
}

/// A tree of words from our vocabularies with likely and unlikely attributes, often nearly a request.
fn nearly_a_request() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "D:propfind",
        "D:prop",
        "D:allprop",
        "D:include",
        "D:propertyupdate",
        "D:set",
        "D:remove",
        "D:mkcol",
        "C:mkcalendar",
        "D:acl",
        "D:ace",
        "D:principal",
        "D:grant",
        "D:privilege",
        "D:href",
        "D:multistatus",
        "D:lockinfo",
        "D:lockscope",
        "D:locktype",
        "D:exclusive",
        "D:write",
        "D:owner",
        "D:lockdiscovery",
        "D:activelock",
        "D:response",
        "D:propstat",
        "D:status",
        "D:error",
        "D:sync-collection",
        "D:sync-token",
        "D:sync-level",
        "D:limit",
        "D:nresults",
        "D:expand-property",
        "D:property",
        "C:calendar-query",
        "C:calendar-data",
        "C:comp",
        "C:filter",
        "C:comp-filter",
        "C:prop-filter",
        "C:param-filter",
        "C:time-range",
        "C:text-match",
        "C:is-not-defined",
        "C:expand",
        "CR:addressbook-query",
        "CR:filter",
        "CR:prop-filter",
        "CR:text-match",
        "CR:address-data",
        "x",
    ]);
    let attribute = prop::sample::select(vec![
        "",
        " name='VCALENDAR'",
        " name='VEVENT'",
        " name=''",
        " start='20260101T000000Z'",
        " end='20250101T000000Z'",
        " collation='i;octet'",
        " test='allof'",
        " match-type='equals'",
        " novalue='yes'",
        " xml:lang='de'",
        " xmlns='u'",
    ]);
    let leaf = (word.clone(), attribute.clone(), "[1a/ ]{0,2}");
    let leaf = leaf.prop_map(|(word, attribute, text)| format!("<{word}{attribute}>{text}</{word}>"));
    let tree = leaf.prop_recursive(5, 24, 4, move |inner| {
        (word.clone(), attribute.clone(), prop::collection::vec(inner, 0..4))
            .prop_map(|(word, attribute, inside)| format!("<{word}{attribute}>{}</{word}>", inside.concat()))
    });
    tree.prop_map(|tree| {
        let end = tree.find(['>', ' ']).unwrap();
        let spaces = " xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:CR='urn:ietf:params:xml:ns:carddav'";
        format!("{}{spaces}{}", &tree[..end], &tree[end..])
    })
}

fn read_as_everything(body: &[u8]) {
    let limits = Limits::default();
    let _ = Propfind::parse(body, &limits);
    let _ = Proppatch::parse(body, &limits);
    let _ = Mkcol::parse(Make::Collection, body, &limits);
    let _ = Mkcol::parse(Make::Calendar, body, &limits);
    let _ = Acl::parse(body, &limits);
    let _ = (LockInfo::parse(body, &limits), LockAnswer::parse(body, &limits));
    let _ = MultistatusBody::parse(body, &limits);
    let _ = ErrorBody::parse(body, &limits);
    if let Ok(report) = Report::parse(body, &limits) {
        let mut out = Vec::new();
        report.write(&mut out);
        assert_eq!(Report::parse(&out, &limits).as_ref(), Ok(&report));
    }
}

fn read_as_every_header(value: &str) {
    let _ = Depth::parse(value);
    let _ = Overwrite::parse(value);
    let _ = Timeout::parse(value);
    let _ = LockToken::parse(value);
    let _ = (ContentRange::parse(value), UpdateRange::parse(value), IfRange::parse(value));
    for syntax in [Syntax::Fields, Syntax::Instance] {
        let _ = (read_digest(syntax, value), wants_digest(syntax, value));
    }
    if let Some(ranges) = Ranges::parse(value) {
        assert_eq!(Ranges::parse(&ranges.to_string()), Some(ranges));
    }
    let _ = MediaType::parse(value);
    let _ = accepts(value, &["text/calendar"]);
    let prefer = Prefer::parse(value);
    assert_eq!(Prefer::parse(&prefer.to_value().unwrap_or_default()), prefer);
    if let Ok(tags) = EntityTags::parse(value) {
        assert_eq!(EntityTags::parse(&tags.to_string()), Ok(tags));
    }
    if let Ok(header) = IfHeader::parse(value) {
        assert_eq!(IfHeader::parse(&header.to_string()), Ok(header));
    }
}

proptest! {
    #[test]
    fn requests_are_read_or_refused(body in nearly_a_request()) {
        read_as_everything(body.as_bytes());
    }

    #[test]
    fn damaged_requests_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        let files = GOLDEN.get_or_init(|| golden_files().iter().map(|path| std::fs::read(path).unwrap()).collect());
        let mut body = which.get(files).clone();
        for (place, how, byte) in damage {
            let place = place.index(body.len());
            match how {
                0 => body[place] = byte,
                1 => body.insert(place, byte),
                2 => drop(body.remove(place)),
                _ => body[place] = b"<>&'\"/ =:"[usize::from(byte) % 9],
            }
        }
        read_as_everything(&body);
        if let Ok(root) = parse(&body, &Limits::default()) {
            let again = parse(root.to_xml().as_bytes(), &Limits::default()).unwrap();
            prop_assert_eq!(root.to_xml(), again.to_xml());
        }
    }

    #[test]
    fn headers_are_read_or_refused(value in prop_oneof!["\\PC{0,40}", "[ ()<>\\[\\]\"NotW/a:,;=*\\\\]{0,40}", "(bytes[= ])?[-0-9,/* ]{0,20}"]) {
        read_as_every_header(&value);
    }
}
