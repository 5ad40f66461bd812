//! CARDDAV:addressbook-query and what address-data can be.

use crate::report_scene::*;
use crate::scene::{Reply, Scene, card};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;

/// A card of version 3 with these lines.
fn person(uid: &str, name: &str, lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("{}\r\n", line.trim())).collect();
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{lines}END:VCARD\r\n")
}

async fn people() -> Scene {
    let scene = Scene::new().await;
    let all = [
        (
            "berg",
            "Anna Berg",
            "item1.EMAIL;TYPE=home:anna@home.example\nEMAIL;TYPE=WORK,pref:anna@office.example\nNICKNAME:Änni",
        ),
        (
            "bergen",
            "Ben Bergen",
            "EMAIL;TYPE=work:ben@office.example\nORG:Berg\\, Sons;Sales\nNOTE:first\\nsecond",
        ),
        ("strasse", "Carla Straße", "TEL;TYPE=cell:+49 1\nEMAIL:carla@nowhere.example"),
        ("none", "Dora", "X-OWN:Ω"),
    ];
    for (uid, name, lines) in all {
        scene.put(&format!("{BOOK}{uid}.vcf"), &person(uid, name, lines)).await;
    }
    scene
}

fn asked(data: &str, filter: &str) -> String {
    let filter = if filter.starts_with("<CR:filter") {
        filter.to_owned()
    } else {
        format!("<CR:filter>{filter}</CR:filter>")
    };
    body("CR:addressbook-query", &format!("<D:prop><D:getetag/>{data}</D:prop>{filter}"))
}

async fn ask(scene: &Scene, filter: &str) -> Reply {
    scene.report(BOOK, &asked("", filter)).await
}

fn prop(name: &str, inside: &str) -> String {
    format!("<CR:prop-filter name=\"{name}\">{inside}</CR:prop-filter>")
}

fn text(attributes: &str, text: &str) -> String {
    format!("<CR:text-match {attributes}>{text}</CR:text-match>")
}

#[tokio::test]
async fn every_collation_and_every_way_to_match() {
    let scene = people().await;
    let check = async |name: &str, attributes: &str, needle: &str, expect: &str| {
        let reply = ask(&scene, &prop(name, &text(attributes, needle))).await.is(207);
        assert_eq!(reply.names(), expect, "{name} {attributes} {needle}");
    };
    let with = |collation: &str, how: &str| format!("collation=\"{collation}\" match-type=\"{how}\"");
    for collation in ["i;ascii-casemap", "i;unicode-casemap", "i;octet"] {
        let (lower, upper) = if collation == "i;octet" { ("", "") } else { ("berg bergen", "berg") };
        check("FN", &with(collation, "contains"), "Berg", "berg bergen").await;
        check("FN", &with(collation, "contains"), "bERG", lower).await;
        check("FN", &with(collation, "equals"), "Anna Berg", "berg").await;
        check("FN", &with(collation, "equals"), "ANNA BERG", upper).await;
        check("FN", &with(collation, "equals"), "Anna", "").await;
        check("FN", &with(collation, "starts-with"), "Anna", "berg").await;
        check("FN", &with(collation, "starts-with"), "Berg", "").await;
        check("FN", &with(collation, "ends-with"), "Berg", "berg").await;
        check("FN", &with(collation, "ends-with"), "Anna", "").await;
    }
    check("FN", "", "STRASSE", "strasse").await;
    check("FN", "collation=\"i;ascii-casemap\"", "STRASSE", "").await;
    check("FN", "collation=\"i;ascii-casemap\"", "STRAßE", "strasse").await;
    check("NICKNAME", "", "änni", "berg").await;
    check("NICKNAME", "collation=\"i;ascii-casemap\"", "änni", "").await;
    check("NICKNAME", "collation=\"default\"", "ÄNNI", "berg").await;
    check("ORG", "", "berg, sons;sales", "bergen").await;
    check("NOTE", "", "first\nsecond", "bergen").await;
    check("X-OWN", "", "ω", "none").await;
    check("FN", "negate-condition=\"yes\"", "berg", "none strasse").await;
    check("EMAIL", "negate-condition=\"yes\"", "office", "berg strasse").await;
    check("FN", "", "", "berg bergen none strasse").await;
}

#[tokio::test]
async fn conditions_are_joined_as_asked() {
    let scene = people().await;
    let check = async |filter: &str, expect: &str| {
        assert_eq!(ask(&scene, filter).await.is(207).names(), expect, "{filter}");
    };
    check("", "berg bergen none strasse").await;
    let (anna, office) = (prop("FN", &text("", "anna")), prop("EMAIL", &text("", "office")));
    check(&format!("{anna}{office}"), "berg bergen").await;
    check(&format!("<CR:filter test=\"allof\">{anna}{office}</CR:filter>"), "berg").await;
    check(&format!("<CR:filter test=\"anyof\">{anna}{office}</CR:filter>"), "berg bergen").await;
    check(&prop("EMAIL", ""), "berg bergen strasse").await;
    check(&prop("EMAIL", "<CR:is-not-defined/>"), "none").await;
    check(&prop("email", &text("", "HOME")), "berg").await;
    check(&prop("item1.EMAIL", ""), "berg").await;
    check(&prop("item1.EMAIL", &text("", "office")), "").await;
    let two = |test: &str| {
        format!(
            "<CR:prop-filter name=\"FN\" test=\"{test}\">{}{}</CR:prop-filter>",
            text("", "ben"),
            text("", "anna")
        )
    };
    check(&two("anyof"), "berg bergen").await;
    check(&two("allof"), "").await;
    let param = |inside: &str| format!("<CR:param-filter name=\"TYPE\">{inside}</CR:param-filter>");
    check(&prop("EMAIL", &param("")), "berg bergen").await;
    check(&prop("EMAIL", &param("<CR:is-not-defined/>")), "strasse").await;
    check(&prop("EMAIL", &param(&text("match-type=\"equals\"", "work"))), "berg bergen").await;
    check(&prop("EMAIL", &param(&text("", "home"))), "berg").await;
    check(&prop("EMAIL", &param(&text("negate-condition=\"yes\"", "work"))), "berg").await;
    let both = |test: &str| {
        format!(
            "<CR:prop-filter name=\"EMAIL\" test=\"{test}\">{}{}</CR:prop-filter>",
            text("", "home.example"),
            param(&text("", "work"))
        )
    };
    check(&both("allof"), "").await;
    check(&both("anyof"), "berg bergen").await;
}

#[tokio::test]
async fn limits_are_told_on_the_address_book() {
    let scene = people().await;
    let limited = |n: &str| {
        let limit = format!("<CR:limit><CR:nresults>{n}</CR:nresults></CR:limit></CR:addressbook-query>");
        asked("", "").replace("</CR:addressbook-query>", &limit)
    };
    let reply = scene.report(BOOK, &limited("2")).await.is(207);
    assert_eq!((reply.names().as_str(), reply.is_truncated(BOOK)), ("berg bergen", true));
    for n in ["4", "5", "4294967295"] {
        let reply = scene.report(BOOK, &limited(n)).await.is(207);
        assert_eq!((reply.names().as_str(), reply.is_truncated(BOOK)), ("berg bergen none strasse", false));
    }
    for n in ["0", "-1", "x", ""] {
        scene.report(BOOK, &limited(n)).await.is(400);
    }
    let one = format!("{BOOK}strasse.vcf");
    let reply = scene.report(&one, &limited("1")).await.is(207);
    assert_eq!(
        (reply.names().as_str(), reply.is_truncated(BOOK)),
        ("strasse", false),
        "only one is asked about"
    );
    scene.report(&format!("{BOOK}nobody.vcf"), &asked("", "")).await.is(404);
    let scene = Scene::with(Policy::default(), Settings { max_report_items: 1, ..Settings::default() }).await;
    scene.put(&format!("{BOOK}a.vcf"), &card("a")).await;
    scene.put(&format!("{BOOK}b.vcf"), &card("b")).await;
    let reply = ask(&scene, "").await.is(207);
    assert_eq!((reply.names().as_str(), reply.is_truncated(BOOK)), ("a", true));
}

#[tokio::test]
async fn cards_come_in_the_version_asked_for() {
    let scene = Scene::new().await;
    let old = person("old", "Anna Berg", "TEL;TYPE=cell,pref:+49 1\nBDAY:1980-02-03\nX-OWN:kept");
    let new = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:new\r\nFN:Ben\r\nTEL;TYPE=cell;PREF=1;VALUE=uri:tel:+49-1\r\nBDAY:19800203\r\nEND:VCARD\r\n";
    scene.put(&format!("{BOOK}old.vcf"), &old).await;
    scene.put(&format!("{BOOK}new.vcf"), new).await;
    let get = async |attributes: &str| {
        let hrefs = format!("<D:href>{BOOK}old.vcf</D:href><D:href>{BOOK}new.vcf</D:href>");
        let inside = format!("<D:prop><D:getetag/><CR:address-data {attributes}/></D:prop>{hrefs}");
        scene.report(BOOK, &body("CR:addressbook-multiget", &inside)).await
    };
    let kept = get("").await.is(207);
    assert_eq!((kept.card("old"), kept.card("new")), (old.clone(), new.to_owned()), "as they are");
    let kept = get("content-type=\"text/vcard\"").await.is(207);
    assert_eq!(kept.card("new"), new);
    let three = get("content-type=\"text/vcard\" version=\"3.0\"").await.is(207);
    assert_eq!(three.card("old"), old);
    assert!(three.card("new").contains("VERSION:3.0\r\n") && three.card("new").contains("BDAY:1980-02-03"));
    let four = get("version=\"4.0\"").await.is(207);
    assert_eq!(four.card("new"), new);
    let card = four.card("old");
    assert!(
        card.contains("VERSION:4.0\r\n") && card.contains("BDAY:19800203") && card.contains("X-OWN:kept"),
        "{card}"
    );
    for wrong in [
        "version=\"2.1\"",
        "content-type=\"application/vcard+json\"",
        "content-type=\"text/vcard\" version=\"5\"",
    ] {
        get(wrong).await.is(403).has("<CR:supported-address-data/>");
        let query = asked(&format!("<CR:address-data {wrong}/>"), "");
        scene.report(BOOK, &query).await.is(403).has("<CR:supported-address-data/>");
    }
}

#[tokio::test]
async fn parts_of_cards_can_be_asked_for() {
    let scene = people().await;
    let data = |props: &str| format!("<CR:address-data>{props}</CR:address-data>");
    let props = "<CR:prop name=\"EMAIL\"/><CR:prop name=\"N\" novalue=\"yes\"/>";
    let reply = scene.report(BOOK, &asked(&data(props), &prop("FN", &text("", "anna")))).await.is(207);
    assert_eq!(
        reply.card("berg"),
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:berg\r\nFN:Anna Berg\r\nN:\r\nitem1.EMAIL;TYPE=home:anna@home.example\r\n\
         EMAIL;TYPE=WORK,pref:anna@office.example\r\nEND:VCARD\r\n"
    );
    let reply = scene.report(BOOK, &asked(&data("<CR:allprop/>"), "")).await.is(207);
    assert!(reply.card("berg").contains("NICKNAME"));
    let many: String = (0..300).map(|n| format!("<CR:prop name=\"X-{n}\"/>")).collect();
    scene.report(BOOK, &asked(&data(&many), "")).await.is(403).has("<CR:supported-address-data/>");
    let again = "<CR:prop name=\"FN\"/>".repeat(1_000);
    scene.report(BOOK, &asked(&data(&again), "")).await.is(207);
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let scene = people().await;
    let check = async |filter: &str, status: u16, name: &str| {
        ask(&scene, filter).await.is(status).has(name);
    };
    check(&prop("FN", &text("collation=\"i;nonsense\"", "x")), 403, "<CR:supported-collation/>").await;
    check(&prop("FN", "<CR:nonsense/>"), 403, "<CR:supported-filter/>").await;
    check("<C:comp-filter name=\"VCALENDAR\"/>", 403, "<CR:supported-filter/>").await;
    check(&prop("FN", &text("match-type=\"sounds-like\"", "x")), 400, "sounds-like").await;
    check(&prop("FN", "").repeat(300), 403, "<CR:supported-filter/>").await;
    scene.report(BOOK, &query("", "")).await.is(403).has("<D:supported-report/>");
    scene.report(BOOK, &body("CR:addressbook-query", "<D:prop/>")).await.is(400);
    scene.ask("ben", &format!("REPORT {BOOK}\n\n{}", asked("", ""))).await.is(404);
}

/// Many cards, few hits: pages of the look-up do not matter.
#[tokio::test]
async fn what_is_found_does_not_depend_on_pages() {
    let scene = Scene::new().await;
    for n in 0..260 {
        // The sieve on folded text lets those through whose note has the word: the name must decide.
        let note = if n % 2 == 0 { "NOTE:gold" } else { "NOTE:nothing" };
        let name = if n % 10 == 0 { format!("Gold {n}") } else { format!("Iron {n}") };
        scene.put(&format!("{BOOK}n{n:03}.vcf"), &person(&format!("n{n:03}"), &name, note)).await;
    }
    let expect: Vec<String> = (0..260).step_by(10).map(|n| format!("n{n:03}")).collect();
    let filter = prop("FN", &text("", "gold"));
    assert_eq!(ask(&scene, &filter).await.is(207).names(), expect.join(" "));
    let limit = "<CR:limit><CR:nresults>7</CR:nresults></CR:limit></CR:addressbook-query>";
    let limited = asked("", &filter).replace("</CR:addressbook-query>", limit);
    let reply = scene.report(BOOK, &limited).await.is(207);
    assert_eq!((reply.names(), reply.is_truncated(BOOK)), (expect[..7].join(" "), true));
}
