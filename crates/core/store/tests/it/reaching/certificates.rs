//! Authorities and certificates for a test.

use kontor_testkit::{Folder, Postgres, run, until};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a program or a server may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody who vouches for others.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, "Test authority");
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for these names (or addresses) and this user, with its key.
    pub(super) fn issue(&self, names: &[&str], user: &str, key: &KeyPair) -> String {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let params = params.as_mut().unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, user);
        let issuer: &Issuer<'static, KeyPair> = &self.issuer;
        params.signed_by(key, issuer).unwrap().pem()
    }
}

/// Has the server show another certificate from now on.
pub(super) fn show(server: &Postgres, folder: &Folder, certificate: &str, key: &str) {
    let (certificate, key) = (folder.write("server.crt", certificate), folder.write("server.key", key));
    hand_over(&[&certificate, &key]);
    let certificate = format!("ssl_cert_file = '{}'", certificate.display());
    set(server, &[&certificate, &format!("ssl_key_file = '{}'", key.display()), "ssl = on"]);
}

/// Changes settings of the server, and waits until new connections have them.
pub(super) fn set(server: &Postgres, settings: &[&str]) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mark = format!("mark{}", NEXT.fetch_add(1, Ordering::Relaxed));
    for setting in settings.iter().chain(&[format!("log_line_prefix = '{mark}'").as_str()]) {
        server.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
    }
    server.sql("postgres", "SELECT pg_reload_conf()");
    until("the settings to be read", PATIENCE, || {
        (server.sql("postgres", "SHOW log_line_prefix") == mark).then_some(())
    });
}

/// Gives files to the user that PostgreSQL runs as; nobody else may read a key.
pub(super) fn hand_over(files: &[&Path]) {
    for file in files {
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        // Only root runs PostgreSQL as somebody else.
        let _ = run(Command::new("chown").arg("postgres").arg(file), "", PATIENCE);
    }
}

/// A key and a certificate that vouches for itself, as `openssl` makes them when told so.
pub(super) fn by_openssl(folder: &Folder, kind: &[&str], name: &str) -> (String, String) {
    let (certificate, key) = (folder.join("made.crt"), folder.join("made.key"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-new", "-x509", "-days", "30", "-nodes", "-subj", "/CN=test", "-addext"]);
    openssl
        .arg(format!("subjectAltName=DNS:{name}"))
        .args(kind)
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    let ran = run(&mut openssl, "", PATIENCE);
    assert!(ran.ok, "{}", ran.said);
    (std::fs::read_to_string(&certificate).unwrap(), std::fs::read_to_string(&key).unwrap())
}
