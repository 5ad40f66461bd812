//! Prefer (RFC 7240, RFC 8144), and its forerunner Brief.

use super::{parameter, split_list};

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// `return=minimal`
    Minimal,
    /// `return=representation`
    Representation,
}

/// How faults in a request shall be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// `handling=strict`
    Strict,
    /// `handling=lenient`
    Lenient,
}

/// Preferences that we know; all others are passed over, as RFC 7240 2 asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefer {
    /// `return=...`
    pub returns: Option<Return>,
    /// `handling=...`
    pub handling: Option<Handling>,
    /// `depth-noroot`: leave out the resource itself (RFC 8144 3).
    pub depth_noroot: bool,
}

impl Prefer {
    /// Reads a header value; several headers of the name are joined with a comma before. The first mention counts.
    pub fn parse(value: &str) -> Self {
        let mut prefer = Prefer::default();
        for piece in split_list(value, ',') {
            let Some(first) = split_list(piece, ';').first().map(|first| parameter(first)) else { continue };
            match (first.0.as_str(), first.1.to_ascii_lowercase().as_str()) {
                ("return", "minimal") => prefer.returns = prefer.returns.or(Some(Return::Minimal)),
                ("return", "representation") => {
                    prefer.returns = prefer.returns.or(Some(Return::Representation))
                }
                ("return-minimal", "") => prefer.returns = prefer.returns.or(Some(Return::Minimal)),
                ("handling", "strict") => prefer.handling = prefer.handling.or(Some(Handling::Strict)),
                ("handling", "lenient") => prefer.handling = prefer.handling.or(Some(Handling::Lenient)),
                ("depth-noroot", "") => prefer.depth_noroot = true,
                _ => {}
            }
        }
        prefer
    }

    /// Takes `Brief: t` as `return=minimal` (RFC 8144 Appendix B).
    ///
    /// Quirk(brief): older Apple and Microsoft clients send it.
    #[must_use]
    pub fn or_brief(mut self, brief: Option<&str>) -> Self {
        if self.returns.is_none() && brief.is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case("t")) {
            self.returns = Some(Return::Minimal);
        }
        self
    }

    /// Whether the short answer is wanted.
    pub fn minimal(&self) -> bool {
        self.returns == Some(Return::Minimal)
    }

    /// Whether the resource is wanted in the answer.
    pub fn representation(&self) -> bool {
        self.returns == Some(Return::Representation)
    }

    /// The value for Prefer, or for Preference-Applied when this holds what was done; `None` when there is nothing.
    pub fn to_value(&self) -> Option<String> {
        let returns = self.returns.map(|returns| match returns {
            Return::Minimal => "return=minimal",
            Return::Representation => "return=representation",
        });
        let handling = self.handling.map(|handling| match handling {
            Handling::Strict => "handling=strict",
            Handling::Lenient => "handling=lenient",
        });
        let noroot = self.depth_noroot.then_some("depth-noroot");
        let pieces: Vec<&str> = [returns, handling, noroot].into_iter().flatten().collect();
        (!pieces.is_empty()).then(|| pieces.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read() {
        let all = Prefer {
            returns: Some(Return::Representation),
            handling: Some(Handling::Lenient),
            depth_noroot: true,
        };
        assert_eq!(
            Prefer::parse("Return = \"representation\"; x=1, handling=lenient,wait=5, depth-noroot"),
            all
        );
        assert_eq!(Prefer::parse(&all.to_value().unwrap()), all);
        assert!(Prefer::parse("return=minimal, return=representation").minimal());
        assert_eq!(Prefer::parse("return=full, \"x, return=minimal\""), Prefer::default());
        assert_eq!(Prefer::default().to_value(), None);
        assert!(Prefer::default().or_brief(Some("T")).minimal());
        assert!(!Prefer::parse("return=representation").or_brief(Some("t")).minimal());
    }
}
