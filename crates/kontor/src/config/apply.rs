//! From what was set to what the rooms take, and back for the defaults.

use super::blobs::Laid;
use super::rehearsal;
use super::{Config, Connections, Dav, Forwarded, Limits, Log, LogFormat, Office, Server, SignIn, Store};
use kontor_groupware::{ArgonCost, DigestAlgorithm, DigestPolicy, Policy, SignInPolicy, ThrottlePolicy};
use kontor_listen::{ForwardedHeader, TrustedProxies};
use kontor_model::Secret;
use kontor_store::postgres::PostgresOptions;
use kontor_store::sqlite::SqliteOptions;
use std::str::FromStr;
use std::time::Duration;

/// Bytes that an empty store needs, and a little for people to put into it.
const SMALLEST_STORE: u64 = 1 << 20;

/// Failed log-ins that the store tells of one account or network: with more a limit would never be reached.
const FAILURES_TOLD: usize = 1000;

/// What the rooms take.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    pub(crate) listen: kontor_listen::Settings,
    pub(crate) policy: Policy,
    pub(crate) dav: kontor_door_dav::Settings,
    pub(crate) lists: kontor_door_sharepoint::Settings,
    pub(crate) store: Engine,
    pub(crate) blobs: Laid,
}

/// What keeps the data.
#[derive(Clone, Debug)]
pub(crate) enum Engine {
    /// A file in the data folder.
    Embedded(SqliteOptions),
    /// A database elsewhere, by its URL, which may hold a password.
    Postgres(Secret, PostgresOptions),
}

impl Config {
    /// Checks what the bounds of single numbers cannot tell, and translates. Errors begin with the key.
    pub(crate) fn apply(&self) -> Result<Applied, String> {
        let server = &self.server;
        if server.tls_cert.is_some() != server.tls_key.is_some() {
            return Err("server.tls_cert and server.tls_key belong together: one is missing".into());
        }
        if server.listen.is_empty() {
            return Err("server.listen is empty: give at least one address".into());
        }
        if u64::from(self.sign_in.argon_memory_kib) < 8 * u64::from(self.sign_in.argon_lanes) {
            return Err("sign_in.argon_memory_kib is at least 8 for each of the lanes".into());
        }
        let throttle = &self.sign_in;
        let weight = throttle.throttle_account_weight.max(throttle.throttle_subnet_weight);
        if throttle.throttle_max_recent.saturating_add(1).saturating_mul(weight) > FAILURES_TOLD {
            return Err(format!(
                "sign_in.throttle_max_recent is too large: with the weights that is more than {FAILURES_TOLD} failures"
            ));
        }
        if (1..SMALLEST_STORE).contains(&self.store.max_bytes) {
            return Err(format!("store.max_bytes is 0 or at least {SMALLEST_STORE}"));
        }
        if !matches!(self.log.level.as_str(), "error" | "warn" | "info" | "debug" | "trace") {
            return Err("log.level is one of error, warn, info, debug, trace".into());
        }
        Ok(Applied {
            listen: self.listen()?,
            policy: self.policy()?,
            dav: self.dav(),
            lists: self.lists(),
            store: self.store()?,
            blobs: self.blobs()?,
        })
    }

    fn listen(&self) -> Result<kontor_listen::Settings, String> {
        let from = &self.connections;
        let limits = kontor_listen::Limits {
            connections: from.max_connections,
            connections_per_address: from.max_connections_per_address,
            header_bytes: from.max_header_bytes,
            header_count: from.max_header_count,
            header_timeout: Duration::from_secs(from.header_seconds),
            handshake_timeout: Duration::from_secs(from.handshake_seconds),
            idle_timeout: Duration::from_secs(from.idle_seconds),
            body_grace: Duration::from_secs(from.body_seconds),
            body_minimum_pace: from.min_body_bytes_per_second,
            body_memory: from.max_body_memory,
            write_timeout: Duration::from_secs(from.write_seconds),
            streams_per_connection: from.max_streams_per_connection,
        };
        let header = match self.server.forwarded_header {
            Forwarded::XForwardedFor => ForwardedHeader::XForwarded,
            Forwarded::Forwarded => ForwardedHeader::Forwarded,
        };
        let ranges = each("server.trusted_proxies", &self.server.trusted_proxies)?;
        Ok(kontor_listen::Settings {
            limits,
            trusted_proxies: TrustedProxies { ranges, header },
            gzip: self.server.gzip,
            slow_request: Duration::from_millis(self.log.slow_request_ms),
            drain: Duration::from_secs(self.server.stop_seconds),
            certificate_check: Duration::from_secs(self.server.tls_check_seconds),
            run: 0,
        })
    }

    fn policy(&self) -> Result<Policy, String> {
        let from = &self.limits;
        let limits = kontor_groupware::Limits {
            max_item_size: from.max_item_size,
            max_file_size: from.max_file_size,
            max_property_size: from.max_property_size,
            max_properties: from.max_properties,
            max_collections: from.max_collections,
            max_folders: from.max_folders,
            max_locks: from.max_locks,
            lock_seconds: from.lock_seconds,
            max_grants: from.max_grants,
            max_occurrences: from.max_occurrences,
            max_attendees: from.max_attendees,
            max_copy_items: from.max_copy_items,
            max_app_passwords: from.max_app_passwords,
            max_query_items: from.max_query_items,
        };
        Ok(Policy {
            limits,
            restrict_admin: self.office.restrict_admin,
            trash: self.history.has_trash(),
            everyone_sees_free_busy: self.office.everyone_sees_free_busy,
            public_store: self.office.public_store.role(),
            quota: self.quota.apply(),
            sign_in: self.sign_in()?,
        })
    }

    fn sign_in(&self) -> Result<SignInPolicy, String> {
        let from = &self.sign_in;
        Ok(SignInPolicy {
            argon: ArgonCost {
                memory_kib: from.argon_memory_kib,
                passes: from.argon_passes,
                lanes: from.argon_lanes,
            },
            hashes_at_once: from.hashes_at_once,
            attempts_at_once: from.attempts_at_once,
            remember_s: from.remember_seconds,
            remembered: from.remembered,
            throttle: ThrottlePolicy {
                enabled: from.throttle,
                window_s: from.throttle_window_seconds,
                longest_delay_s: from.throttle_longest_delay_seconds,
                recent_s: from.throttle_recent_seconds,
                most_recent: from.throttle_max_recent,
                account_weight: from.throttle_account_weight,
                subnet_weight: from.throttle_subnet_weight,
                exempt: each("sign_in.throttle_exempt", &from.throttle_exempt)?,
            },
            digest: DigestPolicy {
                algorithms: from.digest.iter().map(|word| algorithm(word)).collect::<Result<_, _>>()?,
                realm: kontor_listen::quotable(&self.dav.realm),
                nonce_s: from.digest_nonce_seconds,
            },
        })
    }

    fn lists(&self) -> kontor_door_sharepoint::Settings {
        let name = &self.dav.realm;
        kontor_door_sharepoint::Settings {
            realm: name.clone(),
            site_name: name.clone(),
            ..kontor_door_sharepoint::Settings::default()
        }
    }

    fn dav(&self) -> kontor_door_dav::Settings {
        let from = &self.dav;
        let mut settings = kontor_door_dav::Settings {
            realm: from.realm.clone(),
            page: from.page,
            max_asked_properties: from.max_asked_properties,
            max_conditions: from.max_conditions,
            max_report_items: from.max_report_items,
            max_principals: from.max_principals,
            max_principals_searched: from.max_principals_searched,
            max_expansion_days: from.max_expansion_days,
            heartbeat: Duration::from_secs(from.heartbeat_seconds),
            ..kontor_door_dav::Settings::default()
        };
        settings.xml.max_bytes = from.max_xml_bytes;
        settings.xml.max_depth = from.max_xml_depth;
        settings.xml.max_elements = from.max_xml_elements;
        settings.xml.max_attributes = from.max_xml_attributes;
        settings.xml.max_text = from.max_xml_text;
        settings.xml.max_name = from.max_xml_name;
        settings
    }

    fn store(&self) -> Result<Engine, String> {
        let from = &self.store;
        if from.url.is_empty() {
            let usual = SqliteOptions::default();
            return Ok(Engine::Embedded(SqliteOptions {
                readers: or(from.readers, usual.readers),
                scanners: or(from.scanners, usual.scanners),
                reader_cache_kib: from.reader_cache_kib,
                writer_cache_kib: from.writer_cache_kib,
                queue: from.max_waiting_writes,
                max_bytes: (from.max_bytes > 0).then_some(from.max_bytes),
                history: self.history.apply(),
                ..usual
            }));
        }
        let url = from.url.expose();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err("store.url begins with postgres://, or is empty for the data folder".into());
        }
        let usual = PostgresOptions::default();
        let options = PostgresOptions {
            writers: or(from.writers, usual.writers),
            group: or(from.group, usual.group),
            readers: or(from.readers, usual.readers),
            scanners: or(from.scanners, usual.scanners),
            queue: from.max_waiting_writes,
            password: Some(from.password.clone()).filter(|password| !password.is_empty()),
            authorities: from.ca_file.clone(),
            certificate: from.cert_file.clone(),
            key: from.key_file.clone(),
            notify: from.notify,
            poll: (from.poll_milliseconds > 0).then(|| Duration::from_millis(from.poll_milliseconds)),
            rehearsal: rehearsal::step(),
            history: self.history.apply(),
            ..usual
        };
        Ok(Engine::Postgres(from.url.clone(), options))
    }
}

/// A number, or the usual one if it is 0.
fn or(number: usize, usual: usize) -> usize {
    if number == 0 { usual } else { number }
}

/// A hash function for HTTP Digest.
fn algorithm(word: &str) -> Result<DigestAlgorithm, String> {
    DigestAlgorithm::from_word(word).ok_or_else(|| "sign_in.digest is a list of SHA-256 and MD5".to_owned())
}

/// Reads each text of a list; `key` is for the message.
fn each<T: FromStr<Err = String>>(key: &str, texts: &[String]) -> Result<Vec<T>, String> {
    texts.iter().map(|text| text.parse().map_err(|why| format!("{key}: {why}"))).collect()
}

impl Default for Server {
    fn default() -> Self {
        let settings = kontor_listen::Settings::default();
        Self {
            listen: vec![([127, 0, 0, 1], 8080).into()],
            admin_listen: None,
            tls_cert: None,
            tls_key: None,
            tls_check_seconds: settings.certificate_check.as_secs(),
            allow_plain_http: false,
            trusted_proxies: Vec::new(),
            forwarded_header: Forwarded::XForwardedFor,
            gzip: settings.gzip,
            stop_seconds: settings.drain.as_secs(),
            threads: 0,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        let slow = kontor_listen::Settings::default().slow_request;
        let slow_request_ms = u64::try_from(slow.as_millis()).unwrap_or(u64::MAX);
        Self { format: LogFormat::Auto, level: "info".into(), slow_request_ms }
    }
}

impl Default for Connections {
    fn default() -> Self {
        let limits = kontor_listen::Limits::default();
        Self {
            max_connections: limits.connections,
            max_connections_per_address: limits.connections_per_address,
            max_header_bytes: limits.header_bytes,
            max_header_count: limits.header_count,
            header_seconds: limits.header_timeout.as_secs(),
            handshake_seconds: limits.handshake_timeout.as_secs(),
            idle_seconds: limits.idle_timeout.as_secs(),
            body_seconds: limits.body_grace.as_secs(),
            min_body_bytes_per_second: limits.body_minimum_pace,
            max_body_memory: limits.body_memory,
            write_seconds: limits.write_timeout.as_secs(),
            max_streams_per_connection: limits.streams_per_connection,
        }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        let policy = SignInPolicy::default();
        let throttle = policy.throttle;
        Self {
            argon_memory_kib: policy.argon.memory_kib,
            argon_passes: policy.argon.passes,
            argon_lanes: policy.argon.lanes,
            hashes_at_once: policy.hashes_at_once,
            attempts_at_once: policy.attempts_at_once,
            remember_seconds: policy.remember_s,
            remembered: policy.remembered,
            throttle: throttle.enabled,
            throttle_window_seconds: throttle.window_s,
            throttle_longest_delay_seconds: throttle.longest_delay_s,
            throttle_recent_seconds: throttle.recent_s,
            throttle_max_recent: throttle.most_recent,
            throttle_account_weight: throttle.account_weight,
            throttle_subnet_weight: throttle.subnet_weight,
            throttle_exempt: Vec::new(),
            digest: Vec::new(),
            digest_nonce_seconds: policy.digest.nonce_s,
        }
    }
}

impl Default for Office {
    fn default() -> Self {
        let policy = Policy::default();
        Self {
            restrict_admin: policy.restrict_admin,
            everyone_sees_free_busy: policy.everyone_sees_free_busy,
            public_store: super::Everybody::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limits = kontor_groupware::Limits::default();
        Self {
            max_item_size: limits.max_item_size,
            max_file_size: limits.max_file_size,
            max_property_size: limits.max_property_size,
            max_properties: limits.max_properties,
            max_collections: limits.max_collections,
            max_folders: limits.max_folders,
            max_locks: limits.max_locks,
            lock_seconds: limits.lock_seconds,
            max_grants: limits.max_grants,
            max_occurrences: limits.max_occurrences,
            max_attendees: limits.max_attendees,
            max_copy_items: limits.max_copy_items,
            max_app_passwords: limits.max_app_passwords,
            max_query_items: limits.max_query_items,
        }
    }
}

impl Default for Dav {
    fn default() -> Self {
        let settings = kontor_door_dav::Settings::default();
        Self {
            realm: settings.realm,
            max_xml_bytes: settings.xml.max_bytes,
            max_xml_depth: settings.xml.max_depth,
            max_xml_elements: settings.xml.max_elements,
            max_xml_attributes: settings.xml.max_attributes,
            max_xml_text: settings.xml.max_text,
            max_xml_name: settings.xml.max_name,
            page: settings.page,
            max_asked_properties: settings.max_asked_properties,
            max_conditions: settings.max_conditions,
            max_report_items: settings.max_report_items,
            max_principals: settings.max_principals,
            max_principals_searched: settings.max_principals_searched,
            max_expansion_days: settings.max_expansion_days,
            heartbeat_seconds: settings.heartbeat.as_secs(),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        let options = SqliteOptions::default();
        Self {
            url: Secret::default(),
            url_file: None,
            password: Secret::default(),
            password_file: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            log_days: 180,
            max_bytes: options.max_bytes.unwrap_or(0),
            max_waiting_writes: options.queue,
            writers: 0,
            group: 0,
            readers: 0,
            scanners: 0,
            notify: PostgresOptions::default().notify,
            poll_milliseconds: 0,
            reader_cache_kib: options.reader_cache_kib,
            writer_cache_kib: options.writer_cache_kib,
        }
    }
}
