//! Other people's lists: what may not be seen is not there, in every answer.

use crate::scene::{Scene, hour};
use kontor_model::{Kind, Right, Rights};
use kontor_wire_sharepoint::Guid;
use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::attachments::{AddAttachment, DeleteAttachment, GetAttachmentCollection};
use kontor_wire_sharepoint::op::changes::{GetListItemChanges, GetListItemChangesSinceToken};
use kontor_wire_sharepoint::op::get_list::{GetList, GetListCollection};
use kontor_wire_sharepoint::op::items::{Ask, GetListItems};
use kontor_wire_sharepoint::op::update::Command::{Delete, New, Update};
use kontor_wire_sharepoint::op::update::UpdateListItems;
use kontor_wire_sharepoint::op::views::{GetView, GetViewCollection};
use kontor_wire_sharepoint::soap::{Version, code};

async fn guid(scene: &Scene) -> String {
    let at = scene.place(Kind::Calendar, "default").await.collection;
    let (account, collection) = (at.account.0.cast_unsigned(), at.id.0.cast_unsigned());
    Guid((u128::from(account) << 64) | u128::from(collection)).to_string()
}

/// Every operation that names a list, as messages.
fn every_operation(list: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (list, item, ask) = (list.to_owned(), "1".to_owned(), Ask::default());
    let lists = [
        GetList { list: list.clone() }.message(Version::V11),
        GetListItems { list: list.clone(), ask: ask.clone() }.message(Version::V11),
        GetListItemChanges { list: list.clone(), ask: ask.clone(), since: "2020-01-01".to_owned() }
            .message(Version::V11),
        GetListItemChangesSinceToken { list: list.clone(), ask, token: None }.message(Version::V11),
        UpdateListItems { list: list.clone(), ..UpdateListItems::default() }.message(Version::V11),
        GetAttachmentCollection { list: list.clone(), item: item.clone() }.message(Version::V11),
        AddAttachment { list: list.clone(), item: item.clone(), name: "a".to_owned(), bytes: Vec::new() }
            .message(Version::V11),
        DeleteAttachment { list: list.clone(), item, url: "a".to_owned() }.message(Version::V11),
    ];
    let views = [
        GetView { list: list.clone(), view: String::new() }.message(Version::V11),
        GetViewCollection { list }.message(Version::V11),
    ];
    let of = |path: &'static str| move |message| (path, message);
    let lists = lists.into_iter().map(of("/lists/_vti_bin/Lists.asmx"));
    lists.chain(views.into_iter().map(of("/lists/_vti_bin/Views.asmx"))).collect()
}

#[tokio::test]
async fn a_list_that_may_not_be_seen_is_as_one_that_is_not_there() {
    let scene = Scene::new().await;
    scene.put("a.ics", &hour("a", "secret")).await;
    scene.changes("anna", "Calendar", None).await;
    let mut answers = Vec::new();
    for list in [guid(&scene).await, Guid(0x1234).to_string()] {
        for (path, message) in every_operation(&list) {
            let reply = scene.http("ben", "POST", path, message).await;
            assert_eq!((reply.status, reply.fault().code), (500, Some(code::NO_LIST)), "{}", reply.text());
            answers.push(reply.bytes);
        }
    }
    let (hers, none) = answers.split_at(answers.len() / 2);
    assert_eq!(hers, none, "hers and none are answered alike");
    for path in ["default/DispForm.aspx?ID=1", "nothing/DispForm.aspx?ID=1", "default/Attachments/1/a.txt"] {
        let path = format!("/lists/anna/calendar/{path}");
        assert_eq!(scene.http("ben", "GET", &path, "").await.status, 404, "{path}");
    }
    // Nor does the site of its owner tell of it.
    let message = GetListCollection.message(Version::V11);
    let reply = scene.http("ben", "POST", "/lists/anna/_vti_bin/lists.asmx", message).await;
    assert!(reply.status == 200 && !reply.text().contains("<List "), "{}", reply.text());
}

#[tokio::test]
async fn readers_read_and_are_refused_when_they_write() {
    let scene = Scene::new().await;
    scene.put("a.ics", &hour("a", "secret")).await;
    let place = scene.place(Kind::Calendar, "default").await;
    scene.grant_to_ben(&place, Rights::of(&[Right::Look, Right::Read])).await;
    let hers = guid(&scene).await;
    let listing = scene.changes("ben", &hers, None).await;
    assert_eq!(listing.rows.len(), 1);
    assert_eq!(listing.rows[0].get("PermMask"), Some("0x000000b008431061"));
    let new = [("Title", "x"), ("EventDate", "2030-01-01T10:00:00Z"), ("EndDate", "2030-01-01T11:00:00Z")];
    let methods: [(_, &[(&str, &str)]); 3] =
        [(Update, &[("ID", "1"), ("Title", "x")]), (Delete, &[("ID", "1")]), (New, &new)];
    let done = scene.update("ben", &hers, &methods).await;
    assert_eq!(done.iter().map(|one| one.code).collect::<Vec<_>>(), [code::DENIED; 3], "{done:?}");
    assert!(scene.text("a.ics").await.contains("SUMMARY:secret"));
}

#[tokio::test]
async fn nobody_gets_in_without_a_password() {
    let scene = Scene::new().await;
    for path in
        ["/lists/_vti_bin/Lists.asmx", "/lists/_vti_bin/Lists.asmx?WSDL", "/connect", "/lists/employees"]
    {
        let reply = scene.http("nobody", "GET", path, "").await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    }
}

#[tokio::test]
async fn a_list_that_may_only_be_read_says_so() {
    let scene = Scene::new().await;
    scene.put("a.ics", &hour("a", "a")).await;
    scene.changes("anna", "Calendar", None).await;
    scene
        .grant_to_ben(&scene.place(Kind::Calendar, "default").await, Rights::of(&[Right::Look, Right::Read]))
        .await;
    let list = guid(&scene).await;
    let message =
        GetListItemChangesSinceToken { list, ask: Ask::default(), token: None }.message(Version::V11);
    for (user, list, row) in [
        ("anna", "EffectivePermMask=\"FullMask\"", "ows_PermMask=\"0x7fffffffffffffff\""),
        (
            "ben",
            "EffectivePermMask=\"ViewListItems, OpenItems, Open\"",
            "ows_PermMask=\"0x000000b008431061\"",
        ),
    ] {
        let told = scene.http(user, "POST", "/lists/_vti_bin/Lists.asmx", message.clone()).await.text();
        assert!(told.contains(list) && told.contains(row), "{user}: {told}");
    }
}
