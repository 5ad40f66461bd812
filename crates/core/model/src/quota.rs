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
