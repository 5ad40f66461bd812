//! Reports about people: who matches, who am I, who is named, and what lies behind what is named.

use crate::report_scene::*;
use crate::scene::{Reply, Scene, signed};
use kontor_door_dav::Settings;
use kontor_groupware::{NewUser, Policy, UserChange};
use kontor_model::{AccountName, Origin, Right, Rights, Role};
use kontor_wire_dav::name::dav;

const PRINCIPALS: &str = "/dav/principals/";
const ANNA: &str = "/dav/principals/anna/";

#[tokio::test]
async fn what_properties_point_to_is_told_in_their_place() {
    let scene = Scene::new().await;
    let ask = async |path: &str, inside: &str| scene.report(path, &body("D:expand-property", inside)).await;
    let apple = "<D:property name=\"calendar-proxy-write-for\" namespace=\"http://calendarserver.org/ns/\">\
        <D:property name=\"displayname\"/></D:property><D:property name=\"group-membership\">\
        <D:property name=\"displayname\"/></D:property>\
        <D:property name=\"calendar-home-set\" namespace=\"urn:ietf:params:xml:ns:caldav\">\
        <D:property name=\"displayname\"/><D:property name=\"resourcetype\"/>\
        <D:property name=\"owner\"><D:property name=\"principal-URL\"/></D:property></D:property>";
    let reply = ask(ANNA, apple).await.is(207);
    let reply = reply
        .has("<CS:calendar-proxy-write-for/></D:prop><D:status>HTTP/1.1 404 Not Found")
        .has("<D:group-membership/>")
        .has("<D:response><D:href>/dav/calendars/anna/</D:href><D:propstat><D:prop><D:displayname>Anna Arendt")
        .has("<D:owner><D:response><D:href>/dav/principals/anna/</D:href><D:propstat><D:prop><D:principal-URL><D:href>");
    assert_eq!(reply.multistatus().responses.len(), 1);
    assert_eq!(reply.multistatus().responses[0].href(), ANNA);
    let plain = ask(ANNA, "<D:property name=\"principal-URL\"/>").await.is(207);
    plain.has("<D:principal-URL><D:href>/dav/principals/anna/</D:href></D:principal-URL>");
    let mixed = "<D:property name=\"calendar-user-address-set\" namespace=\"urn:ietf:params:xml:ns:caldav\">\
        <D:property name=\"displayname\"/></D:property>";
    let reply = ask(ANNA, mixed).await.is(207);
    let reply = reply.has(">mailto:anna@example.org</D:href>").has("<D:displayname>Anna Arendt");
    assert_eq!(reply.count("</D:response>"), 2, "addresses stay addresses");
    let minimal = format!("REPORT {ANNA}\nPrefer: return=minimal\n\n{}", body("D:expand-property", apple));
    scene.anna(&minimal).await.is(207).lacks("404").says("preference-applied", "return=minimal");
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_expanded() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let set = "<propertyupdate xmlns='DAV:'><set><prop><see xmlns='urn:x'>\
        <href xmlns='DAV:'>/dav/calendars/ben/default/</href><href xmlns='DAV:'>/dav/calendars/nobody/x/</href>\
        <href xmlns='DAV:'>http://other.example/dav/principals/anna/</href>\
        <href xmlns='DAV:'>/dav/calendars/anna/default/one.ics</href></see></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{set}")).await.is(207);
    let inside = "<D:property name=\"see\" namespace=\"urn:x\"><D:property name=\"getetag\"/></D:property>";
    let reply = scene.report(CALENDAR, &body("D:expand-property", inside)).await.is(207);
    let missing = "</href><status xmlns=\"DAV:\">HTTP/1.1 404 Not Found</status>";
    assert!(
        reply.body.contains("<D:getetag>&quot;") || reply.body.contains("<D:getetag>\""),
        "{}",
        reply.body
    );
    assert_eq!(reply.body.matches("404 Not Found").count(), 2, "{missing} {}", reply.body);
    assert!(reply.body.contains("http://other.example/dav/principals/anna/"));
    scene.ask("ben", &format!("REPORT {CALENDAR}\n\n{}", body("D:expand-property", inside))).await.is(404);
}

#[tokio::test]
async fn expansion_ends() {
    let scene = Scene::new().await;
    let deep = |levels: usize, width: usize| {
        let mut inside = "<D:property name=\"displayname\"/>".to_owned();
        for _ in 0..levels {
            let names = ["principal-URL", "owner", "current-user-principal"];
            inside = names[..width]
                .iter()
                .map(|name| format!("<D:property name=\"{name}\">{inside}</D:property>"))
                .collect();
        }
        body("D:expand-property", &inside)
    };
    scene.report(ANNA, &deep(30, 1)).await.is(207).has("Anna Arendt");
    let reply = scene.report(ANNA, &deep(4, 3)).await.is(207);
    assert_eq!(reply.count("</D:response>"), 1 + 3 + 9 + 27 + 81);
    scene.report(ANNA, &deep(8, 3)).await.is(403).has("<D:number-of-matches-within-limits/>");
    scene.report(ANNA, &body("D:expand-property", "<D:property/>")).await.is(400);
    scene.report("/dav/principals/nobody/", &body("D:expand-property", "")).await.is(404);
}

fn search(attributes: &str, searches: &str, more: &str) -> String {
    format!(
        "<D:principal-property-search {SPACES} {attributes}>{searches}<D:prop><D:displayname/></D:prop>{more}\
         </D:principal-property-search>"
    )
}

fn one(property: &str, how: &str, text: &str) -> String {
    format!(
        "<D:property-search><D:prop><{property}/></D:prop><D:match {how}>{text}</D:match></D:property-search>"
    )
}

#[tokio::test]
async fn people_are_found_by_name_and_address() {
    let scene = Scene::new().await;
    let check = async |property: &str, how: &str, text: &str, expect: &str| {
        let reply = scene.report(PRINCIPALS, &search("", &one(property, how, text), "")).await.is(207);
        assert_eq!(reply.names(), expect, "{property} {how} {text}");
    };
    check("D:displayname", "", "anna", "anna").await;
    check("D:displayname", "", "BÖLL", "ben").await;
    check("D:displayname", "", "čapek", "carol").await;
    check("D:displayname", "", "", "anna ben carol").await;
    check("D:displayname", "match-type=\"starts-with\"", "a", "anna").await;
    check("D:displayname", "match-type=\"starts-with\"", "Arendt", "").await;
    check("D:displayname", "match-type=\"ends-with\"", "arendt", "anna").await;
    check("D:displayname", "match-type=\"equals\"", "Anna", "").await;
    check("D:displayname", "match-type=\"equals\"", "anna arendt", "anna").await;
    check("C:calendar-user-address-set", "", "ben@example.org", "ben").await;
    check("C:calendar-user-address-set", "match-type=\"starts-with\"", "ben.alias", "ben").await;
    check("C:calendar-user-address-set", "match-type=\"equals\"", "mailto:ben@example.org", "ben").await;
    check("C:calendar-user-address-set", "match-type=\"equals\"", "/dav/principals/ben/", "ben").await;
    check("CS:email-address-set", "", "alias@example.org", "anna ben carol").await;
    check("CS:email-address-set", "", "mailto", "").await;
    check("C:calendar-user-type", "match-type=\"equals\"", "individual", "anna ben carol").await;
    check("X:other", "", "", "").await;
    let reply = scene.report(PRINCIPALS, &search("", &one("D:displayname", "", "anna"), "")).await;
    assert_eq!(reply.value("anna", &dav::DISPLAYNAME), "Anna Arendt");
}

#[tokio::test]
async fn searches_are_joined_and_placed_as_asked() {
    let scene = Scene::new().await;
    let both = format!("{}{}", one("D:displayname", "", "anna"), one("CS:email-address-set", "", "ben"));
    let everywhere = "<D:apply-to-principal-collection-set/>";
    let ask = async |path: &str, attributes: &str, searches: &str, more: &str| {
        scene.report(path, &search(attributes, searches, more)).await.is(207).names()
    };
    assert_eq!(ask(PRINCIPALS, "", &both, "").await, "");
    assert_eq!(ask(PRINCIPALS, "test=\"allof\"", &both, "").await, "");
    assert_eq!(ask(PRINCIPALS, "test=\"anyof\"", &both, "").await, "anna ben");
    let anyone = one("D:displayname", "", "");
    for path in ["/dav/", PRINCIPALS] {
        assert_eq!(ask(path, "", &anyone, "").await, "anna ben carol", "{path}");
    }
    assert_eq!(ask(ANNA, "", &anyone, "").await, "anna");
    assert_eq!(ask("/dav/calendars/anna/", "", &anyone, "").await, "");
    for path in ["/dav/", ANNA, "/dav/calendars/", "/dav/calendars/anna/", "/dav/addressbooks/anna/"] {
        assert_eq!(ask(path, "", &anyone, everywhere).await, "anna ben carol", "{path}");
    }
    let two = "<D:property-search><D:prop><D:displayname/><CS:email-address-set/></D:prop><D:match>anna</D:match></D:property-search>";
    assert_eq!(ask(PRINCIPALS, "", two, "").await, "anna");
    let two = two.replace("<CS:email-address-set/>", "<X:other/>");
    assert_eq!(ask(PRINCIPALS, "", &two, "").await, "");
    scene.report(PRINCIPALS, &search("", "", "")).await.is(400);
    scene.report(CALENDAR, &search("", &anyone, "")).await.is(403).has("<D:supported-report/>");
    let many = one("D:displayname", "", "a").repeat(300);
    scene.report(PRINCIPALS, &search("", &many, "")).await.is(403);
}

#[tokio::test]
async fn hidden_accounts_are_not_found() {
    let scene = Scene::new().await;
    let system = kontor_groupware::Asker::system(Origin::Admin);
    let hide = UserChange { hidden: Some(true), ..UserChange::default() };
    scene.office.update_user(&system, "ben", hide).await.unwrap();
    let ask = async |who: &str| {
        let text = format!("REPORT {PRINCIPALS}\n\n{}", search("", &one("D:displayname", "", ""), ""));
        scene.ask(who, &text).await.is(207).names()
    };
    assert_eq!(ask("anna").await, "anna carol");
    assert_eq!(ask("ben").await, "anna ben carol");
    assert_eq!(ask("carol").await, "anna ben carol", "administrators see all");
}

async fn crowded(scene: &Scene, people: usize) {
    let system = kontor_groupware::Asker::system(Origin::Admin);
    for n in 0..people {
        let name = AccountName::new(&format!("u{n:04}")).unwrap();
        let new = NewUser::person(name, &format!("Person {n}"), &format!("u{n:04}@example.org"), None);
        scene.office.create_user(&system, new).await.unwrap();
    }
}

#[tokio::test]
async fn thousands_of_people_are_told_page_by_page() {
    let settings = Settings { max_principals_searched: 1_000, ..Settings::default() };
    let scene = Scene::with(Policy::default(), settings).await;
    crowded(&scene, 2_500).await;
    let ask = async |who: &str, about: &str| scene.ask(who, about).await.is(207);
    let everybody = ask("anna", &format!("PROPFIND {PRINCIPALS}\nDepth: 1\n\n")).await;
    let hrefs: Vec<String> =
        everybody.multistatus().responses.iter().map(|one| one.href().to_owned()).collect();
    assert_eq!(hrefs.len(), 2_504, "the collection, three people, and the crowd");
    assert!(hrefs.windows(2).all(|two| two[0] < two[1]), "each once, by name");
    let length = scene.response(&signed("anna", &format!("PROPFIND {PRINCIPALS}\nDepth: 1\n\n"))).await;
    assert_eq!(length.body().length(), None, "a long answer is told while it is made");
    let without = ask("anna", &format!("PROPFIND {PRINCIPALS}\nDepth: 1\nPrefer: depth-noroot\n\n")).await;
    assert_eq!(without.multistatus().responses.len(), 2_503);
    // A search looks at a thousand of them: who is behind those is found by a whole name or address, and only so.
    let search = async |property: &str, text: &str| {
        scene.report(PRINCIPALS, &search("", &one(property, "", text), "")).await.is(207)
    };
    let near = search("D:displayname", "Person 77").await;
    assert!(
        near.is_truncated(PRINCIPALS) && near.names().starts_with("u0077 u0770 u0771"),
        "{}",
        near.names()
    );
    for whole in ["u2400@example.org", "mailto:u2400@example.org", "U2400@Example.org"] {
        let far = search("C:calendar-user-address-set", whole).await;
        assert!(far.is_truncated(PRINCIPALS), "it cannot say that there are no others");
        assert_eq!(far.names(), "u2400", "{whole}");
    }
    assert_eq!(search("D:displayname", "Person 2400").await.names(), "");
    let itself = "<D:principal-match xmlns:D=\"DAV:\"><D:self/></D:principal-match>";
    assert_eq!(scene.report(PRINCIPALS, itself).await.is(207).names(), "anna");
    let all = "<D:principal-property><X:other/></D:principal-property><D:prop/>";
    let reply = scene.report(PRINCIPALS, &body("D:principal-match", all)).await.is(207);
    assert!(reply.is_truncated(PRINCIPALS), "not all were looked at");
}

#[tokio::test]
async fn hidden_accounts_are_not_found_by_their_address_either() {
    let scene = Scene::new().await;
    let system = kontor_groupware::Asker::system(Origin::Admin);
    let hide = UserChange { hidden: Some(true), ..UserChange::default() };
    scene.office.update_user(&system, "ben", hide).await.unwrap();
    let text = search("", &one("C:calendar-user-address-set", "", "ben@example.org"), "");
    let ask =
        async |who: &str| scene.ask(who, &format!("REPORT {PRINCIPALS}\n\n{text}")).await.is(207).names();
    assert_eq!((ask("anna").await, ask("ben").await), (String::new(), "ben".to_owned()));
}

#[tokio::test]
async fn many_people_are_cut_short() {
    let scene = Scene::new().await;
    crowded(&scene, 1_000).await;
    let reply = scene.report(PRINCIPALS, &search("", &one("D:displayname", "", "a"), "")).await.is(207);
    assert!(!reply.is_truncated(PRINCIPALS), "two of them");
    let reply = scene.report(PRINCIPALS, &search("", &one("D:displayname", "", ""), "")).await.is(207);
    assert!(reply.is_truncated(PRINCIPALS));
    assert_eq!(reply.multistatus().responses.len(), 1_001);
    let all = "<D:principal-property><D:current-user-principal/></D:principal-property><D:prop/>";
    let reply = scene.report(PRINCIPALS, &body("D:principal-match", all)).await.is(207);
    assert!(reply.is_truncated(PRINCIPALS));
    assert_eq!(reply.multistatus().responses.len(), 1_001);
}

#[tokio::test]
async fn what_can_be_searched_is_told() {
    let scene = Scene::new().await;
    let reply = scene.report(PRINCIPALS, &body("D:principal-search-property-set", "")).await.is(200);
    let told = kontor_wire_dav::answer::PrincipalSearchPropertySet::parse(
        reply.body.as_bytes(),
        &kontor_wire_dav::Limits::ANSWER,
    )
    .unwrap();
    assert_eq!(told.properties.len(), 4);
    for (name, description) in &told.properties {
        assert!(!description.is_empty());
        let body = search(
            "",
            &format!(
                "<D:property-search><D:prop><Y:{} xmlns:Y=\"{}\"/></D:prop><D:match></D:match></D:property-search>",
                name.local(),
                name.ns()
            ),
            "",
        );
        assert_eq!(scene.report(PRINCIPALS, &body).await.is(207).names(), "anna ben carol", "{name}");
    }
    scene.report("/dav/principals/nobody/", &body("D:principal-search-property-set", "")).await.is(404);
}

#[tokio::test]
async fn what_has_to_do_with_me_is_found() {
    let scene = Scene::new().await;
    let ask = async |who: &str, path: &str, which: &str| {
        let inside = format!("{which}<D:prop><D:displayname/></D:prop>");
        scene.ask(who, &format!("REPORT {path}\nDepth: 0\n\n{}", body("D:principal-match", &inside))).await
    };
    let (me, mine) = ("<D:self/>", "<D:principal-property><D:owner/></D:principal-property>");
    let hrefs = |reply: Reply| -> Vec<String> {
        reply.is(207).multistatus().responses.iter().map(|one| one.href().to_owned()).collect()
    };
    for path in ["/dav/", PRINCIPALS] {
        assert_eq!(hrefs(ask("anna", path, me).await), [ANNA]);
        assert_eq!(hrefs(ask("ben", path, me).await), ["/dav/principals/ben/"]);
    }
    assert_eq!(hrefs(ask("anna", "/dav/calendars/anna/", me).await), Vec::<String>::new());
    assert_eq!(hrefs(ask("anna", "/dav/calendars/anna/", mine).await), [CALENDAR, TASKS]);
    assert_eq!(hrefs(ask("anna", "/dav/calendars/", mine).await), ["/dav/calendars/anna/", CALENDAR, TASKS]);
    scene.grant_ben("default", Role::Reader.rights()).await;
    assert_eq!(hrefs(ask("ben", "/dav/calendars/anna/", mine).await), Vec::<String>::new());
    assert_eq!(
        hrefs(
            ask("anna", PRINCIPALS, "<D:principal-property><D:principal-URL/></D:principal-property>").await
        ),
        [ANNA]
    );
    assert_eq!(
        hrefs(ask("anna", PRINCIPALS, "<D:principal-property><X:other/></D:principal-property>").await),
        Vec::<String>::new()
    );
    ask("anna", PRINCIPALS, "").await.is(400);
    ask("anna", CALENDAR, me).await.is(403).has("<D:supported-report/>");
}

#[tokio::test]
async fn whom_an_access_list_names_is_told() {
    let scene = Scene::new().await;
    let asked = body("D:acl-principal-prop-set", "<D:prop><D:displayname/><D:principal-URL/></D:prop>");
    let ask = async |who: &str| scene.ask(who, &format!("REPORT {CALENDAR}\nDepth: 0\n\n{asked}")).await;
    assert_eq!(ask("anna").await.is(207).names(), "anna");
    scene.grant_ben("default", Role::Reader.rights()).await;
    let reply = ask("anna").await.is(207);
    assert_eq!(reply.names(), "anna ben");
    assert_eq!(reply.value("ben", &dav::DISPLAYNAME), "Ben Böll");
    ask("ben").await.is(403).has("<D:need-privileges>").has("<D:read-acl/>");
    scene.grant_ben("default", Rights::of(&[Right::FreeBusy])).await;
    ask("ben").await.is(404);
    scene.grant_ben("default", Role::Manager.rights()).await;
    assert_eq!(ask("ben").await.is(207).names(), "anna ben");
    scene.report("/dav/calendars/anna/", &asked).await.is(403).has("<D:supported-report/>");
}
