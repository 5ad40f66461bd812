//! Version 3.0 to 4.0 and back.

use kontor_vcard::{Version, convert};

fn card(version: &str, lines: &[&str]) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:{version}\r\n{}END:VCARD\r\n",
        lines.iter().map(|l| format!("{l}\r\n")).collect::<String>()
    )
}

fn to(version: Version, from: &str) -> String {
    String::from_utf8(convert(from.as_bytes(), version)).unwrap()
}

/// `v3` and `v4` are the same card, each way.
fn both(v3: &[&str], v4: &[&str]) {
    let (v3, v4) = (card("3.0", v3), card("4.0", v4));
    assert_eq!(to(Version::V4, &v3), v4);
    assert_eq!(to(Version::V3, &v4), v3);
    assert_eq!(to(Version::V3, &v3), v3);
    assert_eq!(to(Version::V4, &v4), v4);
}

fn up(v3: &[&str], v4: &[&str]) {
    assert_eq!(to(Version::V4, &card("3.0", v3)), card("4.0", v4));
}

fn down(v4: &[&str], v3: &[&str]) {
    assert_eq!(to(Version::V3, &card("4.0", v4)), card("3.0", v3));
}

const NAME: &str = "N:x;;;;";

#[test]
fn what_both_know_is_untouched() {
    let lines = [
        "fn;Language=de:x",
        "n:x;;;;",
        "X-odd;a=\"B:c\";D:v,\\;\\x",
        "item1.tel;type=HOME:+1",
        "NOTE:a\r\n b",
    ];
    both(&lines, &lines);
}

#[test]
fn pictures_and_keys() {
    both(&[NAME, "PHOTO;ENCODING=b;TYPE=JPEG:/9j/AAA="], &[NAME, "PHOTO:data:image/jpeg;base64,/9j/AAA="]);
    both(&[NAME, "KEY;ENCODING=b;TYPE=PGP:AAAA"], &[NAME, "KEY:data:application/pgp-keys;base64,AAAA"]);
    both(&[NAME, "SOUND;ENCODING=b;TYPE=OGG:AAAA"], &[NAME, "SOUND:data:audio/ogg;base64,AAAA"]);
    both(
        &[NAME, "LOGO;VALUE=uri;TYPE=PNG:http://x/y"],
        &[NAME, "LOGO;VALUE=uri;MEDIATYPE=image/png:http://x/y"],
    );
    up(
        &[NAME, "PHOTO;TYPE=jpg;ENCODING=BASE64:iVBO\r\n  Rw0K"],
        &[NAME, "PHOTO:data:image/jpeg;base64,iVBORw0K"],
    );
    up(&[NAME, "PHOTO;ENCODING=b:iVBORw0KGgo="], &[NAME, "PHOTO:data:image/png;base64,iVBORw0KGgo="]);
    down(&[NAME, "PHOTO:data:image/gif;base64\\,R0lG"], &[NAME, "PHOTO;ENCODING=b;TYPE=GIF:R0lG"]);
    down(&[NAME, "PHOTO:https://x/y"], &[NAME, "PHOTO;VALUE=uri:https://x/y"]);
    down(&[NAME, "PHOTO:data:text/plain,hello"], &[NAME, "PHOTO;VALUE=uri:data:text/plain,hello"]);
}

#[test]
fn preferences() {
    both(&[NAME, "TEL;TYPE=home,pref:1", "TEL:2"], &[NAME, "TEL;TYPE=home;PREF=1:1", "TEL:2"]);
    up(&[NAME, "EMAIL;type=INTERNET;type=WORK;type=pref:a@b"], &[NAME, "EMAIL;type=WORK;PREF=1:a@b"]);
    down(
        &[NAME, "TEL;PREF=50:1", "TEL;PREF=20:2", "IMPP;PREF=9:x:y"],
        &[NAME, "TEL:1", "TEL;TYPE=pref:2", "IMPP;TYPE=pref:x:y"],
    );
    down(&[NAME, "TEL;TYPE=\"voice,home\":1"], &[NAME, "TEL;TYPE=voice,home:1"]);
}

#[test]
fn groups() {
    both(
        &[NAME, "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1"],
        &[NAME, "KIND:group", "MEMBER:urn:uuid:1"],
    );
}

#[test]
fn dates_places_and_numbers() {
    both(
        &[NAME, "BDAY:1996-04-15", "REV:2020-01-02T03:04:05Z"],
        &[NAME, "BDAY:19960415", "REV:20200102T030405Z"],
    );
    both(&[NAME, "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15"], &[NAME, "BDAY:--0415"]);
    both(&[NAME, "BDAY;VALUE=text:circa 1800"], &[NAME, "BDAY;VALUE=text:circa 1800"]);
    both(&[NAME, "GEO:37.38;-122.08"], &[NAME, "GEO:geo:37.38,-122.08"]);
    down(&[NAME, "TEL;VALUE=uri;TYPE=cell:tel:+1-555;ext=2"], &[NAME, "TEL;TYPE=cell:+1-555\\;ext=2"]);
}

#[test]
fn address_labels() {
    both(
        &[NAME, "ADR;TYPE=home:;;1 St;;;;", "LABEL;TYPE=home:1 St\\nTown"],
        &[NAME, "ADR;TYPE=home;LABEL=1 St^nTown:;;1 St;;;;"],
    );
    up(
        &[NAME, "LABEL;TYPE=work:lonely", "ADR;TYPE=home:;;;;;;"],
        &[NAME, "LABEL;TYPE=work:lonely", "ADR;TYPE=home:;;;;;;"],
    );
}

#[test]
fn a_name_is_made_where_it_is_required() {
    down(&["FN:The\\, Team", "TEL:1"], &["FN:The\\, Team", "N:The\\, Team;;;;", "TEL:1"]);
}

#[test]
fn old_cards() {
    let old = card(
        "2.1",
        &[
            "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller, jr;J=F6rg",
            "FN:Müller, Jörg",
            "NOTE;QUOTED-PRINTABLE:one=0D=0Atwo; three=\r\nfour",
            "TEL;HOME;PREF:1",
            "PHOTO;JPEG;BASE64:/9j/\r\n AAAA\r\n",
        ],
    );
    assert_eq!(
        to(Version::V3, &old),
        card(
            "3.0",
            &[
                "N:Müller\\, jr;Jörg",
                "FN:Müller\\, Jörg",
                "NOTE:one\\ntwo\\; threefour",
                "TEL;TYPE=HOME,PREF:1",
                "PHOTO;TYPE=JPEG;ENCODING=b:/9j/AAAA",
            ]
        )
    );
    assert_eq!(
        to(Version::V4, &old),
        card(
            "4.0",
            &[
                "N:Müller\\, jr;Jörg",
                "FN:Müller\\, Jörg",
                "NOTE:one\\ntwo\\; threefour",
                "TEL;TYPE=HOME;PREF=1:1",
                "PHOTO:data:image/jpeg;base64,/9j/AAAA",
            ]
        )
    );
    assert_eq!(to(Version::V2_1, &old), old);
}

#[test]
fn odd_names_survive_a_change_beside_them() {
    up(
        &[NAME, "a.b.X/Y?;p.q=1;CHARSET=utf-8:v", "VER?SION;CHARSET=utf-8:9"],
        &[NAME, "a.b.X/Y?;p.q=1:v", "VER?SION:9"],
    );
}

#[test]
fn whatever_stands_around_cards_stays() {
    let text = "junk\nBEGIN:VCARD\nFN:x\nmore junk\nEND:VCARD\nBEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR";
    assert_eq!(to(Version::V4, text), text.replace("VCARD\nFN", "VCARD\nVERSION:4.0\nFN"));
}
