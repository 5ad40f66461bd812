//! The trash: what goes there, whose it is, and how it comes back.

use crate::bed::{Bed, CALENDARS, collection, event, policy};
use crate::collections::calendar;
use crate::folders::Drive;
use kontor_directory::{Scope, Scopes};
use kontor_groupware::{Asker, Discarded, Expect, Policy, Returned};
use kontor_model::{
    Actor, AdminLevel, CollectionId, Error, Grant, Grantee, Kind, Origin, Result, Right, Rights, Role,
};

impl Bed {
    async fn trash(&self, who: &Asker) -> Vec<Discarded> {
        self.office.trash(who, "anna", None, 99).await.unwrap()
    }

    /// The tree that was removed last.
    async fn last(&self) -> CollectionId {
        self.trash(&self.root).await[0].tree.root
    }

    /// Brings that one back.
    async fn returned(&self, who: &Asker, name: Option<&str>) -> Result<Returned> {
        let (root, name) = (self.last().await, name.map(collection));
        self.office.restore_collection(who, "anna", root, name.as_ref()).await
    }
}

impl Drive {
    async fn discard(&self, path: &str) {
        let at = self.at(&self.anna, path).await.unwrap();
        self.bed.pass_s(1);
        self.bed.office.remove_collection(&self.anna, &at).await.unwrap();
    }
}

fn paths(trash: &[Discarded]) -> Vec<Option<&str>> {
    trash.iter().map(|one| one.path.as_deref()).collect()
}

#[tokio::test]
async fn a_calendar_comes_back_under_its_name_or_the_next_best() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let put = bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    bed.office.remove_collection(&anna, &at).await.unwrap();
    let [one] = &bed.trash(&anna).await[..] else { panic!("one tree") };
    assert_eq!((one.path.as_deref(), one.by.as_deref()), (Some("default"), Some("anna")));
    let tree = &one.tree;
    assert_eq!((tree.kind, tree.items, tree.origin), (Kind::Calendar, 1, Origin::Dav));
    assert_eq!(tree.actor, Actor::Account(anna.principal.id));
    // A task list has the name.
    let todo =
        kontor_groupware::NewCollection { components: kontor_model::Components::TASK, ..calendar("default") };
    bed.office.create_collection(&anna, "anna", todo).await.unwrap();
    assert_eq!(bed.returned(&anna, Some("default")).await, Err(Error::Exists));
    let back = bed.returned(&anna, None).await.unwrap();
    let path = "default (restored)".to_owned();
    assert_eq!(back, Returned { kind: Kind::Calendar, path, in_place: false });
    let again = bed.place(&anna, &anna, "default (restored)").await.unwrap();
    assert_eq!(again.collection.id, at.collection.id);
    let there = bed.office.item(&anna, &again, &crate::bed::item("a.ics")).await.unwrap();
    assert_eq!((there.meta.id, there.meta.revision), (put.id, put.revision));
    bed.office.remove_collection(&anna, &again).await.unwrap();
    assert_eq!(bed.returned(&anna, Some("own")).await.unwrap().path, "own");
    assert_eq!(
        bed.back_of(&anna, at.collection.id).await,
        Err(Error::NotFound),
        "it is not in the trash any more"
    );
}

impl Bed {
    async fn back_of(&self, who: &Asker, root: CollectionId) -> Result<Returned> {
        self.office.restore_collection(who, "anna", root, None).await
    }
}

/// By the owner, by administrators, by the server: by nobody else, whatever was granted to them.
#[tokio::test]
async fn the_trash_is_its_owners() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
    let email = "chief@example.com".to_owned();
    let chief = kontor_groupware::NewUser {
        admin: AdminLevel::System,
        ..kontor_groupware::NewUser::person(
            kontor_model::AccountName::new("chief").unwrap(),
            "C",
            &email,
            None,
        )
    };
    let chief = bed.made(chief).await;
    let all = Grant { grantee: Grantee::Account(ben.principal.id), rights: Role::Owner.rights() };
    bed.office.set_root_grants(&anna, &anna.principal, vec![all]).await.unwrap();
    let at = bed.place(&ben, &anna, "default").await.unwrap();
    bed.office.remove_collection(&ben, &at).await.unwrap();
    let root = bed.last().await;
    assert_eq!(bed.trash(&anna).await[0].by.as_deref(), Some("ben"));
    let lesser = |scopes: Scopes, read_only| {
        let mut one = anna.clone();
        (one.scopes, one.read_only) = (scopes, read_only);
        one
    };
    let no = Err(Error::Forbidden { right: Right::Manage });
    for (who, told) in [
        (&ben, no.clone()),
        (&lesser(Scopes::ALL, true), no.clone()),
        (&Asker::public(Origin::Dav), Err(Error::NotFound)),
    ] {
        assert_eq!(bed.office.trash(who, "anna", None, 9).await.map(drop), told);
        assert_eq!(bed.back_of(who, root).await.map(drop), told);
        assert_eq!(bed.office.purge_collection(who, "anna", root).await, told);
    }
    // A credential that is not good for calendars.
    let contacts = lesser(Scopes::of(&[Scope::Contacts]), false);
    assert!(bed.trash(&contacts).await.is_empty());
    // It is told what it is good for, behind whatever it is not.
    let book = bed.book(&anna).await;
    bed.clock.advance_millis(-1_000);
    bed.office.remove_collection(&anna, &book).await.unwrap();
    let some = bed.office.trash(&contacts, "anna", None, 1).await.unwrap();
    assert_eq!(some.iter().map(|one| one.tree.kind).collect::<Vec<_>>(), [Kind::Contacts]);
    bed.office.purge_collection(&contacts, "anna", some[0].tree.root).await.unwrap();
    assert_eq!(bed.back_of(&contacts, root).await, Err(Error::NotFound));
    assert_eq!(bed.office.purge_collection(&contacts, "anna", root).await, Err(Error::NotFound));
    for who in [&anna, &chief, &bed.root] {
        assert_eq!(bed.trash(who).await.len(), 1);
        assert_eq!(bed.back_of(who, root).await.unwrap().path, "default");
        let at = bed.place(&anna, &anna, "default").await.unwrap();
        bed.office.remove_collection(&anna, &at).await.unwrap();
    }
    bed.office.purge_collection(&anna, "anna", root).await.unwrap();
    assert_eq!(bed.back_of(&anna, root).await, Err(Error::NotFound));
    assert_eq!(bed.office.purge_collection(&anna, "anna", root).await, Err(Error::NotFound));
}

#[tokio::test]
async fn folders_come_back_where_they_were_or_into_the_drive() {
    let drive = Drive::new().await;
    let bed = &drive.bed;
    drive.grant("a/b", Some(Rights::of(&[Right::Read]))).await;
    drive.discard("a/b").await;
    drive.discard("a").await;
    assert_eq!(paths(&bed.trash(&drive.anna).await), [Some("files/a"), None], "what b lay in is gone");
    assert_eq!(drive.text(&drive.ben, "a/b", "file.txt").await, Err(Error::NotFound));
    let back = bed.returned(&drive.anna, None).await.unwrap();
    assert_eq!(back, Returned { kind: Kind::Files, path: "files/a".to_owned(), in_place: true });
    assert_eq!(drive.list("a").await, ["file.txt"]);
    assert_eq!(paths(&bed.trash(&drive.anna).await), [Some("files/a/b")]);
    drive.relocate(&drive.anna, "a", "c", "moved", false).await.unwrap();
    let back = bed.returned(&drive.anna, None).await.unwrap();
    assert_eq!((back.path.as_str(), back.in_place), ("files/c/moved/b", true), "it lies in the same folder");
    assert_eq!(drive.text(&drive.ben, "c/moved/b", "file.txt").await.unwrap(), "a/b");
    // Now what it lay in is gone for good, and there is a file of its name.
    drive.discard("c/moved/b").await;
    let b = bed.last().await;
    drive.discard("c/moved").await;
    bed.office.purge_collection(&drive.anna, "anna", bed.last().await).await.unwrap();
    drive.write(&drive.anna, "", "b", "a file").await.unwrap();
    let back = bed.back_of(&drive.anna, b).await.unwrap();
    assert_eq!((back.path.as_str(), back.in_place), ("files/b (restored)", false));
    assert_eq!(drive.text(&drive.anna, "b (restored)", "file.txt").await.unwrap(), "a/b");
}

#[tokio::test]
async fn what_is_overwritten_lies_in_the_trash_and_what_moved_away_does_not() {
    let drive = Drive::new().await;
    let bed = &drive.bed;
    drive.copy(&drive.anna, "c", "", "a", true).await.unwrap();
    assert_eq!(paths(&bed.trash(&drive.anna).await), [Some("files/a")]);
    assert_eq!(bed.trash(&drive.anna).await[0].tree.collections, 2);
    drive.relocate(&drive.anna, "c", "", "a", true).await.unwrap();
    assert_eq!(bed.trash(&drive.anna).await.len(), 2);
    // A file takes the place of a folder.
    let top = drive.at(&drive.anna, "").await.unwrap();
    let (from, to) = (crate::bed::item("file.txt"), crate::bed::item("a"));
    bed.office.relocate(&drive.anna, (&top, &from), Expect::Any, (&top, &to), true).await.unwrap();
    assert_eq!(bed.trash(&drive.anna).await.len(), 3);
    // To another account.
    let calendar = calendar("work");
    let work = bed.office.create_collection(&drive.anna, "anna", calendar).await.unwrap();
    let all = Grant { grantee: Grantee::Account(drive.anna.principal.id), rights: Role::Owner.rights() };
    bed.office.set_root_grants(&drive.ben, &drive.ben.principal, vec![all]).await.unwrap();
    bed.office.relocate_collection(&drive.anna, &work, "ben", &collection("work"), false).await.unwrap();
    assert_eq!(bed.trash(&drive.anna).await.len(), 3, "it was not removed");
    assert!(bed.office.place(&drive.anna, "ben", CALENDARS, "work").await.is_ok());
}

#[tokio::test]
async fn limits_hold_for_what_comes_back() {
    let mut policy = policy();
    (policy.limits.max_collections, policy.limits.max_folders) = (3, 3);
    let drive = Drive::with(Bed::with(policy).await).await;
    let bed = &drive.bed;
    drive.discard("a").await;
    for name in ["x", "y"] {
        drive.make(&drive.anna, "", name).await.unwrap();
    }
    let full = Err(Error::TooLarge { limit: "max_folders", max: 3 });
    assert_eq!(bed.returned(&drive.anna, None).await, full);
    drive.discard("x").await;
    let a = bed.trash(&drive.anna).await[1].tree.root;
    assert_eq!(bed.back_of(&drive.anna, a).await, full);
    drive.discard("y").await;
    assert!(bed.back_of(&drive.anna, a).await.is_ok());
    let at = bed.place(&drive.anna, &drive.anna, "default").await.unwrap();
    bed.pass_s(1);
    bed.office.remove_collection(&drive.anna, &at).await.unwrap();
    bed.office.create_collection(&drive.anna, "anna", calendar("new")).await.unwrap();
    let full = Err(Error::TooLarge { limit: "max_collections", max: 3 });
    assert_eq!(bed.returned(&drive.anna, None).await, full);
    // Bytes.
    drive.discard("a").await;
    let limit = kontor_groupware::QuotaChange {
        hard: Some(kontor_model::Limit::Bytes(3)),
        ..kontor_groupware::QuotaChange::default()
    };
    bed.office.set_quota(&bed.root, "anna", limit).await.unwrap();
    assert_eq!(bed.returned(&drive.anna, None).await, Err(Error::Quota));
    assert_eq!(bed.trash(&drive.anna).await[0].path.as_deref(), Some("files/a"));
}

#[tokio::test]
async fn without_a_trash_what_is_removed_is_gone() {
    let drive = Drive::with(Bed::with(Policy { trash: false, ..policy() }).await).await;
    drive.discard("a").await;
    drive.copy(&drive.anna, "", "", "c", true).await.unwrap_err();
    drive.make(&drive.anna, "", "d").await.unwrap();
    drive.relocate(&drive.anna, "d", "", "c", true).await.unwrap();
    assert_eq!(drive.list("c").await, Vec::<String>::new(), "it was overwritten");
    assert!(drive.bed.trash(&drive.anna).await.is_empty());
}
