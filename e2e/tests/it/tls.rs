//! Encryption: certificates from files, and what happens when these change.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use kontor_e2e::tools;
use kontor_testkit::{Ran, Server, run, until};

use crate::office::{ANNA, CALENDAR, event};

const BOUND: Duration = Duration::from_secs(60);

/// A server that speaks TLS only.
struct Encrypted {
    server: Server,
    child: Child,
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Encrypted {
    fn start() -> Self {
        let server = Server::prepare();
        server.create(ANNA);
        issue(&server, "first");
        let mut command = server.serving();
        command.arg("--tls-cert").arg(certificate(&server)).arg("--tls-key").arg(key(&server));
        command.env("KONTOR_SERVER_TLS_CHECK_SECONDS", "1");
        let log = File::create(server.data().join("log")).unwrap();
        let child = command.stderr(log).spawn().unwrap();
        let this = Self { server, child };
        until("the server to answer", BOUND, || this.trusting("first", &["/"]).ok.then_some(()));
        this
    }

    /// curl, as Anna, believing only that certificate; `args` ends with the path.
    fn trusting(&self, name: &str, args: &[&str]) -> Ran {
        let (path, args) = args.split_last().unwrap();
        let mut command = Command::new(tools::debian("curl", "curl"));
        command.args(["--silent", "--show-error", "--fail", "--include", "--max-time", "15"]).args(args);
        command.args(["--user", &format!("{}:{}", ANNA.name, ANNA.password)]);
        command.arg("--cacert").arg(self.server.data().join(format!("{name}.pem")));
        let port = self.server.address().port();
        run(command.arg(format!("https://localhost:{port}{path}")), "", BOUND)
    }
}

fn certificate(server: &Server) -> PathBuf {
    server.data().join("cert.pem")
}

fn key(server: &Server) -> PathBuf {
    server.data().join("key.pem")
}

/// Makes a certificate of its own, shows it to clients as `NAME.pem`, and puts it where the server looks.
fn issue(server: &Server, name: &str) {
    let (fresh, fresh_key) = (server.data().join(format!("{name}.pem")), server.data().join("fresh.key"));
    let mut command = Command::new(tools::debian("openssl", "openssl"));
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "3",
    ]);
    command.args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost"]);
    run(command.arg("-keyout").arg(&fresh_key).arg("-out").arg(&fresh), "", BOUND).said_if_ok();
    fs::rename(&fresh_key, key(server)).unwrap();
    fs::copy(&fresh, certificate(server)).unwrap();
}

#[test]
fn clients_come_encrypted_and_a_renewed_certificate_needs_no_restart() {
    let running = Encrypted::start();
    let (path, text) = (format!("{CALENDAR}e.ics"), event("e", "20260302T100000Z", "x"));
    let put = ["--request", "PUT", "--data-binary", &text, "--header", "Content-Type: text/calendar", &path];
    let stored = running.trusting("first", &put).said_if_ok();
    assert!(stored.starts_with("HTTP/2 201"), "by ALPN: {stored}");
    let old = running.trusting("first", &["--http1.1", &path]).said_if_ok();
    assert!(old.starts_with("HTTP/1.1 200") && old.contains("UID:e"), "{old}");

    issue(&running.server, "second");
    until("the new certificate", BOUND, || running.trusting("second", &["/"]).ok.then_some(()));
    assert!(!running.trusting("first", &["/"]).ok, "the old one is shown no more");

    fs::write(certificate(&running.server), "nonsense").unwrap();
    let log = || fs::read_to_string(running.server.data().join("log")).unwrap();
    until("the mistake to be told", BOUND, || log().contains("the old one stays in use").then_some(()));
    running.trusting("second", &["/"]).said_if_ok();
    issue(&running.server, "third");
    until("the certificate after the mistake", BOUND, || running.trusting("third", &["/"]).ok.then_some(()));
}

/// Whoever forgets the `s` sends a password in the clear; it must not work, lest it be done every day.
#[test]
fn plain_requests_are_not_answered_there() {
    let running = Encrypted::start();
    let plain = running.server.client_of(ANNA).try_ask("GET", CALENDAR, &[], b"");
    assert!(plain.is_err(), "{plain:?}");
}

#[test]
fn the_profile_for_apple_devices_is_signed() {
    let server = Encrypted::start();
    let data = server.server.data();
    let got = data.join("got.mobileconfig");
    server.trusting(
        "first",
        &["--no-include", "--output", got.to_str().unwrap(), "/connect/kontor.mobileconfig"],
    );
    let mut openssl = Command::new(tools::debian("openssl", "openssl"));
    openssl.args(["cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-in"]).arg(&got);
    openssl.arg("-CAfile").arg(data.join("first.pem"));
    let said = run(&mut openssl, "", BOUND).said_if_ok();
    assert!(said.contains("com.apple.caldav.account") && said.contains("<true/>"), "{said}");
}
