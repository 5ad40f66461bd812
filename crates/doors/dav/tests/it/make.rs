//! MKCALENDAR and MKCOL: a collection with its first properties, or none.

use crate::scene::{Scene, event, props, task};

fn mkcalendar(inside: &str) -> String {
    format!(
        "<C:mkcalendar xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:A=\"http://apple.com/ns/ical/\" xmlns:X=\"urn:x\"><D:set><D:prop>{inside}</D:prop></D:set></C:mkcalendar>"
    )
}

fn mkcol(inside: &str) -> String {
    format!(
        "<D:mkcol xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:CR=\"urn:ietf:params:xml:ns:carddav\"><D:set><D:prop>{inside}</D:prop></D:set></D:mkcol>"
    )
}

#[tokio::test]
async fn a_calendar_with_its_properties() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/work/";
    let body = mkcalendar(
        "<D:displayname>Work</D:displayname><A:calendar-color>#112233</A:calendar-color><X:mine>1</X:mine>\
         <C:supported-calendar-component-set><C:comp name=\"VEVENT\"/></C:supported-calendar-component-set>",
    );
    scene.anna(&format!("MKCALENDAR {path}\n\n{body}")).await.is(201);
    let asked =
        props("D:displayname A:calendar-color X:mine C:supported-calendar-component-set D:resourcetype");
    let reply = scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n{asked}")).await.is(207);
    reply
        .lacks("404")
        .has("<D:displayname>Work<")
        .has("#112233")
        .has("<C:comp name=\"VEVENT\"/></C:supported")
        .has("<C:calendar/>");
    scene.anna(&format!("MKCALENDAR {path}\n\n{body}")).await.is(405).has("<D:resource-must-be-null/>");
    scene.anna(&format!("MKCOL {path}\n\n")).await.is(405);
    scene
        .anna(&format!("PUT {path}t.ics\n\n{}", task("t")))
        .await
        .is(403)
        .has("supported-calendar-component");
}

#[tokio::test]
async fn a_task_list_and_a_calendar_for_everything() {
    let scene = Scene::new().await;
    let tasks = mkcalendar(
        "<C:supported-calendar-component-set><C:comp name=\"VTODO\"/></C:supported-calendar-component-set>",
    );
    scene.anna(&format!("MKCALENDAR /dav/calendars/anna/todo/\n\n{tasks}")).await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/todo/t.ics\n\n{}", task("t"))).await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/todo/e.ics\n\n{}", event("e"))).await.is(403);
    scene.anna("MKCALENDAR /dav/calendars/anna/any\n\n").await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/any/t.ics\n\n{}", task("t"))).await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/any/e.ics\n\n{}", event("e"))).await.is(201);
}

#[tokio::test]
async fn an_address_book_by_extended_mkcol() {
    let scene = Scene::new().await;
    let body = mkcol(
        "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype><D:displayname>Friends</D:displayname>\
         <CR:addressbook-description>all</CR:addressbook-description>",
    );
    scene.anna(&format!("MKCOL /dav/addressbooks/anna/friends/\n\n{body}")).await.is(201);
    let asked = props("D:displayname CR:addressbook-description D:resourcetype");
    let reply = scene.anna(&format!("PROPFIND /dav/addressbooks/anna/friends/\nDepth: 0\n\n{asked}")).await;
    reply.is(207).lacks("404").has("Friends").has(">all<").has("<CR:addressbook/>");
    let body = mkcol("<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>");
    scene.anna(&format!("MKCOL /dav/calendars/anna/x/\n\n{body}")).await.is(201);
    scene.anna("MKCOL /dav/addressbooks/anna/plain/\n\n").await.is(201);
}

#[tokio::test]
async fn what_cannot_be_made_is_not_made_half() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/x/";
    let body = mkcalendar("<D:displayname>X</D:displayname><D:getetag>1</D:getetag>");
    let reply = scene.anna(&format!("MKCALENDAR {path}\n\n{body}")).await.is(424);
    reply
        .has("<C:mkcalendar-response")
        .has("cannot-modify-protected-property")
        .has("403 Forbidden")
        .has("424 Failed");
    let none =
        "<C:supported-calendar-component-set><C:comp name=\"VPOLL\"/></C:supported-calendar-component-set>";
    let reply = scene.anna(&format!("MKCALENDAR {path}\n\n{}", mkcalendar(none))).await.is(424);
    reply.has("<C:supported-calendar-component/>");
    for wrong in [
        "<D:resourcetype><D:collection/></D:resourcetype>",
        "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype>",
        "<D:resourcetype><D:collection/><C:calendar/><D:principal/></D:resourcetype>",
    ] {
        let reply = scene.anna(&format!("MKCOL {path}\n\n{}", mkcol(wrong))).await.is(403);
        reply.has("<D:valid-resourcetype/>");
    }
    scene.anna(&format!("MKCALENDAR {path}\n\n{}", mkcol(""))).await.is(400);
    scene.anna(&format!("PROPFIND {path}\nDepth: 0\n\n")).await.is(404);
}

#[tokio::test]
async fn collections_lie_in_homes_only() {
    let scene = Scene::new().await;
    scene.event("one").await;
    let reply = scene.anna("MKCALENDAR /dav/calendars/anna/default/inner/\n\n").await.is(403);
    reply.has("<C:calendar-collection-location-ok/>");
    scene.anna("MKCOL /dav/calendars/anna/default/one.ics\n\n").await.is(405);
    scene.anna("MKCALENDAR /dav/calendars/anna/none/inner/\n\n").await.is(409);
    scene.anna("MKCALENDAR /dav/calendars/anna/\n\n").await.is(405);
    for path in
        ["/dav/addressbooks/anna/x/", "/dav/addressbooks/anna/default/x/", "/dav/addressbooks/nobody/x/"]
    {
        let reply = scene.anna(&format!("MKCALENDAR {path}\n\n")).await.is(403);
        reply.has("<C:calendar-collection-location-ok/>");
    }
    let reply = scene.anna("MKCOL /dav/addressbooks/anna/default/x/\n\n").await.is(403);
    reply.has("<CR:addressbook-collection-location-ok/>");
    scene.anna("MKCALENDAR /dav/calendars/nobody/x/\n\n").await.is(404);
    scene
        .anna("MKCALENDAR /dav/calendars/ben/x/\n\n")
        .await
        .is(403)
        .has("<D:need-privileges>")
        .has("<D:bind/>");
}

#[tokio::test]
async fn a_collection_goes_with_all_in_it() {
    let scene = Scene::new().await;
    scene.anna("MKCALENDAR /dav/calendars/anna/x/\n\n").await.is(201);
    scene.anna(&format!("PUT /dav/calendars/anna/x/e.ics\n\n{}", event("e"))).await.is(201);
    scene.anna("DELETE /dav/calendars/anna/x/\nDepth: 0\n\n").await.is(400);
    scene.anna("DELETE /dav/calendars/anna/x/\nIf-Match: \"nope\"\n\n").await.is(412);
    scene.anna("DELETE /dav/calendars/anna/x/\n\n").await.is(204);
    scene.anna("GET /dav/calendars/anna/x/e.ics").await.is(404);
    scene.anna("DELETE /dav/calendars/anna/x/\n\n").await.is(404);
    scene.anna("MKCALENDAR /dav/calendars/anna/x/\n\n").await.is(201);
    scene.anna("GET /dav/calendars/anna/x/e.ics").await.is(404);
}
