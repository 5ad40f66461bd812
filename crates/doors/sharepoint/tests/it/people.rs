//! The directory as lists, tasks assigned to people, contacts with a photo.

use crate::scene::Scene;
use kontor_door_sharepoint::Settings;
use kontor_groupware::{Asker, NewUser};
use kontor_model::{AccountName, Origin};
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::op::attachments::AddAttachment;
use kontor_wire_sharepoint::op::changes::GetListItemChangesSinceToken;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::update::Command::{Delete, New, Update};
use kontor_wire_sharepoint::row::Row;
use kontor_wire_sharepoint::soap::code;

/// What is not declared, Outlook does not see.
fn declared(kind: ListKind, row: &Row) {
    for field in row.fields.iter().filter(|field| field.property.is_none()) {
        assert!(kind.field(&field.name).is_some(), "{kind:?} does not declare {}", field.name);
    }
}

#[tokio::test]
async fn employees_cannot_be_changed_and_changes_are_told() {
    let scene = Scene::new().await;
    let first = scene.changes("anna", "Employees", None).await;
    assert_eq!((first.rows.len(), first.schema), (2, true));
    declared(ListKind::Contacts, &first.rows[0]);
    let number = first.rows[0].get("ID").unwrap();
    let methods: [(_, &[(&str, &str)]); 3] =
        [(Delete, &[("ID", number)]), (Update, &[("ID", number)]), (New, &[("Title", "x")])];
    let done = scene.update("anna", "Employees", &methods).await;
    assert!(done.iter().all(|one| one.code == code::DENIED), "{done:?}");
    let delta = scene.changes("anna", "Employees", first.token.as_deref()).await;
    assert_eq!((delta.rows.len(), delta.deleted.len()), (0, 0));

    let system = Asker::system(Origin::Admin);
    let new = NewUser::person(AccountName::new("carl").unwrap(), "Carl Čapek", "carl@example.org", None);
    scene.office.create_user(&system, new).await.unwrap();
    let delta = scene.changes("anna", "Employees", first.token.as_deref()).await;
    assert_eq!((delta.rows.len(), &delta.deleted), (3, &vec![]));
    scene.office.delete_user(&system, "carl").await.unwrap();
    let again = scene.changes("anna", "Employees", delta.token.as_deref()).await;
    assert_eq!((again.rows.len(), again.deleted), (2, vec![3]));
    assert!(scene.changes("anna", "Employees", Some("nonsense")).await.invalid_token);
}

#[tokio::test]
async fn a_task_is_assigned_to_somebody() {
    let scene = Scene::new().await;
    let people = scene.changes("anna", "UserInfo", None).await;
    declared(ListKind::People, &people.rows[0]);
    let ben = people.rows.iter().find(|row| row.get("Name") == Some("ben")).unwrap();
    let assigned = format!("{};#Ben", ben.get("ID").unwrap());
    let fields = [
        ("Title", "Write it down"),
        ("Status", "In Progress"),
        ("PercentComplete", "0.5"),
        ("Priority", "(1) High"),
        ("DueDate", "2030-02-01T00:00:00Z"),
        ("AssignedTo", assigned.as_str()),
    ];
    let done = scene.update("anna", "Tasks", &[(New, &fields)]).await;
    assert_eq!(done[0].code, code::OK, "{:?}", done[0].text);
    let listing = scene.changes("anna", "Tasks", None).await;
    let row = &listing.rows[0];
    declared(ListKind::Tasks, row);
    assert_eq!((row.get("Title"), row.get("Status")), (Some("Write it down"), Some("In Progress")));
    assert!(row.get("AssignedTo").unwrap().contains("Ben Böll"), "{row:?}");
    let nobody: [(&str, &str); 2] = [("Title", "x"), ("AssignedTo", "999;#Nobody")];
    let done = scene.update("anna", "Tasks", &[(New, &nobody)]).await;
    assert_eq!(done[0].code, code::NO_USER, "{:?}", done[0].text);
}

#[tokio::test]
async fn a_contact_has_its_photo() {
    let scene = Scene::new().await;
    let fields = [
        ("Title", "Arendt"),
        ("FirstName", "Hannah"),
        ("Email", "hannah@example.org"),
        ("WorkCity", "Linden"),
    ];
    let done = scene.update("anna", "Contacts", &[(New, &fields)]).await;
    assert_eq!(done[0].code, code::OK, "{:?}", done[0].text);
    let (list, item, name) = ("Contacts".to_owned(), "1".to_owned(), "ContactPicture.jpg".to_owned());
    let photo = AddAttachment { list, item, name, bytes: vec![0xff, 0xd8, 0xff, 0xe0, 1, 2, 3] };
    let reply = scene.ask("anna", &photo).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let listing = scene.changes("anna", "Contacts", None).await;
    let row = &listing.rows[0];
    declared(ListKind::Contacts, row);
    assert_eq!((row.get("Email"), row.get("WorkCity")), (Some("hannah@example.org"), Some("Linden")));
    assert!(row.bag("AttachProps").unwrap().contains("Photo=\"-1\""));
    let path = "/lists/anna/contacts/default/Attachments/1/ContactPicture.jpg";
    let got = scene.http("anna", "GET", path, "").await;
    assert_eq!((got.status, got.bytes), (200, photo.bytes));
}

#[tokio::test]
async fn a_crowd_is_told_whole_or_not_at_all() {
    let scene = Scene::with(Settings { max_people: 300, ..Settings::default() }).await;
    let system = Asker::system(Origin::Admin);
    let more = async |from: usize, to: usize| {
        for n in from..to {
            let name = AccountName::new(&format!("u{n:04}")).unwrap();
            let new = NewUser::person(name, "Some One", &format!("u{n:04}@example.org"), None);
            scene.office.create_user(&system, new).await.unwrap();
        }
    };
    more(0, 298).await;
    let first = scene.changes("anna", "Employees", None).await;
    assert_eq!(first.rows.len(), 300);
    let number = first.rows[7].get("ID").unwrap();
    let page = scene.http("anna", "GET", &format!("/lists/employees/DispForm.aspx?ID={number}"), "").await;
    assert!(page.status == 200 && page.text().contains("u0005@example.org"), "{}", page.text());
    more(298, 299).await;
    let request = GetListItemChangesSinceToken { list: "Employees".into(), ask: Ask::default(), token: None };
    assert_eq!(scene.ask("anna", &request).await.fault().code, Some(code::TOO_LARGE));
}
