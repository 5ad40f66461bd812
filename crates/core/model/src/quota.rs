//! How much an account may hold.

/// Limits of an account, in bytes of all that lies in its collections; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// From here on its owner should be told.
    pub warn: Option<u64>,
    /// From here on it should send nothing.
    pub soft: Option<u64>,
    /// It never holds more than this.
    pub hard: Option<u64>,
}

/// One limit as it is set for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// That of the server.
    #[default]
    Default,
    /// None, whatever that of the server is.
    None,
    /// So many bytes; more than 0.
    Bytes(u64),
}

impl Limit {
    /// The limit where that of the server is `default`.
    pub fn over(self, default: Option<u64>) -> Option<u64> {
        match self {
            Self::Default => default,
            Self::None => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

/// The limits as they are set for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaSettings {
    /// [`Quota::warn`].
    pub warn: Limit,
    /// [`Quota::soft`].
    pub soft: Limit,
    /// [`Quota::hard`].
    pub hard: Limit,
}

impl QuotaSettings {
    /// What holds where those of the server are `default` (features.md H2).
    pub fn over(self, default: Quota) -> Quota {
        Quota {
            warn: self.warn.over(default.warn),
            soft: self.soft.over(default.soft),
            hard: self.hard.over(default.hard),
        }
    }
}

/// Which limit an account has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// None.
    Free,
    /// The one that its owner should be told of.
    Warn,
    /// The one from which on it should send nothing.
    Soft,
    /// The last one.
    Hard,
}

impl Level {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Warn => "warn",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

impl Quota {
    /// Whether there is any limit.
    pub fn limits(&self) -> bool {
        *self != Self::default()
    }

    /// The highest limit that so many bytes reach (features.md 2.7): who has exactly as much has reached it.
    pub fn level(&self, used: u64) -> Level {
        let limits = [(self.hard, Level::Hard), (self.soft, Level::Soft), (self.warn, Level::Warn)];
        let reached = limits.into_iter().find(|(limit, _)| limit.is_some_and(|limit| used >= limit));
        reached.map_or(Level::Free, |(_, level)| level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_for_an_account_goes_before_what_is_set_for_all() {
        let all = Quota { warn: Some(10), soft: Some(20), hard: Some(30) };
        let set = QuotaSettings { warn: Limit::Default, soft: Limit::None, hard: Limit::Bytes(40) };
        assert_eq!(set.over(all), Quota { warn: Some(10), soft: None, hard: Some(40) });
        assert!(!QuotaSettings::default().over(Quota::default()).limits());
    }

    #[test]
    fn the_highest_limit_reached_counts() {
        let quota = Quota { warn: Some(10), soft: Some(20), hard: Some(30) };
        for (used, level) in
            [(9, Level::Free), (10, Level::Warn), (19, Level::Warn), (20, Level::Soft), (30, Level::Hard)]
        {
            assert_eq!(quota.level(used), level, "{used}");
        }
        assert_eq!(Quota { soft: None, ..quota }.level(29), Level::Warn);
        assert_eq!(Quota::default().level(u64::MAX), Level::Free);
    }
}
