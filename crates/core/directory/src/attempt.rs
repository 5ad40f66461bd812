//! What is tried at the gate, and what comes of it.

use crate::{Scope, Scopes, Ticket};
use kontor_model::{Error, Principal};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// An attempt to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// Log-in name, or mail address.
    pub name: &'a str,
    /// Password or app password.
    pub password: &'a str,
    /// Where it comes from, after trusted proxies.
    pub address: IpAddr,
    /// What for.
    pub scope: Scope,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("address", &self.address)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// What a log-in that succeeded may do.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Who it is.
    pub principal: Arc<Principal>,
    /// What the credential is good for.
    pub scopes: Scopes,
    /// Whether it may only read.
    pub read_only: bool,
    /// What was shown.
    pub credential: Credential,
    /// For whoever asks later whether it still holds.
    pub ticket: Arc<Ticket>,
}

/// With what sort of secret somebody got in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The account's own password, or a proof as good.
    Password,
    /// One made for a device; it makes no further secrets.
    AppPassword,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Name or password are wrong, or the account is closed, or the app password is not for this.
    Wrong,
    /// Too many wrong attempts; nothing was checked.
    TooMany {
        /// Try again after this many seconds.
        retry_after_s: u32,
    },
    /// The challenge that was responded to is too old, or was responded to like this before; nothing is said of the
    /// response. A new challenge helps.
    Stale,
    /// Our fault, or the source of accounts is away: whether it was right is not known.
    Fault(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}
