//! Depth and Overwrite (RFC 4918 10.2, 10.6).

use std::fmt;

use super::malformed;
use crate::error::Result;

/// How far below the resource a request reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
    /// Everything below.
    Infinity,
}

impl Depth {
    /// Reads the header value. What a missing header means depends on the method.
    pub fn parse(value: &str) -> Result<Self> {
        match value.trim_ascii() {
            "0" => Ok(Depth::Zero),
            "1" => Ok(Depth::One),
            other if other.eq_ignore_ascii_case("infinity") => Ok(Depth::Infinity),
            _ => Err(malformed("depth header is not 0, 1 or infinity")),
        }
    }
}

impl Depth {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Depth::Zero => "0",
            Depth::One => "1",
            Depth::Infinity => "infinity",
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether COPY and MOVE may replace what is at the destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// `T`, also without the header.
    #[default]
    Replace,
    /// `F`
    Keep,
}

impl Overwrite {
    /// Reads the header value.
    pub fn parse(value: &str) -> Result<Self> {
        match value.trim_ascii() {
            "T" | "t" => Ok(Overwrite::Replace),
            "F" | "f" => Ok(Overwrite::Keep),
            _ => Err(malformed("overwrite header is not T or F")),
        }
    }
}

impl fmt::Display for Overwrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Overwrite::Replace => "T",
            Overwrite::Keep => "F",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_there_and_back() {
        for depth in [Depth::Zero, Depth::One, Depth::Infinity] {
            assert_eq!(Depth::parse(&depth.to_string()), Ok(depth));
        }
        for overwrite in [Overwrite::Replace, Overwrite::Keep] {
            assert_eq!(Overwrite::parse(&overwrite.to_string()), Ok(overwrite));
        }
        assert_eq!(Depth::parse(" Infinity "), Ok(Depth::Infinity));
        assert!(["", "2", "-1", "1,noroot", "00"].iter().all(|bad| Depth::parse(bad).is_err()));
        assert!(["", "true", "TF"].iter().all(|bad| Overwrite::parse(bad).is_err()));
    }
}
