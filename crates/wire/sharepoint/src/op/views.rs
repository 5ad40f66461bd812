//! GetView and GetViewCollection (MS-VIEWSS 3.1.4): every list has one view, with all of its rows.

use super::{Request, text};
use crate::error::Result;
use crate::guid::Guid;
use crate::xml::{Element, Writer};

/// Asks for a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetView {
    /// GUID or title of the list.
    pub list: String,
    /// GUID of the view; empty for the default one.
    pub view: String,
}

impl Request for GetView {
    const NAME: &'static str = "GetView";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName"), view: text(element, "viewName") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        out.leaf("viewName", &self.view);
    }
}

/// Asks for the views of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetViewCollection {
    /// GUID or title of the list.
    pub list: String,
}

impl Request for GetViewCollection {
    const NAME: &'static str = "GetViewCollection";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
    }
}

/// The one view of a list: its GUID is that of the list.
pub fn view(out: &mut Writer, guid: Guid, url: &str, fields: Option<&[&str]>) {
    let name = guid.to_string();
    let attributes = [
        ("Name", name.as_str()),
        ("DefaultView", "TRUE"),
        ("Type", "HTML"),
        ("DisplayName", "All Items"),
        ("Url", url),
        ("Level", "1"),
        ("BaseViewID", "1"),
        ("ContentTypeID", "0x"),
    ];
    let Some(fields) = fields else { return out.empty("View", &attributes) };
    out.open("View", &attributes);
    out.open("Query", &[]);
    out.close("Query");
    out.open("ViewFields", &[]);
    fields.iter().for_each(|field| out.empty("FieldRef", &[("Name", field)]));
    out.close("ViewFields");
    out.leaf_with("RowLimit", &[("Paged", "TRUE")], "100");
    out.close("View");
}
