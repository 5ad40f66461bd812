//! The 207 body.

use kontor_wire_dav::answer::{Condition, Multistatus, MultistatusBody, Outcome, Response};
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

#[test]
fn what_was_written_is_read() {
    let mut answer = Multistatus::new();
    answer.response("/a");
    answer.text(&dav::GETETAG, "\"1\"");
    answer.text_bytes(&dav::DISPLAYNAME, b"a\r\nb");
    answer.missing([&dav::OWNER]);
    answer.error(|w| w.empty(&dav::NO_ABSTRACT));
    answer.status("/b", 404);
    answer.truncated("/");
    answer.sync_token("urn:t");
    answer.description("all of it");
    let read = MultistatusBody::parse(&answer.finish(), &Limits::ANSWER).unwrap();
    assert_eq!(read.responses.len(), 3);
    let a = read.response("/a").unwrap();
    assert_eq!(a.property(&dav::DISPLAYNAME).unwrap().text(), "a\r\nb");
    assert_eq!(a.property(&dav::OWNER), None);
    assert_eq!(a.property_status(&dav::OWNER), Some(404));
    assert_eq!(a.propstats()[1].error.as_ref().unwrap().conditions, [Condition::Bare(dav::NO_ABSTRACT)]);
    assert_eq!(read.response("/b").unwrap().status(), Some(404));
    assert_eq!(read.responses[2].status(), Some(507));
    assert_eq!(
        read.responses[2].error.as_ref().unwrap().conditions,
        [Condition::Bare(dav::NUMBER_OF_MATCHES_WITHIN_LIMITS)]
    );
    assert_eq!(read.sync_token.as_deref(), Some("urn:t"));
    assert_eq!(read.description.as_deref(), Some("all of it"));
}

#[test]
fn responses_nest_in_a_property() {
    let mut inner = Multistatus::fragment();
    inner.response("/principals/ann/");
    inner.text(&dav::DISPLAYNAME, "Ann");
    let inner = inner.finish();
    let mut answer = Multistatus::new();
    answer.response("/a");
    answer.value(&dav::OWNER, |w| w.raw(&inner));
    let read = MultistatusBody::parse(&answer.finish(), &Limits::ANSWER).unwrap();
    let owner = read.responses[0].property(&dav::OWNER).unwrap();
    let nested = Response::read(owner.children().next().unwrap()).unwrap();
    assert_eq!(nested.property(&dav::DISPLAYNAME).unwrap().text(), "Ann");
}

#[test]
fn bodies_of_other_servers() {
    let body = r#"<?xml version='1.0' encoding='UTF-8'?>
<multistatus xmlns='DAV:'><response><href>/a/</href><href>/b/</href><status>HTTP/1.1 423 Locked</status>
<error><lock-token-submitted><href>/l/</href></lock-token-submitted></error></response>
<response><href> /c/ </href><propstat><status>HTTP/1.1 200 OK</status><prop><getetag>x</getetag></prop></propstat></response>
</multistatus>"#;
    let read = MultistatusBody::parse(body.as_bytes(), &Limits::ANSWER).unwrap();
    assert_eq!(read.responses[0].hrefs, ["/a/", "/b/"]);
    assert_eq!(read.responses[0].outcome, Outcome::Status(423));
    assert_eq!(read.responses[1].href(), "/c/");
    for bad in [
        "<multistatus xmlns='DAV:'><response/></multistatus>",
        "<multistatus xmlns='DAV:'><response><href/><status>200</status></response></multistatus>",
        "<multistatus xmlns='DAV:'><response><href/><propstat/></response></multistatus>",
        "<prop xmlns='DAV:'/>",
    ] {
        assert!(MultistatusBody::parse(bad.as_bytes(), &Limits::ANSWER).is_err(), "{bad}");
    }
}

/// Ten thousand responses in 10 ms is what an optimised build must do; this one may take ten times as long.
#[test]
fn ten_thousand_responses_are_quick() {
    let write = || {
        let mut answer = Multistatus::with_capacity(4 << 20);
        for n in 0..10_000 {
            answer.response(&format!("/dav/calendars/ann/default/{n}.ics"));
            answer.propstat(200);
            answer.text(&dav::GETETAG, "\"0123456789abcdef\"");
            answer.raw(b"<D:getcontenttype>text/calendar; component=vevent</D:getcontenttype>");
            answer.missing([&dav::OWNER]);
        }
        answer.finish()
    };
    let fastest = (0..5).map(|_| {
        let started = std::time::Instant::now();
        assert!(write().len() > 2_000_000);
        started.elapsed()
    });
    let fastest = fastest.min().unwrap();
    let allowed = if cfg!(debug_assertions) { 100 } else { 10 };
    assert!(fastest < std::time::Duration::from_millis(allowed), "{fastest:?}");
    assert_eq!(MultistatusBody::parse(&write(), &Limits::ANSWER).unwrap().responses.len(), 10_000);
}
