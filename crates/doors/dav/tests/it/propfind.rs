//! PROPFIND: every form, every depth, every sort of resource.

use crate::scene::{Scene, card, props};

const CALENDAR: &str = "/dav/calendars/anna/default/";

#[tokio::test]
async fn the_three_forms_of_question() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let path = "/dav/calendars/anna/default/one.ics";
    let asked = props("D:getetag X:nothing D:getcontentlength");
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
    reply
        .has("<D:getetag>\"")
        .has("HTTP/1.1 200 OK")
        .has("<D:propstat><D:prop><X:nothing xmlns:X=\"urn:x\"/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status>");
    let all = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n")).await.is(207);
    all.has("<D:resourcetype/>")
        .has("<D:getcontenttype>text/calendar")
        .has("<D:creationdate>2026-11-21T21:04:05Z")
        .has("<D:getlastmodified>Sat, 21 Nov 2026 21:04:05 GMT")
        .lacks("404")
        .lacks("supported-report-set");
    let body = "<propfind xmlns='DAV:'><allprop/><include><owner/></include></propfind>";
    let all = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{body}")).await.is(207);
    all.has("<D:owner><D:href>/dav/principals/anna/</D:href></D:owner>").has("<D:getetag>");
    let body = "<propfind xmlns='DAV:'><propname/></propfind>";
    let names = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{body}")).await.is(207);
    names
        .has("<D:getetag/>")
        .has("<D:current-user-privilege-set/>")
        .lacks("<D:sync-token/>")
        .lacks("displayname");
}

#[tokio::test]
async fn depth_says_how_far() {
    let scene = Scene::new().await;
    scene.event("one").await;
    scene.event("two").await;
    let check = async |headers: &str, path: &str, count: usize| {
        let reply = scene.anna(&format!("PROPFIND {path}\n{headers}\n\n")).await.is(207);
        assert_eq!(reply.count("<D:response>"), count, "{headers} {path}");
    };
    check("Depth: 0", CALENDAR, 1).await;
    check("Depth: 1", CALENDAR, 3).await;
    check("Depth: 1", &format!("{CALENDAR}one.ics"), 1).await;
    check("Depth: infinity", &format!("{CALENDAR}one.ics"), 1).await;
    check("Depth: 1", "/dav/", 5).await;
    check("Depth: 1", "/dav/principals/", 4).await;
    check("Depth: 1", "/dav/calendars/", 2).await;
    check("Depth: 1", "/dav/calendars/anna/", 3).await;
    check("Depth: 1\nPrefer: depth-noroot", CALENDAR, 2).await;
    check("Depth: 1\nPrefer: depth-noroot", "/dav/calendars/anna/", 2).await;
    for headers in ["Depth: infinity", "X-No: depth"] {
        let reply = scene.anna(&format!("PROPFIND {CALENDAR}\n{headers}\n\n")).await.is(403);
        reply.has("<D:propfind-finite-depth/>");
    }
    scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 2\n\n")).await.is(400);
}

#[tokio::test]
async fn the_short_answer_leaves_out_what_is_not_there() {
    let scene = Scene::new().await;
    let asked = props("D:displayname X:nothing");
    for header in ["Prefer: return=minimal", "Brief: t"] {
        let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n{header}\n\n{asked}")).await.is(207);
        reply.says("preference-applied", "return=minimal").has("<D:displayname>Calendar").lacks("404");
    }
    let asked = props("X:nothing");
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\nBrief: t\n\n{asked}")).await.is(207);
    reply.has("<D:propstat><D:prop/><D:status>HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_calendar_tells_what_it_can() {
    let scene = Scene::new().await;
    let asked = props(
        "C:supported-calendar-data C:max-resource-size C:min-date-time C:max-date-time C:max-instances \
         C:max-attendees-per-instance C:supported-collation-set C:schedule-calendar-transp D:sync-token CS:getctag \
         D:owner D:supported-privilege-set D:current-user-privilege-set D:acl D:acl-restrictions D:inherited-acl-set \
         D:principal-collection-set D:resource-id D:add-member D:current-user-principal D:getetag",
    );
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
    let reply = reply
        .lacks("404")
        .has("<C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>")
        .has("<C:max-resource-size>10485760</C:max-resource-size>")
        .has("<C:min-date-time>0001")
        .has("<C:supported-collation>i;ascii-casemap</C:supported-collation>")
        .has("<C:schedule-calendar-transp><C:opaque/>")
        .has("<D:privilege><D:all/></D:privilege>")
        .has("<D:principal><D:property><D:owner/></D:property></D:principal>")
        .has("<D:privilege><C:read-free-busy/></D:privilege>")
        .has("<D:add-member><D:href>/dav/calendars/anna/default/?add-member</D:href>")
        .has("<D:resource-id><D:href>urn:kontor:collection:");
    assert_eq!(reply.text("D:sync-token"), reply.text("CS:getctag"));
    let before = reply.text("D:sync-token");
    scene.event("one").await;
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
    assert_ne!(reply.text("D:sync-token"), before);
    assert_ne!(reply.text("CS:getctag"), before);
}

#[tokio::test]
async fn an_address_book_tells_what_it_can() {
    let scene = Scene::new().await;
    let asked =
        props("CR:supported-address-data CR:max-resource-size CR:supported-collation-set D:sync-token");
    let path = "/dav/addressbooks/anna/default/";
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
    reply
        .lacks("404")
        .has("<CR:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>")
        .has("<CR:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>")
        .has("i;unicode-casemap");
    scene.anna(&format!("PUT {path}a%20b%26c.vcf\n\n{}", card("u"))).await.is(201);
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 1\n\n{asked}")).await.is(207);
    reply.has("<D:href>/dav/addressbooks/anna/default/a%20b%26c.vcf</D:href>");
}

#[tokio::test]
async fn nothing_is_claimed_that_is_not_so() {
    let scene = Scene::new().await;
    let asked = props(
        "C:schedule-inbox-URL C:schedule-outbox-URL CS:push-transports D:supportedlock D:lockdiscovery",
    );
    let reply = scene.anna(&format!("PROPFIND /dav/principals/anna/\nDepth: 0\n\n{asked}")).await.is(207);
    reply.lacks("200 OK");
    let options = scene.anna("OPTIONS /dav/").await;
    assert!(!options.header("dav").contains("calendar-auto-schedule"));
}

#[tokio::test]
async fn wrong_bodies_are_refused_with_the_place() {
    let scene = Scene::new().await;
    let check = async |body: &str, status: u16, part: &str| {
        scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{body}")).await.is(status).has(part);
    };
    check("<D:propfind><D:prop/></D:propfind>", 400, "prefix \"D\" is not declared at line 1").await;
    check("<propfind xmlns='DAV:'>", 400, "responsedescription").await;
    check("<propfind xmlns='DAV:'/>", 400, "without prop").await;
    let entity = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><propfind xmlns='DAV:'><prop>&e;</prop></propfind>";
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{entity}")).await;
    assert!(reply.status == 400 || reply.status == 403, "{}", reply.status);
    let deep =
        format!("<propfind xmlns='DAV:'><prop>{}{}</prop></propfind>", "<a>".repeat(500), "</a>".repeat(500));
    check(&deep, 413, "deeper").await;
    let many: String = (0..251).map(|n| format!("<p{n}/>")).collect();
    let many = format!("<propfind xmlns='DAV:'><prop>{many}</prop></propfind>");
    check(&many, 413, "max_asked_properties").await;
}
