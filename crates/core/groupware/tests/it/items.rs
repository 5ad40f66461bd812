//! Putting, changing, moving and removing items.

use crate::bed::{Bed, card, event, event_with, item, task};
use bytes::Bytes;
use kontor_groupware::{Expect, Put, Select};
use kontor_model::{Error, PropertyKey, Right, Role, Rule, Version};
use kontor_model::{Grant, Grantee};

#[tokio::test]
async fn a_body_comes_back_as_it_was_put() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let text = event_with("a", "X-ODD;x=\"1\":ä\\,\r\n b\r\nDTSTART:20260302T080000Z\r\n");
    let first = bed.put(&anna, &at, "a.ics", &text, Expect::Absent).await.unwrap();
    assert!(first.created && first.as_sent);
    let read = bed.office.item(&anna, &at, &item("a.ics")).await.unwrap();
    assert_eq!(read.body, text.as_bytes());
    assert_eq!((read.meta.id, read.meta.revision), (first.id, first.revision));

    let second = bed
        .put(&anna, &at, "a.ics", &event("a", 3), Expect::Exactly(first.id, first.revision))
        .await
        .unwrap();
    assert!(!second.created && second.id == first.id && second.version > first.version);
    let stale = bed.put(&anna, &at, "a.ics", &event("a", 4), Expect::Exactly(first.id, first.revision)).await;
    assert_eq!(stale, Err(Error::Stale { have: Some(second.revision) }));
    let exists = bed.put(&anna, &at, "a.ics", &event("a", 4), Expect::Absent).await;
    assert_eq!(exists, Err(Error::Stale { have: Some(second.revision) }));
    let missing = bed.put(&anna, &at, "b.ics", &event("b", 4), Expect::Present).await;
    assert_eq!(missing, Err(Error::Stale { have: None }));
}

#[tokio::test]
async fn bad_bodies_are_refused_with_rule_and_line() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let calendar = bed.place(&anna, &anna, "default").await.unwrap();
    let tasks = bed.place(&anna, &anna, "tasks").await.unwrap();
    let book = bed.book(&anna).await;
    let check = async |at: &_, text: &str, expect: Rule, line: &str| match bed
        .put(&anna, at, "x", text, Expect::Any)
        .await
    {
        Err(Error::Invalid { rule, detail }) => {
            assert_eq!(rule, expect, "{detail}");
            assert!(detail.contains(line), "{detail}");
        }
        other => panic!("{other:?} for {text}"),
    };
    check(&calendar, "hello", Rule::Data, "line 1").await;
    check(&calendar, &event_with("a", "DTSTART:yesterday\r\n"), Rule::Data, "line 7").await;
    check(
        &calendar,
        &event_with("a", "DTSTART:20260101T000000Z\r\nRRULE:FREQ=NEVER\r\n"),
        Rule::Data,
        "line 8",
    )
    .await;
    check(&calendar, &task("t"), Rule::Component, "VTODO").await;
    check(&tasks, &event("e", 0), Rule::Component, "VEVENT").await;
    let two = event("a", 0).replace(
        "END:VEVENT\r\n",
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nDTSTART:20260101\r\nEND:VEVENT\r\n",
    );
    check(&calendar, &two, Rule::Object, "line").await;
    check(&book, &event("e", 0), Rule::Object, "line 1").await;
    check(&book, &card("a", "A").replace("UID:a\r\n", ""), Rule::Object, "UID").await;
    let put = Put { media_type: "image/png", bytes: Bytes::from_static(b"x"), expect: Expect::Any };
    let wrong = bed.office.put(&anna, &book, &item("x"), put).await;
    assert!(matches!(wrong, Err(Error::Invalid { rule: Rule::MediaType, .. })));
    let big = event_with("a", &format!("DTSTART:20260101\r\nX-A:{}\r\n", "x".repeat(11 << 20)));
    let large = bed.put(&anna, &calendar, "x", &big, Expect::Any).await;
    assert!(matches!(large, Err(Error::TooLarge { limit: "max_item_size", .. })));
    let crowd: String = (0..1001).map(|n| format!("ATTENDEE:mailto:a{n}@example.com\r\n")).collect();
    let many = bed
        .put(&anna, &calendar, "x", &event_with("a", &format!("DTSTART:20260101\r\n{crowd}")), Expect::Any)
        .await;
    assert!(matches!(many, Err(Error::TooLarge { limit: "max_attendees", .. })));
}

#[tokio::test]
async fn a_uid_is_given_once_and_stays() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    match bed.put(&anna, &at, "b.ics", &event("a", 0), Expect::Any).await {
        Err(Error::Invalid { rule: Rule::UidConflict { name }, .. }) => assert_eq!(name, "a.ics"),
        other => panic!("{other:?}"),
    }
    let changed = bed.put(&anna, &at, "a.ics", &event("b", 0), Expect::Any).await;
    assert!(matches!(changed, Err(Error::Invalid { rule: Rule::UidChange, .. })), "{changed:?}");
    bed.office.remove(&anna, &at, &item("a.ics"), Expect::Any).await.unwrap();
    bed.put(&anna, &at, "b.ics", &event("a", 0), Expect::Any).await.unwrap();
}

#[tokio::test]
async fn edits_go_to_the_text_that_is_there() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    let louder = |item: &kontor_model::Item| {
        let text = String::from_utf8(item.body.to_vec()).unwrap();
        Ok(Some(Bytes::from(text.replace("SUMMARY:a", "SUMMARY:A!"))))
    };
    let written = bed.office.edit(&anna, &at, &item("a.ics"), louder).await.unwrap().unwrap();
    let read = bed.office.item(&anna, &at, &item("a.ics")).await.unwrap();
    assert_eq!(read.meta.revision, written.revision);
    assert_eq!(read.body, event("a", 0).replace("SUMMARY:a", "SUMMARY:A!"));
    assert_eq!(bed.office.edit(&anna, &at, &item("a.ics"), |_| Ok(None)).await, Ok(None));
    assert_eq!(bed.office.edit(&anna, &at, &item("z.ics"), louder).await, Err(Error::NotFound));
}

#[tokio::test]
async fn items_move_and_are_copied_between_two_accounts() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let here = bed.place(&anna, &anna, "default").await.unwrap();
    let theirs = bed.place(&boris, &boris, "default").await.unwrap();
    let (a, b) = (item("a.ics"), item("b.ics"));
    let put = bed.put(&anna, &here, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    let key = PropertyKey::new("{urn:x}note");
    let note = vec![(key.clone(), Some(b"hi".to_vec()))];
    bed.office.set_item_properties(&anna, &here, &a, note).await.unwrap();

    let hidden = bed.office.relocate(&anna, (&here, &a), Expect::Any, (&theirs, &a), false).await;
    assert_eq!(hidden, Err(Error::NotFound), "what cannot be seen is not there");
    let grant = Grant { grantee: Grantee::Account(anna.principal.id), rights: Role::Author.rights() };
    bed.office.set_grants(&boris, &theirs, Some(vec![grant])).await.unwrap();

    let copied = bed.office.copy(&anna, (&here, &a), Expect::Any, (&theirs, &a), false).await.unwrap();
    assert!(copied.created && copied.id != put.id);
    let taken = bed.office.relocate(&anna, (&here, &a), Expect::Any, (&theirs, &a), false).await;
    assert_eq!(taken, Err(Error::Exists));
    bed.office.remove(&boris, &theirs, &a, Expect::Any).await.unwrap();
    bed.put(&boris, &theirs, "a.ics", &event("a", 5), Expect::Any).await.unwrap();
    let overwrite = bed.office.relocate(&anna, (&here, &a), Expect::Any, (&theirs, &a), true).await;
    assert_eq!(overwrite, Err(Error::Exists), "what boris made is not anna's to overwrite");
    bed.office.remove(&boris, &theirs, &a, Expect::Any).await.unwrap();
    let moved = bed.office.relocate(&anna, (&here, &a), Expect::Any, (&theirs, &b), false).await.unwrap();
    assert!(moved.created);
    assert_eq!(bed.office.item(&anna, &here, &a).await, Err(Error::NotFound));
    assert_eq!(bed.office.item(&boris, &theirs, &b).await.unwrap().body, event("a", 0));
    let kept = bed.office.item_properties(&boris, &theirs, Some(&b)).await.unwrap();
    assert_eq!(kept, vec![(b.clone(), key, b"hi".to_vec())]);
    bed.put(&boris, &theirs, "c.ics", &event("c", 0), Expect::Any).await.unwrap();
    let take = bed.office.relocate(&anna, (&theirs, &item("c.ics")), Expect::Any, (&here, &a), false).await;
    assert_eq!(
        take,
        Err(Error::Forbidden { right: Right::DeleteAll }),
        "what boris made is not anna's to take"
    );
    let back = bed.office.relocate(&anna, (&theirs, &b), Expect::Any, (&here, &a), false).await.unwrap();
    assert!(back.created, "what she brought she may take again");
}

#[tokio::test]
async fn a_move_within_an_account_keeps_the_id_and_minds_the_kind() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let calendar = bed.place(&anna, &anna, "default").await.unwrap();
    let tasks = bed.place(&anna, &anna, "tasks").await.unwrap();
    let (a, b) = (item("a.ics"), item("b.ics"));
    let put = bed.put(&anna, &calendar, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    let moved =
        bed.office.relocate(&anna, (&calendar, &a), Expect::Any, (&calendar, &b), false).await.unwrap();
    assert_eq!(moved.id, put.id);
    let same = bed.office.relocate(&anna, (&calendar, &b), Expect::Any, (&calendar, &b), true).await;
    assert!(matches!(same, Err(Error::Invalid { rule: Rule::Location, .. })));
    let wrong = bed.office.relocate(&anna, (&calendar, &b), Expect::Any, (&tasks, &b), true).await;
    assert!(matches!(wrong, Err(Error::Invalid { rule: Rule::Component, .. })), "{wrong:?}");
    let gone = bed.office.relocate(&anna, (&calendar, &a), Expect::Any, (&tasks, &a), true).await;
    assert_eq!(gone, Err(Error::NotFound));
}

#[tokio::test]
async fn an_author_changes_what_is_their_own() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "anna.ics", &event("anna", 0), Expect::Any).await.unwrap();
    let author = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Author.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![author])).await.unwrap();
    let own = bed.put(&boris, &at, "boris.ics", &event("boris", 0), Expect::Any).await.unwrap();
    let (theirs, mine) = (item("anna.ics"), item("boris.ics"));
    let edit = Err(Error::Forbidden { right: Right::EditAll });

    assert_eq!(bed.put(&boris, &at, "anna.ics", &event("anna", 1), Expect::Any).await, edit.clone());
    assert_eq!(bed.put(&boris, &at, "anna.ics", &event("anna", 1), Expect::Present).await, edit);
    let again = bed.put(&boris, &at, "boris.ics", &event("boris", 1), Expect::Any).await.unwrap();
    assert_eq!((again.id, again.created), (own.id, false));
    let stale =
        bed.put(&boris, &at, "boris.ics", &event("boris", 2), Expect::Exactly(own.id, own.revision)).await;
    assert_eq!(stale, Err(Error::Stale { have: Some(again.revision) }));
    let note = vec![(PropertyKey::new("{x}y"), Some(vec![1]))];
    bed.office.set_item_properties(&boris, &at, &mine, note.clone()).await.unwrap();
    let refused = bed.office.set_item_properties(&boris, &at, &theirs, note).await;
    assert_eq!(refused, Err(Error::Forbidden { right: Right::EditAll }));

    // Anna's change does not make it hers.
    bed.put(&anna, &at, "boris.ics", &event("boris", 3), Expect::Any).await.unwrap();
    bed.put(&boris, &at, "boris.ics", &event("boris", 4), Expect::Any).await.unwrap();
    let refused = bed.office.remove(&boris, &at, &theirs, Expect::Any).await;
    assert_eq!(refused, Err(Error::Forbidden { right: Right::DeleteAll }));
    assert_eq!(bed.office.remove(&boris, &at, &item("none.ics"), Expect::Any).await, Err(Error::NotFound));
    let reader = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Reader.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![reader])).await.unwrap();
    let refused = bed.office.remove(&boris, &at, &mine, Expect::Any).await;
    assert_eq!(refused, Err(Error::Forbidden { right: Right::DeleteAll }), "while the right lasts");
    let author = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Author.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![author])).await.unwrap();
    bed.office.remove(&boris, &at, &mine, Expect::Any).await.unwrap();
}

#[tokio::test]
async fn changes_are_told_once_each() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    for n in 0..5 {
        bed.put(&anna, &at, &format!("{n}.ics"), &event(&n.to_string(), n), Expect::Any).await.unwrap();
    }
    let all = bed.office.changes(&anna, &at, Version::ZERO, 100, Select::Meta).await.unwrap();
    assert_eq!((all.changed.len(), all.removed.len(), all.more), (5, 0, false));
    bed.office.remove(&anna, &at, &item("3.ics"), Expect::Any).await.unwrap();
    let since = bed.office.changes(&anna, &at, all.upto, 100, Select::Meta).await.unwrap();
    assert_eq!((since.changed.len(), since.removed.len()), (0, 1));
    assert_eq!(bed.office.version(&anna, &at).await, Ok(since.upto));
    let ahead = bed.office.changes(&anna, &at, Version(9999), 100, Select::Meta).await;
    assert_eq!(ahead.map(|_| ()), Err(Error::GoneVersion));
}

#[tokio::test]
async fn properties_are_bounded_and_all_or_nothing() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let key = |n: usize| PropertyKey::new(format!("{{urn:x}}p{n}"));
    let many = (0..200).map(|n| (key(n), Some(b"x".to_vec()))).collect();
    let refused = bed.office.set_collection_properties(&anna, &at, many).await;
    assert_eq!(refused, Err(Error::TooLarge { limit: "max_properties", max: 100 }));
    let huge = vec![(key(1), Some(b"x".to_vec())), (key(2), Some(vec![0; 300 << 10]))];
    let refused = bed.office.set_collection_properties(&anna, &at, huge).await;
    assert!(matches!(refused, Err(Error::TooLarge { limit: "max_property_size", .. })));
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    assert!(!at.collection.properties.contains_key(&key(1)));
    bed.office.set_collection_properties(&anna, &at, vec![(key(1), Some(b"x".to_vec()))]).await.unwrap();
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    assert_eq!(at.collection.properties.get(&key(1)), Some(&b"x".to_vec()));
}

#[tokio::test]
async fn who_knew_it_empty_hears_of_what_came_and_went() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let nothing = bed.office.changes(&anna, &at, Version::ZERO, 10, Select::Meta).await.unwrap();
    assert!(nothing.changed.is_empty() && nothing.upto == Version::ZERO && !nothing.more);
    for name in ["a", "b", "c", "d"] {
        bed.put(&anna, &at, &format!("{name}.ics"), &event(name, 1), Expect::Absent).await.unwrap();
    }
    let told = async |limit| {
        let (mut since, mut names) = (Version::ZERO, Vec::new());
        loop {
            let found = bed.office.changes(&anna, &at, since, limit, Select::Meta).await.unwrap();
            assert!(found.changed.len() + found.removed.len() <= limit);
            names.extend(found.changed.iter().map(|item| format!("+{}", item.meta.name.as_str())));
            names.extend(found.removed.iter().map(|(name, _)| format!("-{}", name.as_str())));
            since = found.upto;
            if !found.more {
                break;
            }
        }
        names.sort();
        names.join(" ")
    };
    for limit in 1..6 {
        assert_eq!(told(limit).await, "+a.ics +b.ics +c.ics +d.ics");
    }
    bed.office.remove(&anna, &at, &item("b.ics"), Expect::Any).await.unwrap();
    for limit in 1..6 {
        assert_eq!(told(limit).await, "+a.ics +c.ics +d.ics -b.ics");
    }
    bed.office.remove(&anna, &at, &item("a.ics"), Expect::Any).await.unwrap();
    for limit in 1..6 {
        assert_eq!(told(limit).await, "+c.ics +d.ics -a.ics -b.ics");
    }
}
