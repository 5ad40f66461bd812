//! The golden texts through the door: good ones come back byte for byte, broken ones are refused with line and reason,
//! and whatever is stored can be told in XML.

use crate::scene::{Scene, props};
use kontor_contentline::{Component, Tree};
use kontor_wire_dav::answer::{MultistatusBody, Outcome};
use kontor_wire_dav::xml::Limits;
use std::path::PathBuf;

fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() > 20);
    files
}

/// A collection for each file, so that their UIDs do not meet.
async fn collection(scene: &Scene, home: &str, nth: usize) -> String {
    let path = format!("{home}c{nth}/");
    let components = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"];
    let components: String = components.map(|name| format!("<C:comp name=\"{name}\"/>")).concat();
    let body = format!(
        "<C:mkcalendar xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:set><D:prop>\
         <C:supported-calendar-component-set>{components}</C:supported-calendar-component-set>\
         </D:prop></D:set></C:mkcalendar>"
    );
    let make = match home.contains("calendars") {
        true => format!("MKCALENDAR {path}\n\n{body}"),
        false => format!("MKCOL {path}\n\n"),
    };
    scene.anna(&make).await.is(201);
    path
}

async fn comes_back(folder: &str, home: &str, data: &str, ending: &str) {
    let scene = Scene::new().await;
    for (nth, (name, bytes)) in files(&format!("{folder}/good")).into_iter().enumerate() {
        let path = collection(&scene, home, nth).await;
        let item = format!("{path}item.{ending}");
        let (put, why) = scene.exchange(&format!("PUT {item}"), &bytes).await;
        assert_eq!(put.status, 201, "{name}: {}", String::from_utf8_lossy(&why));
        let (got, back) = scene.exchange(&format!("GET {item}"), b"").await;
        assert!(back == bytes, "{name} came back changed");
        assert_eq!(got.headers.get("etag"), put.headers.get("etag"), "{name}");
        told(&scene, &path, &item, data, &name, &bytes).await;
    }
}

/// The item in a multistatus: XML that can be read, with the text as far as XML can hold it.
async fn told(scene: &Scene, path: &str, item: &str, data: &str, name: &str, bytes: &[u8]) {
    let report = if data.starts_with("C:") { "C:calendar-multiget" } else { "CR:addressbook-multiget" };
    let asked = format!("D:getetag D:getcontentlength {data}");
    let body = props(&asked).replace("D:propfind", report);
    let body = body.replace(&format!("</{report}>"), &format!("<D:href>{item}</D:href></{report}>"));
    let (head, answer) = scene.exchange(&format!("REPORT {path}"), body.as_bytes()).await;
    assert_eq!(head.status, 207, "{name}");
    let answer =
        MultistatusBody::parse(&answer, &Limits::ANSWER).unwrap_or_else(|why| panic!("{name}: {why}"));
    let Outcome::Properties(propstats) = &answer.responses[0].outcome else { panic!("{name}") };
    let [_, length, text] = propstats[0].props.as_slice() else { panic!("{name}: {propstats:?}") };
    assert_eq!(length.text(), bytes.len().to_string(), "{name}");
    let told = text.text();
    match std::str::from_utf8(bytes) {
        Ok(whole) if !whole.chars().any(|c| c.is_control() && !"\t\r\n".contains(c)) => {
            assert!(told == whole, "{name}: told otherwise");
        }
        _ => {
            assert!(told.contains('\u{FFFD}') || told.contains('\u{7f}') || told.contains('\u{85}'), "{name}")
        }
    }
}

#[tokio::test]
async fn good_calendars_come_back_byte_for_byte() {
    comes_back("ical", "/dav/calendars/anna/", "C:calendar-data", "ics").await;
}

#[tokio::test]
async fn good_cards_come_back_byte_for_byte() {
    comes_back("vcard", "/dav/addressbooks/anna/", "CR:address-data", "vcf").await;
}

async fn refused(folder: &str, path: &str, conditions: &[&str]) {
    let scene = Scene::new().await;
    for (name, bytes) in files(&format!("{folder}/broken")) {
        let (put, why) = scene.exchange(&format!("PUT {path}"), &bytes).await;
        let why = String::from_utf8(why).unwrap();
        assert_eq!(put.status, 403, "{name}: {why}");
        assert!(conditions.iter().any(|one| why.contains(&format!("<{one}/>"))), "{name}: {why}");
        let reason =
            why.split_once("<D:responsedescription>line ").unwrap_or_else(|| panic!("{name}: {why}")).1;
        let (line, reason) = reason.split_once(": ").unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').count().max(1);
        assert!((1..=lines).contains(&line.parse().unwrap()), "{name}: {why}");
        assert!(reason.len() > "</D:responsedescription></D:error>".len() + 5, "{name}: {why}");
        let (gone, _) = scene.exchange(&format!("GET {path}"), b"").await;
        assert_eq!(gone.status, 404, "{name}");
    }
}

#[tokio::test]
async fn broken_calendars_are_refused_with_line_and_reason() {
    let conditions = [
        "C:valid-calendar-data",
        "C:valid-calendar-object-resource",
        "C:supported-calendar-data",
        "C:supported-calendar-component",
        "C:min-date-time",
    ];
    refused("ical", "/dav/calendars/anna/default/a.ics", &conditions).await;
}

#[tokio::test]
async fn broken_cards_are_refused_with_line_and_reason() {
    let conditions = ["CR:valid-address-data", "CR:supported-address-data"];
    refused("vcard", "/dav/addressbooks/anna/default/a.vcf", &conditions).await;
}

/// Components of an object that are not time zones, as they are written among others.
fn parts(bytes: &[u8], wanted: &dyn Fn(&Component<'_, '_>) -> bool) -> Vec<Vec<u8>> {
    let tree = Tree::parse(bytes);
    let frame = tree.root();
    let inside: Vec<_> =
        frame.children().filter(|one| one.is("VCALENDAR")).flat_map(|one| one.children()).collect();
    let all = if inside.is_empty() { frame.children().collect() } else { inside };
    let written = |one: Component<'_, '_>| {
        let mut out = Vec::new();
        one.copy_into(&mut out);
        out.trim_ascii_end().to_vec()
    };
    all.into_iter().filter(|one| wanted(one)).map(written).collect()
}

async fn one_file(folder: &str, collection: &str, ending: &str) {
    let scene = Scene::new().await;
    let mut put: Vec<Vec<u8>> = Vec::new();
    let wanted = |one: &Component<'_, '_>| !one.is("VTIMEZONE");
    for (nth, (_, bytes)) in files(&format!("{folder}/good")).into_iter().enumerate() {
        // Some share a UID, and some are no events.
        let (head, _) = scene.exchange(&format!("PUT {collection}{nth}.{ending}"), &bytes).await;
        if head.status == 201 {
            put.extend(parts(&bytes, &wanted));
        }
    }
    assert!(put.len() > 50, "{}", put.len());
    let (head, whole) = scene.exchange(&format!("GET {collection}"), b"").await;
    assert!(head.status == 200 && head.headers.contains_key("etag"));
    let tree = Tree::parse(&whole);
    assert_eq!(tree.problems().first(), None);
    let mut got = parts(&whole, &wanted);
    got.sort();
    put.sort();
    assert!(got == put, "{} {}", got.len(), put.len());
}

#[tokio::test]
async fn a_whole_collection_is_one_file_that_can_be_read_again() {
    one_file("ical", "/dav/calendars/anna/default/", "ics").await;
    one_file("vcard", "/dav/addressbooks/anna/default/", "vcf").await;
}
