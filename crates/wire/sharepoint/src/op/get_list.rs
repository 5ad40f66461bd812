//! GetList, GetListAndView and GetListCollection (MS-LISTSWS 3.1.4.10, 3.1.4.15, 3.1.4.17). The answers hold
//! [`crate::list::Definition`]s.

use super::{Request, text};
use crate::error::Result;
use crate::xml::{Element, Writer};

/// Asks for the lists of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetListCollection;

impl Request for GetListCollection {
    const NAME: &'static str = "GetListCollection";

    fn read(_: &Element) -> Result<Self> {
        Ok(Self)
    }

    fn write(&self, _: &mut Writer) {}
}

/// Asks for one list with its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetList {
    /// GUID or title.
    pub list: String,
}

impl Request for GetList {
    const NAME: &'static str = "GetList";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
    }
}
