//! GET on a collection: the whole of it as one file, with a tag.

use crate::scene::{Scene, card, event};

#[tokio::test]
async fn a_calendar_is_one_file() {
    let scene = Scene::new().await;
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
                TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    for uid in ["one", "two", "three"] {
        let body = event(uid)
            .replace("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"))
            .replace("DTSTART:20261201T100000Z", "DTSTART;TZID=Europe/Berlin:20261201T100000")
            .replace("DTEND:20261201T110000Z", "DTEND;TZID=Europe/Berlin:20261201T110000");
        scene.anna(&format!("PUT /dav/calendars/anna/default/{uid}.ics\n\n{body}")).await.is(201);
    }
    let reply = scene.anna("GET /dav/calendars/anna/default/").await.is(200);
    assert_eq!(reply.count("BEGIN:VCALENDAR"), 1);
    assert_eq!(reply.count("BEGIN:VTIMEZONE"), 1);
    assert_eq!(reply.count("BEGIN:VEVENT"), 3);
    assert!(reply.body.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    assert_eq!(reply.header("content-type"), "text/calendar; charset=utf-8");
    let tag = reply.header("etag").to_owned();
    let again = format!("GET /dav/calendars/anna/default/\nIf-None-Match: {tag}");
    scene.anna(&again).await.is(304);
    scene.anna("DELETE /dav/calendars/anna/default/two.ics\n\n").await.is(204);
    let reply = scene.anna(&again).await.is(200);
    assert_eq!(reply.count("BEGIN:VEVENT"), 2);
    assert_ne!(reply.header("etag"), tag);
    let head = scene.anna("HEAD /dav/calendars/anna/default/").await.is(200);
    assert_eq!((head.body.as_str(), head.header("etag")), ("", reply.header("etag")));
}

#[tokio::test]
async fn an_address_book_is_one_file_and_large_ones_stream() {
    let settings = kontor_door_dav::Settings { page: 8, ..Default::default() };
    let scene = Scene::with(kontor_groupware::Policy::default(), settings).await;
    for n in 0..25 {
        let uid = format!("card-{n:02}");
        let put = format!("PUT /dav/addressbooks/anna/default/{uid}.vcf\n\n{}", card(&uid));
        scene.anna(&put).await.is(201);
    }
    let reply = scene.anna("GET /dav/addressbooks/anna/default/").await.is(200);
    assert_eq!(reply.count("BEGIN:VCARD\r\n"), 25);
    assert_eq!(reply.count("END:VCARD\r\n"), 25);
    let listing = scene.anna("PROPFIND /dav/addressbooks/anna/default/\nDepth: 1\n\n").await.is(207);
    assert_eq!(listing.count("<D:response>"), 26);
    assert!(listing.body.ends_with("</D:multistatus>"));
}

#[tokio::test]
async fn an_empty_collection_is_an_empty_file() {
    let scene = Scene::new().await;
    let reply = scene.anna("GET /dav/calendars/anna/tasks/").await.is(200);
    reply.has("BEGIN:VCALENDAR\r\nVERSION:2.0").has("END:VCALENDAR\r\n");
    scene.anna("GET /dav/addressbooks/anna/default").await.is(200);
    scene.anna("GET /dav/calendars/anna/none/").await.is(404);
    scene.anna("GET /dav/calendars/ben/default/").await.is(404);
    scene.anna("GET /dav/calendars/anna/").await.is(405);
}

#[tokio::test]
async fn a_new_title_makes_another_file() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/default/";
    let tag = scene.anna(&format!("GET {path}")).await.is(200).header("etag").to_owned();
    let patch = "<propertyupdate xmlns='DAV:'><set><prop><displayname>Büro</displayname></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {path}\n\n{patch}")).await.is(207);
    let reply = scene.anna(&format!("GET {path}\nIf-None-Match: {tag}")).await.is(200);
    assert_ne!(reply.header("etag"), tag);
    let asked = crate::scene::props("D:getetag");
    scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207).has(reply.header("etag"));
    reply.has("X-WR-CALNAME:Büro\r\n");
}

#[tokio::test]
async fn a_card_is_told_in_the_version_that_alone_is_accepted() {
    let scene = Scene::new().await;
    let path = "/dav/addressbooks/anna/default/a.vcf";
    let tag = scene.anna(&format!("PUT {path}\n\n{}", card("a"))).await.is(201).header("etag").to_owned();
    for either in ["*/*", "text/vcard", "text/vcard;version=4.0, text/vcard;charset=UTF-8;q=0.8", "image/png"]
    {
        let reply = scene.anna(&format!("GET {path}\nAccept: {either}")).await.is(200).says("etag", &tag);
        assert_eq!(reply.body, card("a"), "{either}");
    }
    let get = format!("GET {path}\nAccept: text/vcard; version=4.0");
    let reply = scene.anna(&get).await.is(200).has("VERSION:4.0").says("vary", "Accept");
    assert_eq!(reply.header("content-type"), "text/vcard; charset=utf-8; version=4.0");
    let other = reply.header("etag").to_owned();
    assert_ne!(other, tag);
    scene.anna(&format!("{get}\nIf-None-Match: {other}")).await.is(304);
    scene.anna(&format!("{get}\nIf-None-Match: {tag}")).await.is(200);
    let head = scene.anna(&get.replace("GET", "HEAD")).await.is(200);
    assert_eq!(head.header("content-length"), reply.body.len().to_string());
    // Whoever has seen it in either look may change it.
    let put = format!("PUT {path}\nIf-Match: {other}\n\n{}", card("a").replace("FN:a", "FN:b"));
    scene.anna(&put).await.is(204);
    scene.anna(&put).await.is(412);
}
