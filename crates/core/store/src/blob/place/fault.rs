//! What it means when an object cannot be had.

use super::RETRY_AFTER;
use kontor_model::{Error, Result};
use std::error::Error as Cause;
use std::io::ErrorKind;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How places say that an object ends before the range that was asked for, besides by status (RFC 9110 15.5.17).
const NOT_IN_RANGE: [&str; 2] = ["InvalidRange", "Wanted range starting at"];

/// How a person calls a place, and of which sort it is.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) name: String,
    pub(super) is_folder: bool,
}

/// What was asked of a place came to.
pub(super) type Asked<T> = std::result::Result<T, Fault>;

/// Why not.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not there.
    Missing(String),
    /// It has no byte where one was asked for.
    Short,
    /// The place is away, slow, or has too much to do.
    Away(String),
    /// It would fail again.
    Lasting(Error),
}

impl Fault {
    /// Sorts an error of a place.
    pub(super) fn of(error: &object_store::Error, place: &Called, doing: &str, object: &str) -> Self {
        use object_store::Error as E;
        let (Called { name: place, is_folder }, text) = (place, chain(error));
        let lasting =
            |why: &str| Self::Lasting(Error::Internal(format!("{doing} {object} in {place}: {why}{text}")));
        match error {
            E::NotFound { .. } => Self::Missing(format!("{doing} {object} in {place}: {text}")),
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => lasting("the place refuses us: "),
            E::Generic { .. } if is_short(&text) => Self::Short,
            E::Generic { .. } if *is_folder => match io_kind(error) {
                Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Self::Lasting(Error::NoSpace),
                // The collector took what was just being laid down for something old.
                Some(ErrorKind::NotFound) => Self::away(doing, place, object, text),
                _ => lasting(""),
            },
            E::Generic { .. } => match status(&text) {
                Some(507) => Self::Lasting(Error::NoSpace),
                Some(408 | 429) | None => Self::away(doing, place, object, text),
                Some(code) if code < 500 => lasting(""),
                Some(_) => Self::away(doing, place, object, text),
            },
            _ => lasting(""),
        }
    }

    /// The place cannot be reached; tells the log, now and then.
    pub(super) fn away(doing: &str, place: &str, object: &str, why: String) -> Self {
        static TOLD: Mutex<Option<Instant>> = Mutex::new(None);
        let mut told = TOLD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
            *told = Some(Instant::now());
            tracing::warn!(doing, object, place, why, "the blob store cannot be used; told to come back");
        }
        Self::Away(why)
    }

    /// What whoever waits is told.
    pub(super) fn told(self) -> Error {
        match self {
            Self::Missing(why) => Error::Internal(why),
            Self::Short => Error::Internal("read an object: it is shorter than what was put".to_owned()),
            Self::Away(_) => Error::Busy { retry_after: RETRY_AFTER },
            Self::Lasting(error) => error,
        }
    }
}

/// What the system said of a file.
fn io_kind(error: &(dyn Cause + 'static)) -> Option<ErrorKind> {
    let mut cause = Some(error);
    while let Some(one) = cause {
        if let Some(io) = one.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = one.source();
    }
    None
}

fn is_short(text: &str) -> bool {
    status(text) == Some(416) || NOT_IN_RANGE.iter().any(|words| text.contains(words))
}

/// The status that a server answered with: the crate tells it in its text alone.
fn status(text: &str) -> Option<u16> {
    text.split_once("status code: ")?.1.get(..3)?.parse().ok()
}

/// What is not there is `None`.
pub(super) fn there<T>(asked: Asked<T>) -> Result<Option<T>> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(Fault::Missing(_)) => Ok(None),
        Err(other) => Err(other.told()),
    }
}

/// An error with its causes, each said once.
pub(super) fn chain(error: &dyn Cause) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let more = one.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = one.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(said: &str) -> Fault {
        let error = object_store::Error::Generic { store: "S3", source: said.into() };
        let place = Called { name: "s3://b".into(), is_folder: false };
        Fault::of(&error, &place, "get", "x")
    }

    #[test]
    fn a_number_in_a_name_is_no_status() {
        let away = "GET http://127.0.0.1:41634/b/0416: Server returned non-2xx status code: 500: ";
        assert!(matches!(sorted(away), Fault::Away(_)), "{:?}", sorted(away));
        let short = "GET http://127.0.0.1:9000/b/x: Server returned non-2xx status code: 416: ";
        assert!(matches!(sorted(short), Fault::Short));
        assert!(matches!(sorted("connection refused by 127.0.0.1:41634"), Fault::Away(_)));
        let refused = "Server returned non-2xx status code: 411: ";
        assert!(matches!(sorted(refused), Fault::Lasting(_)));
        assert!(matches!(sorted("status code: 507: full"), Fault::Lasting(Error::NoSpace)));
    }
}
