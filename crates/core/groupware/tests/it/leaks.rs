//! Nobody learns what exists by the way they are refused.

use crate::bed::{Bed, CALENDARS, event, event_with, item};
use kontor_contentline::collation::{Collation, Matcher, Position};
use kontor_contentline::filter::TextMatch;
use kontor_groupware::{Expect, Office, Place, Select};
use kontor_ical::filter::{CompFilter, CompTest, Filter, PropFilter, PropTest};
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
        (
            "items_named",
            office.items_named(who, at, std::slice::from_ref(&a), Select::Meta).await.map(|_| ()),
        ),
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

#[tokio::test]
async fn what_is_private_stays_so_for_readers_and_editors() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let start = "DTSTART:20260302T090000Z\r\nDURATION:PT1H\r\n";
    let secret = event_with("s", &format!("{start}CLASS:PRIVATE\r\nSUMMARY:Doctor\r\n"));
    bed.put(&anna, &at, "s.ics", &secret, Expect::Any).await.unwrap();
    bed.put(&anna, &at, "o.ics", &event("o", 1), Expect::Any).await.unwrap();
    let editor = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Editor.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![editor])).await.unwrap();
    let (s, o) = (item("s.ics"), item("o.ics"));
    let office = &bed.office;

    let read = office.item(&boris, &at, &s).await.unwrap();
    assert!(!String::from_utf8_lossy(&read.body).contains("Doctor"));
    assert!(String::from_utf8_lossy(&read.body).contains("DTSTART:20260302T090000Z"));
    assert_eq!(office.item(&boris, &at, &o).await.unwrap().body, event("o", 1));
    let named = office.items_named(&boris, &at, std::slice::from_ref(&s), Select::Body).await.unwrap();
    let page = office.page(&boris, &at, None, 10, Select::Body).await.unwrap();
    let changes = office.changes(&boris, &at, Version::ZERO, 10, Select::Body).await.unwrap();
    let bodies = named.into_iter().flatten().chain(page.items).chain(changes.changed).map(|item| item.body);
    assert!(bodies.into_iter().all(|body| !String::from_utf8_lossy(&body).contains("Doctor")));

    let filter = summary_has("doctor");
    let found = office.query_calendar(&boris, &at, &filter, &Zone::utc(), Select::Body).await.unwrap();
    assert!(found.is_empty(), "a filter tells nothing");
    assert_eq!(
        office.query_calendar(&anna, &at, &filter, &Zone::utc(), Select::Body).await.unwrap().len(),
        1
    );

    let hidden = |result: Result<()>| assert_eq!(result, Err(Error::Forbidden { right: Right::Private }));
    hidden(bed.put(&boris, &at, "s.ics", &event("s", 2), Expect::Any).await.map(|_| ()));
    hidden(office.remove(&boris, &at, &s, Expect::Any).await);
    let home = bed.place(&boris, &boris, "default").await.unwrap();
    hidden(office.copy(&boris, (&at, &s), Expect::Any, (&home, &s), false).await.map(|_| ()));
    hidden(office.relocate(&boris, (&at, &o), Expect::Any, (&at, &s), true).await.map(|_| ()));
    let name = crate::bed::collection("copy");
    hidden(office.copy_collection(&boris, &at, "boris", &name, false).await.map(|_| ()));
    bed.put(&boris, &at, "o.ics", &event("o", 2), Expect::Any).await.unwrap();
}

fn summary_has(needle: &str) -> Filter {
    let matcher = Matcher::new(Collation::UnicodeCasemap, Position::Contains, needle);
    let test =
        PropTest::Such { range: None, text: Some(TextMatch { matcher, negate: false }), params: Vec::new() };
    let props = vec![PropFilter { name: "SUMMARY".to_owned(), test }];
    let such = |props, comps| CompTest::Such { range: None, props, comps };
    let event = CompFilter { name: "VEVENT".to_owned(), test: such(props, Vec::new()) };
    Filter { calendar: CompFilter { name: "VCALENDAR".to_owned(), test: such(Vec::new(), vec![event]) } }
}
