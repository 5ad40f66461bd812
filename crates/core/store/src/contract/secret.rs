//! What log-ins are checked against. Never printed: `Debug` leaves the secrets out.

use kontor_model::Timestamp;
use std::fmt;

/// Secrets of one account.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// argon2id digest in PHC form; `None` if no password is set.
    pub password: Option<String>,
    /// Grows with every change of any secret of the account, and when it is closed or opened.
    pub version: i64,
    /// App passwords, oldest first; revoked ones are gone.
    pub app_passwords: Vec<AppPassword>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A scoped secret for one device or client.
#[derive(Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Number within the account, for revoking; never reused.
    pub id: i64,
    /// What the person called it.
    pub label: String,
    /// Keyed digest of the secret. The secret is random and long, so no slow digest is needed.
    pub digest: Vec<u8>,
    /// Scopes allowed (`dav`, `calendar`, `contacts`, `tasks`, ...); empty means all.
    pub scopes: Vec<String>,
    /// Whether it may only read.
    pub read_only: bool,
    /// When it stops working.
    pub expires: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the day.
    pub last_used: Option<Timestamp>,
}

impl fmt::Debug for AppPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppPassword")
            .field("id", &self.id)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// One failed log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// Keyed digest of what was tried, so that the same wrong password counts once.
    pub tried: Vec<u8>,
}
