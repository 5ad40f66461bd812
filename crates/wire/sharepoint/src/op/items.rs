//! GetListItems (MS-LISTSWS 3.1.4.24), and what all operations that tell rows have in common.

use super::query::Query;
use super::{Request, is_true, optional, text, truth};
use crate::error::Result;
use crate::xml::{Element, Writer};

/// Asks for rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetListItems {
    /// GUID or title.
    pub list: String,
    /// Which, and how.
    pub ask: Ask,
}

/// Which rows and fields, and how they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// GUID of a view; empty for the default one.
    pub view: String,
    /// Conditions and order.
    pub query: Query,
    /// Static names of the wanted fields; empty means all.
    pub fields: Vec<String>,
    /// Whether values of the property bag are wanted one by one.
    pub properties: bool,
    /// Most rows; `None` if it is not said, 0 for no limit.
    pub limit: Option<u32>,
    /// Where to go on: `ListItemCollectionPositionNext` of the answer before.
    pub position: Option<String>,
    /// Times in UTC as ISO 8601, not in the zone of the site.
    pub utc: bool,
    /// Addresses of attachments in the rows, not just whether there are any.
    pub attachment_urls: bool,
    /// The folder of a library whose rows are wanted; empty for the library itself.
    pub folder: String,
    /// How far below it.
    pub scope: Scope,
}

/// Which rows below a folder are wanted (MS-WSSCAML, ViewScope).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The files and folders that lie in it.
    #[default]
    Here,
    /// The files that lie in it.
    FilesOnly,
    /// All files below it.
    Recursive,
    /// All files and folders below it.
    RecursiveAll,
}

impl Scope {
    const WORDS: [(Self, &'static str); 3] = [
        (Self::FilesOnly, "FilesOnly"),
        (Self::Recursive, "Recursive"),
        (Self::RecursiveAll, "RecursiveAll"),
    ];

    /// An unknown word is none.
    fn of_word(word: &str) -> Self {
        let known = Self::WORDS.into_iter().find(|(_, own)| own.eq_ignore_ascii_case(word.trim()));
        known.map_or(Self::Here, |(scope, _)| scope)
    }

    /// Whether rows of folders below are wanted.
    #[must_use]
    pub const fn is_deep(self) -> bool {
        matches!(self, Self::Recursive | Self::RecursiveAll)
    }

    /// Whether folders have rows.
    #[must_use]
    pub const fn has_folders(self) -> bool {
        matches!(self, Self::Here | Self::RecursiveAll)
    }
}

impl Ask {
    /// Whether a view has to say what the request does not: otherwise it does not matter which one is named (MS-LISTSWS
    /// 3.1.4.24, rule 5).
    #[must_use]
    pub fn needs_view(&self) -> bool {
        self.query.is_empty() || self.fields.is_empty() || self.limit.is_none()
    }

    pub(super) fn read(element: &Element) -> Result<Self> {
        let options = element.child("queryOptions");
        let options = options.and_then(|options| options.child("QueryOptions").or(Some(options)));
        let option = |name: &str| options.and_then(|options| options.value(name));
        let fields = element.child("viewFields");
        let fields = fields.and_then(|fields| fields.child("ViewFields").or(Some(fields)));
        let names = fields.map(|fields| {
            fields.all("FieldRef").filter_map(|field| field.attribute("Name")).map(str::to_owned).collect()
        });
        let view = options.and_then(|options| options.child("ViewAttributes"));
        let scope = view.and_then(|view| view.attribute("Scope")).map_or(Scope::Here, Scope::of_word);
        let paging = options.and_then(|options| options.child("Paging"));
        Ok(Self {
            view: text(element, "viewName"),
            query: Query::read(element.at(&["query", "Query"]))?.narrowed(element.child("contains"))?,
            fields: names.unwrap_or_default(),
            properties: fields.and_then(|fields| fields.attribute("Properties")).is_some_and(is_true),
            limit: element.value("rowLimit").and_then(|limit| limit.parse().ok()),
            position: paging
                .and_then(|paging| paging.attribute("ListItemCollectionPositionNext"))
                .filter(|position| !position.is_empty())
                .map(str::to_owned),
            utc: option("DateInUtc").is_some_and(is_true),
            attachment_urls: option("IncludeAttachmentUrls").is_some_and(is_true),
            folder: option("Folder").unwrap_or_default().trim().to_owned(),
            scope,
        })
    }

    pub(super) fn write(&self, out: &mut Writer) {
        optional(out, "viewName", Some(self.view.as_str()).filter(|view| !view.is_empty()));
        if !self.query.is_empty() {
            out.open("query", &[]);
            self.query.write(out);
            out.close("query");
        }
        if !self.fields.is_empty() || self.properties {
            out.open("viewFields", &[]);
            out.open("ViewFields", &[("xmlns", ""), ("Properties", truth(self.properties))]);
            self.fields.iter().for_each(|name| out.empty("FieldRef", &[("Name", name)]));
            out.close("ViewFields");
            out.close("viewFields");
        }
        optional(out, "rowLimit", self.limit.map(|limit| limit.to_string()).as_deref());
        out.open("queryOptions", &[]);
        out.open("QueryOptions", &[("xmlns", "")]);
        if let Some(position) = &self.position {
            out.empty("Paging", &[("ListItemCollectionPositionNext", position)]);
        }
        if !self.folder.is_empty() {
            out.leaf("Folder", &self.folder);
        }
        if let Some((_, word)) = Scope::WORDS.iter().find(|(scope, _)| *scope == self.scope) {
            out.empty("ViewAttributes", &[("Scope", word)]);
        }
        out.leaf("DateInUtc", truth(self.utc));
        out.leaf("IncludeAttachmentUrls", truth(self.attachment_urls));
        out.close("QueryOptions");
        out.close("queryOptions");
    }
}

impl Request for GetListItems {
    const NAME: &'static str = "GetListItems";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName"), ask: Ask::read(element)? })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        self.ask.write(out);
    }
}
