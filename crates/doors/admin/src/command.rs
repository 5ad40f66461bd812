//! What can be asked.

use serde::{Deserialize, Serialize};

/// One thing to do. As JSON: `{"command": "user-show", "name": "anna"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// Makes an account. Answers the user.
    UserCreate(UserCreate),
    /// Tells accounts, by name. Answers users: fewer than [`USERS`](crate::USERS) if there are no more.
    UserList {
        /// Log-in name behind which it begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// Tells one account. Answers the user.
    UserShow {
        /// Log-in name.
        name: String,
    },
    /// Changes an account. Answers the user.
    UserUpdate(UserUpdate),
    /// Removes an account; what it owned is kept. Answers done.
    UserDelete {
        /// Log-in name.
        name: String,
    },
    /// Sets a password. Answers done.
    UserPassword {
        /// Log-in name.
        name: String,
        /// The new password.
        password: Secret,
    },
    /// Tells how much an account holds and may hold, after setting the limits that are given. Answers the quota.
    UserQuota(UserQuota),
    /// Tells the same of all accounts: some of them, by name, after `after`. Answers quotas.
    QuotaList {
        /// Log-in name; none for the first ones.
        #[serde(default)]
        after: Option<String>,
    },
    /// Tells the public store, after saying what everybody may do in it if a role is given. Answers the public store.
    PublicStore {
        /// `none`, `reader`, `author` or `editor`.
        #[serde(default)]
        everyone: Option<String>,
    },
    /// Makes the public store, which is only done once. Answers it.
    PublicStoreCreate {
        /// Its name; `public` if none is given.
        #[serde(default)]
        name: Option<String>,
    },
    /// Makes an app password. Answers it with its secret.
    AppPasswordCreate(AppPasswordCreate),
    /// Tells the app passwords of an account. Answers app passwords.
    AppPasswordList {
        /// Log-in name.
        name: String,
    },
    /// Revokes one. Answers done.
    AppPasswordRevoke {
        /// Log-in name.
        name: String,
        /// Its number.
        id: i64,
    },
    /// Tells what an item said before, what was removed from a collection, or what is in the trash of an account.
    /// Answers history, or the trash.
    History {
        /// `ACCOUNT`, `ACCOUNT/COLLECTION` or `ACCOUNT/COLLECTION/ITEM`.
        path: String,
        /// Where the list goes on, as an earlier answer said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    /// Brings a past text back, or a collection out of the trash. Answers what came back.
    Restore {
        /// `ACCOUNT/COLLECTION/ITEM`, `ACCOUNT/COLLECTION` or `ACCOUNT/ID`.
        path: String,
        /// Which text; the one that was replaced or removed last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<i64>,
        /// Under which name, if not its own.
        #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
        as_name: Option<String>,
    },
    /// Drops what is in the trash, for good. Answers how many collections with all in them went.
    Purge {
        /// `ACCOUNT/COLLECTION` or `ACCOUNT/ID`; `ACCOUNT` with `all`.
        path: String,
        /// The whole trash of the account.
        #[serde(default)]
        all: bool,
    },
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserCreate {
    /// Log-in name.
    pub name: String,
    /// Primary mail address.
    pub email: String,
    /// Name for people.
    pub full_name: String,
    /// Password; without one only app passwords let the account in.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Whether it administers the server.
    #[serde(default)]
    pub admin: bool,
}

/// What is to change about an account; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserUpdate {
    /// Log-in name.
    pub name: String,
    /// New log-in name.
    #[serde(default)]
    pub new_name: Option<String>,
    /// New primary mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// New name for people.
    #[serde(default)]
    pub full_name: Option<String>,
    /// All further addresses.
    #[serde(default)]
    pub aliases: Option<Vec<String>>,
    /// May log in.
    #[serde(default)]
    pub active: Option<bool>,
    /// Administers the server.
    #[serde(default)]
    pub admin: Option<bool>,
    /// Left out of address books and searches.
    #[serde(default)]
    pub hidden: Option<bool>,
}

/// One limit as it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// That of the server.
    Default,
    /// None.
    None,
    /// So many bytes; 0 is none.
    Bytes(u64),
}

/// Limits of an account; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserQuota {
    /// Log-in name.
    pub name: String,
    /// From where on its owner should be told.
    #[serde(default)]
    pub warn: Option<Limit>,
    /// From where on it should send nothing.
    #[serde(default)]
    pub soft: Option<Limit>,
    /// The most that it may hold.
    #[serde(default)]
    pub hard: Option<Limit>,
}

/// A new app password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppPasswordCreate {
    /// Log-in name of the account.
    pub name: String,
    /// What the person calls it.
    pub label: String,
    /// What it is good for (`dav`, `calendar`, `tasks`, `contacts`, ...); empty means everything.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// May only read.
    #[serde(default)]
    pub read_only: bool,
    /// When it stops working: RFC 3339.
    #[serde(default)]
    pub expires: Option<String>,
}

/// A password on its way; never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Command {
    /// What only one account can have and this one shall get, for messages.
    pub(crate) fn claims(&self) -> String {
        let name = |name: &String| format!("the name {name}");
        let address = |address: &String| format!("the mail address {address}");
        let claims: Vec<String> = match self {
            Self::UserCreate(new) => vec![name(&new.name), address(&new.email)],
            Self::UserUpdate(change) => {
                let aliases = change.aliases.iter().flatten();
                let addresses = change.email.iter().chain(aliases).map(address);
                change.new_name.iter().map(name).chain(addresses).collect()
            }
            _ => Vec::new(),
        };
        claims.join(" or ")
    }

    /// The account it is about, for messages.
    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::UserList { after } | Self::QuotaList { after } => after.as_deref().unwrap_or_default(),
            Self::History { path, .. } | Self::Restore { path, .. } | Self::Purge { path, .. } => path,
            Self::UserCreate(new) => &new.name,
            Self::UserUpdate(change) => &change.name,
            Self::PublicStore { .. } => "public store",
            Self::PublicStoreCreate { name } => name.as_deref().unwrap_or("public"),
            Self::UserQuota(change) => &change.name,
            Self::AppPasswordCreate(new) => &new.name,
            Self::UserShow { name }
            | Self::UserDelete { name }
            | Self::UserPassword { name, .. }
            | Self::AppPasswordList { name }
            | Self::AppPasswordRevoke { name, .. } => name,
        }
    }
}
