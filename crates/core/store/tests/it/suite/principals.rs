//! Accounts, secrets, failed log-ins, settings.

use super::on_every_engine;
use super::world::{ANNA, BERT, WORK, World, create, principal};
use kontor_model::{AccountId, AccountName, Actor, Error, Grant, Grantee, Origin, Role, Timestamp};
use kontor_store::{AppPassword, Done, Failure, Op, Orphan, Write};
use std::sync::Arc;

const CARL: AccountId = AccountId(33);

fn name(text: &str) -> AccountName {
    AccountName::new(text).unwrap()
}

#[test]
fn principals_are_found_by_name_id_and_address() {
    on_every_engine(|world| async move {
        let store = &world.store;
        let anna = Some(Arc::new(principal(ANNA, "anna")));
        assert_eq!(store.principal(&name("anna")).await, Ok(anna.clone()));
        assert_eq!(store.principal(&name("Anna")).await, Ok(None), "names are case-sensitive");
        assert_eq!(store.principal_by_id(ANNA).await, Ok(anna.clone()));
        assert_eq!(store.principal_by_email("ANNA@example.ORG").await, Ok(anna.clone()));
        assert_eq!(store.principal_by_email("anna@example.net").await, Ok(anna));
        assert_eq!(store.principal_by_email("nobody@example.net").await, Ok(None));
        let names = async |after: Option<&str>, limit: usize| -> Vec<String> {
            let some = store.principals(after.map(name).as_ref(), limit).await.unwrap();
            some.iter().map(|one| one.name.as_str().to_owned()).collect()
        };
        assert_eq!(names(None, usize::MAX).await, ["anna", "bert"]);
        assert_eq!(names(None, 1).await, ["anna"]);
        assert_eq!(names(Some("anna"), 5).await, ["bert"]);
        assert_eq!(names(Some("anna0"), 5).await, ["bert"], "whether or not there is one of that name");
        assert_eq!((names(Some("bert"), 5).await.len(), names(None, 0).await.len()), (0, 0));
    });
}

#[test]
fn names_and_addresses_are_unique() {
    on_every_engine(|world| async move {
        let same_address = |mail: &str, alias: &str| {
            let mut carl = principal(CARL, "carl");
            (carl.email, carl.aliases) = (mail.to_owned(), vec![alias.to_owned()]);
            Op::CreatePrincipal(Box::new(carl))
        };
        assert_eq!(world.act(create(CARL, "anna")).await, Err(Error::Exists));
        assert_eq!(world.act(create(ANNA, "carl")).await, Err(Error::Exists));
        assert_eq!(world.act(same_address("Anna@Example.org", "c@x.org")).await, Err(Error::Exists));
        assert_eq!(world.act(same_address("c@x.org", "anna@example.NET")).await, Err(Error::Exists));
        assert_eq!(world.act(same_address("c@x.org", "C@x.org")).await, Ok(Done::Other), "its own twice");
        let mut carl = principal(CARL, "bert");
        assert_eq!(world.act(Op::UpdatePrincipal(Box::new(carl.clone()))).await, Err(Error::Exists));
        carl.name = name("carla");
        carl.aliases = Vec::new();
        carl.email = "carla@example.org".to_owned();
        assert_eq!(world.act(Op::UpdatePrincipal(Box::new(carl.clone()))).await, Ok(Done::Other));
        assert_eq!(world.store.principal(&name("carl")).await, Ok(None));
        assert_eq!(world.store.principal(&name("carla")).await, Ok(Some(Arc::new(carl))));
        assert_eq!(world.store.principal_by_email("c@x.org").await, Ok(None), "given back");
        let nobody = principal(AccountId(44), "dora");
        assert_eq!(world.act(Op::UpdatePrincipal(Box::new(nobody))).await, Err(Error::NotFound));
    });
}

#[test]
fn a_removed_account_leaves_an_orphan_and_no_grants() {
    on_every_engine(|world| async move {
        let to = |id| Grant { grantee: Grantee::Account(id), rights: Role::Reader.rights() };
        let grants =
            Some(vec![to(BERT), Grant { grantee: Grantee::Everyone, rights: Role::Reader.rights() }]);
        world.act(Op::SetGrants { account: ANNA, collection: Some(WORK), grants }).await.unwrap();
        let before = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(before.grants_on(WORK).unwrap().len(), 2);
        let remove = || Op::RemovePrincipal { id: BERT, name: name("bert") };
        assert_eq!(world.act(remove()).await, Ok(Done::Other));
        let after = world.store.shelf(ANNA).await.unwrap();
        assert_eq!(after.grants_on(WORK).unwrap().len(), 1);
        assert!(after.version > before.version);
        assert_eq!(world.store.principal(&name("bert")).await, Ok(None));
        assert_eq!(world.store.principal_by_id(BERT).await, Ok(None));
        assert_eq!(world.store.principal_by_email("bert@example.org").await, Ok(None));
        assert_eq!(world.store.secrets(BERT).await, Err(Error::NotFound));
        assert_eq!(world.store.shelf(BERT).await.unwrap().collections.len(), 1, "the store is kept");
        let orphan = Orphan { account: BERT, name: name("bert"), since: world.now() };
        assert_eq!(world.store.orphans().await, Ok(vec![orphan]));
        assert_eq!(world.act(remove()).await, Err(Error::NotFound));
        assert_eq!(world.act(create(BERT, "bert")).await, Err(Error::Exists), "an id is not used again");
        assert!(world.act(create(CARL, "bert")).await.is_ok(), "a name may be");
    });
}

fn app(label: &str) -> Box<AppPassword> {
    Box::new(AppPassword {
        id: 99,
        label: label.to_owned(),
        digest: vec![1, 2, 3],
        scopes: vec!["dav".to_owned(), "calendar".to_owned()],
        read_only: true,
        expires: Some(Timestamp::from_secs(77)),
        created: Timestamp::from_secs(66),
        last_used: None,
    })
}

#[test]
fn secrets_have_a_version() {
    on_every_engine(|world| async move {
        let secrets = async || world.store.secrets(ANNA).await.unwrap();
        let first = secrets().await;
        assert_eq!((first.password.as_deref(), first.app_passwords.len()), (None, 0));
        let digest = Some("$argon2id$x".to_owned());
        world.act(Op::SetPassword { id: ANNA, digest: digest.clone() }).await.unwrap();
        let second = secrets().await;
        assert_eq!(second.password, digest);
        assert!(second.version > first.version);

        let add = async |label| match world.act(Op::AddAppPassword { id: ANNA, password: app(label) }).await {
            Ok(Done::AppPassword { id }) => id,
            other => panic!("{other:?}"),
        };
        let (phone, laptop) = (add("phone").await, add("laptop").await);
        assert!(phone < laptop);
        let third = secrets().await;
        assert!(third.version > second.version);
        assert_eq!(third.app_passwords[0], AppPassword { id: phone, ..*app("phone") });

        world.act(Op::TouchAppPassword { id: ANNA, app_password: phone }).await.unwrap();
        let touched = secrets().await;
        assert_eq!(touched.version, third.version, "using a secret does not change it");
        assert_eq!(touched.app_passwords[0].last_used, Some(Timestamp::from_millis(0)), "to the day");

        let revoke = Op::RevokeAppPassword { id: ANNA, app_password: laptop };
        world.act(revoke).await.unwrap();
        let fourth = secrets().await;
        assert!(fourth.version > third.version && fourth.app_passwords.len() == 1);
        assert!(add("tablet").await > laptop, "numbers are not used again");
        let again = Op::RevokeAppPassword { id: ANNA, app_password: laptop };
        assert_eq!(world.act(again).await, Err(Error::NotFound));
        let nobody = Op::SetPassword { id: AccountId(404), digest: None };
        assert_eq!(world.act(nobody).await, Err(Error::NotFound));
    });
}

#[test]
fn closing_an_account_makes_everybody_check_again() {
    on_every_engine(|world| async move {
        let before = world.store.secrets(ANNA).await.unwrap().version;
        let mut anna = principal(ANNA, "anna");
        anna.full_name = "Anna A.".to_owned();
        world.act(Op::UpdatePrincipal(Box::new(anna.clone()))).await.unwrap();
        assert_eq!(world.store.secrets(ANNA).await.unwrap().version, before);
        anna.active = false;
        world.act(Op::UpdatePrincipal(Box::new(anna.clone()))).await.unwrap();
        assert!(world.store.secrets(ANNA).await.unwrap().version > before);
        assert_eq!(world.store.principal_by_id(ANNA).await, Ok(Some(Arc::new(anna))));
    });
}

#[test]
fn failures_are_counted_by_scope_and_forgotten() {
    on_every_engine(|world| async move {
        let count = async |scopes: &[&str], tried: &[u8]| {
            let scopes = scopes.iter().map(|&one| one.to_owned()).collect();
            world.act(Op::CountFailure { scopes, tried: tried.to_vec() }).await.unwrap();
            world.now()
        };
        let first = count(&["name:anna", "address:1"], b"x").await;
        let second = count(&["name:anna"], b"y").await;
        let failure = |at, tried: &[u8]| Failure { at, tried: tried.to_vec() };
        let told = async |scope, since| world.store.failures(scope, since).await.unwrap();
        assert_eq!(told("name:anna", first).await, [failure(first, b"x"), failure(second, b"y")]);
        assert_eq!(told("name:anna", second).await, [failure(second, b"y")]);
        assert_eq!(told("address:1", first).await, [failure(first, b"x")]);
        world.act(Op::ForgetFailures { scopes: vec!["name:anna".to_owned()] }).await.unwrap();
        assert_eq!(told("name:anna", first).await, []);
        assert_eq!(told("address:1", first).await.len(), 1);
    });
}

/// A failed log-in of that scope at that time, in milliseconds.
async fn fail(world: &World, scope: &str, at: i64) {
    let op = Op::CountFailure { scopes: vec![scope.to_owned()], tried: at.to_le_bytes().to_vec() };
    let (actor, origin, at) = (Actor::System, Origin::Job, Timestamp::from_millis(at));
    world.store.write(Write { actor, origin, at, guards: Vec::new(), ops: vec![op] }).await.unwrap();
}

#[test]
fn of_very_many_failures_the_last_are_told() {
    on_every_engine(|world| async move {
        let tries: Vec<_> = (1..=1_100).map(|at| fail(&world, "s", at)).collect();
        for one in tries {
            one.await;
        }
        let told = world.store.failures("s", Timestamp::from_millis(0)).await.unwrap();
        let times: Vec<_> = told.iter().map(|one| one.at.millis()).collect();
        assert_eq!(times, (101..=1_100).collect::<Vec<_>>());
    });
}

/// Else the table would grow for as long as somebody guesses.
#[test]
fn new_failures_take_old_ones_along() {
    on_every_engine(|world| async move {
        const TWO_DAYS: i64 = 48 * 3_600_000;
        for n in 1..=15 {
            fail(&world, &format!("s{n}"), n).await;
        }
        fail(&world, "within", TWO_DAYS).await;
        let kept = async || {
            let mut kept = 0;
            for n in 1..=15 {
                let told = world.store.failures(&format!("s{n}"), Timestamp::from_millis(0)).await.unwrap();
                kept += told.len();
            }
            kept
        };
        assert_eq!(kept().await, 15);
        fail(&world, "new", TWO_DAYS + 20).await;
        assert_eq!(kept().await, 5, "some at a time");
        fail(&world, "new", TWO_DAYS + 21).await;
        assert_eq!(kept().await, 0);
        let told = async |scope| world.store.failures(scope, Timestamp::from_millis(0)).await.unwrap().len();
        assert_eq!((told("within").await, told("new").await), (1, 2));
    });
}

#[test]
fn a_setting_is_set_once() {
    on_every_engine(|world| async move {
        assert_eq!(world.store.setting("key").await, Ok(None));
        for value in [b"first", b"other"] {
            let op = Op::InitSetting { key: "key".to_owned(), value: value.to_vec() };
            assert_eq!(world.act(op).await, Ok(Done::Other));
            assert_eq!(world.store.setting("key").await, Ok(Some(b"first".to_vec())));
        }
    });
}
