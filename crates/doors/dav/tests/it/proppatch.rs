//! PROPPATCH: all or nothing, in the order of the document.

use crate::scene::{Scene, props};

const CALENDAR: &str = "/dav/calendars/anna/default/";

fn patch(inside: &str) -> String {
    format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:A=\"http://apple.com/ns/ical/\" xmlns:X=\"urn:x\">{inside}</D:propertyupdate>"
    )
}

fn set(inside: &str) -> String {
    patch(&format!("<D:set><D:prop>{inside}</D:prop></D:set>"))
}

#[tokio::test]
async fn what_clients_keep_on_calendars_comes_back() {
    let scene = Scene::new().await;
    let zone = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\n\
                DTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n";
    let body = set(&format!(
        "<D:displayname>Work &amp; play</D:displayname><A:calendar-color>#FF00AAFF</A:calendar-color>\
         <A:calendar-order>3</A:calendar-order><C:calendar-description>über</C:calendar-description>\
         <C:calendar-timezone>{zone}</C:calendar-timezone>\
         <C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>\
         <X:mine a=\"1\">x<X:y/>&lt;</X:mine>"
    ));
    let reply = scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{body}")).await.is(207);
    reply.has("200 OK").lacks("HTTP/1.1 4");
    let asked = props(
        "D:displayname A:calendar-color A:calendar-order C:calendar-description C:calendar-timezone-id \
         C:calendar-timezone C:schedule-calendar-transp X:mine",
    );
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
    reply
        .lacks("404")
        .has("<D:displayname>Work &amp; play<")
        .has("<A:calendar-color>#FF00AAFF<")
        .has("<A:calendar-order>3<")
        .has("<C:calendar-description>über<")
        .has("TZID:Europe/Berlin")
        .has("<C:calendar-timezone-id>Europe/Berlin<")
        .has("<C:transparent/>")
        .has("<X:mine xmlns:X=\"urn:x\" a=\"1\">x<X:y/>&lt;</X:mine>");
    let all = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n")).await.is(207);
    all.has("<X:mine").has("<D:displayname>");
}

#[tokio::test]
async fn one_fault_and_nothing_is_stored() {
    let scene = Scene::new().await;
    for (inside, status, condition) in [
        ("<D:getetag>x</D:getetag>", "403 Forbidden", "<D:cannot-modify-protected-property/>"),
        ("<D:resourcetype/>", "403 Forbidden", "<D:cannot-modify-protected-property/>"),
        ("<C:supported-calendar-component-set/>", "403 Forbidden", "<D:cannot-modify-protected-property/>"),
        ("<D:lockdiscovery/>", "403 Forbidden", "<D:cannot-modify-protected-property/>"),
        ("<A:calendar-color>rgb(1,2,3)</A:calendar-color>", "409 Conflict", ""),
        ("<A:calendar-order>first</A:calendar-order>", "409 Conflict", ""),
        ("<C:calendar-timezone>nonsense</C:calendar-timezone>", "403 Forbidden", "<C:valid-calendar-data/>"),
        ("<C:calendar-timezone-id>Nowhere</C:calendar-timezone-id>", "403 Forbidden", "<C:valid-timezone/>"),
    ] {
        let body = set(&format!("<D:displayname>changed</D:displayname>{inside}<X:mine>kept?</X:mine>"));
        let reply = scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{body}")).await.is(207);
        reply.has(status).has(condition).has("424 Failed Dependency").lacks("200 OK");
        let asked = props("D:displayname X:mine");
        let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
        reply.has("<D:displayname>Calendar<").lacks("kept?");
    }
}

#[tokio::test]
async fn the_last_word_counts() {
    let scene = Scene::new().await;
    let body = patch(
        "<D:set><D:prop><X:a>1</X:a><X:b>1</X:b></D:prop></D:set><D:remove><D:prop><X:a/></D:prop></D:remove>\
         <D:set><D:prop><X:b>2</X:b></D:prop></D:set><D:remove><D:prop><X:never/></D:prop></D:remove>",
    );
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{body}")).await.is(207).has("200 OK").lacks("HTTP/1.1 4");
    let asked = props("X:a X:b");
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
    reply.has(">2</X:b>").has("<X:a xmlns:X=\"urn:x\"/></D:prop><D:status>HTTP/1.1 404");
}

#[tokio::test]
async fn items_keep_properties_too() {
    let scene = Scene::new().await;
    let tag = scene.event("one").await;
    let path = format!("{CALENDAR}one.ics");
    let body = set("<X:mine>1</X:mine><D:displayname>One</D:displayname>");
    let reply = scene.anna(&format!("PROPPATCH {path}\nIf-Match: {tag}\n\n{body}")).await.is(207);
    reply.has("200 OK").lacks("HTTP/1.1 4");
    let asked = props("X:mine D:displayname D:getetag");
    let reply = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 1\n\n{asked}")).await.is(207);
    reply.has("<X:mine xmlns:X=\"urn:x\">1</X:mine>").has(">One</D:displayname>").has(&tag);
    let all = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n")).await.is(207);
    all.has("<X:mine");
    scene.anna(&format!("PROPPATCH {path}\nIf-Match: \"x\"\n\n{body}")).await.is(412);
}

#[tokio::test]
async fn the_short_answer_is_204() {
    let scene = Scene::new().await;
    let body = set("<X:mine>1</X:mine>");
    let reply = scene.anna(&format!("PROPPATCH {CALENDAR}\nPrefer: return=minimal\n\n{body}")).await.is(204);
    assert_eq!(reply.header("preference-applied"), "return=minimal");
    let body = set("<D:getetag>1</D:getetag>");
    scene.anna(&format!("PROPPATCH {CALENDAR}\nPrefer: return=minimal\n\n{body}")).await.is(207);
}

#[tokio::test]
async fn large_properties_and_other_places_are_refused() {
    let mut policy = kontor_groupware::Policy::default();
    policy.limits.max_property_size = 100;
    policy.limits.max_properties = 4;
    let scene = Scene::with(policy, kontor_door_dav::Settings::default()).await;
    let body = set(&format!("<X:mine>{}</X:mine>", "x".repeat(100)));
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{body}")).await.is(207).has("403 Forbidden").lacks("200 OK");
    let many: String = (0..5).map(|n| format!("<X:p{n}/>")).collect();
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{}", set(&many))).await.is(403).has("max_properties");
    for path in ["/dav/principals/anna/", "/dav/calendars/anna/"] {
        let body = set("<X:mine>1</X:mine><D:displayname>x</D:displayname>");
        scene.anna(&format!("PROPPATCH {path}\n\n{body}")).await.is(207).has("403 Forbidden").lacks("200 OK");
    }
    scene.anna(&format!("PROPPATCH {CALENDAR}\n\n{}", patch(""))).await.is(400);
    scene.anna(&format!("PROPPATCH /dav/calendars/ben/default/\n\n{}", set("<X:a/>"))).await.is(404);
}

#[tokio::test]
async fn whatever_is_taken_can_be_told_again_by_every_report() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let deep = |levels: usize| format!("<X:p>{}{}</X:p>", "<X:a>".repeat(levels), "</X:a>".repeat(levels));
    let wide = |n: usize| format!("<X:p {}/>", (0..n).map(|n| format!("a{n}=\"&lt;\" ")).collect::<String>());
    let declared = |n: usize| {
        let all: String = (0..n).map(|n| format!("xmlns:n{n}=\"urn:{n}\" n{n}:a=\"1\" ")).collect();
        format!("<X:p xml:lang=\"de\" {all}><n0:b/></X:p>")
    };
    let shapes: [&dyn Fn(usize) -> String; 3] = [&deep, &wide, &declared];
    for path in ["/dav/calendars/anna/default/", "/dav/calendars/anna/default/one.ics"] {
        for shape in shapes {
            let mut most = 0;
            for n in 1..70 {
                most = match scene.anna(&format!("PROPPATCH {path}\n\n{}", set(&shape(n)))).await.status {
                    207 => n,
                    400 | 413 => most,
                    other => panic!("{other}"),
                };
            }
            assert!(most > 20, "{most}");
            let told = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{}", props("X:p"))).await.is(207);
            told.lacks("404");
            let expand = "<D:expand-property xmlns:D=\"DAV:\"><D:property name=\"p\" namespace=\"urn:x\"/>\
                          </D:expand-property>";
            scene.anna(&format!("REPORT {path}\n\n{expand}")).await.is(207).lacks("404");
        }
    }
    let long = format!(
        "<D:expand-property xmlns:D=\"DAV:\"><D:property name=\"p\" namespace=\"{}\"/></D:expand-property>",
        "x".repeat(2000)
    );
    scene.anna(&format!("REPORT /dav/calendars/anna/default/\n\n{long}")).await.is(400);
}

#[tokio::test]
async fn a_zone_set_by_name_is_told_by_its_rules_too() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/default/";
    let asked =
        format!("PROPFIND {path}\nDepth: 0\n\n{}", props("C:calendar-timezone C:calendar-timezone-id"));
    let id = set("<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>");
    scene.anna(&format!("PROPPATCH {path}\n\n{id}")).await.is(207);
    let told = scene.anna(&asked).await.is(207).lacks("404 Not");
    told.has("TZID:America/New_York&#13;").has("BYDAY=1SU").has("<C:calendar-timezone-id>America/New_York<");
    let gone = patch("<D:remove><D:prop><C:calendar-timezone/></D:prop></D:remove>");
    scene.anna(&format!("PROPPATCH {path}\n\n{gone}")).await.is(207);
    scene.anna(&asked).await.is(207).has("404 Not").lacks("200 OK");
}
