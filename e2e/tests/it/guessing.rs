//! Who guesses passwords, and who must not suffer from it.

use std::time::{Duration, Instant};

use kontor_testkit::{Answer, Server, User};

use crate::office::{ANNA, configured};

const BEN: User = User { name: "ben", password: "another good one" };

/// After four wrong ones nothing is looked at for half an hour, so that no test has to be quick.
const STRICT: &str = "[sign_in]\nthrottle_longest_delay_seconds = 1\nthrottle_max_recent = 3\n";
const PROXY: &str = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";

/// An attempt that comes, as the proxy says, from this address.
fn attempt(server: &Server, name: &str, password: &str, from: &str) -> Answer {
    let headers = [("Depth", "0"), ("X-Forwarded-For", from)];
    server.client().with_basic(name, password).ask("PROPFIND", "/dav/", &headers, b"")
}

/// Guesses until it is told to wait; how often it was answered 401, and the last answer.
#[track_caller]
fn guess(server: &Server, name: &str, from: &str) -> (usize, Answer) {
    for n in 0..20 {
        // Of its own: what is known to be wrong already is no new guess.
        let answer = attempt(server, name, &format!("{from} {n}"), from);
        if answer.status != 401 {
            return (n, answer);
        }
    }
    panic!("{name} may guess for ever from {from}");
}

#[track_caller]
fn must_wait(answer: &Answer) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let seconds: u32 = answer.header("retry-after").expect("Retry-After").parse().unwrap();
    assert!((1000..=1800).contains(&seconds), "{seconds}");
}

/// A second right credential of Anna's, which no server remembers.
fn app_password(server: &Server) -> String {
    server.command(&["app-password", "create", "anna", "--label", "fresh"]).lines().next().unwrap().to_owned()
}

#[test]
fn the_guesser_waits_and_nobody_else() {
    let mut server = configured(&format!("{PROXY}{STRICT}"), &[ANNA, BEN]);
    let (here, elsewhere) = ("203.0.113.1", "203.0.113.2");
    let fresh = app_password(&server);
    assert_eq!(attempt(&server, "anna", ANNA.password, here).status, 207);
    let (wrong, told) = guess(&server, "anna", here);
    assert_eq!(wrong, 4);
    must_wait(&told);
    must_wait(&attempt(&server, "anna", &fresh, here));
    assert_eq!(attempt(&server, "anna", ANNA.password, here).status, 207, "remembered: her phone goes on");
    assert_eq!(attempt(&server, "ben", BEN.password, here).status, 207, "a neighbour");
    assert_eq!(attempt(&server, "anna", &fresh, elsewhere).status, 207, "from elsewhere");
    server.stop();
    server.restart();
    must_wait(&attempt(&server, "anna", "guess 99", here));
    assert_eq!(attempt(&server, "ben", BEN.password, here).status, 207);
    assert_eq!(attempt(&server, "anna", ANNA.password, elsewhere).status, 207);
    let begun = Instant::now();
    for n in 0..50 {
        must_wait(&attempt(&server, "anna", &format!("more {n}"), here));
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "nobody is kept waiting inside a request");
}

#[test]
fn an_unknown_name_is_answered_like_a_wrong_password() {
    let server = configured(&format!("{PROXY}{STRICT}"), &[ANNA]);
    let told = |name: &str, from: &str| {
        let mut all = Vec::new();
        for n in 0..6 {
            let mut answer = attempt(&server, name, &format!("guess {n}"), from);
            answer
                .headers
                .retain(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id" | "retry-after"));
            all.push((answer.status, answer.headers.clone(), answer.text()));
        }
        all
    };
    let known = told("anna", "203.0.113.1");
    assert_eq!(known.iter().map(|one| one.0).collect::<Vec<_>>(), [401, 401, 401, 401, 429, 429]);
    assert_eq!(told("nobody", "203.0.113.2"), known);
}

#[test]
fn an_old_password_in_a_phone_counts_once() {
    let server = configured(&format!("{PROXY}{STRICT}"), &[ANNA]);
    for _ in 0..30 {
        assert_eq!(attempt(&server, "anna", "last year's", "203.0.113.1").status, 401);
    }
    assert_eq!(attempt(&server, "anna", ANNA.password, "203.0.113.1").status, 207);
}

#[test]
fn networks_that_are_exempt_never_wait() {
    let server = configured(&format!("{PROXY}{STRICT}throttle_exempt = [\"192.0.2.0/24\"]\n"), &[ANNA]);
    for n in 0..30 {
        assert_eq!(attempt(&server, "anna", &format!("guess {n}"), "192.0.2.77").status, 401);
    }
    assert_eq!(guess(&server, "anna", "203.0.113.1").0, 4, "others do");
}

/// Else everybody who guesses would name another address each time.
#[test]
fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
    let server = configured(STRICT, &[ANNA]);
    for n in 0..4 {
        assert_eq!(attempt(&server, "anna", &format!("guess {n}"), &format!("203.0.113.{n}")).status, 401);
    }
    must_wait(&attempt(&server, "anna", "guess", "203.0.113.9"));
    let server = configured(&format!("{PROXY}{STRICT}"), &[ANNA]);
    for n in 0..4 {
        // What the client itself wrote stands to the left of what the proxy added.
        let from = format!("198.51.100.{n}, 203.0.113.1");
        assert_eq!(attempt(&server, "anna", &format!("guess {n}"), &from).status, 401);
    }
    must_wait(&attempt(&server, "anna", "guess", "198.51.100.7, 203.0.113.1"));
    assert_eq!(attempt(&server, "anna", ANNA.password, "203.0.113.2").status, 207);
}
