//! Where a store is, as the administrator names it: a data folder, or a database by its URL.

use crate::Outcome;
use crate::command::Place;
use crate::config::Engine;
use kontor_model::Error;
use kontor_store::moving::{Keeper, RowSink, RowSource};
use kontor_store::postgres::{self, PostgresOptions};
use kontor_store::sqlite;
use std::fmt;
use std::path::PathBuf;

/// See above.
pub(crate) enum Whereabouts {
    /// A data folder.
    Folder(PathBuf),
    /// A database.
    Database(String, Box<PostgresOptions>),
}

impl Whereabouts {
    /// Reads `DIR`, `postgres://...`, or `@FILE`, a file that holds one of these: a password on the command line would be
    /// seen by everybody on the machine.
    pub(crate) fn read(place: &Place, text: &str) -> Outcome<Self> {
        let text = match text.strip_prefix('@') {
            Some(file) => {
                let read = std::fs::read_to_string(file);
                read.map_err(|error| format!("cannot read {file}: {error}"))?.trim().to_owned()
            }
            None => text.to_owned(),
        };
        if text.is_empty() {
            return Err("a store is a data folder or postgres://..., and not nothing".to_owned().into());
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Ok(Self::Folder(text.into()));
        }
        // What the configuration says of its database is good for another one too, but for the secret.
        let mut options = match place.read()?.config.apply()?.store {
            Engine::Postgres(_, options) => options,
            Engine::Embedded(_) => PostgresOptions::default(),
        };
        if holds_password(&text) {
            options.password = None;
        }
        Ok(Self::Database(text, Box::new(options)))
    }

    /// Where a server of that configuration has its data.
    pub(crate) fn of(place: &Place, engine: &Engine) -> Self {
        match engine {
            Engine::Embedded(_) => Self::Folder(place.data.clone()),
            Engine::Postgres(url, options) => {
                Self::Database(url.expose().to_owned(), Box::new(options.clone()))
            }
        }
    }

    /// The one that the configuration names.
    pub(crate) fn configured(place: &Place) -> Outcome<Self> {
        Ok(Self::of(place, &place.configuration()?.apply()?.store))
    }

    /// All its rows.
    pub(crate) fn rows(&self) -> Outcome<Box<dyn RowSource>> {
        self.try_rows().map_err(|error| self.why_not(error).into())
    }

    /// The same, for who wants to know why not.
    pub(crate) fn try_rows(&self) -> kontor_model::Result<Box<dyn RowSource>> {
        match self {
            Self::Folder(path) => sqlite::rows(path),
            Self::Database(url, options) => postgres::rows(url, options),
        }
    }

    /// Made ready to be filled.
    pub(crate) fn fill(&self) -> Outcome<Box<dyn RowSink>> {
        let sink = match self {
            Self::Folder(path) => sqlite::fill(path),
            Self::Database(url, options) => postgres::fill(url, options),
        };
        sink.map_err(|error| self.why_not(error).into())
    }

    /// Looked after.
    pub(crate) fn keeper(&self) -> Outcome<Box<dyn Keeper>> {
        let keeper = match self {
            Self::Folder(path) => sqlite::keeper(path),
            Self::Database(url, options) => postgres::keeper(url, options),
        };
        keeper.map_err(|error| self.why_not(error).into())
    }

    /// One line for the administrator.
    pub(crate) fn why_not(&self, error: Error) -> String {
        match error {
            Error::NotFound => format!("there is no store in {self}"),
            Error::Locked => {
                format!("a server uses {self}: stop it first, or take a backup, which needs no stop")
            }
            Error::Quota => format!("the disk of {self} is full"),
            Error::Unsupported { detail } => format!("{self}: {detail}"),
            Error::Internal(detail) => format!("{self}: {detail}"),
            Error::Busy { .. } => format!("{self} does not answer; give the same command again to go on"),
            other => format!("{self}: {other}"),
        }
    }
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Database(url, _) => write!(f, "the database {}", postgres::shown(url)),
        }
    }
}

fn holds_password(url: &str) -> bool {
    let authority =
        url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) || url.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_a_password_is_known() {
        assert!(holds_password("postgres://anna:secret@db/x"));
        assert!(holds_password("postgres://anna@db/x?password=secret"));
        assert!(!holds_password("postgres://anna@db:5432/x"));
        assert!(!holds_password("postgres://db:5432/x"));
    }
}
