//! Refusals: the one translation of the office's errors into SharePoint's numbers and words.

use kontor_model::Error;
use kontor_wire_sharepoint as wire;
use kontor_wire_sharepoint::row;
use kontor_wire_sharepoint::soap::{Fault, Side, code};

/// Why a row, or a whole request, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SharePoint's number.
    pub(crate) code: u32,
    /// For people.
    pub(crate) text: String,
    /// For the log, never for the asker.
    pub(crate) secret: Option<String>,
}

impl Refusal {
    /// A number and a text.
    pub(crate) fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), secret: None }
    }

    /// There is no such row.
    pub(crate) fn no_item() -> Self {
        Self::new(
            code::NO_ITEM,
            "Item does not exist. The page you selected contains an item that does not exist. It may have been deleted by another user.",
        )
    }

    /// There is no such list; nobody learns whether there is one that may not be seen.
    pub(crate) fn no_list() -> Self {
        Self::new(code::NO_LIST, Fault::no_list().text)
    }

    /// There is no such view of a list.
    pub(crate) fn no_view() -> Self {
        Self::new(
            code::NO_VIEW,
            "View does not exist. The view you selected does not exist. It may have been deleted by another user.",
        )
    }

    /// What names a view is no GUID.
    pub(crate) fn bad_view() -> Self {
        Self::new(
            code::BAD_PARAMETER,
            "One or more required parameters are missing or invalid: viewName is no GUID; leave it empty for the only view.",
        )
    }

    /// A row was changed in between.
    pub(crate) fn conflict() -> Self {
        Self::new(
            code::CONFLICT,
            "Save Conflict. Your changes conflict with those made concurrently by another user.",
        )
    }

    /// As a fault of the whole message.
    pub(crate) fn fault(&self) -> Fault {
        Fault { side: Side::Server, code: Some(self.code), text: self.text.clone() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NotFound => Self::no_item(),
            Error::Stale { .. } => Self::conflict(),
            Error::Forbidden { .. } => Self::new(code::DENIED, format!("Access denied: {text}")),
            Error::TooLarge { .. } => Self::new(code::TOO_LARGE, text),
            Error::Busy { .. } | Error::Locked => Self::new(code::BUSY, text),
            Error::Exists
            | Error::Invalid { .. }
            | Error::Quota
            | Error::NoSpace
            | Error::Unsupported { .. }
            | Error::GoneVersion => Self::new(code::GENERIC, text),
            Error::Internal(secret) => Self { secret: Some(secret), ..Self::new(code::GENERIC, text) },
        }
    }
}

impl From<row::Error> for Refusal {
    fn from(error: row::Error) -> Self {
        let text = error.to_string();
        match error {
            row::Error::NoPart => Self::no_item(),
            row::Error::UnknownPerson(_) => Self::new(code::NO_USER, text),
            row::Error::ReadOnly(_) => Self::new(code::DENIED, text),
            row::Error::Unreadable(_) | row::Error::Value { .. } => Self::new(code::GENERIC, text),
        }
    }
}

/// A message that cannot be read.
pub(crate) fn unreadable(error: &wire::Error) -> Fault {
    match error.kind {
        wire::ErrorKind::TooLarge { .. } => Fault::server(code::TOO_LARGE, error.to_string()),
        wire::ErrorKind::Malformed(_) | wire::ErrorKind::UnknownOperation(_) => {
            Fault::client(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{Right, Rule, Version};

    #[test]
    fn every_refusal_has_its_number() {
        let invalid = |rule| Error::Invalid { rule, detail: "x".to_owned() };
        for (error, expect) in [
            (Error::NotFound, code::NO_ITEM),
            (Error::Exists, code::GENERIC),
            (Error::Forbidden { right: Right::EditAll }, code::DENIED),
            (Error::Stale { have: Some(Version(1)) }, code::CONFLICT),
            (invalid(Rule::Data), code::GENERIC),
            (Error::TooLarge { limit: "max_item_size", max: 1 }, code::TOO_LARGE),
            (Error::Quota, code::GENERIC),
            (Error::NoSpace, code::GENERIC),
            (Error::Locked, code::BUSY),
            (Error::Unsupported { detail: "x".to_owned() }, code::GENERIC),
            (Error::GoneVersion, code::GENERIC),
            (Error::Busy { retry_after: 1 }, code::BUSY),
            (Error::Internal("the secret".to_owned()), code::GENERIC),
        ] {
            let refusal = Refusal::from(error.clone());
            assert_eq!(refusal.code, expect, "{error:?}");
            assert!(!refusal.text.contains("the secret"));
        }
    }
}
