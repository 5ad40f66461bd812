//! What well-known clients say, in their words as far as they matter, and what they need to hear.

use crate::scene::{Scene, card, event};

const HOME: &str = "/dav/calendars/anna/";

fn sync(token: &str, more: &str) -> String {
    format!(
        "<A:sync-collection xmlns:A=\"DAV:\"><A:sync-token>{token}</A:sync-token><A:sync-level>1</A:sync-level>{more}\
         <A:prop><A:getetag/></A:prop></A:sync-collection>"
    )
}

#[tokio::test]
async fn ios_finds_its_way_and_lists_the_home() {
    let scene = Scene::new().await;
    for path in
        ["/.well-known/caldav", "/.well-known/caldav/", "/.well-known/carddav", "/.well-known/carddav/"]
    {
        scene.raw(&format!("PROPFIND {path}\nDepth: 0\n\n")).await.is(307).says("location", "/dav/");
    }
    let whoami = "<A:propfind xmlns:A=\"DAV:\"><A:prop><A:current-user-principal/><A:principal-URL/>\
                  <A:resourcetype/></A:prop></A:propfind>";
    scene.raw(&format!("PROPFIND /\nDepth: 0\n\n{whoami}")).await.is(401);
    for root in ["/", "/dav/", "/dav"] {
        let reply = scene.anna(&format!("PROPFIND {root}\nDepth: 0\n\n{whoami}")).await.is(207);
        reply.has("<D:current-user-principal><D:href>/dav/principals/anna/</D:href>");
    }
    let principal = "<A:propfind xmlns:A=\"DAV:\" xmlns:B=\"urn:ietf:params:xml:ns:caldav\" \
        xmlns:C=\"http://calendarserver.org/ns/\" xmlns:D=\"urn:ietf:params:xml:ns:carddav\"><A:prop>\
        <B:calendar-home-set/><B:calendar-user-address-set/><A:current-user-principal/><A:displayname/>\
        <C:dropbox-home-URL/><C:email-address-set/><C:notification-URL/><A:principal-collection-set/><A:principal-URL/>\
        <A:resource-id/><B:schedule-inbox-URL/><B:schedule-outbox-URL/><A:supported-report-set/>\
        <D:addressbook-home-set/><D:directory-gateway/></A:prop></A:propfind>";
    let reply = scene.anna(&format!("PROPFIND /dav/principals/anna/\nDepth: 0\n\n{principal}")).await.is(207);
    reply
        .has("<C:calendar-home-set><D:href>/dav/calendars/anna/</D:href>")
        .has("<CR:addressbook-home-set><D:href>/dav/addressbooks/anna/</D:href>")
        .has("mailto:anna@example.org")
        .has("<C:schedule-inbox-URL/>");
    let listing = "<A:propfind xmlns:A=\"DAV:\"><A:prop><A:displayname/><A:resourcetype/>\
        <A:current-user-privilege-set/><A:sync-token/><A:supported-report-set/><A:owner/><A:quota-used-bytes/>\
        <C:getctag xmlns:C=\"http://calendarserver.org/ns/\"/><C:source xmlns:C=\"http://calendarserver.org/ns/\"/>\
        <E:calendar-color xmlns:E=\"http://apple.com/ns/ical/\"/>\
        <B:supported-calendar-component-set xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/></A:prop></A:propfind>";
    let reply = scene.anna(&format!("PROPFIND {HOME}\nDepth: 1\nBrief: t\n\n{listing}")).await.is(207);
    assert_eq!(reply.count("<D:response>"), 3);
    reply.has("<C:comp name=\"VTODO\"/></C:supp").has("<D:sync-token>urn:").has("<D:all/>").lacks("404");
}

#[tokio::test]
async fn ios_makes_paints_and_polls_a_calendar() {
    let scene = Scene::new().await;
    let path = format!("{HOME}1B0D-AF/");
    let zone = "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nBEGIN:VTIMEZONE&#13;\nTZID:Europe/Berlin&#13;\nBEGIN:STANDARD&#13;\n\
        TZOFFSETFROM:+0200&#13;\nDTSTART:19961027T030000&#13;\nTZOFFSETTO:+0100&#13;\nEND:STANDARD&#13;\nEND:VTIMEZONE&#13;\n\
        END:VCALENDAR&#13;\n";
    let make = format!(
        "<B:mkcalendar xmlns:B=\"urn:ietf:params:xml:ns:caldav\"><A:set xmlns:A=\"DAV:\"><A:prop>\
         <B:calendar-free-busy-set><YES/></B:calendar-free-busy-set><D:calendar-color symbolic-color=\"blue\" \
         xmlns:D=\"http://apple.com/ns/ical/\">#1BADF8FF</D:calendar-color><D:calendar-order \
         xmlns:D=\"http://apple.com/ns/ical/\">7</D:calendar-order><B:calendar-timezone>{zone}</B:calendar-timezone>\
         <B:supported-calendar-component-set><B:comp name=\"VEVENT\"/></B:supported-calendar-component-set>\
         <A:displayname>Häuser</A:displayname></A:prop></A:set></B:mkcalendar>"
    );
    scene.anna(&format!("MKCALENDAR {path}\n\n{make}")).await.is(201);
    let asked = crate::scene::props(
        "D:displayname A:calendar-color A:calendar-order C:calendar-timezone C:calendar-timezone-id CS:getctag",
    );
    let ask = format!("PROPFIND {path}\nDepth: 0\n\n{asked}");
    let reply = scene.anna(&ask).await.is(207).lacks("404").has("Häuser").has("#1BADF8FF").has(zone);
    let ctag = reply.text("CS:getctag");
    let paint = "<A:propertyupdate xmlns:A=\"DAV:\"><A:set><A:prop><D:calendar-color symbolic-color=\"custom\" \
        xmlns:D=\"http://apple.com/ns/ical/\">#FF2D55FF</D:calendar-color></A:prop></A:set><A:set><A:prop>\
        <D:calendar-order xmlns:D=\"http://apple.com/ns/ical/\">2</D:calendar-order></A:prop></A:set></A:propertyupdate>";
    scene.anna(&format!("PROPPATCH {path}\n\n{paint}")).await.is(207).lacks("HTTP/1.1 4");
    scene.anna(&ask).await.is(207).has("#FF2D55FF").has("<A:calendar-order>2<").has(&ctag);
    let put = format!("PUT {path}A.ics\nIf-None-Match: *\nContent-Type: text/calendar\n\n{}", event("A"));
    let tag = scene.anna(&put).await.is(201).header("etag").to_owned();
    scene.anna(&put).await.is(412);
    let now = scene.anna(&ask).await.text("CS:getctag");
    assert_ne!(now, ctag);
    scene.anna(&format!("DELETE {path}A.ics\nIf-Match: \"0-0\"\n\n")).await.is(412);
    scene.anna(&format!("DELETE {path}A.ics\nIf-Match: {tag}\n\n")).await.is(204);
}

#[tokio::test]
async fn what_was_put_into_an_empty_calendar_and_removed_by_another_device_is_told() {
    let scene = Scene::new().await;
    let report = format!("REPORT {HOME}default/\n\n");
    let token = scene.anna(&format!("{report}{}", sync("", ""))).await.is(207).text("D:sync-token");
    scene.event("one").await;
    scene.event("two").await;
    scene.anna(&format!("DELETE {HOME}default/one.ics\n\n")).await.is(204);
    let reply = scene.anna(&format!("{report}{}", sync(&token, ""))).await.is(207);
    reply.has("one.ics</D:href><D:status>HTTP/1.1 404 ").has("two.ics</D:href><D:propstat>");
}

#[tokio::test]
async fn davx5_makes_an_address_book_and_reads_it_in_pieces() {
    let scene = Scene::new().await;
    let path = "/dav/addressbooks/anna/9f8e/";
    let make = "<mkcol xmlns=\"DAV:\" xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\"><set><prop><resourcetype><collection />\
        <CARD:addressbook /></resourcetype><displayname>Freunde</displayname><CARD:addressbook-description>x\
        </CARD:addressbook-description></prop></set></mkcol>";
    scene.anna(&format!("MKCOL {path}\n\n{make}")).await.is(201);
    let asked = crate::scene::props(
        "D:resourcetype D:displayname CR:supported-address-data CR:max-resource-size D:supported-report-set \
         D:current-user-privilege-set CS:getctag D:sync-token",
    );
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207).lacks("404");
    reply
        .has("<CR:addressbook/>")
        .has("version=\"4.0\"")
        .has("<D:sync-collection/>")
        .has("<CR:addressbook-multiget/>");
    for n in 0..7 {
        let put =
            format!("PUT {path}c{n}.vcf\nIf-None-Match: *\nContent-Type: text/vcard; charset=utf-8\n\n");
        scene.anna(&(put + &card(&format!("c{n}")))).await.is(201);
    }
    let (mut token, mut names, mut rounds) = (String::new(), 0, 0);
    loop {
        let limit = "<A:limit><A:nresults>3</A:nresults></A:limit>";
        let reply = scene.anna(&format!("REPORT {path}\n\n{}", sync(&token, limit))).await.is(207);
        token = reply.text("D:sync-token");
        names += reply.count(".vcf</D:href>");
        rounds += 1;
        if !reply.body.contains("507") {
            break;
        }
        reply.has(&format!("<D:href>{path}</D:href><D:status>HTTP/1.1 507 "));
    }
    assert_eq!((names, rounds), (7, 3));
    let get = format!(
        "<CARD:addressbook-multiget xmlns=\"DAV:\" xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\"><prop><getcontenttype/>\
         <getetag/><CARD:address-data content-type=\"text/vcard\" version=\"4.0\"/></prop><href>{path}c0.vcf</href>\
         <href>{path}gone.vcf</href></CARD:addressbook-multiget>"
    );
    let reply = scene.anna(&format!("REPORT {path}\n\n{get}")).await.is(207);
    reply.has("VERSION:4.0").has("text/vcard").has("gone.vcf</D:href><D:status>HTTP/1.1 404 ");
}

#[tokio::test]
async fn thunderbird_and_evolution_list_query_and_fetch() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let path = format!("{HOME}default/");
    let asked = crate::scene::props(
        "D:resourcetype D:owner D:current-user-principal D:current-user-privilege-set D:supported-report-set \
         C:supported-calendar-component-set CS:getctag",
    );
    scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207).lacks("404");
    let listing = crate::scene::props("D:getcontenttype D:resourcetype D:getetag");
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 1\n\n{listing}")).await.is(207);
    reply.has("one.ics</D:href><D:propstat><D:prop><D:getcontenttype>text/calendar");
    let query = "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop xmlns:D=\"DAV:\"><D:getetag/></D:prop>\
        <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">RANGE</C:comp-filter></C:comp-filter>\
        </C:filter></C:calendar-query>";
    let ask = async |range: &str| {
        scene.anna(&format!("REPORT {path}\nDepth: 1\n\n{}", query.replace("RANGE", range))).await.is(207)
    };
    ask("").await.has("one.ics").lacks("calendar-data");
    // The way of Outlook CalDav Synchronizer.
    ask("<C:time-range start=\"20261101T000000Z\" end=\"20270101T000000Z\"/>").await.has("one.ics");
    ask("<C:time-range start=\"20270101T000000Z\" end=\"20270201T000000Z\"/>").await.lacks("one.ics");
    let get = format!(
        "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/>\
         <C:calendar-data/></D:prop><D:href>{path}one.ics</D:href></C:calendar-multiget>"
    );
    scene.anna(&format!("REPORT {path}\nDepth: 1\n\n{get}")).await.is(207).has("SUMMARY:one&#13;\n");
}

#[tokio::test]
async fn whoever_asks_for_delegates_hears_that_there_are_none() {
    let scene = Scene::new().await;
    let asked = "<propfind xmlns=\"DAV:\" xmlns:cs=\"http://calendarserver.org/ns/\"><prop><cs:calendar-proxy-write-for/>\
        <cs:calendar-proxy-read-for/><group-membership/></prop></propfind>";
    let reply = scene.anna(&format!("PROPFIND /dav/principals/anna/\nDepth: 0\n\n{asked}")).await.is(207);
    reply.has("<CS:calendar-proxy-write-for/><CS:calendar-proxy-read-for/></D:prop><D:status>HTTP/1.1 404 ");
    let expand = "<A:expand-property xmlns:A=\"DAV:\"><A:property name=\"calendar-proxy-write-for\" \
        namespace=\"http://calendarserver.org/ns/\"><A:property name=\"displayname\" namespace=\"DAV:\"/></A:property>\
        </A:expand-property>";
    scene.anna(&format!("REPORT /dav/principals/anna/\n\n{expand}")).await.is(207).has("404");
}

#[tokio::test]
async fn vdirsyncer_and_akonadi_walk_down_from_the_root() {
    let scene = Scene::new().await;
    let asked = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:resourcetype/></d:prop></d:propfind>";
    for path in ["/dav/", HOME, "/dav/addressbooks/anna/", "/dav/principals/"] {
        scene.anna(&format!("PROPFIND {path}\nDepth: 1\n\n{asked}")).await.is(207).has("<D:collection/>");
    }
    let all = scene.anna(&format!("PROPFIND {HOME}default/\nDepth: 0\n\n")).await.is(207);
    all.has("<D:displayname>").has("<D:getetag>").lacks("calendar-timezone");
}
