//! Everything that can be set. The defaults are those of the rooms; `kontor.example.toml` shows and explains them.

mod apply;
mod blobs;
mod bounds;
mod history;
mod layers;
mod public_store;
mod quota;
mod read;
mod rehearsal;
mod secrets;
#[cfg(test)]
mod walk;

pub(crate) use apply::{Applied, Engine};
pub(crate) use history::History;
pub(crate) use public_store::Everybody;
pub(crate) use quota::Quota;
pub(crate) use read::{Flag, Read, Sources, read};
pub(crate) use secrets::is_secret;

use kontor_model::Secret;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The shipped example: every key with its default, commented out.
pub(crate) const EXAMPLE: &str = include_str!("../../kontor.example.toml");

/// The whole of `kontor.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) log: Log,
    pub(crate) connections: Connections,
    pub(crate) sign_in: SignIn,
    pub(crate) office: Office,
    pub(crate) quota: Quota,
    pub(crate) history: History,
    pub(crate) limits: Limits,
    pub(crate) dav: Dav,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
}

/// Addresses and manners of the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: Vec<SocketAddr>,
    #[serde(with = "or_empty")]
    pub(crate) admin_listen: Option<SocketAddr>,
    #[serde(with = "or_empty")]
    pub(crate) tls_cert: Option<PathText>,
    #[serde(with = "or_empty")]
    pub(crate) tls_key: Option<PathText>,
    pub(crate) tls_check_seconds: u64,
    pub(crate) allow_plain_http: bool,
    pub(crate) trusted_proxies: Vec<String>,
    pub(crate) forwarded_header: Forwarded,
    pub(crate) gzip: bool,
    pub(crate) stop_seconds: u64,
    pub(crate) threads: usize,
}

/// A path as text, so that an empty one can mean none.
pub(crate) type PathText = PathBuf;

/// Which header field proxies set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Forwarded {
    #[serde(rename = "x-forwarded-for")]
    XForwardedFor,
    #[serde(rename = "forwarded")]
    Forwarded,
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
    pub(crate) slow_request_ms: u64,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    Text,
    Json,
}

/// Limits of `doors/listen`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Connections {
    pub(crate) max_connections: usize,
    pub(crate) max_connections_per_address: usize,
    pub(crate) max_header_bytes: usize,
    pub(crate) max_header_count: usize,
    pub(crate) header_seconds: u64,
    pub(crate) handshake_seconds: u64,
    pub(crate) idle_seconds: u64,
    pub(crate) body_seconds: u64,
    pub(crate) min_body_bytes_per_second: u32,
    pub(crate) max_body_memory: usize,
    pub(crate) write_seconds: u64,
    pub(crate) max_streams_per_connection: u32,
}

/// Log-ins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignIn {
    pub(crate) argon_memory_kib: u32,
    pub(crate) argon_passes: u32,
    pub(crate) argon_lanes: u32,
    pub(crate) hashes_at_once: usize,
    pub(crate) attempts_at_once: usize,
    pub(crate) remember_seconds: i64,
    pub(crate) remembered: usize,
    pub(crate) throttle: bool,
    pub(crate) throttle_window_seconds: i64,
    pub(crate) throttle_longest_delay_seconds: i64,
    pub(crate) throttle_recent_seconds: i64,
    pub(crate) throttle_max_recent: usize,
    pub(crate) throttle_account_weight: usize,
    pub(crate) throttle_subnet_weight: usize,
    pub(crate) throttle_exempt: Vec<String>,
    pub(crate) digest: Vec<String>,
    pub(crate) digest_nonce_seconds: i64,
}

/// Who may do what by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Office {
    pub(crate) restrict_admin: bool,
    pub(crate) everyone_sees_free_busy: bool,
    pub(crate) public_store: Everybody,
}

/// Sizes and counts that the verbs keep; the names are those in error messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) max_item_size: usize,
    pub(crate) max_file_size: u64,
    pub(crate) max_property_size: usize,
    pub(crate) max_properties: usize,
    pub(crate) max_collections: usize,
    pub(crate) max_folders: usize,
    pub(crate) max_locks: usize,
    pub(crate) lock_seconds: u64,
    pub(crate) max_grants: usize,
    pub(crate) max_occurrences: usize,
    pub(crate) max_attendees: usize,
    pub(crate) max_copy_items: usize,
    pub(crate) max_app_passwords: usize,
    pub(crate) max_query_items: usize,
}

/// The DAV door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Dav {
    pub(crate) realm: String,
    pub(crate) max_xml_bytes: usize,
    pub(crate) max_xml_depth: usize,
    pub(crate) max_xml_elements: usize,
    pub(crate) max_xml_attributes: usize,
    pub(crate) max_xml_text: usize,
    pub(crate) max_xml_name: usize,
    pub(crate) page: usize,
    pub(crate) max_asked_properties: usize,
    pub(crate) max_conditions: usize,
    pub(crate) max_report_items: usize,
    pub(crate) max_principals: usize,
    pub(crate) max_principals_searched: usize,
    pub(crate) max_expansion_days: u32,
    pub(crate) heartbeat_seconds: u64,
}

/// The store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    #[serde(with = "exposed")]
    pub(crate) url: Secret,
    #[serde(with = "or_empty")]
    pub(crate) url_file: Option<PathText>,
    #[serde(with = "exposed")]
    pub(crate) password: Secret,
    #[serde(with = "or_empty")]
    pub(crate) password_file: Option<PathText>,
    #[serde(with = "or_empty")]
    pub(crate) ca_file: Option<PathText>,
    #[serde(with = "or_empty")]
    pub(crate) cert_file: Option<PathText>,
    #[serde(with = "or_empty")]
    pub(crate) key_file: Option<PathText>,
    pub(crate) log_days: u32,
    pub(crate) max_bytes: u64,
    pub(crate) max_waiting_writes: usize,
    pub(crate) writers: usize,
    pub(crate) group: usize,
    pub(crate) readers: usize,
    pub(crate) scanners: usize,
    pub(crate) notify: bool,
    pub(crate) poll_milliseconds: u64,
    pub(crate) reader_cache_kib: u32,
    pub(crate) writer_cache_kib: u32,
}

/// Large bodies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Blobs {
    pub(crate) url: String,
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) virtual_host: bool,
    #[serde(with = "exposed")]
    pub(crate) access_key: Secret,
    #[serde(with = "or_empty")]
    pub(crate) access_key_file: Option<PathText>,
    #[serde(with = "exposed")]
    pub(crate) secret_key: Secret,
    #[serde(with = "or_empty")]
    pub(crate) secret_key_file: Option<PathText>,
    #[serde(with = "exposed")]
    pub(crate) session_token: Secret,
    #[serde(with = "or_empty")]
    pub(crate) session_token_file: Option<PathText>,
    #[serde(with = "or_empty")]
    pub(crate) ca_file: Option<PathText>,
    pub(crate) allow_plain_http: bool,
    pub(crate) keep_unused_hours: u64,
    pub(crate) patience_seconds: u64,
}

/// A secret as it is in a file. What is made of it is kept where the secret is: in memory.
mod exposed {
    use kontor_model::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.expose())
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}

/// An optional value that is written as an empty text when it is absent.
mod or_empty {
    use serde::de::{DeserializeOwned, Error, IntoDeserializer};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => value.serialize(to),
            None => to.serialize_str(""),
        }
    }

    pub(super) fn deserialize<'a, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: DeserializeOwned,
        D: Deserializer<'a>,
    {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        let text: serde::de::value::StringDeserializer<D::Error> = text.into_deserializer();
        T::deserialize(text).map(Some).map_err(Error::custom)
    }
}
