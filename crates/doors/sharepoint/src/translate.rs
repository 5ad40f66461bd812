//! The translation of a list's kind.

use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Context, Error, Part, Row};
pub(crate) use kontor_wire_sharepoint::translate::calendar::Removed;
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};

/// An item as rows.
pub(crate) fn rows(kind: ListKind, text: &[u8], context: &Context<'_>) -> Result<Vec<(Part, Row)>, Error> {
    match kind {
        ListKind::Calendar => calendar::rows(text, context),
        ListKind::Tasks => tasks::rows(text, context),
        ListKind::Contacts => contacts::rows(text, context),
        ListKind::Documents | ListKind::People => Err(read_only()),
    }
}

/// The text of what a client made.
pub(crate) fn create(kind: ListKind, fields: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    match kind {
        ListKind::Calendar => calendar::create(fields, context),
        ListKind::Tasks => tasks::create(fields, context),
        ListKind::Contacts => contacts::create(fields, context),
        ListKind::Documents | ListKind::People => Err(read_only()),
    }
}

/// The text after an update; `None` if it says that already.
pub(crate) fn edit(
    kind: ListKind,
    text: &[u8],
    part: &Part,
    fields: &Row,
    context: &Context<'_>,
) -> Result<Option<Vec<u8>>, Error> {
    match kind {
        ListKind::Calendar => calendar::edit(text, part, fields, context),
        ListKind::Tasks => tasks::edit(text, part, fields, context),
        ListKind::Contacts => contacts::edit(text, part, fields, context),
        ListKind::Documents | ListKind::People => Err(read_only()),
    }
}

/// A new exception taken into a series: which part it is, and the text with it; `None` if it says that already.
pub(crate) fn except(
    kind: ListKind,
    text: &[u8],
    fields: &Row,
    context: &Context<'_>,
) -> Result<(Part, Option<Vec<u8>>), Error> {
    match kind {
        ListKind::Calendar => calendar::except(text, fields, context),
        ListKind::Tasks | ListKind::Contacts | ListKind::Documents | ListKind::People => Err(Error::NoPart),
    }
}

/// What is left when a row goes.
pub(crate) fn remove_part(
    kind: ListKind,
    text: &[u8],
    part: &Part,
    context: &Context<'_>,
) -> Result<Removed, Error> {
    match kind {
        ListKind::Calendar => calendar::remove_part(text, part, context),
        ListKind::Tasks | ListKind::Contacts | ListKind::Documents | ListKind::People => Ok(Removed::Item),
    }
}

fn read_only() -> Error {
    Error::ReadOnly("documents and users are changed elsewhere".into())
}
