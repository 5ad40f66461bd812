//! Why not, in one line for an administrator, and as a status for the socket.

use http::StatusCode;
use kontor_model::Error;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A command that was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// One line, lower case.
    pub error: String,
    /// What it is over HTTP.
    #[serde(skip)]
    pub(crate) status: u16,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { error: error.into(), status: status.as_u16() }
    }

    /// The refusal of a command about `subject`, an account, or what it wanted for itself if that exists.
    pub(crate) fn of(error: &Error, subject: &str) -> Self {
        let (status, text) = match error {
            Error::NotFound => (StatusCode::NOT_FOUND, format!("there is no user {subject}")),
            Error::Exists => (StatusCode::CONFLICT, format!("{subject} is taken by another user")),
            Error::Forbidden { .. } => (StatusCode::FORBIDDEN, format!("{subject}: {error}")),
            Error::Stale { .. } => (StatusCode::CONFLICT, format!("{subject}: {error}")),
            Error::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
            Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, format!("{subject}: {error}")),
            Error::Quota => (StatusCode::INSUFFICIENT_STORAGE, format!("{subject}: {error}")),
            Error::NoSpace => {
                (StatusCode::INSUFFICIENT_STORAGE, "the disk is full; nothing was changed".into())
            }
            Error::Locked | Error::GoneVersion => (StatusCode::CONFLICT, format!("{subject}: {error}")),
            Error::Unsupported { .. } => (StatusCode::NOT_IMPLEMENTED, error.to_string()),
            Error::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            // Whoever may give commands may know what went wrong.
            Error::Internal(detail) => {
                (StatusCode::INTERNAL_SERVER_ERROR, format!("internal error: {detail}"))
            }
        };
        Self::new(status, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{Right, Rule};

    #[test]
    fn every_refusal_has_a_status_and_a_line() {
        let check = |error: Error, status: u16, text: &str| {
            let refusal = Refusal::of(&error, "anna");
            assert_eq!((refusal.status, refusal.error.as_str()), (status, text));
        };
        let text = || "why".to_owned();
        check(Error::NotFound, 404, "there is no user anna");
        check(Error::Exists, 409, "anna is taken by another user");
        check(Error::Forbidden { right: Right::Read }, 403, "anna: the right to read is missing");
        check(Error::Stale { have: None }, 409, "anna: it was changed by somebody else in the meantime");
        check(Error::Invalid { rule: Rule::Name, detail: text() }, 422, "why");
        check(
            Error::TooLarge { limit: "max_app_passwords", max: 9 },
            413,
            "anna: beyond the limit max_app_passwords = 9",
        );
        check(
            Error::Quota,
            507,
            "anna: the account would hold more than it may; delete something, or ask the administrator for more",
        );
        check(Error::NoSpace, 507, "the disk is full; nothing was changed");
        check(Error::Locked, 409, "anna: locked");
        check(Error::GoneVersion, 409, "anna: that version is too old or unknown; start afresh");
        check(Error::Unsupported { detail: text() }, 501, "not supported: why");
        check(Error::Busy { retry_after: 3 }, 503, "busy; try again in 3 s");
        check(Error::Internal(text()), 500, "internal error: why");
    }
}
