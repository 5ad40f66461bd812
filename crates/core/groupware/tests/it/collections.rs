//! Making, naming, moving, copying and removing collections.

use crate::bed::{Bed, CALENDARS, collection, event, item};
use kontor_groupware::{Expect, NewCollection};
use kontor_model::{Components, Error, Kind, Properties, Right};

pub(crate) fn calendar(name: &str) -> NewCollection {
    NewCollection {
        kind: Kind::Calendar,
        name: collection(name),
        components: Components::EVENT,
        properties: Properties::new(),
    }
}

#[tokio::test]
async fn a_name_is_given_once_among_calendars_and_task_lists() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let made = bed.office.create_collection(&anna, "anna", calendar("work")).await.unwrap();
    assert_eq!(made.collection.kind, Kind::Calendar);
    let again = bed.office.create_collection(&anna, "anna", calendar("work")).await;
    assert_eq!(again.map(|_| ()), Err(Error::Exists));
    let clash = bed.office.create_collection(&anna, "anna", calendar("tasks")).await;
    assert_eq!(clash.map(|_| ()), Err(Error::Exists));
    let todo = NewCollection { components: Components::TASK, ..calendar("todo") };
    let todo = bed.office.create_collection(&anna, "anna", todo).await.unwrap();
    assert_eq!(todo.collection.kind, Kind::Tasks);
    let book = NewCollection { kind: Kind::Contacts, ..calendar("work") };
    bed.office.create_collection(&anna, "anna", book).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_changes_at_once_all_happen() {
    let bed = std::sync::Arc::new(Bed::new().await);
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let all: Vec<_> = (0..64)
        .map(|n| {
            let (bed, anna, at) = (bed.clone(), anna.clone(), at.clone());
            tokio::spawn(async move {
                bed.office.create_collection(&anna, "anna", calendar(&format!("c{n}"))).await.unwrap();
                let key = kontor_model::PropertyKey::new(format!("{{x}}p{n}"));
                bed.office.set_collection_properties(&anna, &at, vec![(key, Some(vec![1]))]).await.unwrap();
                bed.put(&anna, &at, &format!("{n}.ics"), &event(&n.to_string(), n), Expect::Any)
                    .await
                    .unwrap();
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(bed.office.places(&anna, "anna", CALENDARS).await.unwrap().len(), 66);
    assert_eq!(bed.office.usage(&anna, &at).await.unwrap().0, 64);
}

#[tokio::test]
async fn there_is_a_limit() {
    let mut policy = crate::bed::policy();
    policy.limits.max_collections = 4;
    let bed = Bed::with(policy).await;
    let anna = bed.user("anna").await;
    bed.office.create_collection(&anna, "anna", calendar("work")).await.unwrap();
    let more = bed.office.create_collection(&anna, "anna", calendar("more")).await;
    assert_eq!(more.map(|_| ()), Err(Error::TooLarge { limit: "max_collections", max: 4 }));
}

#[tokio::test]
async fn even_the_first_calendar_can_go_and_come_again() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    bed.office.remove_collection(&anna, &at).await.unwrap();
    assert_eq!(bed.office.item(&anna, &at, &item("a.ics")).await, Err(Error::NotFound));
    assert_eq!(bed.office.remove_collection(&anna, &at).await, Err(Error::NotFound));
    let made = bed.office.create_collection(&anna, "anna", calendar("default")).await.unwrap();
    assert_ne!(made.collection.id, at.collection.id);
    assert_eq!(bed.office.usage(&anna, &made).await, Ok((0, 0)));
}

#[tokio::test]
async fn collections_are_renamed_in_place() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    let taken = bed.office.relocate_collection(&anna, &at, "anna", &collection("tasks"), false).await;
    assert_eq!(taken.map(|_| ()), Err(Error::Exists));
    let moved = bed.office.relocate_collection(&anna, &at, "anna", &collection("work"), false).await.unwrap();
    assert_eq!(moved.collection.id, at.collection.id);
    bed.office.item(&anna, &moved, &item("a.ics")).await.unwrap();
    let over =
        bed.office.relocate_collection(&anna, &moved, "anna", &collection("tasks"), true).await.unwrap();
    let names: Vec<_> = bed.office.places(&anna, "anna", CALENDARS).await.unwrap();
    assert_eq!(names.len(), 1);
    assert_eq!(over.collection.name.as_str(), "tasks");
}

#[tokio::test]
async fn collections_are_copied_and_moved_between_accounts() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    for n in 0..30 {
        bed.put(&anna, &at, &format!("{n}.ics"), &event(&n.to_string(), n), Expect::Any).await.unwrap();
    }
    let copy = bed.office.copy_collection(&anna, &at, "anna", &collection("copy"), false).await.unwrap();
    assert_eq!(bed.office.usage(&anna, &copy).await.unwrap().0, 30);
    let refused = bed.office.copy_collection(&anna, &at, "boris", &collection("gift"), false).await;
    assert_eq!(refused.map(|_| ()), Err(Error::Forbidden { right: Right::CreateCollection }));
    let moved =
        bed.office.relocate_collection(&bed.root, &copy, "boris", &collection("gift"), false).await.unwrap();
    assert_eq!(moved.owner.name.as_str(), "boris");
    let gift = bed.place(&boris, &boris, "gift").await.unwrap();
    assert_eq!(bed.office.usage(&boris, &gift).await.unwrap().0, 30);
    assert_eq!(bed.office.usage(&anna, &copy).await, Err(Error::NotFound));
}
