//! Lines: any bytes survive, and what can be read is read.

use kontor_contentline::{Ending, Flaw, Line, Property, Text, fold};
use proptest::prelude::*;

pub(crate) fn joined(bytes: &[u8]) -> Vec<u8> {
    Text::parse(bytes).lines().flat_map(|line| line.raw().to_vec()).collect()
}

fn one(bytes: &[u8]) -> Line<'_> {
    let mut lines = Text::parse(bytes).lines();
    let line = lines.next().unwrap();
    assert!(lines.next().is_none(), "more than one line in {}", String::from_utf8_lossy(bytes));
    line
}

#[test]
fn a_plain_line() {
    let line = one(b"SUMMARY:Lunch\r\n");
    assert_eq!((line.name(), line.group(), line.number()), ("SUMMARY", None, 1));
    assert!(line.is("summary") && !line.is("SUMMAR"));
    assert_eq!(line.raw_value(), b"Lunch");
    assert_eq!(line.params().count(), 0);
}

#[test]
fn groups_and_parameters() {
    let line = one(b"item1.TEL;TYPE=home,\"x:y;z,w\";tYpe=Cell;CN=O\"Brien;HOME;X=^'a^n^^^b:+49\n");
    assert_eq!((line.group(), line.name()), (Some("item1"), "TEL"));
    let params: Vec<_> = line
        .params()
        .map(|p| (p.name().to_owned(), p.values().map(String::from).collect::<Vec<_>>()))
        .collect();
    let expect = [
        ("TYPE", vec!["home", "x:y;z,w"]),
        ("tYpe", vec!["Cell"]),
        ("CN", vec!["O\"Brien"]),
        ("HOME", vec![]),
        ("X", vec!["\"a\n^^b"]),
    ];
    let expect: Vec<_> =
        expect.map(|(n, v)| (n.to_owned(), v.into_iter().map(str::to_owned).collect::<Vec<_>>())).into();
    assert_eq!(params, expect);
    assert!(line.param("type").unwrap().has("HOME"));
    assert!(line.param("home").unwrap().is_bare());
    assert_eq!(line.raw_value(), b"+49");
}

#[test]
fn folds_are_stepped_over_everywhere() {
    let line =
        one(b"AT\r\n TENDEE;CN=\r\n\t\"A:\r\n B\";ROLE=\r\n X\r\n :mail\r\n to:a\r\n \xC3\r\n \xA4\r\n");
    assert_eq!(line.name(), "ATTENDEE");
    assert_eq!(line.head(), b"ATTENDEE;CN=\"A:B\";ROLE=X");
    assert_eq!(line.param("cn").unwrap().value(), "A:B");
    assert_eq!(line.value_str(), "mailto:a\u{e4}");
    assert_eq!(line.ending(), b"\r\n");
}

#[test]
fn line_ends_of_all_kinds() {
    let names = |bytes: &[u8]| {
        let lines: Vec<_> =
            Text::parse(bytes).lines().map(|l| (l.number(), l.value_str().into_owned())).collect();
        lines
    };
    let two = vec![(1, "1".to_owned()), (2, "2".to_owned())];
    assert_eq!(names(b"A:1\r\nB:2\r\n"), two);
    assert_eq!(names(b"A:1\nB:2"), two);
    assert_eq!(names(b"A:1\rB:2\r"), two);
    assert_eq!(names(b"A:1\r\r\nB:2\r\r\n"), two);
    assert_eq!(names(b"A:1\nB:2\r\n"), two);
    assert_eq!(names(b"A:1\r2\n"), vec![(1, "1\r2".to_owned())]);
    assert_eq!(Text::parse(b"a\r\nb\n").ending(), Ending::CrLf);
    assert_eq!(Text::parse(b"a\nb\r\n").ending(), Ending::Lf);
    assert_eq!(Text::parse(b"a\rb").ending(), Ending::Cr);
    assert_eq!(Text::parse(b"a").ending(), Ending::CrLf);
}

#[test]
fn flaws_are_named() {
    let check =
        |bytes: &[u8], flaw| assert_eq!(one(bytes).flaw(), flaw, "{}", String::from_utf8_lossy(bytes));
    check(b"no colon here\r\n", Some(Flaw::NoColon));
    check(b"two words:x\r\n", Some(Flaw::BadName));
    check(b":x\r\n", Some(Flaw::BadName));
    check(b"item1.:x\r\n", Some(Flaw::BadName));
    check(b"N\xC3\x84ME:x", Some(Flaw::BadName));
    check(b"A\0:x", Some(Flaw::BadName));
    check(b"A;B=\"c:d\r\n", Some(Flaw::OpenQuote));
    check(b" A:x\r\n", Some(Flaw::OrphanFold));
    check(b"\xEF\xBB\xBFA:x\r\n", None);
    check(b"X_Y/Z:x", None);
    for blank in [&b"\r\n"[..], b" \t\r\n", b"\n", b"\xEF\xBB\xBF\n"] {
        assert!(one(blank).is_blank());
    }
}

#[test]
fn soft_breaks_of_quoted_printable() {
    let text = b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\nb=\r\n c=3D\r\nFN:x\r\nNOTE:y=\r\nN;QUOTED-PRINTABLE:z=\r\nEND:VCARD\r\n";
    let lines: Vec<_> = Text::parse(text).lines().map(|l| (l.number(), l.value_str().into_owned())).collect();
    let expect = [(1, "abc=3D"), (4, "x"), (5, "y="), (6, "z="), (7, "VCARD")];
    assert_eq!(lines, expect.map(|(n, v)| (n, v.to_owned())));
}

#[test]
fn a_megabyte_line_stays_one_line() {
    let long = [b"X:".as_slice(), &vec![b'a'; 1 << 20], b"\r\n"].concat();
    assert_eq!(one(&long).value().len(), 1 << 20);
    let mut folded = Vec::new();
    fold(&long[..long.len() - 2], Ending::CrLf, &mut folded);
    assert_eq!(one(&folded).value().len(), 1 << 20);
    for hostile in [b"\r", b"\n", b" ", b";", b"\"", b":", b"=", b"\0"] {
        let bytes = [b"X;A=".as_slice(), &hostile.repeat(1 << 20)].concat();
        assert_eq!(joined(&bytes), bytes);
    }
}

/// Bytes that look like content lines often enough to reach the corners.
pub(crate) fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        &b"BEGIN:VEVENT"[..],
        b"END:VEVENT",
        b"BEGIN:A",
        b"END:A",
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\r\n",
        b"\r\n ",
        b"\n\t",
        b"\r\r\n ",
        b":",
        b";",
        b",",
        b"\"",
        b"=",
        b".",
        b"X-A",
        b"DTSTART",
        b"X;ENCODING=QUOTED-PRINTABLE:a=\r\n",
        b"=\r\n",
        b"\\n",
        b"\\",
        b"^n",
        b"\xC3\xA4",
        b"\xE9",
        b"\0",
        b"\xEF\xBB\xBF",
        b" ",
        b"value",
    ]);
    let piece = prop_oneof![token.prop_map(<[u8]>::to_vec), prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_survive(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(joined(&bytes), bytes);
    }

    #[test]
    fn nasty_text_survives_and_spans_agree(bytes in nasty()) {
        prop_assert_eq!(joined(&bytes), bytes.clone());
        let mut number = 0;
        for line in Text::parse(&bytes).lines() {
            prop_assert_eq!(&bytes[line.span()], line.raw());
            prop_assert!(line.number() > number);
            number = line.number();
            let written: usize = line.params().map(|p| 1 + p.name().len() + usize::from(!p.is_bare()) + p.raw().len()).sum();
            let group = line.group().map_or(0, |g| g.len() + 1);
            if std::str::from_utf8(line.head()).is_ok() {
                prop_assert_eq!(group + line.name().len() + written, line.head().len());
            }
            if !line.is_broken() && !line.is_blank() {
                prop_assert!(line.raw().ends_with(&[line.raw_value(), line.ending()].concat()));
            }
        }
    }

    #[test]
    fn unfold_undoes_fold(value in "[^\r\n]{0,400}", name in "[A-Z][A-Z0-9-]{0,90}") {
        for ending in [Ending::CrLf, Ending::Lf, Ending::Cr] {
            let mut folded = Vec::new();
            fold(format!("{name}:{value}").as_bytes(), ending, &mut folded);
            let newline = *ending.bytes().last().unwrap();
            for physical in folded.split(|b| *b == newline) {
                let physical = physical.strip_suffix(b"\r").unwrap_or(physical);
                prop_assert!(physical.len() <= 75);
                prop_assert!(std::str::from_utf8(physical).is_ok());
            }
            let line = one(&folded);
            prop_assert_eq!(line.name(), &name);
            prop_assert_eq!(line.value_str(), value.as_str());
        }
    }

    #[test]
    fn what_is_written_is_read(text in any::<String>(), param in "[^\\p{Cc}]{0,200}", more in "[a-z\n\"^,;: ]{0,20}") {
        let property = Property::text("X-NOTE", &text).param_list("P", [param.as_str(), more.as_str()]).group("g1");
        let mut out = Vec::new();
        property.write(Ending::Lf, &mut out);
        let line = one(&out);
        let clean: String = text.replace("\r\n", "\n").replace('\r', "\n");
        let clean: String = clean.chars().filter(|c| !c.is_ascii_control() || matches!(c, '\n' | '\t')).collect();
        prop_assert_eq!(line.text(), clean);
        prop_assert_eq!(line.group(), Some("g1"));
        let values: Vec<_> = line.param("p").unwrap().values().map(String::from).collect();
        prop_assert_eq!(values, vec![param, more]);
    }
}
