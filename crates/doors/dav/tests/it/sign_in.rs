//! Who comes in, and what is answered without.

use crate::scene::{Scene, event, props};

#[tokio::test]
async fn without_a_password_the_challenge_is_answered() {
    let scene = Scene::new().await;
    for text in [
        "PROPFIND /dav/\nDepth: 0\n\n",
        "GET /dav/calendars/anna/default/a.ics",
        "GET /dav/calendars/nobody/nothing/",
        "PUT /dav/calendars/anna/default/a.ics\nAuthorization: Basic !!!\n\nx",
        "PUT /dav/calendars/anna/default/a.ics\nAuthorization: Basic YW5uYQ==\n\nx",
        "PUT /dav/calendars/anna/default/a.ics\nAuthorization: Bearer YW5uYTphbm5hLXB3\n\nx",
        "PROPFIND /dav/\nAuthorization: Basic YW5uYTp3cm9uZw==\n\n",
    ] {
        let reply = scene.raw(text).await.is(401);
        assert_eq!(reply.header("www-authenticate"), "Basic realm=\"Kontor\", charset=\"UTF-8\"");
    }
}

/// The longest password that may be set, with the longest way to name oneself.
#[tokio::test]
async fn the_longest_credential_is_looked_at() {
    use base64::Engine;
    let scene = Scene::new().await;
    let anna = scene.asker("anna").await;
    let password = "p".repeat(1024);
    scene.office.set_password(&anna, "anna", &password).await.unwrap();
    let text = format!("anna@example.org:{password}");
    let credential = base64::engine::general_purpose::STANDARD.encode(text);
    scene.raw(&format!("PROPFIND /dav/\nDepth: 0\nAuthorization: Basic {credential}\n\n")).await.is(207);
}

#[tokio::test]
async fn guessing_is_slowed_down_not_answered_late() {
    let scene = Scene::new().await;
    let mut last = 401;
    for n in 0..40 {
        let credential = {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(format!("anna:guess-{n}"))
        };
        let reply = scene.raw(&format!("PROPFIND /dav/\nAuthorization: Basic {credential}\n\n")).await;
        last = reply.status;
        if last == 429 {
            assert!(reply.header("retry-after").parse::<u32>().unwrap() >= 1);
            break;
        }
        reply.is(401);
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn options_and_discovery_need_no_log_in() {
    let scene = Scene::new().await;
    for path in
        ["/", "/dav/", "/dav/calendars/anna/", "/dav/calendars/anna/nothing/", "/dav/addressbooks/x/y/z"]
    {
        let reply = scene.raw(&format!("OPTIONS {path}")).await.is(200);
        // At the top it is said what there is anywhere: locks, too.
        let locks = if matches!(path, "/" | "/dav/") { "2, " } else { "" };
        let classes = &format!("1, {locks}3, access-control, calendar-access, addressbook, extended-mkcol");
        let reply = reply.says("dav", classes);
        assert!(reply.header("allow").contains("PROPFIND"));
    }
    let allow = scene.raw("OPTIONS /dav/calendars/anna/default/").await;
    for method in ["MKCALENDAR", "REPORT", "ACL", "COPY", "MOVE", "POST"] {
        assert!(allow.header("allow").contains(method), "{method}");
    }
    assert!(!allow.header("allow").contains("LOCK"));
    for path in
        ["/.well-known/caldav", "/.well-known/caldav/", "/.well-known/carddav", "/.well-known/carddav/"]
    {
        for method in ["GET", "PROPFIND"] {
            scene.raw(&format!("{method} {path}\n\n")).await.is(307).says("location", "/dav/");
        }
    }
}

#[tokio::test]
async fn a_client_finds_everything_from_the_root() {
    let scene = Scene::new().await;
    let asked = props("D:current-user-principal");
    for (path, href) in [("/", "/"), ("/dav", "/dav/"), ("/dav/", "/dav/")] {
        let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
        reply.has(&format!("<D:response><D:href>{href}</D:href>")).has(
            "<D:current-user-principal><D:href>/dav/principals/anna/</D:href></D:current-user-principal>",
        );
    }
    let asked =
        props("C:calendar-home-set CR:addressbook-home-set C:calendar-user-address-set D:displayname");
    let reply = scene.anna(&format!("PROPFIND /dav/principals/anna/\nDepth: 0\n\n{asked}")).await.is(207);
    reply
        .has("<C:calendar-home-set><D:href>/dav/calendars/anna/</D:href></C:calendar-home-set>")
        .has("<CR:addressbook-home-set><D:href>/dav/addressbooks/anna/</D:href></CR:addressbook-home-set>")
        .has("mailto:anna@example.org</D:href>")
        .has("<D:href>mailto:anna.alias@example.org</D:href>")
        .has("<D:href>/dav/principals/anna/</D:href></C:calendar-user-address-set>")
        .has("<D:displayname>Anna Arendt</D:displayname>");
    let asked = props("D:resourcetype D:displayname C:supported-calendar-component-set D:getetag");
    let reply = scene.anna(&format!("PROPFIND /dav/calendars/anna/\nDepth: 1\n\n{asked}")).await.is(207);
    assert_eq!(reply.count("<D:response>"), 3);
    reply
        .has("<D:href>/dav/calendars/anna/default/</D:href>")
        .has("<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>")
        .has("<C:comp name=\"VEVENT\"/>")
        .has("<D:href>/dav/calendars/anna/tasks/</D:href>")
        .has("<C:supported-calendar-component-set><C:comp name=\"VTODO\"/></C:supported-calendar-component-set>");
    let reply = scene.anna(&format!("PROPFIND /dav/addressbooks/anna/\nDepth: 1\n\n{asked}")).await.is(207);
    reply.has("<D:href>/dav/addressbooks/anna/default/</D:href>").has("<CR:addressbook/>");
}

#[tokio::test]
async fn unknown_methods_and_places_are_told() {
    let scene = Scene::new().await;
    let reply = scene.anna("LOCK /dav/calendars/anna/default/a.ics\n\n").await.is(405);
    assert!(reply.header("allow").contains("PUT"));
    scene.anna("FROBNICATE /dav/calendars/anna/default/\n\n").await.is(405);
    scene.anna("PUT /dav/calendars/anna/default/\n\nx").await.is(405);
    scene.anna("DELETE /dav/calendars/anna/\n\n").await.is(405);
    scene.anna("GET /dav/nothing/here").await.is(404);
    scene.anna("PROPFIND /dav/calendars/anna/a/b/c/d\nDepth: 0\n\n").await.is(404);
}

#[tokio::test]
async fn a_client_may_ask_many_things_at_once() {
    let scene = std::sync::Arc::new(Scene::new().await);
    let ask = |n: usize| {
        let scene = scene.clone();
        tokio::spawn(async move {
            let uid = format!("at-once-{n}");
            let path = format!("/dav/calendars/anna/default/{uid}.ics");
            scene.anna(&format!("PUT {path}\n\n{}", event(&uid))).await.is(201);
            scene.anna(&format!("GET {path}")).await.is(200);
        })
    };
    let all: Vec<_> = (0..100).map(ask).collect();
    for one in all {
        one.await.unwrap();
    }
}
