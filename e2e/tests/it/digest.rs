//! HTTP Digest with curl: for whom there is no TLS, the password is not on the wire.

use std::process::Command;
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Ran, Server, run};

use crate::office::{ANNA, CALENDAR, configured, event};

const BOTH: &str = "[sign_in]\ndigest = [\"SHA-256\", \"MD5\"]\n";
const OLD: &str = "[sign_in]\ndigest = [\"MD5\"]\n";

/// curl as Anna with that password, all headers told.
fn curl(server: &Server, password: &str, args: &[&str], path: &str) -> Ran {
    let mut command = Command::new(tools::debian("curl", "curl"));
    let login = format!("{}:{password}", ANNA.name);
    command.args(["--silent", "--show-error", "--verbose", "--digest", "--user", &login]).args(args);
    run(command.arg(server.url(path)), "", Duration::from_secs(30))
}

/// What curl sent as Authorization in the end, and the last status it was answered.
fn sent(ran: &Ran) -> (String, String) {
    let last = |start: &str| ran.said.lines().rev().find_map(|line| line.strip_prefix(start));
    let credential = last("> Authorization: ").unwrap_or_default().to_owned();
    let status = last("< HTTP/1.1 ").unwrap_or_default().get(..3).unwrap_or_default().to_owned();
    (credential, status)
}

#[track_caller]
fn check(server: &Server, args: &[&str], path: &str, algorithm: &str, status: &str) {
    let ran = curl(server, ANNA.password, args, path);
    let (credential, answered) = sent(&ran);
    assert_eq!(answered, status, "{path}\n{}", ran.said);
    assert!(credential.starts_with("Digest "), "{}", ran.said);
    assert!(credential.contains(&format!("algorithm={algorithm}")), "{credential}");
    assert!(!ran.said.contains("> Authorization: Basic"), "{}", ran.said);
}

#[test]
fn curl_comes_in_at_every_door_by_either_algorithm() {
    for (toml, algorithm) in [(BOTH, "SHA-256"), (OLD, "MD5")] {
        let server = configured(toml, &[ANNA]);
        let text = event("digest", "20260302T100000Z", "Digest");
        let path = format!("{CALENDAR}digest.ics");
        let put = ["--request", "PUT", "--header", "Content-Type: text/calendar", "--data-binary", &text];
        check(&server, &put, &path, algorithm, "201");
        check(&server, &[], &path, algorithm, "200");
        check(
            &server,
            &["--request", "PROPFIND", "--header", "Depth: 1"],
            "/dav/calendars/anna/",
            algorithm,
            "207",
        );
        check(&server, &[], "/lists/_vti_bin/Lists.asmx?WSDL", algorithm, "200");
        let basic = server.client_of(ANNA).ask("GET", &path, &[], b"");
        assert_eq!((basic.status, basic.text()), (200, text), "passwords go on serving");
    }
}

/// A hashed name is sent where the challenge asks for one: who listens does not learn who it is.
#[test]
fn the_name_is_not_on_the_wire_either() {
    let server = configured(BOTH, &[ANNA]);
    let (credential, status) = sent(&curl(&server, ANNA.password, &[], "/dav/"));
    assert!(credential.contains("userhash=true") && !credential.contains(ANNA.name), "{credential}");
    assert_ne!(status, "401");
}

#[test]
fn who_does_not_know_the_password_stays_outside() {
    let server = configured(BOTH, &[ANNA]);
    let ran = curl(&server, "wrong", &["--request", "PROPFIND", "--header", "Depth: 0"], "/dav/");
    assert_eq!(sent(&ran).1, "401", "{}", ran.said);
    let told = |name: &str| {
        let credential = format!(
            "Digest username=\"{name}\", realm=\"Kontor\", nonce=\"x\", uri=\"/dav/\", nc=00000001, cnonce=\"c\", \
             qop=auth, algorithm=MD5, response=\"00000000000000000000000000000000\""
        );
        let answer = server.client().ask("PROPFIND", "/dav/", &[("Authorization", &credential)], b"");
        let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
        // All but the nonce, which is never the same.
        let cut = |value: &str| value.split("nonce=").next().unwrap_or_default().to_owned();
        (answer.status, challenges.map(|(_, value)| cut(value)).collect::<Vec<_>>(), answer.text())
    };
    assert_eq!(told("nobody"), told("anna"), "whether there is such a name is not told");
    assert_eq!(told("anna").1.len(), 3, "SHA-256, MD5, Basic");
}

/// What somebody heard on the wire is of no use: not again, not for another target or method.
#[test]
fn what_was_heard_on_the_wire_is_of_no_use() {
    let mut server = configured(BOTH, &[ANNA]);
    let (credential, status) = sent(&curl(&server, ANNA.password, &[], CALENDAR));
    assert_ne!(status, "401");
    let again = |server: &Server, method: &str, path: &str| {
        let answer = server.client().ask(method, path, &[("Authorization", &credential)], b"");
        let stale = answer.headers.iter().any(|(_, value)| value.contains("stale=true"));
        (answer.status, stale)
    };
    assert_eq!(again(&server, "GET", CALENDAR), (401, true));
    assert_eq!(again(&server, "DELETE", CALENDAR), (401, false));
    assert_eq!(again(&server, "GET", "/dav/"), (401, false));
    server.stop();
    server.restart();
    assert_eq!(
        again(&server, "GET", CALENDAR),
        (401, true),
        "what was used before is forgotten, not forgiven"
    );
    check(&server, &["--request", "PROPFIND", "--header", "Depth: 0"], CALENDAR, "SHA-256", "207");
    server.stop();
    let log = server.said();
    for secret in [ANNA.password, "response=", "nonce="] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

/// Without the switch nothing is offered, and nothing taken.
#[test]
fn off_unless_somebody_wants_it() {
    let server = configured("", &[ANNA]);
    let ran = curl(&server, ANNA.password, &[], CALENDAR);
    assert!(ran.said.contains("< www-authenticate: Basic"), "{}", ran.said);
    assert!(!ran.said.contains("Digest realm"), "{}", ran.said);
    assert_eq!(sent(&ran).1, "401");
}
