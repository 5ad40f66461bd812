//! Two nodes on one database: what one of them knew of a collection lately is never what it goes by if it has changed.

use crate::bed::{Bed, CALENDARS, collection, event, item, policy};
use bytes::Bytes;
use kontor_groupware::{Asker, Expect, NewCollection, Office, Place, Put};
use kontor_model::{Error, Grant, Grantee, Result, Rights};
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::postgres;

/// A node, and an office on another one.
async fn nodes(name: &str) -> (Bed, Office) {
    let url = postgres().create(&format!("{name}{}", std::process::id()));
    let node = || open(&url, &PostgresOptions::default()).unwrap();
    let bed = Bed::over(node(), tempfile::tempdir().unwrap(), policy()).await;
    let other = bed.beside(node()).await;
    (bed, other)
}

/// What a door does: by what the node knew lately, and anew if that fails and was out of date.
async fn get(office: &Office, who: &Asker, owner: &str, calendar: &str, name: &str) -> Result<String> {
    let place = office.place_lately(who, owner, CALENDARS, calendar).await?;
    let mut got = office.item(who, &place, &item(name)).await;
    if got.is_err()
        && let Some(now) = office.renewed(who, &place, CALENDARS, calendar).await?
    {
        got = office.item(who, &now, &item(name)).await;
    }
    got.map(|item| String::from_utf8(item.body.to_vec()).unwrap())
}

async fn put(office: &Office, who: &Asker, owner: &str, calendar: &str, text: &str) -> Result<Place> {
    let bytes = || Bytes::copy_from_slice(text.as_bytes());
    let new = || Put { media_type: "", bytes: bytes(), expect: Expect::Any };
    let place = office.place_lately(who, owner, CALENDARS, calendar).await?;
    match office.put(who, &place, &item("one.ics"), new()).await {
        Ok(_) => Ok(place),
        Err(error) => match office.renewed(who, &place, CALENDARS, calendar).await? {
            None => Err(error),
            Some(now) => office.put(who, &now, &item("one.ics"), new()).await.map(|_| now),
        },
    }
}

fn new(name: &str) -> NewCollection {
    crate::collections::calendar(name)
}

#[tokio::test]
async fn a_collection_that_was_renamed_elsewhere_is_not_found_under_its_old_name() {
    let (bed, other) = nodes("renamed").await;
    let anna = bed.user("anna").await;
    let work = bed.office.create_collection(&anna, "anna", new("work")).await.unwrap();
    let text = event("one", 1);
    put(&other, &anna, "anna", "work", &text).await.unwrap();
    for _ in 0..2 {
        assert_eq!(get(&other, &anna, "anna", "work", "one.ics").await.as_ref(), Ok(&text));
    }
    let moved =
        bed.office.relocate_collection(&anna, &work, "anna", &collection("play"), false).await.unwrap();
    assert_eq!(get(&other, &anna, "anna", "work", "one.ics").await, Err(Error::NotFound));
    assert_eq!(put(&other, &anna, "anna", "work", &text).await.map(drop), Err(Error::NotFound));
    assert_eq!(get(&other, &anna, "anna", "play", "one.ics").await.as_ref(), Ok(&text));
    // Another one takes the old name: what is put there belongs to that one.
    bed.office.relocate_collection(&anna, &moved, "anna", &collection("spare"), false).await.unwrap();
    let second = bed.office.create_collection(&anna, "anna", new("play")).await.unwrap();
    let placed = put(&other, &anna, "anna", "play", &event("two", 2)).await.unwrap();
    assert_eq!(placed.collection.id, second.collection.id);
    assert_eq!(get(&other, &anna, "anna", "spare", "one.ics").await.as_ref(), Ok(&text));
}

#[tokio::test]
async fn rights_that_were_taken_or_given_elsewhere_count_at_once() {
    let (bed, other) = nodes("revoked").await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let work = bed.office.create_collection(&anna, "anna", new("work")).await.unwrap();
    let text = event("one", 1);
    put(&bed.office, &anna, "anna", "work", &text).await.unwrap();
    for _ in 0..3 {
        assert_eq!(get(&other, &boris, "anna", "work", "one.ics").await, Err(Error::NotFound));
        let grant = Grant { grantee: Grantee::Account(boris.principal.id), rights: Rights::ALL };
        bed.office.set_grants(&anna, &work, Some(vec![grant])).await.unwrap();
        assert_eq!(get(&other, &boris, "anna", "work", "one.ics").await.as_ref(), Ok(&text));
        put(&other, &boris, "anna", "work", &text).await.unwrap();
        bed.office.set_grants(&anna, &work, Some(Vec::new())).await.unwrap();
        assert_eq!(put(&other, &boris, "anna", "work", &text).await.map(drop), Err(Error::NotFound));
    }
}

#[tokio::test]
async fn what_is_put_on_one_node_is_read_on_the_other() {
    let (bed, other) = nodes("items").await;
    let anna = bed.user("anna").await;
    bed.office.create_collection(&anna, "anna", new("work")).await.unwrap();
    for n in 0..20 {
        let text = event("one", n);
        let (writes, reads) = if n % 2 == 0 { (&bed.office, &other) } else { (&other, &bed.office) };
        put(writes, &anna, "anna", "work", &text).await.unwrap();
        assert_eq!(get(reads, &anna, "anna", "work", "one.ics").await.as_ref(), Ok(&text));
    }
    assert_eq!(get(&other, &anna, "anna", "work", "two.ics").await, Err(Error::NotFound));
}
