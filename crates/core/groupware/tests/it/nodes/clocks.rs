//! Nodes whose clocks are ten minutes apart. Every use of the time of day that more than one node sees is here, or in
//! `guessing` (log-ins), or in the tests of the store (leases, trimming).

use super::{Hearing, MINUTES, Node, database, until};
use crate::bed::{BOOKS, card, event, policy};
use kontor_directory::Scope;
use kontor_groupware::{AppPasswordOrder, Denied, Select};
use kontor_model::{Clock, ItemName, Version};
use std::collections::BTreeSet;

async fn two(url: &str) -> (Node, Node) {
    let ahead = Node::with(url, Hearing::Hints, 5 * MINUTES, policy()).await;
    (ahead, Node::with(url, Hearing::Hints, -5 * MINUTES, policy()).await)
}

/// Dates of items: never earlier than what came before, to the second, which is what clients compare.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_dated_after_what_it_changes() {
    let url = database();
    let (ahead, behind) = two(&url).await;
    let anna = ahead.user("anna").await;
    let (one, other) =
        (ahead.calendar(&anna, "anna").await.unwrap(), behind.calendar(&anna, "anna").await.unwrap());
    let name = ItemName::new("x.ics").unwrap();
    let mut last = 0;
    for n in 0..8 {
        let (node, at) = if n % 2 == 0 { (&ahead, &one) } else { (&behind, &other) };
        node.put(&anna, at, "x.ics", &event("x", n)).await.unwrap();
        let meta = behind.office.item(&anna, &other, &name).await.unwrap().meta;
        assert!(meta.created <= meta.modified);
        assert!(meta.modified.secs() > last, "{n}");
        last = meta.modified.secs();
        node.clock.advance_millis(500);
    }
}

/// Numbers know no time: every change of either node is told once and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_and_ids_do_not_depend_on_clocks() {
    let url = database();
    let (ahead, behind) = two(&url).await;
    let anna = ahead.user("anna").await;
    let place = ahead.book(&anna, "anna").await;
    let (mut since, mut ids) = (Version::ZERO, BTreeSet::new());
    for n in 0..20 {
        let node = if n % 2 == 0 { &ahead } else { &behind };
        let text = card(&format!("{n}"), "A");
        node.put(&anna, &place, &format!("{n}.vcf"), &text).await.unwrap();
        let other = if n % 3 == 0 { &ahead } else { &behind };
        let told = other.office.changes(&anna, &place, since, 100, Select::Meta).await.unwrap();
        assert_eq!(told.changed.len(), 1, "{n}");
        assert!(told.upto > since && ids.insert(told.changed[0].meta.id));
        since = told.upto;
    }
    assert_eq!(ahead.office.places(&anna, "anna", BOOKS).await.unwrap().len(), 1);
}

/// An app password stops working on each node when that node's clock says so: minutes apart, no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_password_ends_by_the_clock_of_each_node() {
    let url = database();
    let (ahead, behind) = two(&url).await;
    let anna = ahead.user("anna").await;
    let order = AppPasswordOrder {
        label: "phone".to_owned(),
        scopes: vec![Scope::Dav],
        expires: Some(ahead.clock.now().plus_millis(60 * MINUTES)),
        ..AppPasswordOrder::default()
    };
    let made = ahead.office.create_app_password(&anna, "anna", order).await.unwrap();
    let pass = |minutes: i64| {
        [&ahead, &behind].iter().for_each(|node| node.clock.advance_millis(minutes * MINUTES));
    };
    assert!(ahead.sign_in("anna", &made.secret).await.is_ok());
    assert!(behind.sign_in("anna", &made.secret).await.is_ok());
    let long = behind.sign_in("anna", &made.secret).await.unwrap();
    pass(60);
    assert_eq!(ahead.sign_in("anna", &made.secret).await.map(drop), Err(Denied::Wrong));
    assert!(behind.sign_in("anna", &made.secret).await.is_ok(), "ten minutes behind");
    pass(10);
    assert_eq!(behind.sign_in("anna", &made.secret).await.map(drop), Err(Denied::Wrong));
    assert!(behind.office.still(&long).await.is_err(), "nor does what it let in go on");
}

/// The day of last use goes forward only: around midnight nodes do not write it again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_day_of_last_use_does_not_go_back() {
    let url = database();
    let (ahead, behind) = two(&url).await;
    let anna = ahead.user("anna").await;
    let order = AppPasswordOrder { label: "phone".to_owned(), ..AppPasswordOrder::default() };
    let made = ahead.office.create_app_password(&anna, "anna", order).await.unwrap();
    // To midnight, by a clock that is right.
    let to_midnight = 86_400_000 - (ahead.clock.now().millis() - 5 * MINUTES).rem_euclid(86_400_000);
    ahead.clock.advance_millis(to_midnight);
    behind.clock.advance_millis(to_midnight);
    let day = async || {
        let all = behind.office.app_passwords(&anna, "anna").await.unwrap();
        all[0].last_used.unwrap().secs() / 86_400
    };
    ahead.sign_in("anna", &made.secret).await.unwrap();
    let today = day().await;
    assert_eq!(today, ahead.clock.now().secs() / 86_400);
    behind.sign_in("anna", &made.secret).await.unwrap();
    assert_eq!(day().await, today, "which is yesterday by its clock");
}

/// What is remembered of log-ins is measured by clocks that nobody sets.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_back_keeps_nobody_in() {
    let url = database();
    let (one, other) = (Node::new(&url, Hearing::Deaf).await, Node::new(&url, Hearing::Deaf).await);
    one.user("anna").await;
    other.grows_old().await;
    other.sign_in("anna", "anna").await.unwrap();
    one.office.set_password(&one.root, "anna", "another").await.unwrap();
    // A second passes, but by the time of day an hour is gained.
    other.clock.set_by_millis(-60 * MINUTES);
    other.clock.advance_millis(1_000);
    assert_eq!(other.sign_in("anna", "anna").await.map(drop), Err(Denied::Wrong));
    until("the new one to be let in", async || other.sign_in("anna", "another").await.is_ok()).await;
}
