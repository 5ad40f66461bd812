//! Who is who, and whether they are who they say.
//!
//! Main types: [`Directory`], a source of accounts that can tell whether a password is right (today the
//! [`Internal`] one, whose accounts live in the store; UNIX and LDAP later); [`Gate`], where a log-in is decided:
//! remembered credentials first, then the [`Throttle`], then the directory; [`Admission`], what a log-in that
//! succeeded may do; [`AppPasswordOrder`], how a secret for one device is made.
//!
//! Laws:
//! - A secret is never part of `Debug`, of an error or of a log line. What is stored of it is an argon2id digest
//!   (passwords), a keyed digest (app passwords, which are random and long) or two bytes (failed attempts).
//! - What HTTP Digest needs to know of a password is as good as the password, at this server: it is kept only where an
//!   administrator switched that on, sealed with what is stored of the password, so that nothing is left of it when the
//!   password is changed.
//! - A name that does not exist and a password that is wrong cannot be told apart, by answer or by time.
//! - Nothing sleeps: whoever has to wait is told for how long ([`Denied::TooMany`]).
//! - A credential that was right once is remembered for minutes at most. It counts as long as everything is known that
//!   happened to accounts up to a second ago, on whichever node, and nothing was heard of this one; else it is held
//!   against the directory again, and if that is away, nobody gets in.
//! - Where several nodes decide, an attempt is counted before its password is looked at, so that they do not together
//!   give more guesses than one.
//! - At most so many argon2 digests are computed at once as the policy says, on threads that may block.
//!
//! Deliberately absent: what an account may do (`groupware::access`), how a log-in looks on the wire (doors), the
//! ops that change accounts (verbs in `groupware`; the gate hears of them from the store).

mod app_password;
mod attempt;
mod digest;
mod directory;
mod gate;
mod hasher;
mod internal;
mod key;
mod network;
mod policy;
mod remembered;
mod scope;
mod throttle;
mod ticket;
mod touched;

pub use app_password::AppPasswordOrder;
pub use attempt::{Admission, Attempt, Credential, Denied};
pub use digest::{DigestAlgorithm, DigestAttempt, DigestChallenge, DigestName, Digests, Marked, NewSecret};
pub use directory::{Directory, Proof};
pub use gate::Gate;
pub use hasher::Hasher;
pub use internal::Internal;
pub use key::ServerKey;
pub use network::{Network, subnet};
pub use policy::{ArgonCost, DigestPolicy, SignInPolicy, ThrottlePolicy};
pub use scope::{Scope, Scopes};
pub use throttle::Throttle;
pub use ticket::Ticket;
