//! The event stream: a waiting client learns of a change at once.

use crate::scene::Scene;
use http_body_util::BodyExt;
use kontor_groupware::Asker;
use kontor_listen::Body;
use kontor_model::{Origin, Role};
use std::time::Duration;

async fn next(body: &mut Body) -> String {
    let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.expect("nothing came");
    String::from_utf8(frame.unwrap().unwrap().into_data().unwrap().to_vec()).unwrap()
}

async fn listen(scene: &Scene, user: &str) -> Body {
    use base64::Engine;
    let credential = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{user}-pw"));
    let response = scene.response(&format!("GET /dav/changes\nAuthorization: Basic {credential}")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await, ": here\n\n");
    body
}

#[tokio::test]
async fn a_change_is_told() {
    let scene = Scene::new().await;
    let mut body = listen(&scene, "anna").await;
    let asked = std::time::Instant::now();
    scene.event("one").await;
    let told = next(&mut body).await;
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    let (head, data) = told.split_once('\n').unwrap();
    assert_eq!(head, "event: change");
    assert!(
        data.starts_with(
            "data: {\"collection\":\"/dav/calendars/anna/default/\",\"token\":\"urn:kontor:sync:"
        ),
        "{data}"
    );
    assert!(told.ends_with("\"}\n\n"));
    scene.anna("MKCALENDAR /dav/calendars/anna/new/\n\n").await.is(201);
    assert!(next(&mut body).await.contains("{\"collection\":\"/dav/calendars/anna/\",\"token\":null}"));
}

#[tokio::test]
async fn others_hear_what_they_may_see() {
    let scene = Scene::new().await;
    scene.grant_ben("default", Role::Reader.rights()).await;
    let (mut ben, mut carol) = (listen(&scene, "ben").await, listen(&scene, "carol").await);
    scene.event("one").await;
    assert!(next(&mut ben).await.contains("/dav/calendars/anna/default/"));
    let silent = tokio::time::timeout(Duration::from_millis(200), carol.frame()).await;
    assert!(silent.is_err(), "carol heard of anna's calendar");
}

/// All who open the public store hear of what changes in it, as long as they may.
#[tokio::test]
async fn all_hear_of_the_public_store() {
    let scene = Scene::new().await;
    let system = Asker::system(Origin::Admin);
    scene.office.create_public_store(&system, None).await.unwrap();
    let mut ben = listen(&scene, "ben").await;
    scene.anna("PUT /dav/files/public/a.txt\n\na").await.is(201);
    assert!(next(&mut ben).await.contains("{\"collection\":\"/dav/files/public/\","));
    scene.office.open_public_store(&system, Role::None).await.unwrap();
    let mut ben = listen(&scene, "ben").await;
    scene.office.open_public_store(&system, Role::Reader).await.unwrap();
    let told = next(&mut ben).await;
    assert!(told.contains("/dav/files/public/"), "what is opened is told: {told}");
}

#[tokio::test]
async fn the_stream_lives_and_ends() {
    let settings = kontor_door_dav::Settings { heartbeat: Duration::from_millis(20), ..Default::default() };
    let scene = Scene::with(kontor_groupware::Policy::default(), settings).await;
    let mut body = listen(&scene, "anna").await;
    assert_eq!(next(&mut body).await, ":\n\n");
    assert_eq!(next(&mut body).await, ":\n\n");
    scene.raw("GET /dav/changes").await.is(401);
    scene.anna("PUT /dav/changes\n\nx").await.is(405);
    scene.anna("HEAD /dav/changes").await.is(200);
}
