//! The public store: made once, open to all who have an account, shut without a trace, and never removed.

use crate::bed::{Bed, collection, item, policy};
use bytes::Bytes;
use kontor_groupware::{Asker, DRIVE, Expect, NewUser, Office, Place, PublicStore, Put};
use kontor_model::{
    AccountName, Error, Kind, Limit, Origin, PrincipalKind, Properties, QuotaSettings, Result, Right, Role,
};

fn system() -> Asker {
    Asker::system(Origin::Admin)
}

async fn drive(office: &Office, who: &Asker) -> Result<Place> {
    office.place(who, "public", &[Kind::Files], DRIVE).await
}

async fn write(office: &Office, who: &Asker, name: &str, text: &str) -> Result<()> {
    let at = drive(office, who).await?;
    let put = Put { media_type: "text/plain", bytes: Bytes::from(text.to_owned()), expect: Expect::Any };
    office.put(who, &at, &item(name), put).await.map(drop)
}

#[tokio::test]
async fn it_is_made_once() {
    let bed = Bed::new().await;
    let (office, anna) = (&bed.office, bed.user("anna").await);
    assert_eq!(office.public_store(&system()).await.map(drop), Err(Error::NotFound));
    assert!(office.public_drive(&anna).await.unwrap().is_none());
    let forbidden = Err(Error::Forbidden { right: Right::Administer });
    assert_eq!(office.create_public_store(&anna, None).await.map(drop), forbidden);
    let made = office.create_public_store(&system(), None).await.unwrap();
    assert_eq!((made.owner.name.as_str(), made.role()), ("public", Some(Role::Editor)));
    assert_eq!(office.create_public_store(&system(), None).await.map(drop), Err(Error::Exists));
    let other = AccountName::new("other").ok();
    assert_eq!(office.create_public_store(&system(), other).await.map(drop), Err(Error::Exists));
    assert_eq!(office.public_store(&anna).await.map(drop), forbidden);
    assert_eq!(office.open_public_store(&anna, Role::None).await.map(drop), forbidden);
    // A node that is opened later, and one that was there before, find the same.
    let later = bed.again(policy()).await;
    assert_eq!(later.public_store(&system()).await.unwrap().owner.id, made.owner.id);
    let set = QuotaSettings { warn: Limit::None, soft: Limit::None, hard: Limit::None };
    assert_eq!(office.quota(&system(), "public").await.unwrap().set, set);
}

/// Two nodes that start in the same moment make one together, whatever they call it.
#[tokio::test]
async fn two_nodes_make_one() {
    let bed = Bed::new().await;
    let other = bed.again(policy()).await;
    let system = system();
    let (one, two) = tokio::join!(
        bed.office.create_public_store(&system, None),
        other.create_public_store(&system, AccountName::new("commons").ok()),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let made = one.or(two).unwrap().owner;
    for office in [&bed.office, &other] {
        assert_eq!(office.public_store(&system).await.unwrap().owner.id, made.id);
        let all = office.users(&system, None).await.unwrap().some;
        assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
    }
}

/// Somebody may have the name already, on a server that is older than public stores.
#[tokio::test]
async fn a_name_that_is_taken_is_left_to_who_has_it() {
    let bed = Bed::new().await;
    let office = &bed.office;
    let user = bed.user("public").await;
    assert_eq!(office.create_public_store(&system(), None).await.map(drop), Err(Error::Exists));
    assert_eq!(office.public_store(&system()).await.map(drop), Err(Error::NotFound));
    let name = AccountName::new("commons").ok();
    let made = office.create_public_store(&system(), name).await.unwrap();
    assert_eq!(office.public_drive(&user).await.unwrap().unwrap().owner.id, made.owner.id);
    assert!(office.delete_user(&system(), "public").await.is_ok());
}

#[tokio::test]
async fn all_who_have_an_account_open_it() {
    let bed = Bed::new().await;
    let office = &bed.office;
    office.create_public_store(&system(), None).await.unwrap();
    let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
    write(office, &anna, "a.txt", "anna's").await.unwrap();
    write(office, &ben, "a.txt", "ben's").await.unwrap();
    let at = drive(office, &ben).await.unwrap();
    let folder = office.create_folder(&ben, &at, collection("plans"), Properties::new()).await.unwrap();
    assert!(folder.rights.has(Right::CreateCollection));
    assert_eq!(office.item(&anna, &at, &item("a.txt")).await.unwrap().body, "ben's");
    assert!(office.remove(&anna, &at, &item("a.txt"), Expect::Any).await.is_ok());
    // Its access list and itself are not theirs.
    let denied = |right| Err(Error::Forbidden { right });
    assert_eq!(office.set_grants(&anna, &at, None).await, denied(Right::Reshare));
    assert!(office.remove_collection(&anna, &at).await.is_err());
    assert!(drive(office, &anna).await.is_ok());
    let told = office.public_drive(&ben).await.unwrap().map(|place| place.owner.name.clone());
    assert_eq!(told.unwrap().as_str(), "public");
}

#[tokio::test]
async fn guests_and_strangers_do_not() {
    let bed = Bed::new().await;
    let office = &bed.office;
    office.create_public_store(&system(), None).await.unwrap();
    let name = AccountName::new("gast").unwrap();
    let new =
        NewUser { kind: PrincipalKind::Guest, ..NewUser::person(name, "Gast", "gast@example.net", None) };
    let guest = bed.made(new).await;
    for who in [guest, Asker::public(Origin::Dav)] {
        assert_eq!(drive(office, &who).await.map(drop), Err(Error::NotFound));
        assert_eq!(office.principal(&who, "public").await.map(drop), Err(Error::NotFound));
        assert!(office.public_drive(&who).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_everybody_may_do_is_said_anew() {
    let bed = Bed::new().await;
    let office = &bed.office;
    office.create_public_store(&system(), None).await.unwrap();
    let anna = bed.user("anna").await;
    write(office, &anna, "a.txt", "a").await.unwrap();
    let told = office.open_public_store(&system(), Role::Reader).await.unwrap();
    assert_eq!(told.role(), Some(Role::Reader));
    let denied = Err(Error::Forbidden { right: Right::Insert });
    assert_eq!(write(office, &anna, "b.txt", "b").await, denied);
    office.open_public_store(&system(), Role::Author).await.unwrap();
    write(office, &anna, "b.txt", "b").await.unwrap();
    // Nobody learns that it is there.
    let told = office.open_public_store(&system(), Role::None).await.unwrap();
    assert_eq!(told.role(), Some(Role::None));
    assert_eq!(drive(office, &anna).await.map(drop), Err(Error::NotFound));
    assert_eq!(office.principal(&anna, "public").await.map(drop), Err(Error::NotFound));
    assert_eq!(office.principal(&anna, "nobody").await.map(drop), Err(Error::NotFound));
    assert!(office.public_drive(&anna).await.unwrap().is_none());
    office.open_public_store(&system(), Role::Editor).await.unwrap();
    write(office, &anna, "a.txt", "again").await.unwrap();
}

#[tokio::test]
async fn it_is_not_removed() {
    let bed = Bed::new().await;
    let office = &bed.office;
    office.create_public_store(&system(), None).await.unwrap();
    let refused = office.delete_user(&system(), "public").await;
    assert!(
        matches!(&refused, Err(Error::Invalid { detail, .. }) if detail.contains("take away instead")),
        "{refused:?}"
    );
    assert!(office.public_store(&system()).await.is_ok());
}

#[test]
fn every_role_is_told_as_itself() {
    for role in [Role::None, Role::Reader, Role::Author, Role::Editor] {
        let rights = PublicStore::rights_of(role);
        assert!(rights.covers(role.rights()));
        assert_eq!(rights.has(Right::CreateCollection), matches!(role, Role::Author | Role::Editor));
    }
}
