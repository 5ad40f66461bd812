//! What is refused, where and why.

use kontor_contentline::{Flaw, Reason};
use kontor_vcard::{ErrorKind, validate};

fn check(lines: &[&str], expect: Option<(u32, ErrorKind)>) {
    let text = lines.join("\r\n") + "\r\n";
    let got = validate(text.as_bytes(), 1000).err().map(|error| (error.line, error.kind));
    assert_eq!(got, expect, "{text}");
}

#[test]
fn good_cards() {
    check(&["BEGIN:VCARD", "VERSION:3.0", "UID:1", "FN:x", "N:x;;;;", "END:VCARD"], None);
    check(&["BEGIN:vcard", "version: 4.0 ", "a.UID:1", "FN:x", "FN:y", "", "", "END:VCARD", ""], None);
}

#[test]
fn refusals_name_line_and_reason() {
    check(&["BEGIN:VCARD", "VERSION:2.1", "UID:1", "FN:x", "END:VCARD"], Some((2, ErrorKind::OldVersion)));
    check(&["BEGIN:VCARD", "VERSION:5", "UID:1", "FN:x", "END:VCARD"], Some((2, ErrorKind::UnknownVersion)));
    check(&["BEGIN:VCARD", "UID:1", "FN:x", "END:VCARD"], Some((1, ErrorKind::NoVersion)));
    let twice = ["BEGIN:VCARD", "VERSION:3.0", "VERSION:4.0", "UID:1", "FN:x", "END:VCARD"];
    check(&twice, Some((3, ErrorKind::ManyVersions)));
    check(&["BEGIN:VCARD", "VERSION:3.0", "UID:1", "END:VCARD"], Some((1, ErrorKind::NoFullName)));
    check(&["BEGIN:VCARD", "VERSION:3.0", "FN:x", "END:VCARD"], Some((1, ErrorKind::NoUid)));
    check(&["BEGIN:VCARD", "VERSION:3.0", "FN:x", "UID: ", "END:VCARD"], Some((4, ErrorKind::NoUid)));
    check(
        &["BEGIN:VCARD", "VERSION:3.0", "FN:x", "UID:1", "UID:1", "END:VCARD"],
        Some((5, ErrorKind::ManyUids)),
    );
    check(&[""], Some((1, ErrorKind::NoCard)));
    check(&["BEGIN:VCALENDAR", "END:VCALENDAR"], Some((1, ErrorKind::NotACard)));
    let card = ["BEGIN:VCARD", "VERSION:3.0", "FN:x", "UID:1", "END:VCARD"];
    check(&[card, card].concat(), Some((6, ErrorKind::ManyCards)));
    check(&[&card[..4], &card[..], &card[4..]].concat(), Some((5, ErrorKind::ManyCards)));
    check(&[&["X:1"], &card[..]].concat(), Some((1, ErrorKind::NotACard)));
    check(&card[..4], Some((1, ErrorKind::Broken(Reason::Unclosed))));
    let garbage = ["BEGIN:VCARD", "VERSION:3.0", "NOTE:a", " b", "garbage", "END:VCARD"];
    check(&garbage, Some((5, ErrorKind::Broken(Reason::Flaw(Flaw::NoColon)))));
    check(&["BEGIN:VCARD", "NOTE:\0", "END:VCARD"], Some((2, ErrorKind::Nul)));
    let long = "X:".to_owned() + &"a".repeat(1000);
    check(&[&long], Some((1, ErrorKind::TooLarge { max: 1000 })));
}

#[test]
fn refusals_can_be_shown_to_people() {
    let error = validate(b"BEGIN:VCARD\nVERSION:2.1\nEND:VCARD", 1000).unwrap_err();
    assert_eq!(error.to_string(), "line 2: vCard 2.1 is not accepted, send 3.0 or 4.0");
}
