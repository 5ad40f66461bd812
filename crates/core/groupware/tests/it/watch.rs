//! Who hears of what.

use crate::bed::{Bed, event};
use kontor_groupware::{Asker, Expect, UserChange, Watch};
use kontor_model::{Grant, Grantee, Notice, Origin, Role, Version};
use std::time::Duration;
use tokio::time::timeout;

async fn hears(watch: &mut Watch) -> Option<Notice> {
    timeout(Duration::from_secs(5), watch.next()).await.expect("nothing was told within five seconds")
}

async fn watch(bed: &Bed, who: &Asker) -> Watch {
    bed.office.watch(who).await.unwrap()
}

async fn silent(watch: &mut Watch) {
    let heard = timeout(Duration::from_millis(100), watch.next()).await;
    assert!(heard.is_err(), "{heard:?}");
}

#[tokio::test]
async fn the_owner_and_whoever_may_look_hear_of_a_change() {
    let bed = Bed::new().await;
    let (anna, boris, clara) = (bed.user("anna").await, bed.user("boris").await, bed.user("clara").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let grant = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Reader.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
    let (mut a, mut b) = (watch(&bed, &anna).await, watch(&bed, &boris).await);
    let mut c = watch(&bed, &clara).await;
    let put = bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    let notice =
        Notice { account: anna.principal.id, collection: Some(at.collection.id), version: put.version };
    assert_eq!(hears(&mut a).await, Some(notice.clone()));
    assert_eq!(hears(&mut b).await, Some(notice));
    silent(&mut c).await;
}

#[tokio::test]
async fn who_loses_sight_is_told_to_look_again() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let grant = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Reader.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
    let mut b = watch(&bed, &boris).await;
    bed.office.set_grants(&anna, &at, Some(Vec::new())).await.unwrap();
    let notice = hears(&mut b).await.unwrap();
    assert_eq!((notice.account, notice.collection), (anna.principal.id, None));
    bed.put(&anna, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    silent(&mut b).await;
}

#[tokio::test]
async fn administrators_are_not_told_of_everything() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let admin = bed.user("adam").await;
    let up = UserChange { admin: Some(kontor_model::AdminLevel::System), ..UserChange::default() };
    let principal = bed.office.update_user(&bed.root, "adam", up).await.unwrap();
    let mut watch = watch(&bed, &Asker::account(principal, Origin::Dav)).await;
    let at = bed.place(&admin, &admin, "default").await.unwrap();
    let theirs = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &theirs, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    silent(&mut watch).await;
    bed.put(&admin, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    assert_eq!(hears(&mut watch).await.unwrap().account, admin.principal.id);
}

#[tokio::test]
async fn what_is_not_fetched_collapses() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let mut watch = watch(&bed, &anna).await;
    for n in 0..50 {
        bed.put(&anna, &at, &format!("{n}.ics"), &event(&n.to_string(), n), Expect::Any).await.unwrap();
    }
    let mut told = 0;
    let mut latest = Version::ZERO;
    while latest < Version(50) {
        latest = hears(&mut watch).await.unwrap().version;
        told += 1;
    }
    assert!(told <= 50);
    silent(&mut watch).await;
}

#[tokio::test]
async fn a_watch_ends_with_its_account_and_with_the_office() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let (mut a, mut b) = (watch(&bed, &anna).await, watch(&bed, &boris).await);
    let closed = UserChange { active: Some(false), ..UserChange::default() };
    bed.office.update_user(&bed.root, "anna", closed).await.unwrap();
    assert_eq!(hears(&mut a).await, None);
    bed.office.end_watches();
    assert_eq!(hears(&mut b).await, None);
    assert_eq!(hears(&mut watch(&bed, &boris).await).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_watchers_do_not_slow_a_change() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let mut idle = Vec::new();
    for _ in 0..10_000 {
        idle.push(watch(&bed, &boris).await);
    }
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let mut watch = watch(&bed, &anna).await;
    for n in 0..20 {
        let name = format!("{n}.ics");
        bed.put(&anna, &at, &name, &event(&name, n), Expect::Any).await.unwrap();
        let begun = std::time::Instant::now();
        hears(&mut watch).await.unwrap();
        assert!(begun.elapsed() < Duration::from_millis(50), "{:?}", begun.elapsed());
    }
    drop(idle);
}
