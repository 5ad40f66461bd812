//! Contacts and rows.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Error, Part, Row};
use kontor_wire_sharepoint::translate::contacts::{create, edit, photo, rows, set_photo};

use crate::office::{context, lines_without, row};

const ANN: &str = "BEGIN:VCARD
VERSION:3.0
UID:ann
FN:Dr. Ann Ax
N:Ax;Ann;M.;Dr.;
NICKNAME:Annie
ORG:Office\\, Inc.;Sales;North
TITLE:Head
EMAIL;TYPE=INTERNET,WORK:ann@x.example
item1.EMAIL;TYPE=INTERNET;X-P=1:ann@home.example
item1.X-ABLABEL:_$!<Other>!$_
EMAIL:third@x.example
EMAIL:fourth@x.example
TEL;TYPE=WORK,VOICE:+1 555 1
TEL;TYPE=WORK;TYPE=VOICE:+1 555 2
TEL;TYPE=HOME,FAX:+1 555 3
TEL;TYPE=CELL,PREF:+1 555 4
TEL;TYPE=CELL:+1 555 5
TEL:+1 555 6
X-MS-TEL;TYPE=ASSISTANT:+1 555 7
ADR;TYPE=WORK:;Room 7;Main St 1\\nBack door;Town;;12345;Land
ADR;TYPE=HOME:PO 9;;Home St;Village;State;;
URL:https://x.example
URL;TYPE=HOME:https://ann.example
BDAY:1980-02-29
NOTE:one\\ntwo
CATEGORIES:Friends,Sales
X-MS-MANAGER:Bob
IMPP:xmpp:ann@x.example
X-MINE;P=1:kept
END:VCARD
";

fn card() -> Vec<u8> {
    ANN.replace('\n', "\r\n").into_bytes()
}

fn told(text: &[u8]) -> Row {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let mut rows = rows(text, &context(&zone)).unwrap();
    assert_eq!((rows.len(), rows[0].0), (1, Part::Whole));
    rows.remove(0).1
}

#[test]
fn a_card_is_one_row() {
    let row = told(&card());
    let check = |name: &str, value: &str| assert_eq!(row.get(name), Some(value), "{name}");
    check("Title", "Ax");
    check("FirstName", "Ann");
    check("MiddleName", "M.");
    check("FullName", "Dr. Ann Ax");
    check("Nickname", "Annie");
    check("Company", "Office, Inc.");
    check("ol_Department", "Sales");
    check("JobTitle", "Head");
    check("Email", "ann@x.example");
    check("Email2", "ann@home.example");
    check("Email3", "third@x.example");
    check("WorkPhone", "+1 555 1");
    check("Business2Number", "+1 555 2");
    check("HomeFaxNumber", "+1 555 3");
    check("CellPhone", "+1 555 4");
    check("OtherNumber", "+1 555 6");
    check("AssistantNumber", "+1 555 7");
    check("Office", "Room 7");
    check("WorkAddress", "Main St 1\nBack door");
    check("WorkCity", "Town");
    check("WorkZip", "12345");
    check("HomeAddressCity", "Village");
    check("WebPage", "https://x.example, https://x.example");
    check("PersonalWebsite", "https://ann.example, https://ann.example");
    check("Birthday", "1980-02-29T00:00:00Z");
    check("Comments", "<div>one<br>two</div>");
    check("Categories", "Friends; Sales");
    check("ManagersName", "Bob");
    check("IMAddress", "xmpp:ann@x.example");
    assert_eq!(row.bag("NameTitle"), Some("Dr."));
    assert_eq!(row.bag("HomePObox"), Some("PO 9"));
}

#[test]
fn a_row_sent_back_changes_nothing() {
    let zone = Zone::utc();
    assert_eq!(edit(&card(), &Part::Whole, &told(&card()), &context(&zone)), Ok(None));
}

#[test]
fn an_edit_touches_its_lines_only() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let text = card();
    let check = |fields: &[&str], gone: &[&str], come: &[&str]| {
        let after = edit(&text, &Part::Whole, &row(fields), &context(&zone)).unwrap().unwrap();
        assert_eq!(lines_without(&text, &after), gone, "{fields:?}");
        assert_eq!(lines_without(&after, &text), come, "{fields:?}");
    };
    check(&["Title=Bex"], &["N:Ax;Ann;M.;Dr.;"], &["N:Bex;Ann;M.;Dr.;"]);
    check(&["FullName=Ann"], &["FN:Dr. Ann Ax"], &["FN:Ann"]);
    check(&["MetaInfo:NameTitle="], &["N:Ax;Ann;M.;Dr.;"], &["N:Ax;Ann;M.;;"]);
    check(
        &["ol_Department=Law; R&D"],
        &["ORG:Office\\, Inc.;Sales;North"],
        &["ORG:Office\\, Inc.;Law\\; R&D;North"],
    );
    check(
        &["Email2=new@home.example"],
        &["item1.EMAIL;TYPE=INTERNET;X-P=1:ann@home.example"],
        &["item1.EMAIL;TYPE=INTERNET;X-P=1:new@home.example"],
    );
    check(
        &["Email2="],
        &["item1.EMAIL;TYPE=INTERNET;X-P=1:ann@home.example", "item1.X-ABLABEL:_$!<Other>!$_"],
        &[],
    );
    check(&["Business2Number=2"], &["TEL;TYPE=WORK;TYPE=VOICE:+1 555 2"], &["TEL;TYPE=WORK;TYPE=VOICE:2"]);
    check(&["HomePhone=8"], &[], &["TEL;TYPE=HOME,VOICE:8"]);
    check(&["RadioNumber=9"], &[], &["X-MS-TEL;TYPE=RADIO:9"]);
    check(
        &["WorkCity=City, North"],
        &["ADR;TYPE=WORK:;Room 7;Main St 1\\nBack door;Town;;12345;Land"],
        &["ADR;TYPE=WORK:;Room 7;Main St 1\\nBack door;City\\, North;;12345;Land"],
    );
    check(&["OtherAddressCity=Else"], &[], &["ADR:;;;Else;;;"]);
    check(
        &["WebPage=https://y.example/a, our page"],
        &["URL:https://x.example"],
        &["URL:https://y.example/a", "X-KONTOR-OUTLOOK-WEBPAGE:https://y.example/a our page"],
    );
    check(&["Birthday=1981-03-01T00:00:00Z"], &["BDAY:1980-02-29"], &["BDAY:1981-03-01"]);
    check(&["Anniversary=2001-05-06T00:00:00Z"], &[], &["X-ANNIVERSARY:2001-05-06"]);
    check(&["Comments=<p>one</p><p>three</p>"], &["NOTE:one\\ntwo"], &["NOTE:one\\nthree"]);
    check(&["Categories=Friends"], &["CATEGORIES:Friends,Sales"], &["CATEGORIES:Friends"]);
    check(&["ManagersName="], &["X-MS-MANAGER:Bob"], &[]);
    check(&["IMAddress=bob@x.example"], &["IMPP:xmpp:ann@x.example"], &["IMPP:xmpp:bob@x.example"]);
    check(&["Hobbies=Chess"], &[], &["X-MS-INTERESTS:Chess"]);
    check(&["CustomerID=47"], &[], &["X-KONTOR-OUTLOOK-CUSTOMERID:47"]);
    check(&["MetaInfo:Gender=1"], &[], &["X-GENDER:F"]);
    let refused = edit(&text, &Part::Whole, &row(&["Birthday=once"]), &context(&zone));
    assert!(matches!(refused, Err(Error::Value { .. })));
}

#[test]
fn a_card_of_version_4_keeps_its_ways() {
    let zone = Zone::utc();
    let text = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN;PREF=1:Ann\r\nTEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555\r\n\
        BDAY:--0203\r\nADR;LABEL=\"x\";TYPE=work:;;a,b;;;;\r\nLANG:de\r\nGENDER:M;boy\r\nREV:20200101T000000Z\r\nEND:VCARD\r\n";
    let row_of = told(text);
    assert_eq!((row_of.get("Title"), row_of.get("HomePhone")), (Some("Ann"), Some("+1-555")));
    assert_eq!(
        (row_of.get("Birthday"), row_of.get("Language"), row_of.bag("Gender")),
        (Some(""), Some("de"), Some("2"))
    );
    assert_eq!(row_of.get("WorkAddress"), Some("a, b"));
    assert_eq!(edit(text, &Part::Whole, &row_of, &context(&zone)), Ok(None));
    let after =
        edit(text, &Part::Whole, &row(&["HomePhone=+1 556", "Email=a@x", "WorkCity=C"]), &context(&zone))
            .unwrap()
            .unwrap();
    assert_eq!(
        lines_without(&after, text),
        [
            "TEL;PREF=1;TYPE=\"voice,home\":+1 556",
            "ADR;TYPE=work:;;a,b;C;;;",
            "REV:20260601T120000Z",
            "EMAIL:a@x",
        ]
    );
}

#[test]
fn a_contact_is_made_and_told_again() {
    let zone = Zone::utc();
    let fields = row(&[
        "Title=Bex",
        "FirstName=Bob",
        "FullName=Bob Bex",
        "Email=bob@x.example",
        "WorkPhone=1",
        "Business2Number=2",
        "CellPhone=3",
        "WorkAddress=Street\nDoor",
        "WorkZip=1",
        "HomeAddressCity=Town",
        "Birthday=1990-01-02T00:00:00Z",
        "Comments=<div>note</div>",
        "MetaInfo:FileAs=Bex, Bob",
        "UserField1=one",
        "Categories=A; B",
        "SpouseName=Eve",
    ]);
    let text = create(&fields, &context(&zone)).unwrap();
    kontor_vcard::validate(&text, 1 << 20).unwrap();
    let row_of = told(&text);
    for field in &fields.fields {
        let value = match &field.property {
            Some(property) => row_of.bag(property),
            None => row_of.get(&field.name),
        };
        assert_eq!(value, Some(&*field.value), "{field:?}");
    }
    assert_eq!(edit(&text, &Part::Whole, &row_of, &context(&zone)), Ok(None));
    let unnamed = create(&row(&["Company=Office"]), &context(&zone)).unwrap();
    assert!(String::from_utf8_lossy(&unnamed).contains("FN:Office\r\n"));
    kontor_vcard::validate(&create(&Row::new(), &context(&zone)).unwrap(), 1 << 20).unwrap();
}

#[test]
fn pictures_go_in_and_out() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1A\n-------- a picture --------";
    let text = card();
    assert_eq!(photo(&text), None);
    let with = set_photo(&text, Some(PNG)).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&with).contains("PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo"));
    let found = photo(&with).unwrap();
    assert_eq!((found.bytes.as_slice(), found.media), (PNG, "image/png"));
    assert_eq!(told(&with).bag("AttachProps"), Some("<File Photo=\"-1\">ContactPicture.jpg</File>"));
    assert_eq!(set_photo(&with, Some(PNG)), Ok(None));
    assert_eq!(set_photo(&with, None), Ok(Some(text.clone())));
    assert_eq!(set_photo(&text, None), Ok(None));
    assert!(set_photo(&text, Some(b"<svg>")).is_err());
    let v4 = String::from_utf8(text).unwrap().replace("VERSION:3.0", "VERSION:4.0").into_bytes();
    let with = set_photo(&v4, Some(PNG)).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&with).contains("PHOTO:data:image/png;base64,iVBORw0KGgo"));
    assert_eq!(photo(&with).unwrap().bytes, PNG);
}

/// The lines of a card that a field may change.
pub(crate) fn card_lines(field: &str) -> &'static [&'static str] {
    match field {
        "Title" | "FirstName" | "MiddleName" | "Suffix" | "FullName" => &["N", "FN"],
        "Nickname" => &["NICKNAME"],
        "Company" | "ol_Department" => &["ORG"],
        "JobTitle" => &["TITLE"],
        "Profession" => &["ROLE"],
        "Comments" => &["NOTE"],
        "Birthday" => &["BDAY"],
        "Anniversary" => &["ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-MS-ANNIVERSARY"],
        "WebPage" => &["URL", "X-KONTOR-OUTLOOK-WEBPAGE"],
        "PersonalWebsite" => &["URL", "X-KONTOR-OUTLOOK-PERSONALWEBSITE"],
        "Email" | "Email2" | "Email3" => &["EMAIL"],
        "IMAddress" => &["IMPP", "X-MS-IMADDRESS", "X-"],
        "Gender" => &["GENDER", "X-"],
        "IsPrivate" => &["CLASS"],
        "Office" => &["ADR", "X-"],
        _ if field.contains("Address")
            || field.starts_with("Work") && !field.ends_with("Phone") && field != "WorkFax" =>
        {
            &["ADR", "LABEL"]
        }
        _ if ["Phone", "Fax", "Number"].iter().any(|end| field.ends_with(end)) => &["TEL", "X-"],
        _ => &["X-", "RELATED", "HOBBY", "LANG", "UID"],
    }
}
