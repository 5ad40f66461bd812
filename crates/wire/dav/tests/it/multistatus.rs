//! The 207 body.

use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::xml::{Limits, parse};
use kontor_wire_dav::{Name, name::dav};

fn inside(answer: Multistatus) -> String {
    let body = String::from_utf8(answer.finish()).unwrap();
    parse(body.as_bytes(), &Limits::default()).unwrap();
    let from = body.find("ical/\">").unwrap() + 7;
    body[from..body.len() - "</D:multistatus>".len()].to_owned()
}

#[test]
fn properties_are_grouped_by_status() {
    let mut answer = Multistatus::new();
    answer.response("/a%20b/");
    answer.propstat(200);
    answer.text(&dav::DISPLAYNAME, "a & b");
    answer.raw(b"<x xmlns=\"urn:x\"/>");
    answer.propstat(403);
    answer.missing([&dav::OWNER, &Name::new("urn:y", "y"), &Name::new("", "z")]);
    assert_eq!(
        inside(answer),
        concat!(
            "<D:response><D:href>/a%20b/</D:href>",
            "<D:propstat><D:prop><D:displayname>a &amp; b</D:displayname><x xmlns=\"urn:x\"/></D:prop>",
            "<D:status>HTTP/1.1 200 OK</D:status></D:propstat>",
            "<D:propstat><D:prop><D:owner/><X:y xmlns:X=\"urn:y\"/><z/></D:prop>",
            "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>"
        )
    );
}

#[test]
fn a_response_without_properties_is_still_one() {
    let mut answer = Multistatus::new();
    answer.response("/a");
    answer.propstat(200);
    answer.missing([]);
    answer.status("/b", 404);
    answer.truncated("/c/");
    answer.sync_token("urn:1");
    assert_eq!(
        inside(answer),
        concat!(
            "<D:response><D:href>/a</D:href><D:propstat><D:prop/><D:status>HTTP/1.1 200 OK</D:status></D:propstat>",
            "</D:response>",
            "<D:response><D:href>/b</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>",
            "<D:response><D:href>/c/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>",
            "<D:error><D:number-of-matches-within-limits/></D:error></D:response>",
            "<D:sync-token>urn:1</D:sync-token>"
        )
    );
}

#[test]
fn errors_belong_to_their_propstat() {
    let mut answer = Multistatus::new();
    answer.response("/a");
    answer.failed(403, [&dav::GETETAG]);
    answer.error(|w| w.empty(&dav::CANNOT_MODIFY_PROTECTED_PROPERTY));
    answer.failed(424, [&dav::DISPLAYNAME]);
    answer.description("nothing was changed");
    assert_eq!(
        inside(answer),
        concat!(
            "<D:response><D:href>/a</D:href><D:propstat><D:prop><D:getetag/></D:prop>",
            "<D:status>HTTP/1.1 403 Forbidden</D:status>",
            "<D:error><D:cannot-modify-protected-property/></D:error></D:propstat>",
            "<D:propstat><D:prop><D:displayname/></D:prop><D:status>HTTP/1.1 424 Failed Dependency</D:status>",
            "</D:propstat><D:responsedescription>nothing was changed</D:responsedescription></D:response>"
        )
    );
}

#[test]
fn any_order_of_calls_is_well_formed() {
    let mut answer = Multistatus::new();
    answer.propstat(404);
    answer.empty(&dav::OWNER);
    answer.sync_token("x");
    answer.error(|_| ());
    answer.response("/");
    let taken = answer.take();
    answer.text(&dav::OWNER, "\u{0}");
    let whole = [taken, answer.finish()].concat();
    parse(&whole, &Limits::default()).unwrap();
}

#[test]
fn pieces_make_the_whole() {
    let write = |cut: bool| {
        let mut answer = Multistatus::new();
        let mut body = Vec::new();
        for n in 0..100 {
            answer.response(&format!("/{n}"));
            answer.text(&dav::GETETAG, "\"x\"");
            if cut {
                body.extend(answer.take());
            }
        }
        body.extend(answer.finish());
        body
    };
    assert_eq!(write(true), write(false));
}
