//! Looking after accounts.

use crate::bed::{BOOKS, Bed, CALENDARS};
use kontor_groupware::{NewUser, UserChange};
use kontor_model::{AccountName, AdminLevel, Error, Grant, Grantee, Kind, PrincipalKind, Right, Role, Rule};

#[tokio::test]
async fn a_new_account_has_calendar_tasks_and_address_book() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let calendars = bed.office.places(&anna, "anna", CALENDARS).await.unwrap();
    let names: Vec<_> =
        calendars.iter().map(|one| (one.collection.kind, one.collection.name.as_str())).collect();
    assert_eq!(names, vec![(Kind::Calendar, "default"), (Kind::Tasks, "tasks")]);
    let books = bed.office.places(&anna, "anna", BOOKS).await.unwrap();
    assert_eq!(books[0].collection.title(), "Contacts");
    let everyone = Grant { grantee: Grantee::Everyone, rights: Role::FreeBusy.rights() };
    assert_eq!(bed.office.grants(&anna, &calendars[0]).await, Ok(vec![everyone]));
}

#[tokio::test]
async fn names_and_addresses_are_given_once() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    bed.user("boris").await;
    let new =
        |name: &str, email: &str| NewUser::person(AccountName::new(name).unwrap(), "X", email, Some("x"));
    let check = async |new: NewUser, expect: Error| {
        assert_eq!(bed.office.create_user(&bed.root, new).await.map(|_| ()), Err(expect));
    };
    check(new("anna", "other@example.com"), Error::Exists).await;
    check(new("other", "ANNA@example.com"), Error::Exists).await;
    let refused = bed.office.create_user(&bed.root, new("other", "no address")).await;
    assert!(matches!(refused, Err(Error::Invalid { rule: Rule::Name, .. })));
    let empty = NewUser { password: Some(String::new()), ..new("other", "other@example.com") };
    assert!(matches!(bed.office.create_user(&bed.root, empty).await, Err(Error::Invalid { .. })));
    let taken = UserChange { name: Some(AccountName::new("boris").unwrap()), ..UserChange::default() };
    assert_eq!(bed.office.update_user(&bed.root, "anna", taken).await.map(|_| ()), Err(Error::Exists));
    assert_eq!(bed.office.users(&bed.root, None).await.unwrap().some.len(), 2);
}

#[tokio::test]
async fn only_administrators_look_after_accounts() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let tenant = NewUser {
        admin: AdminLevel::Tenant,
        ..NewUser::person(AccountName::new("theo").unwrap(), "Theo", "theo@example.com", Some("theo"))
    };
    let theo = bed.made(tenant).await;
    let forbidden = Error::Forbidden { right: Right::Administer };
    assert_eq!(bed.office.users(&anna, None).await.map(|_| ()), Err(forbidden.clone()));
    assert_eq!(bed.office.set_password(&anna, "theo", "x").await, Err(forbidden.clone()));
    assert_eq!(bed.office.delete_user(&anna, "anna").await, Err(forbidden.clone()));
    bed.office.set_password(&theo, "anna", "x").await.unwrap();
    let up = UserChange { admin: Some(AdminLevel::System), ..UserChange::default() };
    assert_eq!(bed.office.update_user(&theo, "theo", up).await.map(|_| ()), Err(forbidden));
}

#[tokio::test]
async fn hidden_accounts_are_left_out() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let hidden = NewUser {
        hidden: true,
        ..NewUser::person(AccountName::new("hugo").unwrap(), "Hugo", "hugo@example.com", Some("hugo"))
    };
    let hugo = bed.made(hidden).await;
    let guest = NewUser {
        kind: PrincipalKind::Guest,
        ..NewUser::person(AccountName::new("gerd").unwrap(), "Gerd", "gerd@example.com", Some("gerd"))
    };
    let gerd = bed.made(guest).await;
    let seen = |people: kontor_groupware::People| (people.some.len(), people.next);
    for (who, count) in [(&anna, 2), (&hugo, 3), (&bed.root, 3), (&gerd, 1)] {
        assert_eq!(bed.office.principals(who, None).await.map(seen), Ok((count, None)));
    }
    assert_eq!(bed.office.principal(&gerd, "anna").await.map(|_| ()), Err(Error::NotFound));
    // The public store's rule: everyone has f on his store, so he is no secret to who knows the name.
    bed.office.principal(&anna, "hugo").await.unwrap();
    bed.office.set_root_grants(&hugo, &hugo.principal, Vec::new()).await.unwrap();
    assert_eq!(bed.office.principal(&anna, "hugo").await.map(|_| ()), Err(Error::NotFound));
}

#[tokio::test]
async fn a_removed_account_leaves_no_grant() {
    let bed = Bed::new().await;
    let (anna, boris) = (bed.user("anna").await, bed.user("boris").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let grant = Grant { grantee: Grantee::Account(boris.principal.id), rights: Role::Reader.rights() };
    bed.office.set_grants(&anna, &at, Some(vec![grant])).await.unwrap();
    bed.office.delete_user(&bed.root, "boris").await.unwrap();
    assert_eq!(bed.office.grants(&anna, &at).await.map(|grants| grants.len()), Ok(0));
    assert_eq!(bed.office.user(&bed.root, "boris").await.map(|_| ()), Err(Error::NotFound));
}
