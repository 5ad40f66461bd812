//! What a card says.

use kontor_vcard::{Card, Kind, Version};

fn card(text: &str) -> Card<'_> {
    Card::read(text.as_bytes()).unwrap()
}

#[test]
fn a_person() {
    let card = card(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID: 1 \r\nFN:Ada\\, Countess\r\nN:Lovelace;Ada;King,Noel;;Cts.\r\n\
         item1.EMAIL;TYPE=work:w@x\r\nEMAIL;type=HOME;type=pref:h@x\r\nitem1.X-ABLABEL:_$!<Work>!$_\r\nORG:A\\;B;C\r\n\
         NICKNAME:a,b\\,c\r\nEND:VCARD\r\n",
    );
    assert_eq!(card.version(), Some(Version::V3));
    assert_eq!(card.uid().as_deref(), Some("1"));
    assert_eq!(card.full_name().as_deref(), Some("Ada, Countess"));
    let name = card.name().unwrap();
    assert_eq!(
        (name.family, name.given, name.additional),
        (vec!["Lovelace".into()], vec!["Ada".into()], vec!["King".to_owned(), "Noel".to_owned()])
    );
    assert_eq!((name.prefixes.len(), name.suffixes), (0, vec!["Cts.".to_owned()]));
    assert_eq!(card.preferred("EMAIL").unwrap().text(), "h@x");
    let work = card.first("ITEM1.email").unwrap();
    assert_eq!((work.text().as_ref(), card.label(&work).as_deref()), ("w@x", Some("Work")));
    assert!(work.has_type("WORK") && !work.has_type("pref"));
    assert_eq!(card.named("email").count(), 2);
    assert_eq!(card.first("ORG").unwrap().parts(), [["A;B"], ["C"]]);
    assert_eq!(card.first("NICKNAME").unwrap().items(), ["a", "b,c"]);
    assert_eq!(card.kind(), Kind::Individual);
}

#[test]
fn groups_of_both_versions() {
    let check = |text: &str| {
        let card = card(text);
        assert_eq!(card.kind(), Kind::Group);
        assert_eq!(card.members().collect::<Vec<_>>(), ["urn:uuid:1", "mailto:a@b"]);
    };
    check("BEGIN:VCARD\nVERSION:4.0\nKIND:Group\nMEMBER:urn:uuid:1\nMEMBER:mailto:a@b\nEND:VCARD");
    check(
        "BEGIN:VCARD\nVERSION:3.0\nX-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1\n\
         X-ADDRESSBOOKSERVER-MEMBER:mailto:a@b\nEND:VCARD",
    );
}

#[test]
fn old_cards_are_decoded() {
    let card = card(
        "BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller;J=F6rg\n\
         NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:a=0D=0A=\nb=C3=A4\nTEL;HOME;PREF:1\nEND:VCARD\n",
    );
    assert_eq!(card.name().unwrap().family, ["Müller"]);
    assert_eq!(card.first("NOTE").unwrap().text(), "a\r\nbä");
    let tel = card.first("TEL").unwrap();
    assert_eq!(tel.types(), ["HOME", "PREF"]);
    assert_eq!(tel.preference(), Some(1));
    assert_eq!(tel.params().count(), 2);
}

#[test]
fn binary_values_can_be_stepped_over() {
    let card = card(
        "BEGIN:VCARD\nVERSION:4.0\nPHOTO:data:image/png;base64,AAAA\nLOGO;ENCODING=b:AAAA\nNOTE:data\nEND:VCARD",
    );
    assert_eq!(card.props().filter(|prop| prop.is_binary()).count(), 2);
}
