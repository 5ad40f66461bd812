//! TLS, and logging in through it.

use super::certificates::{Authority, by_openssl, hand_over, set, show};
use super::{Reached, check_refused, close, try_open};
use kontor_model::Secret;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::{Folder, until};
use rcgen::KeyPair;
use std::path::Path;
use std::time::Duration;

const HOST: &str = "db.example.org";

/// Who comes over the network has to encrypt and to know a password; `badge` to show a certificate instead.
const RULES: &str = "local all all trust\nhostssl all badge all cert\nhostssl all all all scram-sha-256\n";

struct Office {
    reached: Reached,
    folder: Folder,
    authority: Authority,
}

/// A server that shows a certificate for [`HOST`] and its address, with the database `anna`.
fn office(name: &str, rules: &str) -> Office {
    let folder = Folder::new(name);
    let rules = folder.write("rules", rules);
    hand_over(&[&rules]);
    let reached = Reached::start(name, &[&format!("hba_file={}", rules.display())]);
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let certificate = authority.issue(&[HOST, &reached.address], "server", &key);
    show(&reached.server, &folder, &certificate, &key.serialize_pem());
    folder.write("ca.pem", authority.pem());
    reached.database("anna", "a password");
    Office { reached, folder, authority }
}

/// With a password, believing the certificates in that file.
fn options(authorities: Option<&Path>) -> PostgresOptions {
    PostgresOptions {
        password: Some(Secret::new("a password")),
        authorities: authorities.map(Path::to_owned),
        ..PostgresOptions::default()
    }
}

impl Office {
    fn believing(&self) -> PostgresOptions {
        options(Some(&self.folder.join("ca.pem")))
    }

    fn url(&self, host: &str, parameters: &str) -> String {
        self.reached.url(host, "anna", parameters)
    }

    /// Whether the connections of an open store are encrypted, all alike.
    fn encrypts(&self, url: &str, options: &PostgresOptions) -> bool {
        let store = open(url, options).unwrap();
        let sql =
            "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'anna'";
        let said = until("connections", Duration::from_secs(60), || {
            Some(self.reached.server.sql("postgres", sql)).filter(|said| !said.is_empty())
        });
        close(store);
        match said.as_str() {
            "t" => true,
            "f" => false,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_server_is_believed_for_what_it_shows() {
    let office = office("believed", RULES);
    let believing = office.believing();
    assert!(office.encrypts(&office.url(HOST, ""), &believing), "by name");
    assert!(office.encrypts(&office.url(&office.reached.address, ""), &believing), "by address");
    check_refused(
        &office.url("other.example.org", ""),
        &believing,
        &["not for other.example.org", "verify-ca"],
    );
    assert!(office.encrypts(&office.url("other.example.org", "&sslmode=verify-ca"), &believing));
    // Somebody else's authority, that of the system, none.
    let stranger = office.folder.write("stranger.pem", Authority::new().pem());
    check_refused(
        &office.url(HOST, ""),
        &options(Some(&stranger)),
        &["nobody known vouches", "store.ca_file"],
    );
    check_refused(
        &office.url(HOST, "&sslmode=verify-ca"),
        &options(Some(&stranger)),
        &["nobody known vouches"],
    );
    check_refused(
        &office.url(HOST, "&sslmode=require"),
        &options(Some(&stranger)),
        &["nobody known vouches"],
    );
    check_refused(
        &office.url(HOST, "&sslmode=verify-full"),
        &options(None),
        &["nobody known vouches", "store.ca_file"],
    );
    for mode in ["require", "prefer"] {
        assert!(office.encrypts(&office.url(HOST, &format!("&sslmode={mode}")), &options(None)), "{mode}");
    }
    // The URL may name the file too, and goes first.
    let named = format!("&sslrootcert={}", office.folder.join("ca.pem").display());
    assert!(office.encrypts(&office.url(HOST, &named), &options(Some(&stranger))));
    let empty = office.folder.write("empty.pem", "");
    check_refused(&office.url(HOST, ""), &options(Some(&empty)), &["empty.pem", "there is none"]);
    check_refused(&office.url(HOST, ""), &options(Some(Path::new("/nowhere/ca.pem"))), &["/nowhere/ca.pem"]);
}

#[test]
fn plain_text_and_wrong_passwords_are_refused() {
    let office = office("plain", RULES);
    check_refused(&office.url(HOST, "&sslmode=disable"), &options(None), &["no encryption", "pg_hba.conf"]);
    let wrong = PostgresOptions { password: Some(Secret::new("a guess")), ..office.believing() };
    check_refused(
        &office.url(HOST, ""),
        &wrong,
        &["does not accept the password of anna", "store.password_file"],
    );
    let none = PostgresOptions { password: None, ..office.believing() };
    check_refused(&office.url(HOST, ""), &none, &["asks for a password", "store.password_file"]);
    // From here on the server speaks no TLS, and lets in whoever asks.
    let rules = office.folder.write("lax", "local all all trust\nhost all all all trust\n");
    hand_over(&[&rules]);
    let lax = Reached::start("lax", &[&format!("hba_file={}", rules.display())]);
    lax.database("anna", "a password");
    let url = |parameters: &str| lax.url(HOST, "anna", parameters);
    for mode in ["", "&sslmode=verify-ca", "&sslmode=verify-full"] {
        check_refused(
            &url(mode),
            &office.believing(),
            &["does not speak TLS", "ssl = on", "sslmode=disable"],
        );
    }
    for mode in ["prefer", "disable"] {
        try_open(&url(&format!("&sslmode={mode}")), &options(None)).unwrap();
    }
    let bound = "&sslmode=disable&channel_binding=require";
    check_refused(&url(bound), &options(None), &["channel binding"]);
}

#[test]
fn a_client_shows_a_certificate_too() {
    let office = office("badge", RULES);
    office.reached.database("badge", "not needed");
    let ca = office.folder.write("clients.pem", office.authority.pem());
    hand_over(&[&ca]);
    set(&office.reached.server, &[&format!("ssl_ca_file = '{}'", ca.display())]);
    let url = office.reached.url(HOST, "badge", "");
    let bare = PostgresOptions { password: None, ..office.believing() };
    check_refused(&url, &bare, &["does not let badge in", "client certificate"]);
    let key = KeyPair::generate().unwrap();
    let shows = |authority: &Authority, user: &str| {
        let certificate = office.folder.write("me.crt", authority.issue(&[], user, &key));
        let key = office.folder.write("me.key", key.serialize_pem());
        PostgresOptions { certificate: Some(certificate), key: Some(key), ..bare.clone() }
    };
    try_open(&url, &shows(&office.authority, "badge")).unwrap();
    check_refused(&url, &shows(&office.authority, "anna"), &["does not let badge in", "certificate"]);
    assert!(try_open(&url, &shows(&Authority::new(), "badge")).is_err());
    let half = PostgresOptions { key: None, ..shows(&office.authority, "badge") };
    check_refused(&url, &half, &["belong together"]);
    let files = |name: &str| office.folder.join(name).display().to_string();
    let named = format!("&sslcert={}&sslkey={}", files("me.crt"), files("me.key"));
    shows(&office.authority, "badge");
    try_open(&office.reached.url(HOST, "badge", &named), &bare).unwrap();
}

/// Every kind of signature in use: the server compares what we say of its certificate with what it knows of it, and
/// refuses the log-in if that differs.
#[test]
fn the_log_in_is_bound_to_the_certificate() {
    let office = office("bound", RULES);
    for (at, kind) in [
        &["-newkey", "rsa:2048", "-sha256"][..],
        &["-newkey", "rsa:2048", "-sha384"],
        &["-newkey", "rsa:2048", "-sha512", "-sigopt", "rsa_padding_mode:pss"],
        &["-newkey", "rsa:2048", "-sha256", "-sigopt", "rsa_padding_mode:pss"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha256"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha512"],
    ]
    .iter()
    .enumerate()
    {
        let (certificate, key) = by_openssl(&office.folder, kind, HOST);
        show(&office.reached.server, &office.folder, &certificate, &key);
        // Made as the manual of PostgreSQL says, and named as it is.
        let own = office.folder.write(&format!("own{at}.pem"), &certificate);
        let url = office.url(HOST, "&channel_binding=require");
        try_open(&url, &options(Some(&own))).unwrap_or_else(|line| panic!("{kind:?}: {line}"));
        check_refused(&office.url("other", ""), &options(Some(&own)), &["not for other"]);
    }
    // This one has no hash to speak of, so nothing can be bound to it; logging in goes on.
    let (certificate, key) = by_openssl(&office.folder, &["-newkey", "ed25519"], HOST);
    show(&office.reached.server, &office.folder, &certificate, &key);
    let own = office.folder.write("own.pem", &certificate);
    check_refused(&office.url(HOST, "&channel_binding=require"), &options(Some(&own)), &["channel binding"]);
    for bound in ["", "&channel_binding=disable"] {
        try_open(&office.url(HOST, bound), &options(Some(&own))).unwrap();
    }
}
