//! GetListItemChangesSinceToken and GetListItemChanges (MS-LISTSWS 3.1.4.21, 3.1.4.22).

use super::items::Ask;
use super::{Request, optional, text};
use crate::error::Result;
use crate::xml::{Element, Writer};

/// Asks what changed since a token; for everything without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetListItemChangesSinceToken {
    /// GUID or title.
    pub list: String,
    /// Which rows, and how.
    pub ask: Ask,
    /// `LastChangeToken` of the last answer.
    pub token: Option<String>,
}

impl Request for GetListItemChangesSinceToken {
    const NAME: &'static str = "GetListItemChangesSinceToken";

    fn read(element: &Element) -> Result<Self> {
        let token = element.value("changeToken").map(str::to_owned);
        Ok(Self { list: text(element, "listName"), ask: Ask::read(element)?, token })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        self.ask.write(out);
        optional(out, "changeToken", self.token.as_deref());
    }
}

/// Asks what changed since a time (Outlook 2003). Deletions are not told by this operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetListItemChanges {
    /// GUID or title.
    pub list: String,
    /// Which fields.
    pub ask: Ask,
    /// `2026-01-31T12:00:00Z`.
    pub since: String,
}

impl Request for GetListItemChanges {
    const NAME: &'static str = "GetListItemChanges";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName"), ask: Ask::read(element)?, since: text(element, "since") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        self.ask.write(out);
        out.leaf("since", &self.since);
    }
}
