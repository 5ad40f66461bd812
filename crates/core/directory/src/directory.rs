//! What every source of accounts answers.

use kontor_model::{AccountId, AccountName, Principal, Timestamp};
use kontor_store::Reply;
use std::sync::Arc;

use crate::Scopes;
use crate::digest::Marked;

/// A source of accounts.
///
/// Errors of all operations: `Busy` when the source is away (what is remembered goes on working), `Internal` for the
/// rest. That somebody does not exist is an answer, not an error.
pub trait Directory: Send + Sync {
    /// A word for logs and status.
    fn word(&self) -> &'static str;

    /// The account of that log-in name.
    fn principal<'a>(&'a self, name: &'a AccountName) -> Reply<'a, Option<Arc<Principal>>>;

    /// The account of that id.
    fn principal_by_id(&self, id: AccountId) -> Reply<'_, Option<Arc<Principal>>>;

    /// The account that somebody means who signs in as `login`: by name, else by mail address.
    fn resolve<'a>(&'a self, login: &'a str) -> Reply<'a, Option<Arc<Principal>>>;

    /// Some accounts, by name, behind `after`, at most `limit`; fewer only if there are no more.
    fn principals(&self, after: Option<&AccountName>, limit: usize) -> Reply<'_, Vec<Arc<Principal>>>;

    /// A number that moves with every change of a secret of the account, and when it is closed or opened.
    fn secret_version(&self, id: AccountId) -> Reply<'_, i64>;

    /// Whether what `principal` showed once would still let it in. To be asked of the account as it is now.
    fn holds<'a>(&'a self, principal: &'a Principal, proof: &'a Proof) -> Reply<'a, bool>;

    /// What is right about `password`, if it is one of those that nobody can guess (app passwords): soon told, so
    /// attempts need not be counted before.
    fn recognise<'a>(
        &'a self,
        principal: &'a Principal,
        password: &'a str,
        now: Timestamp,
    ) -> Reply<'a, Option<Proof>>;

    /// Every secret of the account that is good at `now`, by something that changes with it: for HTTP Digest. None for
    /// `None`, for an account that is closed, and from a source that has no secrets of its own; that takes as long.
    fn marked<'a>(&'a self, principal: Option<&'a Principal>, now: Timestamp) -> Reply<'a, Vec<Marked>>;

    /// What is right about `password` for `principal`, which is not one of those that [`Directory::recognise`] knows.
    /// For `None`, and for an account that is closed, it is never anything, and that takes as long.
    fn verify<'a>(
        &'a self,
        principal: Option<&'a Arc<Principal>>,
        password: &'a str,
    ) -> Reply<'a, Option<Proof>>;
}

/// With what somebody proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The account's password.
    Password {
        /// Changes when the password does; means nothing else.
        mark: [u8; 32],
    },
    /// An app password.
    AppPassword {
        /// Its number.
        id: i64,
        /// What it is good for.
        scopes: Scopes,
        /// Whether it may only read.
        read_only: bool,
        /// When it stops working.
        expires: Option<Timestamp>,
        /// When it was last used, to the day.
        last_used: Option<Timestamp>,
    },
}
