//! How small and how large each number may be. Beyond these a server would not serve (nobody can send a request in no
//! time), would take more than the machine has, or would not do what the number says.

use toml::de::{DeTable, DeValue};

const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;
const DAY: i64 = 86_400;
/// More than anybody has.
const MANY: i64 = 10_000_000;

/// Section, key, smallest, largest.
const BOUNDS: &[(&str, &str, i64, i64)] = &[
    ("server", "tls_check_seconds", 1, DAY),
    ("server", "stop_seconds", 0, DAY),
    ("server", "threads", 0, 1024),
    ("log", "slow_request_ms", 0, DAY * 1000),
    ("connections", "max_connections", 1, MANY),
    ("connections", "max_connections_per_address", 1, MANY),
    ("connections", "max_header_bytes", 8192, MIB),
    ("connections", "max_header_count", 1, 10_000),
    ("connections", "header_seconds", 1, DAY),
    ("connections", "handshake_seconds", 1, DAY),
    ("connections", "idle_seconds", 1, DAY),
    ("connections", "body_seconds", 1, DAY),
    ("connections", "min_body_bytes_per_second", 1, GIB),
    ("connections", "max_body_memory", MIB, 1024 * GIB),
    ("connections", "write_seconds", 1, DAY),
    ("connections", "max_streams_per_connection", 1, 10_000),
    ("sign_in", "argon_memory_kib", 8, 4 * MIB),
    ("sign_in", "argon_passes", 1, 1000),
    ("sign_in", "argon_lanes", 1, 64),
    ("sign_in", "hashes_at_once", 1, 1024),
    ("sign_in", "attempts_at_once", 1, MANY),
    ("sign_in", "remember_seconds", 0, 3600),
    ("sign_in", "remembered", 64, MANY),
    ("sign_in", "throttle_window_seconds", 1, 2 * DAY),
    ("sign_in", "throttle_longest_delay_seconds", 1, DAY),
    ("sign_in", "throttle_recent_seconds", 1, 2 * DAY),
    ("sign_in", "throttle_max_recent", 1, 1000),
    ("sign_in", "throttle_account_weight", 1, 100),
    ("sign_in", "throttle_subnet_weight", 1, 100),
    ("sign_in", "digest_nonce_seconds", 10, 3600),
    ("limits", "max_item_size", 1024, GIB / 2),
    ("limits", "max_file_size", 1024, 1024 * 1024 * 1024 * MIB),
    ("limits", "max_property_size", 64, 64 * MIB),
    ("limits", "max_properties", 1, 100_000),
    ("limits", "max_collections", 3, 1_000_000),
    ("limits", "max_folders", 0, 1_000_000),
    ("limits", "max_locks", 0, 100_000),
    ("limits", "lock_seconds", 10, 86_400),
    ("limits", "max_grants", 1, 100_000),
    ("limits", "max_occurrences", 1, MANY),
    ("limits", "max_attendees", 1, MANY),
    ("limits", "max_copy_items", 1, MANY),
    ("limits", "max_app_passwords", 0, 100_000),
    ("limits", "max_query_items", 1, MANY),
    ("dav", "max_xml_bytes", 1024, GIB),
    // The reader goes no deeper, whatever it is told.
    ("dav", "max_xml_depth", 8, 200),
    ("dav", "max_xml_elements", 16, MANY),
    ("dav", "max_xml_attributes", 4, 10_000),
    ("dav", "max_xml_text", 64, GIB),
    ("dav", "max_xml_name", 32, MIB),
    ("dav", "max_asked_properties", 16, 10_000),
    ("dav", "max_conditions", 4, 10_000),
    ("dav", "page", 1, 100_000),
    ("dav", "max_report_items", 1, MANY),
    ("dav", "max_principals", 1, MANY),
    ("dav", "max_principals_searched", 1, MANY),
    ("dav", "max_expansion_days", 1, 366_000),
    ("dav", "heartbeat_seconds", 1, 3600),
    ("store", "log_days", 0, 36_500),
    ("history", "texts", 0, 1000),
    ("history", "days", 0, 36_500),
    ("history", "max_bytes", 0, i64::MAX),
    ("history", "trash_bytes", 0, i64::MAX),
    ("quota", "warn", 0, i64::MAX),
    ("quota", "soft", 0, i64::MAX),
    ("quota", "hard", 0, i64::MAX),
    ("store", "max_bytes", 0, i64::MAX),
    ("store", "max_waiting_writes", 1, MANY),
    ("store", "writers", 0, 256),
    ("store", "group", 0, 64),
    ("store", "readers", 0, 256),
    ("store", "scanners", 0, 256),
    // With more, what is remembered of log-ins would be looked up again and again.
    ("store", "poll_milliseconds", 0, 1000),
    ("store", "reader_cache_kib", 64, 4 * MIB),
    ("store", "writer_cache_kib", 64, 4 * MIB),
    ("blobs", "keep_unused_hours", 1, 24 * 366),
    ("blobs", "patience_seconds", 1, 600),
];

/// What is wrong with this number under that key, if it is a known one.
pub(super) fn wrong(section: &str, key: &str, number: i128) -> Option<String> {
    let (_, _, least, most) = BOUNDS.iter().find(|row| (row.0, row.1) == (section, key))?;
    if number < i128::from(*least) {
        Some(format!("{section}.{key} is {number}, but at least {least} is needed"))
    } else if number > i128::from(*most) {
        Some(format!("{section}.{key} is {number}, but at most {most} is possible"))
    } else {
        None
    }
}

/// Smallest and largest of a key.
#[cfg(test)]
pub(super) fn of(section: &str, key: &str) -> Option<(i64, i64)> {
    BOUNDS.iter().find(|row| (row.0, row.1) == (section, key)).map(|row| (row.2, row.3))
}

/// The first number of a file that is out of bounds: the byte where it stands, and what is wrong.
pub(super) fn first_wrong(text: &str) -> Option<(usize, String)> {
    let parsed = DeTable::parse(text).ok()?;
    let mut first = None;
    for (section, keys) in parsed.get_ref() {
        let Some(keys) = keys.get_ref().as_table() else { continue };
        for (key, value) in keys {
            let Some(number) = number(value.get_ref()) else { continue };
            let Some(why) = wrong(section.get_ref(), key.get_ref(), number) else { continue };
            let at = value.span().start;
            if first.as_ref().is_none_or(|(before, _)| at < *before) {
                first = Some((at, why));
            }
        }
    }
    first
}

/// Where a key stands in a file.
pub(super) fn place(text: &str, section: &str, key: &str) -> Option<usize> {
    let parsed = DeTable::parse(text).ok()?;
    Some(parsed.get_ref().get(section)?.get_ref().get(key)?.span().start)
}

fn number(value: &DeValue<'_>) -> Option<i128> {
    let integer = value.as_integer()?;
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use toml::{Table, Value};

    #[test]
    fn every_number_has_its_bounds_and_its_default_lies_within() {
        let table = Table::try_from(Config::default()).unwrap();
        let mut numbers = 0;
        for (section, keys) in &table {
            for (key, value) in keys.as_table().unwrap() {
                if let Value::Integer(number) = value {
                    numbers += 1;
                    assert!(BOUNDS.iter().any(|row| (row.0, row.1) == (section, key)), "{section}.{key}");
                    assert_eq!(wrong(section, key, i128::from(*number)), None);
                }
            }
        }
        assert_eq!(numbers, BOUNDS.len(), "rows for keys that are gone");
    }

    #[test]
    fn the_first_number_out_of_bounds_is_told() {
        let check = |text: &str, at: usize, why: &str| {
            assert_eq!(first_wrong(text), Some((at, why.to_owned())), "{text}");
        };
        check("[limits]\nmax_item_size = 0\n", 25, "limits.max_item_size is 0, but at least 1024 is needed");
        check(
            "[connections]\nidle_seconds = 18446744073709551616\nheader_seconds = -1\n",
            29,
            "connections.idle_seconds is 18446744073709551616, but at most 86400 is possible",
        );
        check("store = { readers = 0x7fff }", 20, "store.readers is 32767, but at most 256 is possible");
        assert_eq!(first_wrong("[limits]\nmax_item_size = 1_000_000\nother = 0\n[x]\ny = 1"), None);
        assert_eq!(first_wrong("nonsense"), None);
    }
}
