//! Pages and descriptions.

use crate::scene::{Scene, event};
use kontor_wire_sharepoint::op::Service;

#[tokio::test]
async fn connect_tells_what_can_be_connected() {
    let scene = Scene::new().await;
    let page = scene.http("anna", "GET", "/connect", "").await.text();
    let links: Vec<&str> =
        page.split("href=\"stssync://").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(links.len(), 4, "calendar, tasks, contacts, employees: {page}");
    for link in links {
        let base = "base-url=https%3A%2F%2Foffice%2Eexample%3A443%2Flists&amp;";
        assert!(link.len() + 10 <= 500 && link.contains(base), "{link}");
    }
    assert_eq!(page.matches("<svg").count(), 2);
    let profile = scene.http("anna", "GET", "/connect/kontor.mobileconfig", "").await;
    assert_eq!(profile.headers["content-type"], "application/x-apple-aspen-config");
    let text = profile.text();
    let parts = ["<string>office.example</string>", "<integer>443</integer>", "com.apple.carddav.account"];
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    assert!(!text.to_lowercase().contains("password"));
}

#[tokio::test]
async fn a_row_has_a_page() {
    let scene = Scene::new().await;
    let lines =
        "DTSTART:20300107T100000Z\r\nDTEND:20300107T110000Z\r\nSUMMARY:A <b>title</b>\r\nLOCATION:Room 1\r\n";
    scene.put("a.ics", &event("a", lines)).await;
    scene.changes("anna", "Calendar", None).await;
    for (path, status) in [
        ("anna/calendar/default/DispForm.aspx?ID=1", 200),
        ("anna/Calendar/default/dispform.ASPX?id=1", 200),
        ("anna/calendar/default/DispForm.aspx?ID=2", 404),
        ("nobody/calendar/default/DispForm.aspx?ID=1", 404),
    ] {
        let page = scene.http("anna", "GET", &format!("/lists/{path}"), "").await;
        assert_eq!(page.status, status, "{path}");
        let told =
            page.text().contains("<h1>A &lt;b&gt;title&lt;/b&gt;</h1>") && page.text().contains("Room 1");
        assert_eq!(told, status == 200, "{}", page.text());
    }
    assert_eq!(scene.http("anna", "PUT", "/lists/anna/calendar/default/DispForm.aspx", "").await.status, 405);
}

#[tokio::test]
async fn every_service_is_described() {
    let scene = Scene::new().await;
    for service in Service::ALL {
        let name = service.name();
        for path in [
            format!("/lists/_vti_bin/{name}.asmx?WSDL"),
            format!("/_VTI_BIN/{}.ASMX?wsdl", name.to_uppercase()),
        ] {
            let reply = scene.http("anna", "GET", &path, "").await;
            assert_eq!(reply.status, 200, "{path}");
            assert!(reply.text().contains("https://office.example/"), "{path}");
        }
    }
    assert_eq!(scene.http("anna", "GET", "/lists/_vti_bin/Lists.asmx", "").await.status, 405);
}
