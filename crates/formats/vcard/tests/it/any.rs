//! Any bytes: reading, converting and picking hold for what nobody would call a card.

use kontor_vcard::{Card, Select, Version, convert, select, validate};
use proptest::prelude::*;

/// Cards whose lines are put together from pieces that mean something somewhere.
fn cards() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "PHOTO",
        "item1.TEL",
        "ADR",
        "LABEL",
        "KIND",
        "MEMBER",
        "BDAY",
        "GEO",
        "N",
        "FN",
        "UID",
        "VERSION",
        "KEY",
        "X-ADDRESSBOOKSERVER-KIND",
        "EMAIL",
        "X-ODD",
        "REV",
        "a.b.NOTE",
        "BEGIN",
        "END",
    ]);
    let param = prop::sample::select(vec![
        "",
        ";TYPE=home",
        ";TYPE=\"work,pref\"",
        ";PREF=1",
        ";PREF=x",
        ";ENCODING=b",
        ";ENCODING=BASE64",
        ";HOME",
        ";ENCODING=QUOTED-PRINTABLE",
        ";CHARSET=ISO-8859-1",
        ";VALUE=uri",
        ";VALUE=URL",
        ";MEDIATYPE=image/png",
        ";JPEG",
        ";X-APPLE-OMIT-YEAR=1604",
        ";LABEL=^n",
        ";X=\"a:b\"",
        ";PREF=2",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "",
            "3.0",
            "4.0",
            "2.1",
            "VCARD",
            "1604-04-15",
            "--0415",
            "19960415T010203Z",
            "geo:1,2;u=3",
            "1;2",
            "a,b\\;c;d",
            "data:image/png;base64,AAAA",
            "data:,x",
            "tel:+1;ext=2",
            "=41=0D=0A=",
            "urn:uuid:1",
            "group",
            "caf\u{e9}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    let line = (name, prop::collection::vec(param, 0..4), value).prop_map(|(name, params, value)| {
        [name.as_bytes(), params.concat().as_bytes(), b":", &value, b"\r\n"].concat()
    });
    let version = prop::sample::select(vec!["2.1", "3.0", "4.0"]);
    (version, prop::collection::vec(line, 0..12)).prop_map(|(version, lines)| {
        let head = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nUID:1\r\nFN:x\r\n");
        [head.as_bytes(), &lines.concat(), b"END:VCARD\r\n"].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn converting_settles_and_keeps_a_card_a_card(bytes in cards()) {
        for to in [Version::V3, Version::V4] {
            let other = convert(&bytes, to);
            prop_assert_eq!(&convert(&other, to), &other);
            if validate(&bytes, usize::MAX).is_ok() {
                let card = validate(&other, usize::MAX);
                prop_assert_eq!(card.ok().and_then(|card| card.version()), Some(to));
            }
        }
    }

    #[test]
    fn picking_hands_on_stored_lines(bytes in cards()) {
        let less = select(&bytes, &[Select { name: "tel", novalue: false }, Select { name: "NOTE", novalue: false }]);
        let (before, after) = (Card::read(&bytes).unwrap(), Card::read(&less).unwrap());
        let mut stored = before.props();
        for prop in after.props() {
            prop_assert!(stored.any(|other| other.line().raw() == prop.line().raw()));
        }
        prop_assert!(validate(&bytes, usize::MAX).is_err() || validate(&less, usize::MAX).is_ok());
    }

    #[test]
    fn any_bytes_are_read_and_come_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Card::read(&bytes), validate(&bytes, 200));
        prop_assert_eq!(convert(&bytes, Version::V4), bytes);
    }
}
