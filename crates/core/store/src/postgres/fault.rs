//! What the database's refusal means.

use crate::tally::Undone;
use kontor_model::{Error, Result, Rule};
use tokio_postgres::Error as Refusal;

/// What the driver answers.
pub(super) type Answer<T> = std::result::Result<T, Refusal>;
/// What a transaction comes to.
pub(super) type Tried<T> = std::result::Result<T, Trouble>;

/// Why a transaction did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It met another one and was undone: once more, from its start.
    Retry(Undone),
    /// Somebody else holds what it needs, for longer than is waited for.
    Held,
    /// The connection is gone. If the commit was on its way, nobody knows how that ended.
    Lost,
    /// It would fail again.
    Lasting(Error),
}

impl Trouble {
    /// What whoever waits is told.
    pub(super) fn told(self) -> Error {
        match self {
            Self::Retry(_) | Self::Held | Self::Lost => away(),
            Self::Lasting(error) => error,
        }
    }
}

/// What is answered while the database is away, overloaded, or the store is closed.
pub(super) fn away() -> Error {
    Error::Busy { retry_after: 1 }
}

/// Sorts a refusal. Codes: PostgreSQL 15, appendix A.
pub(super) fn trouble(doing: &str, refusal: &Refusal) -> Trouble {
    let Some(code) = refusal.code().map(tokio_postgres::error::SqlState::code) else {
        return if is_ours(refusal) { Trouble::Lasting(internal(doing, refusal)) } else { Trouble::Lost };
    };
    match code {
        // Serialization, deadlock. A unique violation too: names are looked up before they are taken, so another node was
        // faster, and the next attempt will see what it did.
        "40001" => Trouble::Retry(Undone::Conflict),
        "40P01" => Trouble::Retry(Undone::Deadlock),
        "23505" => Trouble::Retry(Undone::Taken),
        // A lock not to be had.
        "55P03" => Trouble::Held,
        // Shut down, crashed, starting, dropped, too many connections, became a standby.
        "57P01" | "57P02" | "57P03" | "57P04" | "53300" | "25006" => Trouble::Lost,
        // The connection was left alone for too long, or is not known whether it committed.
        "25P03" | "25P04" | "57P05" | "40003" => Trouble::Lost,
        // A statement was prepared on another connection behind a pooler, or for tables as they were.
        "26000" => Trouble::Lost,
        "0A000" if is_outdated(refusal) => Trouble::Lost,
        // Cancelled because it took too long; out of memory.
        "57014" | "53200" => Trouble::Lasting(away()),
        // The store is closed, for its data go elsewhere (`sql::moving::OPEN` divides by zero).
        "22012" => Trouble::Lasting(Error::Busy { retry_after: 60 }),
        // Disk full.
        "53100" => Trouble::Lasting(Error::NoSpace),
        "22021" | "22P05" => Trouble::Lasting(Error::Invalid {
            rule: Rule::Data,
            detail: "a text to be stored holds a character that cannot be (NUL)".to_owned(),
        }),
        "54000" => Trouble::Lasting(Error::TooLarge { limit: "engine key size", max: 2_700 }),
        code if code.starts_with("08") => Trouble::Lost,
        _ => Trouble::Lasting(internal(doing, refusal)),
    }
}

/// The same for a read: what can be tried again is `Busy`.
pub(super) fn fault(doing: &str, refusal: &Refusal) -> Error {
    trouble(doing, refusal).told()
}

/// Whether we asked wrongly, rather than that nobody answered.
fn is_ours(refusal: &Refusal) -> bool {
    let text = refusal.to_string();
    !refusal.is_closed()
        && ["serializing", "deserializing", "expected", "unexpected"].iter().any(|word| text.contains(word))
        && !text.contains("communicating")
}

/// Whether another node changed the tables since a statement was prepared.
fn is_outdated(refusal: &Refusal) -> bool {
    refusal.as_db_error().and_then(|error| error.routine()) == Some("RevalidateCachedQuery")
}

fn internal(doing: &str, refusal: &Refusal) -> Error {
    let doing = doing.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    let why = refusal.as_db_error().map_or_else(|| chain(refusal), |db| db.message().to_owned());
    Error::Internal(format!("database, at {doing:?}: {why}"))
}

/// An error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// For results of the driver.
pub(super) fn checked<T>(doing: &str, answer: Answer<T>) -> Result<T> {
    answer.map_err(|refusal| fault(doing, &refusal))
}
