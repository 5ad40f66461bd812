//! POST to a collection (RFC 5995).

use crate::scene::{Scene, card, event};

#[tokio::test]
async fn the_server_names_the_item() {
    let scene = Scene::new().await;
    let reply = scene
        .anna(&format!("POST /dav/calendars/anna/default/?add-member\n\n{}", event("one")))
        .await
        .is(201);
    let location = reply.header("location").to_owned();
    assert!(location.starts_with("/dav/calendars/anna/default/") && location.ends_with(".ics"), "{location}");
    let got = scene.anna(&format!("GET {location}")).await.is(200);
    assert_eq!(got.body, event("one"));
    assert_eq!(got.header("etag"), reply.header("etag"));
    let again =
        scene.anna(&format!("POST /dav/calendars/anna/default/?add-member\n\n{}", event("one"))).await;
    again.is(409).has("<C:no-uid-conflict>").has(&location);
    let second = scene.anna(&format!("POST /dav/calendars/anna/default/\n\n{}", event("two"))).await.is(201);
    assert_ne!(second.header("location"), location);
    let preferring = "POST /dav/calendars/anna/default/?add-member\nPrefer: return=representation";
    let third =
        scene.anna(&format!("{preferring}\nContent-Type: text/plain\n\n{}", event("three"))).await.is(201);
    assert_eq!(third.body, event("three"));
    assert_eq!(third.header("content-location"), third.header("location"));
    assert_eq!(third.header("content-type"), "text/calendar; charset=utf-8");
    let book = "/dav/addressbooks/anna/default/?add-member";
    let reply = scene.anna(&format!("POST {book}\nContent-Type: text/vcard\n\n{}", card("c"))).await.is(201);
    assert!(reply.header("location").ends_with(".vcf"));
    scene.anna(&format!("POST {book}\n\nhello")).await.is(403).has("CR:valid-address-data");
    scene.anna("POST /dav/calendars/anna/\n\nx").await.is(405);
    scene.anna(&format!("POST /dav/calendars/ben/default/\n\n{}", event("one"))).await.is(404);
}
