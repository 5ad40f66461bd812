//! Partial retrieval.

use kontor_vcard::{Select, select};

const TEXT: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:x\r\nitem1.EMAIL;TYPE=a:1\r\nEMAIL:lo\r\n ng\r\nTEL;X=\"a\r\n :b\":2\r\nEND:VCARD\r\n";

fn check(wanted: &[(&str, bool)], expect: &[&str]) {
    let wanted: Vec<_> = wanted.iter().map(|(name, novalue)| Select { name, novalue: *novalue }).collect();
    let got = String::from_utf8(select(TEXT.as_bytes(), &wanted)).unwrap();
    let expect = format!("BEGIN:VCARD\r\n{}END:VCARD\r\n", expect.join(""));
    assert_eq!(got, expect);
}

#[test]
fn properties_are_picked_as_stored() {
    let (version, uid, name) = ("VERSION:3.0\r\n", "UID:1\r\n", "FN:x\r\n");
    let (grouped, plain) = ("item1.EMAIL;TYPE=a:1\r\n", "EMAIL:lo\r\n ng\r\n");
    check(&[], &[version, uid, name]);
    check(&[("email", false)], &[version, uid, name, grouped, plain]);
    check(&[("ITEM1.EMAIL", false)], &[version, uid, name, grouped]);
    check(&[("item2.EMAIL", false)], &[version, uid, name]);
    check(&[("TEL", true), ("FN", true)], &[version, uid, "FN:\r\n", "TEL;X=\"a:b\":\r\n"]);
    check(&[("EMAIL", true), ("item1.EMAIL", false)], &[version, uid, name, grouped, "EMAIL:\r\n"]);
}
