//! Where the database is and how it is reached, out of URL and options.

use super::PostgresOptions;
use super::fault::chain;
use super::tls::{Files, Mode, Tls};
use kontor_model::{Error, Result};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// How long one machine may take to answer that it is there, if the URL does not say.
const KNOCK: Duration = Duration::from_secs(5);
/// How long all that follows may take: encryption, log-in, settings.
const ENTER: Duration = Duration::from_secs(10);
/// When a connection that says nothing is asked whether it still lives, and how long for an answer.
const ALIVE: Duration = Duration::from_secs(15);

/// How to connect.
#[derive(Clone)]
pub(super) struct Address {
    /// How to reach each machine.
    pub(super) machines: Vec<Config>,
    pub(super) tls: Tls,
    /// How long an attempt at one of them may take in all.
    pub(super) patience: Duration,
    pub(super) words: Words,
}

/// What of it may be shown: no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// `db.example.org:5432`, several with "or" between them.
    pub(super) servers: String,
    /// The user, if the URL names one.
    pub(super) user: Option<String>,
    /// The database.
    pub(super) name: String,
}

/// What the URL says that the driver does not know.
#[derive(Default)]
struct Ours {
    mode: Option<Mode>,
    files: Files,
}

impl Address {
    /// Reads `postgres://user:password@host:port/name?sslmode=...`. Besides what the driver knows there can be
    /// `sslrootcert`, `sslcert` and `sslkey`, which go before the options' files, and the two `sslmode`s that verify.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator.
    pub(super) fn read(url: &str, options: &PostgresOptions) -> Result<Self> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(wrong("it begins with postgres://"));
        }
        let (rest, mut ours) = split(url)?;
        // The text of the driver does not repeat the URL, which may hold a password.
        let mut config = Config::from_str(&rest).map_err(|error| wrong(&chain(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host: postgres://user@host/name"));
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::ReadOnly {
            return Err(wrong("target_session_attrs=read-only is no use: Kontor writes"));
        }
        if let Some(password) = &options.password {
            if config.get_password().is_some() {
                return Err(wrong("it holds a password, and store.password another: leave one out"));
            }
            config.password(password.expose());
        }
        ours.files.complete(options);
        let mode = ours.mode(&config)?;
        config
            .ssl_mode(match mode {
                Mode::Disable => SslMode::Disable,
                Mode::Prefer => SslMode::Prefer,
                Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
            })
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .application_name("kontor")
            .keepalives_idle(ALIVE)
            .keepalives_interval(ALIVE / 3)
            .keepalives_retries(3)
            .tcp_user_timeout(ALIVE);
        let knock = *config.get_connect_timeout().unwrap_or(&KNOCK);
        config.connect_timeout(knock);
        let (patience, words) = (knock.saturating_add(ENTER), Words::of(&config));
        Ok(Self { machines: each(&config), tls: Tls::new(mode, &ours.files)?, patience, words })
    }
}

/// A configuration for each machine. The driver goes from one to the next only when it could not connect: one that lets
/// it in and says no more would keep it from the others.
fn each(config: &Config) -> Vec<Config> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let one = |at: usize| {
        let mut one = common(config);
        match hosts.get(at) {
            Some(Host::Tcp(name)) => drop(one.host(name)),
            Some(Host::Unix(folder)) => drop(one.host_path(folder)),
            None => {}
        }
        if let Some(address) = addresses.get(at) {
            one.hostaddr(*address);
        }
        if let Some(port) = ports.get(at).or(ports.first()) {
            one.port(*port);
        }
        one
    };
    (0..hosts.len().max(addresses.len())).map(one).collect()
}

/// All but the machine.
fn common(config: &Config) -> Config {
    let mut one = Config::new();
    config.get_user().map(|user| one.user(user));
    config.get_password().map(|password| one.password(password));
    config.get_dbname().map(|name| one.dbname(name));
    config.get_options().map(|options| one.options(options));
    config.get_application_name().map(|name| one.application_name(name));
    config.get_connect_timeout().map(|knock| one.connect_timeout(*knock));
    config.get_tcp_user_timeout().map(|alive| one.tcp_user_timeout(*alive));
    config.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one.keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs());
    one
}

impl Files {
    /// Takes from the options what the URL does not name.
    fn complete(&mut self, options: &PostgresOptions) {
        let also = Self::of(options);
        self.authorities = self.authorities.take().or(also.authorities);
        if self.certificate.is_none() && self.key.is_none() {
            (self.certificate, self.key) = (also.certificate, also.key);
        }
    }
}

impl Ours {
    /// What is asked of the server. If nothing was said: over a network all there is; on this machine what there is.
    fn mode(&self, config: &Config) -> Result<Mode> {
        if only_files(config) {
            // PostgreSQL 15, 34.19: there is no TLS through a socket file.
            return Ok(Mode::Disable);
        }
        let named = self.files.authorities.is_some();
        match self.mode {
            None if !named && on_this_machine(config) => Ok(Mode::Prefer),
            None => Ok(Mode::VerifyFull),
            // As libpq: who names an authority means it.
            Some(Mode::Require) if named => Ok(Mode::VerifyCa),
            Some(Mode::Disable | Mode::Prefer) if named => Err(wrong(
                "sslmode=disable or prefer believes anybody, yet store.ca_file says whom: leave one out",
            )),
            Some(mode) => Ok(mode),
        }
    }
}

fn wrong(why: &str) -> Error {
    Error::Unsupported { detail: format!("cannot use store.url: {why}") }
}

/// Takes out what is ours.
fn split(url: &str) -> Result<(String, Ours)> {
    // As the driver goes about it: the name and password end with the first @, then comes what may have parameters.
    let after = url.find('@').unwrap_or(0);
    let Some(at) = url.get(after..).and_then(|rest| rest.find('?')).map(|at| after + at) else {
        return Ok((url.to_owned(), Ours::default()));
    };
    let (head, query) = (url.get(..at).unwrap_or_default(), url.get(at + 1..).unwrap_or_default());
    let (mut ours, mut others) = (Ours::default(), Vec::new());
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        let path = || Some(PathBuf::from(&value));
        match key {
            "sslmode" => ours.mode = Some(Mode::from_word(&value).ok_or_else(|| unknown_mode(&value))?),
            // The word of libpq for what no file means here.
            "sslrootcert" if value == "system" => ours.files.authorities = None,
            "sslrootcert" => ours.files.authorities = path(),
            "sslcert" => ours.files.certificate = path(),
            "sslkey" => ours.files.key = path(),
            _ => others.push(pair),
        }
    }
    let others = others.join("&");
    Ok((if others.is_empty() { head.to_owned() } else { format!("{head}?{others}") }, ours))
}

/// `%2F` and the like; what is none stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |two: &&[u8]| *first == b'%' && two.iter().all(u8::is_ascii_hexdigit);
        let digits = after.get(..2).filter(hex).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = byte.map_or(after, |_| after.get(2..).unwrap_or_default());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unknown_mode(word: &str) -> Error {
    let known = "disable, prefer, require, verify-ca, verify-full";
    wrong(&format!("sslmode={word:?} is none of {known}"))
}

fn only_files(config: &Config) -> bool {
    config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)))
}

fn on_this_machine(config: &Config) -> bool {
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    })
}

impl Words {
    fn of(config: &Config) -> Self {
        let ports = config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let mut servers: Vec<String> = Vec::new();
        for (at, host) in config.get_hosts().iter().enumerate() {
            servers.push(match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(at)),
                Host::Tcp(name) => format!("{name}:{}", port(at)),
                Host::Unix(folder) => folder.join(format!(".s.PGSQL.{}", port(at))).display().to_string(),
            });
        }
        if servers.is_empty() {
            servers.extend(
                config.get_hostaddrs().iter().enumerate().map(|(at, ip)| format!("{ip}:{}", port(at))),
            );
        }
        let user = config.get_user().map(str::to_owned);
        let name = config.get_dbname().map(str::to_owned).or_else(|| user.clone()).unwrap_or_default();
        Self { servers: servers.join(" or "), user, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::Secret;

    fn read(url: &str) -> Result<Address> {
        Address::read(url, &PostgresOptions::default())
    }

    #[test]
    fn what_a_url_may_say() {
        for good in [
            "postgres://anna:secret@localhost:5433/kontor",
            "postgresql://anna@%2Frun%2Fpostgresql/kontor",
            "postgresql:///kontor?host=/run/postgresql&user=anna",
            "postgres://anna@one,two:5433/kontor?sslmode=require&target_session_attrs=read-write",
            "postgres://anna@db.example.org/kontor?sslmode=disable&connect_timeout=3&channel_binding=require",
        ] {
            assert!(read(good).is_ok(), "{good}");
        }
        for (bad, holds) in [
            ("postgres://anna:secret@localhost:port/x", "invalid"),
            ("mysql://anna:secret@h/x", "begins with postgres://"),
            ("host=h password=secret", "begins with postgres://"),
            ("postgres:///secret", "names no host"),
            ("postgres://anna:secret@h/x?sslmode=allow", "verify-full"),
            ("postgres://anna:secret@h/x?what=ever", "what"),
            ("postgres://anna:secret@h/x?target_session_attrs=read-only", "writes"),
            ("postgres://anna:secret@h/x?sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem"),
            ("postgres://anna:secret@h/x?sslrootcert=/ca.pem&sslmode=prefer", "leave one out"),
            ("postgres://anna:secret@localhost/x?sslcert=/c.pem", "belong together"),
        ] {
            let Err(Error::Unsupported { detail }) = read(bad) else { panic!("{bad}") };
            assert!(detail.contains(holds) && !detail.contains("secret"), "{detail}");
        }
    }

    #[test]
    fn over_a_network_the_server_has_to_show_who_it_is() {
        let mode = |url: &str| {
            let (rest, ours) = split(url).unwrap();
            ours.mode(&Config::from_str(&rest).unwrap()).unwrap()
        };
        for (url, expect) in [
            ("postgres://a@db.example.org/k", Mode::VerifyFull),
            ("postgres://a@192.0.2.1/k", Mode::VerifyFull),
            ("postgres://a@localhost,db.example.org/k", Mode::VerifyFull),
            ("postgres://a@localhost/k?hostaddr=192.0.2.1", Mode::VerifyFull),
            ("postgres://a@db.example.org/k?sslmode=disable", Mode::Disable),
            ("postgres://a@db.example.org/k?sslmode=prefer", Mode::Prefer),
            ("postgres://a@db.example.org/k?sslmode=require", Mode::Require),
            ("postgres://a@db.example.org/k?sslmode=verify%2Dca", Mode::VerifyCa),
            ("postgres://a@db.example.org/k?sslmode=require&sslrootcert=/ca", Mode::VerifyCa),
            ("postgres://a@db.example.org/k?sslmode=require&sslrootcert=system", Mode::Require),
            ("postgres://a@localhost/k", Mode::Prefer),
            ("postgres://a@127.0.0.9,[::1]/k", Mode::Prefer),
            ("postgres://a@localhost/k?sslrootcert=/ca", Mode::VerifyFull),
            ("postgres://a@%2Frun/k?sslmode=verify-full", Mode::Disable),
        ] {
            assert_eq!(mode(url), expect, "{url}");
        }
    }

    #[test]
    fn paths_in_urls_are_decoded() {
        for (text, expect) in
            [("%2Fa%20b%2e", "/a b."), ("/a", "/a"), ("100%", "100%"), ("%zz%+4%4", "%zz%+4%4")]
        {
            assert_eq!(decoded(text), expect);
        }
    }

    #[test]
    fn a_password_comes_from_one_place() {
        let options =
            PostgresOptions { password: Some(Secret::new("tell nobody")), ..PostgresOptions::default() };
        let read = |url: &str| Address::read(url, &options);
        assert_eq!(
            read("postgres://a@localhost/k").unwrap().machines[0].get_password(),
            Some(&b"tell nobody"[..])
        );
        let Err(Error::Unsupported { detail }) = read("postgres://a:secret@localhost/k") else { panic!() };
        assert!(detail.contains("leave one out") && !detail.contains("secret"));
        assert!(!format!("{options:?}").contains("nobody"));
    }

    #[test]
    fn each_machine_is_asked_for_itself() {
        let all = read("postgres://anna:secret@one,two:5433,%2Frun/k?connect_timeout=3").unwrap().machines;
        let told = |one: &Config| {
            assert_eq!((one.get_user(), one.get_dbname()), (Some("anna"), Some("k")));
            assert_eq!((one.get_password(), one.get_hosts().len()), (Some(&b"secret"[..]), 1));
            assert_eq!(one.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!(one.get_connect_timeout(), Some(&Duration::from_secs(3)));
            (one.get_hosts()[0].clone(), one.get_ports()[0])
        };
        let expect = [
            (Host::Tcp("one".to_owned()), 5432),
            (Host::Tcp("two".to_owned()), 5433),
            (Host::Unix("/run".into()), 5432),
        ];
        assert_eq!(all.iter().map(told).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn what_is_shown_holds_no_password() {
        let words = read("postgres://anna:secret@one,[::1]:5433/k?sslmode=require").unwrap().words;
        let expect = Words {
            servers: "one:5432 or [::1]:5433".to_owned(),
            user: Some("anna".to_owned()),
            name: "k".to_owned(),
        };
        assert_eq!(words, expect);
        assert_eq!(read("postgres://anna@%2Frun").unwrap().words.servers, "/run/.s.PGSQL.5432");
    }
}
