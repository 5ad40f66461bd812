//! What is told. Field names are a promise to scripts: they may be added to, never renamed.

use jiff::Timestamp as Instant;
use kontor_groupware::NewAppPassword;
use kontor_model::{AdminLevel, Principal, Timestamp};
use serde::{Deserialize, Serialize};

/// What a command answers. As JSON: the thing itself under its sort, such as `{"user": {...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done; there is nothing to tell.
    Done,
    /// One account.
    User(User),
    /// Accounts, by name: some of them.
    Users(Vec<User>),
    /// What an account holds and may hold.
    Quota(Quota),
    /// The same of accounts, by name: some of them.
    Quotas(Vec<Quota>),
    /// The public store.
    PublicStore(PublicStore),
    /// An app password that was just made.
    MadeAppPassword(MadeAppPassword),
    /// App passwords, oldest first.
    AppPasswords(Vec<AppPassword>),
    /// What was replaced or removed.
    History(History),
    /// What came back.
    Restored(Restored),
    /// What is in the trash, the latest first: some of it.
    Trash(Trash),
    /// A collection that came back.
    Returned(Returned),
    /// How many collections with all in them went from the trash.
    Purged(u64),
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Log-in name.
    pub name: String,
    /// Name for people.
    pub full_name: String,
    /// Primary mail address.
    pub email: String,
    /// Further addresses.
    pub aliases: Vec<String>,
    /// `user`, `shared`, `room`, `equipment`, `guest` or `service`.
    pub kind: String,
    /// May log in.
    pub active: bool,
    /// Administers the server.
    pub admin: bool,
    /// Left out of address books and searches.
    pub hidden: bool,
    /// When it was made: RFC 3339, UTC.
    pub created: String,
}

/// What an account holds and may hold, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Log-in name.
    pub name: String,
    /// What it holds.
    pub used: u64,
    /// The highest limit that it reached: `free` (none), `warn`, `soft` or `hard`.
    pub level: String,
    /// From where on its owner should be told, if there is such a limit.
    pub warn: Option<u64>,
    /// From where on it should send nothing, if there is such a limit.
    pub soft: Option<u64>,
    /// The most that it may hold, if there is such a limit.
    pub hard: Option<u64>,
    /// Which of the three are the server's: `warn`, `soft`, `hard`.
    pub default: Vec<String>,
}

/// What was replaced or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The item that has the name now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Present>,
    /// Past texts, the latest first.
    pub past: Vec<PastText>,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What an item says now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Names the text.
    pub revision: i64,
    /// Bytes.
    pub size: u64,
    /// As it is served.
    pub media_type: String,
    /// When it was written: RFC 3339, UTC.
    pub modified: String,
}

/// What an item said before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastText {
    /// How the item was called.
    pub name: String,
    /// In which collection it was.
    pub collection: String,
    /// `calendar`, `tasks`, `contacts` or `files`.
    pub kind: String,
    /// Names the text.
    pub revision: i64,
    /// Bytes.
    pub size: u64,
    /// As it was served.
    pub media_type: String,
    /// When it was written: RFC 3339, UTC.
    pub modified: String,
    /// When it was replaced or removed: RFC 3339, UTC.
    pub until: String,
    /// `replaced` or `removed`.
    pub end: String,
    /// Who did that: a log-in name, `the server` or `the public`.
    pub by: String,
    /// Through which door: `dav`, `lists`, `admin`, `web` or `job`.
    pub door: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// Where it is.
    pub path: String,
    /// Its name there.
    pub name: String,
    /// The revision of the text that came back.
    pub revision: i64,
    /// Whether there was no such item.
    pub created: bool,
}

/// What is in the trash of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trash {
    /// Collections that were removed, the latest first.
    pub trash: Vec<Trashed>,
    /// Where the list goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A collection that was removed, with all that was below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trashed {
    /// Names it, for bringing it back.
    pub id: String,
    /// Where it was; none if what it lay in is gone.
    pub path: Option<String>,
    /// How it was called.
    pub name: String,
    /// `calendar`, `tasks`, `contacts` or `files`.
    pub kind: String,
    /// Collections, itself among them.
    pub collections: u64,
    /// Items in all of them, without the folders.
    pub items: u64,
    /// Bytes of those.
    pub size: u64,
    /// When it was removed: RFC 3339, UTC.
    pub removed: String,
    /// By whom: a log-in name, `the server` or `the public`.
    pub by: String,
    /// Through which door: `dav`, `lists`, `admin`, `web` or `job`.
    pub door: String,
}

/// A collection that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Where it is.
    pub path: String,
    /// `calendar`, `tasks`, `contacts` or `files`.
    pub kind: String,
    /// Whether that is where it was, under its name.
    pub in_place: bool,
}

/// The public store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicStore {
    /// Name of its account and of its drive.
    pub name: String,
    /// The role that everybody has in it; none if it is no role.
    pub everyone: Option<String>,
    /// The rights that everybody has in it, as letters.
    pub rights: String,
    /// What it holds, in bytes.
    pub used: u64,
}

/// An app password, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppPassword {
    /// Its number within the account, for revoking.
    pub id: i64,
    /// What the person calls it.
    pub label: String,
    /// What it is good for; empty means everything.
    pub scopes: Vec<String>,
    /// May only read.
    pub read_only: bool,
    /// When it was made: RFC 3339, UTC.
    pub created: String,
    /// When it stops working, if ever.
    pub expires: Option<String>,
    /// The day it was last used, if ever.
    pub last_used: Option<String>,
}

/// An app password that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeAppPassword {
    /// Its number within the account, for revoking.
    pub id: i64,
    /// The secret; told this once, never again.
    pub secret: String,
}

impl std::fmt::Debug for MadeAppPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeAppPassword").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<&Principal> for User {
    fn from(principal: &Principal) -> Self {
        Self {
            name: principal.name.to_string(),
            full_name: principal.full_name.clone(),
            email: principal.email.clone(),
            aliases: principal.aliases.clone(),
            kind: principal.kind.word().to_owned(),
            active: principal.active,
            admin: principal.admin != AdminLevel::None,
            hidden: principal.hidden,
            created: written(principal.created),
        }
    }
}

impl From<&kontor_groupware::AppPassword> for AppPassword {
    fn from(stored: &kontor_groupware::AppPassword) -> Self {
        Self {
            id: stored.id,
            label: stored.label.clone(),
            scopes: stored.scopes.clone(),
            read_only: stored.read_only,
            created: written(stored.created),
            expires: stored.expires.map(written),
            last_used: stored.last_used.map(|day| written(day).chars().take(10).collect()),
        }
    }
}

impl From<NewAppPassword> for MadeAppPassword {
    fn from(made: NewAppPassword) -> Self {
        Self { id: made.id, secret: made.secret }
    }
}

/// RFC 3339, UTC, whole seconds.
pub(crate) fn written(at: Timestamp) -> String {
    Instant::from_second(at.secs()).map(|instant| instant.to_string()).unwrap_or_default()
}

/// The instant that an RFC 3339 text names.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    text.parse::<Instant>().ok().map(|instant| Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        assert_eq!(written(Timestamp::from_millis(1_700_000_000_999)), "2023-11-14T22:13:20Z");
        assert_eq!(read("2023-11-14T22:13:20Z"), Some(Timestamp::from_secs(1_700_000_000)));
        assert_eq!(read("2023-11-14T23:13:20+01:00"), Some(Timestamp::from_secs(1_700_000_000)));
        assert_eq!(read("2023-11-14"), None);
    }

    #[test]
    fn names_of_fields_are_a_promise() {
        let user = User {
            name: "anna".into(),
            full_name: "Anna".into(),
            email: "a@x".into(),
            aliases: vec![],
            kind: "user".into(),
            active: true,
            admin: false,
            hidden: false,
            created: "2023-11-14T22:13:20Z".into(),
        };
        let text = serde_json::to_string(&Answer::User(user)).unwrap();
        let expect = r#"{"user":{"name":"anna","full_name":"Anna","email":"a@x","aliases":[],"kind":"user","#;
        assert!(text.starts_with(expect), "{text}");
        assert!(
            text.ends_with(
                r#""active":true,"admin":false,"hidden":false,"created":"2023-11-14T22:13:20Z"}}"#
            )
        );
        assert_eq!(serde_json::to_string(&Answer::Done).unwrap(), r#""done""#);
    }
}
