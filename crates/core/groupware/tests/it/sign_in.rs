//! Who gets in, for how long, and who has to wait.

use crate::bed::{Bed, policy};
use kontor_directory::{Scope, ThrottlePolicy};
use kontor_groupware::{AppPasswordOrder, Asker, Attempt, Denied, UserChange};
use kontor_model::{Actor, Error, Kind, Origin, Right};
use kontor_store::{Op, Write};

const HERE: &str = "192.0.2.1";

fn who(result: Result<Asker, Denied>) -> Result<String, Denied> {
    result.map(|asker| asker.principal.name.to_string())
}

async fn check(bed: &Bed, name: &str, password: &str, expect: Result<&str, Denied>) {
    let result = who(bed.sign_in(&bed.office, name, password, HERE).await);
    assert_eq!(result, expect.map(str::to_owned), "{name}");
}

#[tokio::test]
async fn names_and_addresses_get_in_with_the_right_password_only() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    check(&bed, "ANNA@example.com", "anna", Ok("anna")).await;
    check(&bed, "anna", "wrong", Err(Denied::Wrong)).await;
    check(&bed, "Anna", "anna", Err(Denied::Wrong)).await;
    check(&bed, "nobody", "anna", Err(Denied::Wrong)).await;
    check(&bed, "", "", Err(Denied::Wrong)).await;
    let long = "x".repeat(5000);
    check(&bed, &long, &long, Err(Denied::Wrong)).await;
}

#[tokio::test]
async fn one_spelling_of_an_accented_password_is_as_good_as_another() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    bed.office.set_password(&bed.root, "anna", "Gl\u{fc}ck").await.unwrap();
    check(&bed, "anna", "Glu\u{308}ck", Ok("anna")).await;
}

#[tokio::test]
async fn a_change_of_the_account_is_felt_at_once() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    bed.office.set_password(&anna, "anna", "new").await.unwrap();
    check(&bed, "anna", "anna", Err(Denied::Wrong)).await;
    check(&bed, "anna", "new", Ok("anna")).await;
    // What was refused before is right now.
    bed.office.set_password(&bed.root, "anna", "anna").await.unwrap();
    check(&bed, "anna", "anna", Ok("anna")).await;
    let closed = UserChange { active: Some(false), ..UserChange::default() };
    bed.office.update_user(&bed.root, "anna", closed).await.unwrap();
    check(&bed, "anna", "anna", Err(Denied::Wrong)).await;
    let opened = UserChange { active: Some(true), ..UserChange::default() };
    bed.office.update_user(&bed.root, "anna", opened).await.unwrap();
    check(&bed, "anna", "anna", Ok("anna")).await;
    bed.office.delete_user(&bed.root, "anna").await.unwrap();
    check(&bed, "anna", "anna", Err(Denied::Wrong)).await;
}

#[tokio::test]
async fn a_change_on_another_node_is_felt_within_a_second() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    let op = Op::SetPassword { id: anna.principal.id, digest: None };
    let write = Write {
        actor: Actor::System,
        origin: Origin::Job,
        at: anna.principal.created,
        guards: Vec::new(),
        ops: vec![op],
    };
    bed.store.write(write).await.unwrap();
    bed.clock.advance_millis(1000);
    check(&bed, "anna", "anna", Err(Denied::Wrong)).await;
}

#[tokio::test]
async fn a_renamed_account_gets_in_by_its_new_name() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    let change =
        UserChange { name: Some(kontor_model::AccountName::new("anne").unwrap()), ..UserChange::default() };
    bed.office.update_user(&bed.root, "anna", change).await.unwrap();
    check(&bed, "anna", "anna", Err(Denied::Wrong)).await;
    check(&bed, "anne", "anna", Ok("anne")).await;
}

#[tokio::test]
async fn app_passwords_do_what_they_say() {
    let bed = Bed::new().await;
    let anna = bed.user("anna").await;
    let order = AppPasswordOrder {
        label: "phone".to_owned(),
        scopes: vec![Scope::Contacts],
        read_only: true,
        expires: Some(anna.principal.created.plus_millis(3_600_000)),
    };
    let made = bed.office.create_app_password(&anna, "anna", order).await.unwrap();
    assert!(!format!("{made:?}").contains(&made.secret));
    let asker =
        bed.sign_in(&bed.office, "anna", &made.secret.to_uppercase().replace('-', " "), HERE).await.unwrap();
    assert!(asker.read_only);
    assert!(asker.scopes.allows(Scope::of_kind(Kind::Contacts)) && !asker.scopes.allows(Scope::Calendar));
    let listed = bed.office.app_passwords(&anna, "anna").await.unwrap();
    assert_eq!(
        listed[0].last_used.map(|at| at.secs() / 86_400),
        Some(anna.principal.created.secs() / 86_400)
    );

    let address = HERE.parse().unwrap();
    let attempt = Attempt { name: "anna", password: &made.secret, address, scope: Scope::Admin };
    assert_eq!(bed.office.sign_in(attempt).await.map(|_| ()), Err(Denied::Wrong), "not for administration");
    let refused = bed.office.set_password(&asker, "anna", "taken over").await;
    assert_eq!(refused, Err(Error::Forbidden { right: Right::Administer }), "makes no further secrets");

    bed.pass_s(3600);
    check(&bed, "anna", &made.secret, Err(Denied::Wrong)).await;
    let late = AppPasswordOrder {
        label: "late".to_owned(),
        expires: Some(anna.principal.created),
        ..AppPasswordOrder::default()
    };
    let refused = bed.office.create_app_password(&anna, "anna", late).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let order = AppPasswordOrder { label: "laptop".to_owned(), ..AppPasswordOrder::default() };
    let other = bed.office.create_app_password(&anna, "anna", order).await.unwrap();
    let asker = bed.sign_in(&bed.office, "anna", &other.secret, HERE).await.unwrap();
    let refused = bed.office.set_password(&asker, "anna", "taken over").await;
    assert_eq!(refused, Err(Error::Forbidden { right: Right::Administer }), "not even one for everything");
    bed.office.revoke_app_password(&anna, "anna", other.id).await.unwrap();
    check(&bed, "anna", &other.secret, Err(Denied::Wrong)).await;
    assert_eq!(bed.office.revoke_app_password(&anna, "anna", other.id).await, Err(Error::NotFound));
}

/// Guesses `count` different passwords with as much patience as it takes.
async fn guess(bed: &Bed, name: &str, from: &str, count: usize) {
    for n in 0..count {
        let password = format!("guess {n}");
        let result = bed.sign_in(&bed.office, name, &password, from).await;
        assert_eq!(who(result), Err(Denied::Wrong), "{n}");
        bed.pass_s(26);
    }
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_nobody_else() {
    for name in ["anna", "nobody"] {
        let bed = Bed::new().await;
        bed.user("anna").await;
        bed.user("boris").await;
        guess(&bed, name, HERE, 11).await;
        // Eleven failures within half an hour: not even the right password is looked at until the first grows old.
        let wait = 1800 - 11 * 26;
        let late = Err(Denied::TooMany { retry_after_s: u32::try_from(wait).unwrap() });
        assert_eq!(who(bed.sign_in(&bed.office, name, "anna", HERE).await), late, "{name}");
        check(&bed, "boris", "boris", Ok("boris")).await;
        assert_eq!(who(bed.sign_in(&bed.office, "anna", "anna", "192.0.2.2").await), Ok("anna".to_owned()));
        let restarted = bed.again(policy()).await;
        let still = who(bed.sign_in(&restarted, name, "anna", HERE).await);
        // Somebody got in from elsewhere meanwhile: that forgives the account, not the guesser.
        assert_eq!(still, late, "a restart forgets nothing");
        bed.pass_s(wait);
        let expect = if name == "anna" { Ok("anna".to_owned()) } else { Err(Denied::Wrong) };
        assert_eq!(who(bed.sign_in(&bed.office, name, "anna", HERE).await), expect);
    }
}

#[tokio::test]
async fn waits_double_and_a_success_forgives() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    for n in 0..4 {
        check(&bed, "anna", &format!("guess {n}"), Err(Denied::Wrong)).await;
    }
    check(&bed, "anna", "anna", Err(Denied::TooMany { retry_after_s: 2 })).await;
    bed.pass_s(2);
    check(&bed, "anna", "anna", Ok("anna")).await;
    for n in 0..3 {
        check(&bed, "anna", &format!("other {n}"), Err(Denied::Wrong)).await;
    }
    bed.pass_s(601);
    check(&bed, "anna", "anna", Ok("anna")).await;
}

#[tokio::test]
async fn an_old_password_in_many_phones_counts_once() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    for _ in 0..50 {
        check(&bed, "anna", "last year's", Err(Denied::Wrong)).await;
        bed.pass_s(60);
    }
    check(&bed, "anna", "anna", Ok("anna")).await;
}

#[tokio::test]
async fn a_remembered_credential_does_not_wait() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    check(&bed, "anna", "anna", Ok("anna")).await;
    for n in 0..4 {
        check(&bed, "anna", &format!("guess {n}"), Err(Denied::Wrong)).await;
    }
    check(&bed, "anna", "anna", Ok("anna")).await;
}

#[tokio::test]
async fn a_spray_over_accounts_is_slowed_by_subnet() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    for n in 0..44 {
        let address = format!("2001:db8:1:2::{n:x}");
        let result = bed.sign_in(&bed.office, &format!("name{n}"), "summer", &address).await;
        assert_eq!(who(result), Err(Denied::Wrong), "{n}");
        bed.pass_s(26);
    }
    let same = bed.sign_in(&bed.office, "anna", "anna", "2001:db8:1:2:ffff::1").await;
    assert!(matches!(same, Err(Denied::TooMany { .. })), "{same:?}");
    let other = bed.sign_in(&bed.office, "anna", "anna", "2001:db8:1:3::1").await;
    assert_eq!(who(other), Ok("anna".to_owned()));
}

/// Whoever comes from ever new addresses is held to the pace of the account's counter, hour after hour.
#[tokio::test]
async fn a_siege_is_slowed_to_its_end() {
    let bed = Bed::new().await;
    bed.user("anna").await;
    let (mut passed_s, mut checked) = (0_i64, 0_i64);
    while passed_s < 14 * 3600 {
        let (password, address) = (format!("guess {checked}"), format!("2001:db8:{checked:x}::1"));
        match bed.sign_in(&bed.office, "anna", &password, &address).await {
            Err(Denied::TooMany { retry_after_s }) => {
                passed_s += i64::from(retry_after_s);
                bed.pass_s(retry_after_s.into());
            }
            other => {
                assert_eq!(who(other), Err(Denied::Wrong));
                checked += 1;
            }
        }
        assert!(checked <= (passed_s / 1800 + 2) * 44, "{checked} guesses in {passed_s} s");
    }
}

#[tokio::test]
async fn exempt_networks_and_the_switch_are_obeyed() {
    let exempt =
        ThrottlePolicy { exempt: vec!["192.0.2.0/24".parse().unwrap()], ..ThrottlePolicy::default() };
    let off = ThrottlePolicy { enabled: false, ..ThrottlePolicy::default() };
    for throttle in [exempt, off] {
        let mut policy = policy();
        policy.sign_in.throttle = throttle;
        let bed = Bed::with(policy).await;
        bed.user("anna").await;
        for n in 0..30 {
            check(&bed, "anna", &format!("guess {n}"), Err(Denied::Wrong)).await;
        }
        check(&bed, "anna", "anna", Ok("anna")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_of_guesses_cannot_outrun_the_throttle() {
    let bed = std::sync::Arc::new(Bed::new().await);
    bed.user("anna").await;
    let tries: Vec<_> = (0..100)
        .map(|n| {
            let bed = bed.clone();
            tokio::spawn(async move { bed.sign_in(&bed.office, "anna", &format!("guess {n}"), HERE).await })
        })
        .collect();
    let mut checked = 0;
    for one in tries {
        checked += usize::from(matches!(one.await.unwrap(), Err(Denied::Wrong)));
    }
    assert_eq!(checked, 4, "the fifth has to wait already");
}
