//! Bytes that mean harm, or nothing.

use std::time::{Duration, Instant};

use kontor_wire_dav::request::Propfind;
use kontor_wire_dav::xml::{Limits, parse};
use proptest::prelude::*;

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
