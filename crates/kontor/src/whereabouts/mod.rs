//! Where a store is, as the administrator names it: a data folder, or a database by its URL; and where its large bodies are.

mod bodies;

use crate::Outcome;
use crate::command::Place;
use crate::config::{Applied, Engine};
use kontor_model::Error;
use kontor_store::BlobOptions;
use kontor_store::blob::Depot;
use kontor_store::moving::{Keeper, RowSink, RowSource};
use kontor_store::postgres::{self, PostgresOptions};
use kontor_store::sqlite;
use std::fmt;
use std::path::PathBuf;

/// See above.
#[derive(Clone)]
pub(crate) struct Whereabouts {
    rows: Rows,
    /// Where its large bodies are.
    bodies: BlobOptions,
}

/// What is not a large body.
#[derive(Clone)]
enum Rows {
    /// A data folder.
    Folder(PathBuf),
    /// A database.
    Database(String, Box<PostgresOptions>),
}

impl Whereabouts {
    /// Reads `DIR`, `postgres://...`, or `@FILE`, a file that holds one of these: a password on the command line would be
    /// seen by everybody on the machine. Its large bodies are where a server on it would have them.
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
            let path = PathBuf::from(text);
            let laid = if path == place.data { place.read()?.config } else { bodies::of_folder(&path)? };
            let bodies = laid.apply()?.blobs.on(&path);
            return Ok(Self { rows: Rows::Folder(path), bodies });
        }
        let applied = place.read()?.config.apply()?;
        // What the configuration says of its database is good for another one too, but for the secret.
        let mut options = match applied.store {
            Engine::Postgres(_, options) => options,
            Engine::Embedded(_) => PostgresOptions::default(),
        };
        if holds_password(&text) {
            options.password = None;
        }
        Ok(Self { rows: Rows::Database(text, Box::new(options)), bodies: applied.blobs.on(&place.data) })
    }

    /// Where a server of that configuration has its data.
    pub(crate) fn of(place: &Place, applied: &Applied) -> Self {
        let rows = match &applied.store {
            Engine::Embedded(_) => Rows::Folder(place.data.clone()),
            Engine::Postgres(url, options) => {
                Rows::Database(url.expose().to_owned(), Box::new(options.clone()))
            }
        };
        Self { rows, bodies: applied.blobs.on(&place.data) }
    }

    /// The one that the configuration names.
    pub(crate) fn configured(place: &Place) -> Outcome<Self> {
        Ok(Self::of(place, &place.configuration()?.apply()?))
    }

    /// The same with its large bodies elsewhere: in a folder, in `s3://BUCKET/PREFIX` with what the configuration says of
    /// buckets, or where the configuration file in `@FILE` says.
    pub(crate) fn with_bodies(self, place: &Place, named: Option<&str>, flag: &'static str) -> Outcome<Self> {
        match named {
            None => Ok(self),
            Some(text) => Ok(Self { bodies: bodies::named(place, text, flag)?, ..self }),
        }
    }

    /// The same with its large bodies where the other store has them, unless it is a data folder, which has its own, or the
    /// configuration names a place for all.
    pub(crate) fn beside(self, place: &Place, other: &Self) -> Outcome<Self> {
        let folder = matches!(self.rows, Rows::Folder(_));
        if folder || place.read()?.config.apply()?.blobs.is_named() {
            return Ok(self);
        }
        Ok(Self { bodies: other.bodies.clone(), ..self })
    }

    /// All its rows, which know where its large bodies are.
    pub(crate) fn rows(&self) -> Outcome<Box<dyn RowSource>> {
        self.try_rows().map_err(|error| self.why_not(error).into())
    }

    /// The same, for who wants to know why not.
    pub(crate) fn try_rows(&self) -> kontor_model::Result<Box<dyn RowSource>> {
        let mut rows = match &self.rows {
            Rows::Folder(path) => sqlite::rows(path),
            Rows::Database(url, options) => postgres::rows(url, options),
        }?;
        rows.lie_in(Depot::existing(&self.bodies)?);
        Ok(rows)
    }

    /// Made ready to be filled.
    pub(crate) fn fill(&self) -> Outcome<Box<dyn RowSink>> {
        let sink = match &self.rows {
            Rows::Folder(path) => sqlite::fill(path),
            Rows::Database(url, options) => postgres::fill(url, options),
        };
        let with_depot = |mut sink: Box<dyn RowSink>| {
            sink.lay_in(Depot::open(&self.bodies)?);
            Ok(sink)
        };
        sink.and_then(with_depot).map_err(|error| self.why_not(error).into())
    }

    /// Whether its large bodies could be got at.
    pub(crate) fn reach(&self) -> Outcome {
        let reached = Depot::existing(&self.bodies).and_then(|depot| depot.reach());
        reached.map_err(|error| self.why_not(error).into())
    }

    /// Looked after.
    pub(crate) fn keeper(&self) -> Outcome<Box<dyn Keeper>> {
        let keeper = match &self.rows {
            Rows::Folder(path) => sqlite::keeper(path),
            Rows::Database(url, options) => postgres::keeper(url, options),
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
            Error::NoSpace => format!("the disk of {self} is full"),
            Error::Unsupported { detail } => format!("{self}: {detail}"),
            Error::Internal(detail) => format!("{self}: {detail}"),
            Error::Busy { .. } => format!("{self} does not answer; give the same command again to go on"),
            other => format!("{self}: {other}"),
        }
    }
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rows {
            Rows::Folder(path) => write!(f, "{}", path.display()),
            Rows::Database(url, _) => write!(f, "the database {}", postgres::shown(url)),
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
