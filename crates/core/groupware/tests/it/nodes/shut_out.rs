//! Whoever is shut out on one node is shut out on all, and what they watch ends there.

use super::{Hearing, Node, PATIENCE, database, ends, until};
use crate::bed::event;
use kontor_directory::Scope;
use kontor_groupware::{AppPasswordOrder, Asker, Denied, UserChange};
use kontor_model::{Error, Grant, Grantee, Origin, Right, Role};
use kontor_testkit::Postgres;
use std::time::Duration;

fn order(label: &str) -> AppPasswordOrder {
    AppPasswordOrder { label: label.to_owned(), scopes: vec![Scope::Dav], ..AppPasswordOrder::default() }
}

/// What an administrator may do to a log-in.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Password,
    AppPassword,
    Close,
    Delete,
}

const BLOWS: [Blow; 4] = [Blow::Password, Blow::AppPassword, Blow::Close, Blow::Delete];

/// Strikes on one node; with which password the account had signed in.
async fn strike(one: &Node, blow: Blow, app_password: i64) {
    let (office, root) = (&one.office, &one.root);
    match blow {
        Blow::Password => office.set_password(root, "anna", "another").await.unwrap(),
        Blow::AppPassword => office.revoke_app_password(root, "anna", app_password).await.unwrap(),
        Blow::Close => {
            let closed = UserChange { active: Some(false), ..UserChange::default() };
            office.update_user(root, "anna", closed).await.map(drop).unwrap();
        }
        Blow::Delete => office.delete_user(root, "anna").await.unwrap(),
    }
}

async fn shut_out(hearing: Hearing, blow: Blow) {
    let url = database();
    let (one, other) = (Node::new(&url, hearing).await, Node::new(&url, hearing).await);
    let anna = one.user("anna").await;
    let made = one.office.create_app_password(&anna, "anna", order("phone")).await.unwrap();
    let shown = if matches!(blow, Blow::AppPassword) { made.secret.as_str() } else { "anna" };
    let asker = other.sign_in("anna", shown).await.unwrap();
    let mut watch = other.office.watch(&asker).await.unwrap();
    strike(&one, blow, made.id).await;
    let refused = async || matches!(other.sign_in("anna", shown).await, Err(Denied::Wrong));
    until(&format!("{blow:?} to be felt by {hearing:?}"), refused).await;
    ends(&mut watch).await;
    // A request that was let in before, and takes long.
    let still = async || other.office.still(&asker).await != Ok(());
    until(&format!("{blow:?} to be felt by a long request, by {hearing:?}"), still).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_hints() {
    for blow in BLOWS {
        shut_out(Hearing::Hints, blow).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_asking() {
    for blow in BLOWS {
        shut_out(Hearing::Asking, blow).await;
    }
}

/// A node that hears nothing believes what it knows for a second, and not a millisecond longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_second_by_construction() {
    for blow in BLOWS {
        let url = database();
        let (one, other) = (Node::new(&url, Hearing::Deaf).await, Node::new(&url, Hearing::Deaf).await);
        let anna = one.user("anna").await;
        let made = one.office.create_app_password(&anna, "anna", order("phone")).await.unwrap();
        let shown = if matches!(blow, Blow::AppPassword) { made.secret.as_str() } else { "anna" };
        other.grows_old().await;
        let asker = other.sign_in("anna", shown).await.unwrap();
        let at = other.calendar(&asker, "anna").await.unwrap();
        strike(&one, blow, made.id).await;
        other.clock.advance_millis(999);
        assert!(other.sign_in("anna", shown).await.is_ok(), "{blow:?}: it cannot know yet");
        other.clock.advance_millis(1);
        assert_eq!(other.sign_in("anna", shown).await.map(drop), Err(Denied::Wrong), "{blow:?}");
        // Nor does a request write that was let in before.
        let put = other.put(&asker, &at, "x.ics", &event("x", 0)).await;
        assert_eq!(put, Err(Error::Busy { retry_after: 1 }), "{blow:?}");
    }
}

/// Rights are asked for on every request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_that_were_taken_away_are_gone_at_once() {
    for hearing in [Hearing::Hints, Hearing::Asking, Hearing::Deaf] {
        let url = database();
        let (one, other) = (Node::new(&url, hearing).await, Node::new(&url, hearing).await);
        let (anna, bert) = (one.user("anna").await, one.user("bert").await);
        let at = one.calendar(&anna, "anna").await.unwrap();
        let grant = Grant { grantee: Grantee::Account(bert.principal.id), rights: Role::Editor.rights() };
        one.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
        let bert = other.sign_in("bert", "bert").await.unwrap();
        let theirs = other.calendar(&bert, "anna").await.unwrap();
        other.put(&bert, &theirs, "x.ics", &event("x", 0)).await.unwrap();
        let mut watch = other.office.watch(&bert).await.unwrap();
        one.office.set_grants(&anna, &at, Some(Vec::new())).await.unwrap();
        let now = other.calendar(&bert, "anna").await.unwrap();
        assert_eq!(now.rights, Role::FreeBusy.rights(), "that is what everybody has");
        assert_eq!(other.put(&bert, &theirs, "y.ics", &event("y", 1)).await, Err(Error::NotFound));
        if !matches!(hearing, Hearing::Deaf) {
            // Told to look again, though this node never heard what was granted before the watch began.
            let told = tokio::time::timeout(PATIENCE, watch.next()).await.expect("nothing was told").unwrap();
            assert_eq!((told.account, told.collection), (anna.principal.id, None), "{hearing:?}");
        }
    }
}

/// What is granted while somebody watches on another node is watched from then on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_granted_later_is_watched_too() {
    for (hearing, everyone) in
        [(Hearing::Hints, false), (Hearing::Hints, true), (Hearing::Asking, false), (Hearing::Asking, true)]
    {
        let url = database();
        let (one, other) = (Node::new(&url, hearing).await, Node::new(&url, hearing).await);
        let (anna, bert) = (one.user("anna").await, one.user("bert").await);
        let mut watch = other.office.watch(&other.sign_in("bert", "bert").await.unwrap()).await.unwrap();
        let at = one.calendar(&anna, "anna").await.unwrap();
        let grantee = if everyone { Grantee::Everyone } else { Grantee::Account(bert.principal.id) };
        let grant = Grant { grantee, rights: Role::Reader.rights() };
        one.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
        let told = tokio::time::timeout(PATIENCE, watch.next()).await.expect("nothing was told").unwrap();
        assert_eq!(told.collection, None, "{hearing:?}: look again");
        // That may have been for what came before, such as that there is a Bert. Changes are told once the grant, too, is
        // known here.
        let mut changes = 0;
        until("the change to be told", async || {
            changes += 1;
            let uid = format!("x{changes}");
            one.put(&anna, &at, &format!("{uid}.ics"), &event(&uid, changes)).await.unwrap();
            while let Ok(told) = tokio::time::timeout(Duration::from_secs(1), watch.next()).await {
                let told = told.unwrap();
                if told.collection.is_some() {
                    let change = (anna.principal.id, Some(at.collection.id));
                    assert_eq!((told.account, told.collection), change, "{hearing:?}");
                    return true;
                }
            }
            false
        })
        .await;
    }
}

/// Who is not concerned goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_survives_what_does_not_concern_its_log_in() {
    let url = database();
    let (one, other) = (Node::new(&url, Hearing::Hints).await, Node::new(&url, Hearing::Hints).await);
    let anna = one.user("anna").await;
    let (phone, tablet) = (
        one.office.create_app_password(&anna, "anna", order("phone")).await.unwrap(),
        one.office.create_app_password(&anna, "anna", order("tablet")).await.unwrap(),
    );
    let mut by_password = other.office.watch(&other.sign_in("anna", "anna").await.unwrap()).await.unwrap();
    let mut by_phone =
        other.office.watch(&other.sign_in("anna", &phone.secret).await.unwrap()).await.unwrap();
    let mut by_tablet =
        other.office.watch(&other.sign_in("anna", &tablet.secret).await.unwrap()).await.unwrap();
    one.office.create_app_password(&anna, "anna", order("another")).await.unwrap();
    one.office.revoke_app_password(&one.root, "anna", tablet.id).await.unwrap();
    ends(&mut by_tablet).await;
    one.office.set_password(&one.root, "anna", "another").await.unwrap();
    ends(&mut by_password).await;
    let at = one.calendar(&anna, "anna").await.unwrap();
    one.put(&anna, &at, "x.ics", &event("x", 0)).await.unwrap();
    let told = tokio::time::timeout(PATIENCE, by_phone.next()).await.expect("nothing was told");
    assert_eq!(told.unwrap().collection, Some(at.collection.id));
}

/// Without the database nobody is let in or believed, nothing is told, and nobody is taken for a guesser.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_nothing_is_believed() {
    let server = Postgres::start("shut-out");
    let url = server.create("away");
    let node = Node::new(&url, Hearing::Asking).await;
    node.user("anna").await;
    let asker = node.sign_in("anna", "anna").await.unwrap();
    let mut watch = node.office.watch(&asker).await.unwrap();
    server.stop();
    let busy = async || {
        // Time goes on, by this clock too.
        node.clock.advance_millis(100);
        matches!(node.sign_in("anna", "anna").await, Err(Denied::Fault(Error::Busy { .. })))
    };
    until("nobody to be let in", busy).await;
    // What was heard less than a second ago is still believed.
    let doubted = async || matches!(node.office.still(&asker).await, Err(Error::Busy { .. }));
    until("nobody to be believed", doubted).await;
    server.run();
    until("it to be let in again", async || node.sign_in("anna", "anna").await.is_ok()).await;
    until("the long request to go on", async || node.office.still(&asker).await.is_ok()).await;
    let at = node.calendar(&asker, "anna").await.unwrap();
    node.put(&asker, &at, "x.ics", &event("x", 0)).await.unwrap();
    // What happened to the store before may be told once more, now that all numbers were asked for.
    let told = async { while watch.next().await.unwrap().collection != Some(at.collection.id) {} };
    tokio::time::timeout(PATIENCE, told).await.expect("it was not told");
}

/// An administrator who is none any more, on another node, in the middle of a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_who_is_none_any_more_is_none_anywhere() {
    let url = database();
    let (one, other) = (Node::new(&url, Hearing::Hints).await, Node::new(&url, Hearing::Hints).await);
    one.user("anna").await;
    let level = |admin| UserChange { admin: Some(admin), ..UserChange::default() };
    one.office.update_user(&one.root, "anna", level(kontor_model::AdminLevel::System)).await.unwrap();
    let admin: Asker = other.sign_in("anna", "anna").await.unwrap();
    assert!(other.office.users(&admin, None).await.is_ok());
    one.office.update_user(&one.root, "anna", level(kontor_model::AdminLevel::None)).await.unwrap();
    let none = async || {
        let now = other.sign_in("anna", "anna").await.unwrap();
        other
            .office
            .users(&now, None)
            .await
            .is_err_and(|error| error == Error::Forbidden { right: Right::Administer })
    };
    until("the other node to know", none).await;
    assert!(other.office.still(&admin).await.is_err(), "who was let in as one does not go on as one");
    assert_eq!(admin.origin, Origin::Dav);
}
