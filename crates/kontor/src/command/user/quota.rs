//! `kontor user quota`.

use super::Json;
use crate::{progress, terminal};
use clap::Args;
use kontor_door_admin::{Command, Quota as Told, UserQuota};

#[derive(Debug, Args)]
pub(super) struct Quota {
    /// Log-in name
    name: String,
    /// From here on the account counts as nearly full: bytes, or a number with kB, MB, GB, KiB, MiB or GiB; or none
    #[arg(long, value_name = "SIZE", value_parser = size)]
    warn: Option<u64>,
    /// From here on the account should send nothing
    #[arg(long, value_name = "SIZE", value_parser = size)]
    soft: Option<u64>,
    /// The most that it may hold: what would be more is refused
    #[arg(long, value_name = "SIZE", value_parser = size)]
    hard: Option<u64>,
    #[command(flatten)]
    json: Json,
}

impl Quota {
    pub(super) fn into_command(self) -> (Command, Json, String) {
        let Self { name, warn, soft, hard, json } = self;
        (Command::UserQuota(UserQuota { name, warn, soft, hard }), json, String::new())
    }
}

/// Bytes; 0 for `none`.
fn size(text: &str) -> Result<u64, String> {
    if text == "none" {
        return Ok(0);
    }
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match text.get(digits.len()..).map(str::trim).unwrap_or_default() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("a number of bytes, or one with kB, MB, GB, KiB, MiB or GiB, or none".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "a whole number, such as 10GiB, or none".to_owned())?;
    let bytes = number.checked_mul(unit).filter(|bytes| i64::try_from(*bytes).is_ok());
    match bytes.ok_or("that is more than can be counted; none is no limit")? {
        0 => Err("0 would be no limit: say none, or at least 1".to_owned()),
        bytes => Ok(bytes),
    }
}

pub(super) fn details(quota: &Told) {
    let limit = |bytes: Option<u64>| bytes.map_or_else(|| "none".to_owned(), progress::size);
    let rows = [
        ("used", progress::size(quota.used)),
        ("level", quota.level.clone()),
        ("warn", limit(quota.warn)),
        ("soft", limit(quota.soft)),
        ("hard", limit(quota.hard)),
    ];
    terminal::table(&rows.map(|(name, value)| vec![name.to_owned(), value]));
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [("none", 0), ("1", 1), ("7B", 7), ("10GiB", 10 << 30), ("3 MB", 3_000_000)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "1.5GiB", "GiB", "10gb", "9000000000GiB", "99999999999999999999"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
