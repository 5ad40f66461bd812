//! Edits: they do what they say and touch nothing else.

use crate::lines::nasty;
use kontor_contentline::{Component, Edit, EditErrorKind, Nth, Path, Property, Tree, apply};
use proptest::prelude::*;

fn event() -> Path {
    Path::root().child("VCALENDAR", 0).child("VEVENT", 0)
}

fn set(name: &str, nth: usize, value: &str) -> Edit {
    Edit::Set { at: event(), name: name.into(), nth, property: Property::text(name, value) }
}

const TEXT: &str = "BEGIN:VCALENDAR\r\nX-odd;a=B:one,\r\n  two\r\nBEGIN:VEVENT\r\nUID:1\r\nsummary;LANGUAGE=de:Alt\r\n\
    garbage\r\nCOMMENT:a\r\nCOMMENT:b\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn check(edits: &[Edit], from: &str, to: &str) {
    let expect = TEXT.replacen(from, to, 1);
    assert!(from.is_empty() || expect != TEXT);
    let got = apply(TEXT.as_bytes(), edits).unwrap();
    assert_eq!(String::from_utf8(got).unwrap(), expect);
}

#[test]
fn properties_are_set_added_and_removed() {
    check(&[set("SUMMARY", 0, "Neu, neuer")], "summary;LANGUAGE=de:Alt", "SUMMARY:Neu\\, neuer");
    check(&[set("COMMENT", 1, "c")], "COMMENT:b", "COMMENT:c");
    check(&[set("LOCATION", 0, "here")], "COMMENT:b\r\n", "COMMENT:b\r\nLOCATION:here\r\n");
    check(
        &[Edit::Remove { at: event(), name: "comment".into(), nth: Nth::All }],
        "COMMENT:a\r\nCOMMENT:b\r\n",
        "",
    );
    check(&[Edit::Remove { at: event(), name: "COMMENT".into(), nth: Nth::One(0) }], "COMMENT:a\r\n", "");
    check(&[Edit::Remove { at: event(), name: "NONE".into(), nth: Nth::All }], "", "");
    check(&[], "", "");
}

#[test]
fn later_edits_see_earlier_ones_of_the_same_property() {
    let param = Edit::SetParam {
        at: event(),
        name: "SUMMARY".into(),
        nth: Nth::All,
        param: "X".into(),
        values: vec!["a:b".into(), "c".into()],
    };
    check(&[set("SUMMARY", 0, "Neu"), param.clone()], "summary;LANGUAGE=de:Alt", "SUMMARY;X=\"a:b\",c:Neu");
    check(&[param], "LANGUAGE=de:", "LANGUAGE=de;X=\"a:b\",c:");
}

#[test]
fn parameters_are_set_and_removed() {
    let at = || Path::root().child("VCALENDAR", 0);
    let one = |values: &[&str]| Edit::SetParam {
        at: at(),
        name: "X-ODD".into(),
        nth: Nth::All,
        param: "A".into(),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
    };
    check(&[one(&["x\"y"])], ";a=B:one,\r\n  two", ";A=x^'y:one, two");
    let gone = Edit::RemoveParam { at: at(), name: "X-ODD".into(), nth: Nth::One(0), param: "A".into() };
    check(&[gone], ";a=B:one,\r\n  two", ":one, two");
}

#[test]
fn components_come_and_go() {
    let alarm = event().child("VALARM", 0);
    check(&[Edit::RemoveComponent { at: alarm }], "BEGIN:VALARM\r\nEND:VALARM\r\n", "");
    let text = b"BEGIN:VEVENT\nUID:2\nEND:VEVENT".to_vec();
    check(
        &[Edit::AddComponent { at: Path::root().child("VCALENDAR", 0), text }],
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\nEND:VCALENDAR",
    );
    // What is changed inside a removed component goes with it.
    let whole = &TEXT[TEXT.find("BEGIN:VEVENT").unwrap()..TEXT.find("END:VCALENDAR").unwrap()];
    check(&[set("SUMMARY", 0, "x"), set("NEW", 0, "x"), Edit::RemoveComponent { at: event() }], whole, "");
}

#[test]
fn the_text_keeps_its_line_end_and_its_missing_one() {
    let at = || Path::root().child("A", 0);
    let add = Edit::Add { at: at(), property: Property::raw("N", "1") };
    let check = |text: &str, edits: &[Edit], expect: &str| {
        assert_eq!(String::from_utf8(apply(text.as_bytes(), edits).unwrap()).unwrap(), expect);
    };
    check("BEGIN:A\nEND:A", std::slice::from_ref(&add), "BEGIN:A\nN:1\nEND:A");
    check("BEGIN:A\rEND:A\r", std::slice::from_ref(&add), "BEGIN:A\rN:1\rEND:A\r");
    check("BEGIN:A\r\nX:1", std::slice::from_ref(&add), "BEGIN:A\r\nX:1\r\nN:1\r\n");
    let set = Edit::Set { at: at(), name: "X".into(), nth: 0, property: Property::raw("X", "2") };
    check("BEGIN:A\nX:1", &[set], "BEGIN:A\nX:2");
    let first = Edit::Add { at: Path::root(), property: Property::raw("N", "1") };
    check("\u{feff}BEGIN:A\nEND:A\n", &[first], "\u{feff}N:1\nBEGIN:A\nEND:A\n");
    let qp = "BEGIN:A\r\nX;ENCODING=QUOTED-PRINTABLE:a=\r\nb\r\nEND:A\r\n";
    let param = Edit::SetParam {
        at: at(),
        name: "X".into(),
        nth: Nth::All,
        param: "P".into(),
        values: vec!["1".into()],
    };
    check(qp, &[param], &qp.replace("PRINTABLE:", "PRINTABLE;P=1:"));
}

/// `=` at the end of a quoted-printable line takes the next line in, unless that is a BEGIN or END.
#[test]
fn an_unfinished_soft_break_swallows_nothing() {
    let check = |text: &str, edit: Edit, expect: &str| {
        let out = apply(text.as_bytes(), &[edit]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    };
    let at = Path::root().child("A", 0);
    let text = "BEGIN:A\nX;QUOTED-PRINTABLE:a=\nBEGIN:B\nEND:B\nY:1\nEND:A\n";
    let add = Edit::Add { at: at.clone(), property: Property::raw("N", "1") };
    check(text, add, &text.replace("a=\n", "a=\n\nN:1\n"));
    let remove = Edit::RemoveComponent { at: at.clone().child("B", 0) };
    check(text, remove, &text.replace("BEGIN:B\nEND:B\n", "\n"));
    let property = Property::raw("Y", "b==").param("ENCODING", "QUOTED-PRINTABLE");
    let set = Edit::Set { at, name: "Y".into(), nth: 0, property };
    check(text, set, &text.replace("Y:1", "Y;ENCODING=QUOTED-PRINTABLE:b"));
}

#[test]
fn a_wrong_address_changes_nothing_and_is_named() {
    let check = |edit: Edit, kind| {
        let error = apply(TEXT.as_bytes(), &[set("X", 0, "1"), edit]).unwrap_err();
        assert_eq!((error.kind, error.edit), (kind, 1));
    };
    let nowhere = || Path::root().child("VTODO", 0);
    check(Edit::RemoveComponent { at: nowhere() }, EditErrorKind::NoComponent);
    check(Edit::RemoveComponent { at: Path::root() }, EditErrorKind::Root);
    check(Edit::AddComponent { at: event(), text: b"X:1".to_vec() }, EditErrorKind::NotAComponent);
    check(Edit::AddComponent { at: event(), text: b"BEGIN:A\n".to_vec() }, EditErrorKind::NotAComponent);
    let (name, param) = ("NONE".to_owned(), "P".to_owned());
    check(Edit::RemoveParam { at: event(), name, nth: Nth::All, param }, EditErrorKind::NoProperty);
}

#[test]
fn nothing_smuggles_a_line_in() {
    let evil = Property::raw("X\r\nEVIL:", "a\r\nEVIL:1\nEVIL:2").param("P\r\nQ", "b\r\nEVIL:3").group("g\n");
    let out = apply(TEXT.as_bytes(), &[Edit::Add { at: event(), property: evil }]).unwrap();
    assert_eq!(out.iter().filter(|b| **b == b'\n').count(), TEXT.matches('\n').count() + 1);
}

fn components(tree: &Tree<'_>) -> Vec<Path> {
    fn visit(at: Component<'_, '_>, out: &mut Vec<Path>) {
        out.push(at.path());
        at.children().for_each(|child| visit(child, out));
    }
    let mut out = Vec::new();
    visit(tree.root(), &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_set_touches_one_line(bytes in nasty(), pick in any::<prop::sample::Index>(), nth in any::<prop::sample::Index>()) {
        let tree = Tree::parse(&bytes);
        let paths = components(&tree);
        let at = paths[pick.index(paths.len())].clone();
        let lines: Vec<_> = tree.find(&at).unwrap().properties().collect();
        if lines.is_empty() {
            return Ok(());
        }
        let line = lines[nth.index(lines.len())];
        let nth = lines.iter().take_while(|other| other.span() != line.span()).filter(|other| other.is(line.name())).count();
        let property = Property::text("X-NEW", "value \u{e4}");
        let edit = Edit::Set { at: at.clone(), name: line.name().to_owned(), nth, property };
        let out = tree.apply(&[edit]).unwrap();
        let before = &bytes[..line.span().start];
        let after = &bytes[line.span().end..];
        prop_assert!(out.starts_with(before) && out.ends_with(after));
        let middle = &out[before.len()..out.len() - after.len()];
        let written = String::from_utf8_lossy(middle).contains("X-NEW:value \u{e4}");
        prop_assert!(written);
        prop_assert_eq!(middle.ends_with(tree.ending().bytes()), !line.ending().is_empty());
    }

    #[test]
    fn an_add_is_found_again_and_undone_by_a_remove(bytes in nasty(), pick in any::<prop::sample::Index>()) {
        let tree = Tree::parse(&bytes);
        let paths = components(&tree);
        let at = paths[pick.index(paths.len())].clone();
        let edit = Edit::Add { at: at.clone(), property: Property::text("X-NEW-ONE", &"long \u{1F600}".repeat(30)) };
        let out = tree.apply(&[edit]).unwrap();
        let again = Tree::parse(&out);
        let found = again.find(&at).and_then(|c| c.property("X-NEW-ONE").map(|l| l.text().into_owned()));
        prop_assert_eq!(found, Some("long \u{1F600}".repeat(30)));
        let back = again.apply(&[Edit::Remove { at, name: "X-NEW-ONE".into(), nth: Nth::All }]).unwrap();
        prop_assert!(back == bytes || back.len() <= bytes.len() + 4, "{:?} {:?}", back, bytes);
    }
}
