//! Golden pairs: `NAME.in.xml` in the manner of a client, `NAME.out.xml` what we understood, as we write it.

use std::path::{Path, PathBuf};

use kontor_wire_dav::acl::Acl;
use kontor_wire_dav::name::{caldav, dav};
use kontor_wire_dav::report::Report;
use kontor_wire_dav::request::{Make, Mkcol, Propfind, Proppatch};
use kontor_wire_dav::xml::{Limits, parse};

/// Reads a body as what its root says it is, and writes it again.
fn rewrite(body: &[u8]) -> String {
    let limits = Limits::default();
    let root = parse(body, &limits).unwrap().name;
    let mut out = Vec::new();
    if root == dav::PROPFIND {
        Propfind::parse(body, &limits).unwrap().write(&mut out);
    } else if root == dav::PROPERTYUPDATE {
        Proppatch::parse(body, &limits).unwrap().write(&mut out);
    } else if root == dav::MKCOL {
        Mkcol::parse(Make::Collection, body, &limits).unwrap().write(Make::Collection, &mut out);
    } else if root == caldav::MKCALENDAR {
        Mkcol::parse(Make::Calendar, body, &limits).unwrap().write(Make::Calendar, &mut out);
    } else if root == dav::ACL {
        Acl::parse(body, &limits).unwrap().write(&mut out);
    } else {
        Report::parse(body, &limits).unwrap().write(&mut out);
    }
    String::from_utf8(out).unwrap()
}

pub(crate) fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_string_lossy().ends_with(".in.xml")).collect()
}

/// The declarations of the root say nothing new in each file; line breaks between tags make them readable.
fn readable(xml: &str) -> String {
    let (head, body) = xml.split_once('\n').unwrap();
    assert_eq!(head, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let from = body.find(" xmlns:D=").unwrap();
    let to = body.find("ical/\"").unwrap() + 6;
    format!("{}{}\n", &body[..from], &body[to..]).replace("><", ">\n<")
}

#[test]
fn requests_of_clients_are_understood() {
    let files = golden_files();
    assert!(files.len() >= 30);
    let mut wrong = Vec::new();
    for path in files {
        let written = rewrite(&std::fs::read(&path).unwrap());
        let expect = PathBuf::from(path.to_string_lossy().replace(".in.xml", ".out.xml"));
        if std::fs::read_to_string(&expect).unwrap_or_default() != readable(&written) {
            wrong.push(format!("{}:\n{}", expect.display(), readable(&written)));
        }
        assert_eq!(rewrite(written.as_bytes()), written, "{}", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
