//! Nobody learns what exists by the way they are refused.

use crate::bed::{Bed, CALENDARS, event, item};
use kontor_groupware::{Expect, Office, Place, Select};
use kontor_ical::timeline::Range;
use kontor_ical::zone::Zone;
use kontor_model::{Error, Grant, Grantee, Result, Right, Rights, Role, Version};

/// Every verb on a collection, by name.
async fn refusals(
    office: &Office,
    who: &kontor_groupware::Asker,
    at: &Place,
) -> Vec<(&'static str, Result<()>)> {
    let a = item("a.ics");
    let put =
        || kontor_groupware::Put { media_type: "", bytes: event("z", 0).into(), expect: Expect::Present };
    vec![
        ("version", office.version(who, at).await.map(|_| ())),
        ("item", office.item(who, at, &a).await.map(|_| ())),
        ("items_named", office.items_named(who, at, &[a.clone()], Select::Meta).await.map(|_| ())),
        ("page", office.page(who, at, None, 10, Select::Meta).await.map(|_| ())),
        ("changes", office.changes(who, at, Version::ZERO, 10, Select::Meta).await.map(|_| ())),
        ("item_properties", office.item_properties(who, at, None).await.map(|_| ())),
        ("usage", office.usage(who, at).await.map(|_| ())),
        ("grants", office.grants(who, at).await.map(|_| ())),
        ("put", office.put(who, at, &a, put()).await.map(|_| ())),
        ("edit", office.edit(who, at, &a, |_| Ok(None)).await.map(|_| ())),
        ("remove", office.remove(who, at, &a, Expect::Any).await),
        ("set_item_properties", office.set_item_properties(who, at, &a, Vec::new()).await),
        ("set_collection_properties", office.set_collection_properties(who, at, Vec::new()).await),
        ("set_grants", office.set_grants(who, at, None).await),
        ("remove_collection", office.remove_collection(who, at).await),
    ]
}

#[tokio::test]
async fn who_has_nothing_or_free_busy_alone_finds_nothing() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 1), Expect::Any).await.unwrap();
    for rights in [Rights::NONE, Role::FreeBusy.rights(), Role::Dropbox.rights()] {
        let grant = Grant { grantee: Grantee::Account(boris.principal.id), rights };
        bed.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
        for (verb, result) in refusals(&bed.office, &boris, &at).await {
            assert_eq!(result, Err(Error::NotFound), "{verb} with {}", rights.letters());
        }
        let listed = bed.office.places(&boris, "anna", CALENDARS).await.unwrap();
        assert!(listed.is_empty());
        let found = bed.office.place(&boris, "anna", CALENDARS, "default").await;
        assert_eq!(found.is_ok(), rights != Rights::NONE);
        let range = Range { start: crate::bed::NOW, end: crate::bed::NOW + 86_400 };
        let busy = bed.office.free_busy(&boris, std::slice::from_ref(&at), range, &Zone::utc()).await;
        match rights.has(Right::FreeBusy) {
            true => assert_eq!(busy.unwrap().len(), 1),
            false => assert_eq!(busy, Err(Error::NotFound)),
        }
    }
}

#[tokio::test]
async fn what_is_not_there_looks_like_what_may_not_be_seen() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    bed.office.set_root_grants(&anna, &anna.principal, Vec::new()).await.unwrap();
    for name in ["default", "nothing"] {
        let found = bed.office.place(&boris, "anna", CALENDARS, name).await;
        assert_eq!(found.map(|_| ()), Err(Error::NotFound), "{name}");
    }
    assert_eq!(bed.office.place(&boris, "nobody", CALENDARS, "x").await.map(|_| ()), Err(Error::NotFound));
    assert_eq!(bed.office.places(&boris, "no/body", CALENDARS).await.map(|_| ()), Err(Error::NotFound));
}

#[tokio::test]
async fn a_right_that_is_taken_away_is_gone_at_once() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let editor = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Editor.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![editor])).await.unwrap();
    let theirs = bed.place(&boris, &anna, "default").await.unwrap();
    bed.put(&boris, &theirs, "b.ics", &event("b", 1), Expect::Any).await.unwrap();
    let reader = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Reader.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![reader])).await.unwrap();
    let put = bed.put(&boris, &theirs, "c.ics", &event("c", 1), Expect::Any).await;
    assert_eq!(put, Err(Error::Forbidden { right: Right::Insert }));
    bed.office.set_grants(&anna, &at, Some(Vec::new())).await.unwrap();
    // No entry of its own for him: the root's free/busy for everyone holds again.
    let read = bed.office.item(&boris, &theirs, &item("b.ics")).await;
    assert_eq!(read, Err(Error::NotFound));
}
