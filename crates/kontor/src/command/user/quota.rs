//! `kontor user quota`.

use super::{Json, Place, tell_json};
use crate::{Failure, Outcome, office, progress, terminal};
use clap::Args;
use kontor_door_admin::{Answer, Command, Limit, Quota as Told, USERS, UserQuota};

#[derive(Debug, Args)]
pub(super) struct Quota {
    /// Log-in name; all accounts if there is none
    name: Option<String>,
    /// From here on the account counts as nearly full: bytes, or a number with kB, MB, GB, KiB, MiB or GiB; none; or
    /// default, which is what kontor.toml says
    #[arg(long, value_name = "SIZE", value_parser = size)]
    warn: Option<Limit>,
    /// From here on the account should send nothing
    #[arg(long, value_name = "SIZE", value_parser = size)]
    soft: Option<Limit>,
    /// The most that it may hold: what would be more is refused
    #[arg(long, value_name = "SIZE", value_parser = size)]
    hard: Option<Limit>,
    #[command(flatten)]
    json: Json,
}

impl Quota {
    /// Whether all accounts are meant.
    pub(super) fn of_all(&self) -> Outcome<bool> {
        let sets = [self.warn, self.soft, self.hard].iter().any(Option::is_some);
        if self.name.is_none() && sets {
            let detail =
                "whose limits? give a name; for all who have none of their own, set [quota] in kontor.toml";
            return Err(Failure::Usage(detail.into()));
        }
        Ok(self.name.is_none())
    }

    pub(super) fn json(&self) -> bool {
        self.json.json
    }

    pub(super) fn into_command(self) -> (Command, Json, String) {
        let Self { name, warn, soft, hard, json } = self;
        let name = name.unwrap_or_default();
        (Command::UserQuota(UserQuota { name, warn, soft, hard }), json, String::new())
    }
}

fn size(text: &str) -> Result<Limit, String> {
    match text {
        "none" => return Ok(Limit::None),
        "default" => return Ok(Limit::Default),
        _ => {}
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
        _ => {
            return Err(
                "a number of bytes, or one with kB, MB, GB, KiB, MiB or GiB, or none, or default".to_owned()
            );
        }
    };
    let number: u64 =
        digits.parse().map_err(|_| "a whole number, such as 10GiB, or none, or default".to_owned())?;
    let bytes = number.checked_mul(unit).filter(|bytes| i64::try_from(*bytes).is_ok());
    match bytes.ok_or("that is more than can be counted; none is no limit")? {
        0 => Err("0 would be no limit: say none, or at least 1".to_owned()),
        bytes => Ok(Limit::Bytes(bytes)),
    }
}

pub(super) fn details(quota: &Told) {
    let limit = |name: &str, bytes: Option<u64>| {
        let default = if quota.default.iter().any(|one| one == name) { " (default)" } else { "" };
        format!("{}{default}", shown(bytes))
    };
    let rows = [
        ("used", progress::size(quota.used)),
        ("level", quota.level.clone()),
        ("warn", limit("warn", quota.warn)),
        ("soft", limit("soft", quota.soft)),
        ("hard", limit("hard", quota.hard)),
    ];
    terminal::table(&rows.map(|(name, value)| vec![name.to_owned(), value]));
}

fn shown(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "none".to_owned(), progress::size)
}

/// Tells all accounts, some at a time: there may be more than fit into memory.
pub(super) fn list(place: &Place, json: bool) -> Outcome {
    let (mut after, mut first) = (None, true);
    loop {
        let Answer::Quotas(quotas) = office::execute(place, Command::QuotaList { after })? else {
            return Err("the server's answer is not understood".to_owned().into());
        };
        let ended = quotas.len() < USERS;
        after = quotas.last().map(|quota| quota.name.clone());
        if json {
            tell_json(&quotas, first, ended)?;
        } else if first || !quotas.is_empty() {
            let head =
                first.then(|| ["NAME", "USED", "LEVEL", "WARN", "SOFT", "HARD"].map(str::to_owned).to_vec());
            terminal::table(&head.into_iter().chain(quotas.iter().map(row)).collect::<Vec<_>>());
        }
        if ended {
            return Ok(());
        }
        first = false;
    }
}

fn row(quota: &Told) -> Vec<String> {
    let [warn, soft, hard] = [quota.warn, quota.soft, quota.hard].map(shown);
    vec![quota.name.clone(), progress::size(quota.used), quota.level.clone(), warn, soft, hard]
}

#[cfg(test)]
mod tests {
    use super::{Limit, size};

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [("1", 1), ("7B", 7), ("10GiB", 10 << 30), ("3 MB", 3_000_000)] {
            assert_eq!(size(text), Ok(Limit::Bytes(bytes)), "{text}");
        }
        assert_eq!((size("none"), size("default")), (Ok(Limit::None), Ok(Limit::Default)));
        for text in ["", "0", "-1", "1.5GiB", "GiB", "10gb", "9000000000GiB", "99999999999999999999"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
