//! What others may do, role by role, and what they do not learn.

use crate::scene::{Scene, event, props};
use kontor_model::{Right, Rights, Role};

const CALENDAR: &str = "/dav/calendars/anna/default/";

/// Statuses of: listing, reading an item, adding, replacing, removing, and setting a property of the collection.
async fn statuses(scene: &Scene, n: usize) -> [u16; 6] {
    let ask = async |text: String| scene.ask("ben", &text).await.status;
    let patch = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'/></prop></set></propertyupdate>";
    let uid = format!("new-{n}");
    [
        ask(format!("PROPFIND {CALENDAR}\nDepth: 1\n\n")).await,
        ask(format!("GET {CALENDAR}one.ics")).await,
        ask(format!("PUT {CALENDAR}{uid}.ics\n\n{}", event(&uid))).await,
        ask(format!("PUT {CALENDAR}one.ics\n\n{}", event("one"))).await,
        ask(format!("DELETE {CALENDAR}two-{n}.ics\n\n")).await,
        ask(format!("PROPPATCH {CALENDAR}\n\n{patch}")).await,
    ]
}

#[tokio::test]
async fn each_role_can_what_it_says() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let table: [(Role, [u16; 6]); 7] = [
        (Role::None, [404, 404, 404, 404, 404, 404]),
        (Role::FreeBusy, [404, 404, 404, 404, 404, 404]),
        (Role::Reader, [207, 200, 403, 403, 403, 403]),
        // The dropbox sees nothing, but its gifts are taken.
        (Role::Dropbox, [404, 404, 201, 403, 404, 404]),
        (Role::Author, [207, 200, 201, 403, 403, 403]),
        (Role::Editor, [207, 200, 201, 204, 204, 403]),
        (Role::Manager, [207, 200, 201, 204, 204, 207]),
    ];
    for (n, (role, expect)) in table.into_iter().enumerate() {
        let uid = format!("two-{n}");
        scene.event(&uid).await;
        scene.grant_ben("default", role.rights()).await;
        assert_eq!(statuses(&scene, n).await, expect, "{role:?}");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_there() {
    let scene = Scene::new().await;
    scene.event("one").await;
    for method in [
        "GET",
        "HEAD",
        "PROPFIND",
        "PROPPATCH",
        "DELETE",
        "COPY",
        "MOVE",
        "REPORT",
        "PUT",
        "ACL",
        "POST",
        "MKCOL",
        "MKCALENDAR",
    ] {
        for (there, nowhere) in [("default", "nothing"), ("default/one.ics", "nothing/one.ics")] {
            let ask = async |path: &str| {
                let body = match method {
                    "PROPPATCH" => {
                        "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'/></prop></set></propertyupdate>".into()
                    }
                    "ACL" => "<acl xmlns='DAV:'/>".to_owned(),
                    "REPORT" => "<expand-property xmlns='DAV:'/>".to_owned(),
                    "PUT" | "POST" => event("x"),
                    _ => String::new(),
                };
                let text = format!(
                    "{method} /dav/calendars/anna/{path}\nDepth: 0\nDestination: /dav/calendars/ben/default/x.ics\n\n{body}"
                );
                let text = if method == "DELETE" { text.replace("Depth: 0\n", "") } else { text };
                scene.ask("ben", &text).await
            };
            let (seen, unseen) = (ask(there).await, ask(nowhere).await);
            let named = unseen.body.replace(&format!("anna/{nowhere}"), &format!("anna/{there}"));
            assert_eq!(seen.status, unseen.status, "{method} {there}");
            assert_eq!(seen.body, named, "{method} {there}");
            assert!([404, 405, 403].contains(&seen.status), "{method} {there} {}", seen.status);
        }
    }
    scene.ask("ben", "PROPFIND /dav/calendars/anna/\nDepth: 1\n\n").await.is(207).lacks("default");
    // Free and busy times alone do not make a calendar visible.
    scene.grant_ben("default", Role::FreeBusy.rights()).await;
    scene.ask("ben", "PROPFIND /dav/calendars/anna/\nDepth: 1\n\n").await.is(207).lacks("default");
    scene.ask("ben", &format!("MOVE {CALENDAR}\nDestination: /dav/calendars/ben/x/\n\n")).await.is(404);
    scene.ask("ben", &format!("DELETE {CALENDAR}\n\n")).await.is(404);
}

#[tokio::test]
async fn privileges_are_told_as_they_are() {
    let scene = Scene::new().await;
    let check = async |rights: Rights, here: &[&str], not_here: &[&str]| {
        scene.grant_ben("default", rights).await;
        let asked = props("D:current-user-privilege-set D:acl D:owner");
        let reply = scene.ask("ben", &format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
        for name in here {
            assert!(
                reply.body.contains(&format!("<D:privilege><{name}/></D:privilege>")),
                "{name} {}",
                reply.body
            );
        }
        for name in not_here {
            assert!(!reply.body.contains(&format!("<D:privilege><{name}/>")), "{name} {}", reply.body);
        }
        reply
    };
    check(Role::Reader.rights(), &["D:read", "C:read-free-busy"], &["D:bind", "D:write-content", "D:all"])
        .await;
    check(Role::Author.rights(), &["D:read", "D:bind"], &["D:unbind", "D:write-content"]).await;
    check(Role::Editor.rights(), &["D:bind", "D:unbind", "D:write-content"], &["D:write-acl", "D:write"])
        .await;
    let reply = check(Role::Manager.rights(), &["D:all", "D:write", "D:write-acl"], &[]).await;
    reply.has("<D:ace><D:principal><D:href>/dav/principals/ben/</D:href></D:principal><D:grant>");
    let look = Rights::of(&[Right::Look]);
    check(look, &["D:read-current-user-privilege-set"], &["D:read", "C:read-free-busy"]).await;
    scene.ask("ben", &format!("PROPFIND {CALENDAR}\nDepth: 1\n\n")).await.is(207);
    scene
        .ask("ben", &format!("GET {CALENDAR}one.ics"))
        .await
        .is(403)
        .has("<D:need-privileges>")
        .has("<D:read/>");
}

#[tokio::test]
async fn an_access_list_can_be_set() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let ace = |principal: &str, privilege: &str| {
        format!(
            "<D:ace><D:principal>{principal}</D:principal><D:grant><D:privilege>{privilege}</D:privilege></D:grant></D:ace>"
        )
    };
    let acl = |aces: &str| {
        format!(
            "ACL {CALENDAR}\n\n<D:acl xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">{aces}</D:acl>"
        )
    };
    let ben = "<D:href>/dav/principals/ben/</D:href>";
    let owner = "<D:property><D:owner/></D:property>";
    let both = format!("{}{}", ace(owner, "<D:all/>"), ace(ben, "<D:read/>"));
    scene.anna(&acl(&both)).await.is(200);
    scene.ask("ben", &format!("GET {CALENDAR}one.ics")).await.is(200);
    scene.ask("ben", &acl("")).await.is(403).has("<D:write-acl/>");
    let check = async |aces: String, name: &str| {
        scene.anna(&acl(&aces)).await.is(403).has(name);
    };
    check(ace(ben, "<D:read/>").replace("D:grant", "D:deny"), "<D:no-ace-conflict/>").await;
    check(ace("<D:href>/dav/principals/nobody/</D:href>", "<D:read/>"), "<D:recognized-principal/>").await;
    check(ace("<D:self/>", "<D:read/>"), "<D:allowed-principal/>").await;
    check(ace(ben, "<D:fly/>"), "<D:not-supported-privilege/>").await;
    let inverted = ace(ben, "<D:read/>").replace("<D:principal>", "<D:invert><D:principal>");
    check(inverted.replace("</D:principal>", "</D:principal></D:invert>"), "<D:no-invert/>").await;
    scene.anna(&acl("")).await.is(200);
    scene.ask("ben", &format!("GET {CALENDAR}one.ics")).await.is(404);
}

/// The entries of an access list as a client reads it, without those that it must not write back.
async fn entries(scene: &Scene, path: &str) -> Vec<String> {
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{}", props("D:acl"))).await.is(207);
    let aces = reply.body.split("<D:ace>").skip(1).map(|ace| ace.split("</D:ace>").next().unwrap());
    aces.filter(|ace| !ace.contains("<D:protected/>")).map(|ace| format!("<D:ace>{ace}</D:ace>")).collect()
}

#[tokio::test]
async fn an_access_list_that_is_read_and_written_back_grants_the_same() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let anna = scene.asker("anna").await;
    let more = Rights::of(&[Right::Private, Right::CreateCollection, Right::Book]);
    for rights in Role::ALL.map(Role::rights).into_iter().chain([Role::Reader.rights().union(more), more]) {
        scene.grant_ben("default", rights).await;
        let aces = entries(&scene, CALENDAR).await;
        assert_eq!(aces.len(), usize::from(rights != Rights::NONE));
        let acl = format!(
            "<D:acl xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">{}</D:acl>",
            aces.concat()
        );
        scene.anna(&format!("ACL {CALENDAR}\n\n{acl}")).await.is(200);
        let kinds = [kontor_model::Kind::Calendar];
        let place = scene.office.place(&anna, "anna", &kinds, "default").await.unwrap();
        let grants = scene.office.grants(&anna, &place).await.unwrap();
        let back = grants.iter().find(|grant| matches!(grant.grantee, kontor_model::Grantee::Account(_)));
        assert_eq!(back.map_or(Rights::NONE, |grant| grant.rights), rights);
    }
    scene.grant_ben("default", Role::Author.rights()).await;
    let inherited = format!("<D:inherited><D:href>{CALENDAR}</D:href></D:inherited></D:ace>");
    let of_collection = entries(&scene, CALENDAR).await;
    let of_item = entries(&scene, &format!("{CALENDAR}one.ics")).await;
    let expect: Vec<_> = of_collection.iter().map(|ace| ace.replace("</D:ace>", &inherited)).collect();
    assert_eq!(of_item, expect);
}

#[tokio::test]
async fn an_author_is_told_what_can_be_done_to_the_own_items() {
    let scene = Scene::new().await;
    scene.event("one").await;
    scene.grant_ben("default", Role::Author.rights()).await;
    scene.ask("ben", &format!("PUT {CALENDAR}two.ics\n\n{}", event("two"))).await.is(201);
    let ask = async |name: &str| {
        let asked = props("D:current-user-privilege-set");
        scene.ask("ben", &format!("PROPFIND {CALENDAR}{name}\nDepth: 0\n\n{asked}")).await.is(207)
    };
    ask("one.ics").await.lacks("<D:write-content/>").lacks("<D:unbind/>");
    ask("two.ics").await.has("<D:write-content/>").has("<D:unbind/>").lacks("<D:write-properties/>");
    scene.ask("ben", &format!("PUT {CALENDAR}two.ics\n\n{}", event("two"))).await.is(204);
    scene.ask("ben", &format!("DELETE {CALENDAR}two.ics\n\n")).await.is(204);
}

#[tokio::test]
async fn of_a_private_item_others_learn_neither_size_nor_tag() {
    let scene = Scene::new().await;
    let secret = event("one").replace("SUMMARY:one", "CLASS:PRIVATE\r\nSUMMARY:A long talk with the doctor");
    let put = scene.anna(&format!("PUT {CALENDAR}one.ics\n\n{secret}")).await.is(201);
    let tag = put.header("etag").to_owned();
    scene.grant_ben("default", Role::Editor.rights()).await;
    let seen = scene.ask("ben", &format!("GET {CALENDAR}one.ics")).await.is(200).lacks("doctor");
    assert_ne!(seen.header("etag"), tag);
    let head = scene.ask("ben", &format!("HEAD {CALENDAR}one.ics")).await.is(200);
    assert_eq!(head.header("content-length"), seen.body.len().to_string());
    let asked = props("D:getcontentlength D:getetag X:note");
    for depth in 0..=1 {
        let path = ["one.ics", ""][depth];
        let found = scene.ask("ben", &format!("PROPFIND {CALENDAR}{path}\nDepth: {depth}\n\n{asked}")).await;
        found.is(207).lacks("<D:getcontentlength>").has(seen.header("etag"));
    }
    let whole = scene.ask("ben", &format!("GET {CALENDAR}")).await.is(200).lacks("doctor");
    assert_ne!(whole.header("etag"), scene.anna(&format!("GET {CALENDAR}")).await.header("etag"));
    for method in ["COPY", "MOVE"] {
        let to = "Destination: /dav/calendars/ben/default/x.ics";
        scene.ask("ben", &format!("{method} {CALENDAR}one.ics\n{to}\n\n")).await.is(403);
    }
    // What one does not see one cannot know to be as sent.
    let mine = secret.replace("UID:one", "UID:two");
    let put = scene.ask("ben", &format!("PUT {CALENDAR}two.ics\n\n{mine}")).await.is(201);
    assert!(!put.headers.contains_key("etag"));
    let put = scene.ask("ben", &format!("PUT {CALENDAR}three.ics\n\n{}", event("three"))).await.is(201);
    let tag = put.header("etag").to_owned();
    scene.ask("ben", &format!("GET {CALENDAR}three.ics")).await.is(200).says("etag", &tag);
    let again = format!("PUT {CALENDAR}three.ics\nIf-Match: {tag}\n\n{}", event("three"));
    scene.ask("ben", &again).await.is(204);
}
