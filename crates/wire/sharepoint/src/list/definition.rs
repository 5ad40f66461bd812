//! The definition of a list as GetList and its kin tell it (MS-LISTSWS 2.2.4.11, 2.2.4.12).

use super::ListKind;
use crate::guid::Guid;
use crate::xml::Writer;

/// What Outlook may ask of us: what Windows SharePoint Services 3.0 could do (MS-OUTSPS 3.1.4.5).
const SERVER_VERSION: &str = "12.0.0.6219";

/// What is told of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Names it.
    pub guid: Guid,
    /// What it holds.
    pub kind: ListKind,
    /// For people.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// Its number; moves with every change.
    pub version: i64,
    /// `20260131 12:00:00`, in UTC.
    pub created: String,
    /// When it last changed, in the same form.
    pub modified: String,
    /// How many rows, as far as that is known without counting.
    pub items: u64,
    /// Whether attachments are kept.
    pub attachments: bool,
    /// Where it is.
    pub place: Place,
}

/// Where a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path of its site, without slash at the end; empty for the root.
    pub site: String,
    /// Names its site.
    pub web: Guid,
    /// Path of the list, without slash at the end.
    pub folder: String,
    /// Path of what it holds, which is another one in a library.
    pub root: String,
}

/// How the site counts time (MS-LISTSWS 2.2.4.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regional {
    /// Identifier of the language.
    pub language: u32,
    /// Minutes from local time to UTC now: -60 for one hour east of Greenwich.
    pub bias: i32,
}

impl Default for Regional {
    fn default() -> Self {
        Self { language: 1033, bias: 0 }
    }
}

impl Definition {
    /// `<List>` without its fields, as in GetListCollection.
    pub fn write_head(&self, out: &mut Writer) {
        self.begin(out);
        out.end_empty();
    }

    /// `<List>` with its fields.
    pub fn write(&self, out: &mut Writer, regional: Regional) {
        self.begin(out);
        out.raw(">");
        out.open("Fields", &[]);
        self.kind.fields().for_each(|field| field.write(out));
        out.close("Fields");
        self.settings(out, regional);
        out.close("List");
    }

    fn begin(&self, out: &mut Writer) {
        let guid = self.guid.to_string();
        let view = format!("{}/AllItems.aspx", self.place.folder);
        out.begin("List");
        let template = self.kind.template().to_string();
        for (name, value) in [
            ("DocTemplateUrl", ""),
            ("DefaultViewUrl", &view),
            ("MobileDefaultViewUrl", ""),
            ("ID", &guid),
            ("Title", &self.title),
            ("Description", &self.description),
            ("ImageUrl", ""),
            ("Name", &guid),
            ("BaseType", if self.kind == ListKind::Documents { "1" } else { "0" }),
            ("FeatureId", ""),
            ("ServerTemplate", &template),
            ("Created", &self.created),
            ("Modified", &self.modified),
            ("LastDeleted", &self.modified),
            ("Version", &self.version.to_string()),
            ("Direction", "none"),
            ("ThumbnailSize", ""),
            ("WebImageWidth", ""),
            ("WebImageHeight", ""),
            ("Flags", "4096"),
            ("ItemCount", &self.items.to_string()),
            ("AnonymousPermMask", ""),
            ("RootFolder", &self.place.root),
            ("ReadSecurity", "1"),
            ("WriteSecurity", "1"),
            ("Author", "1"),
            ("EventSinkAssembly", ""),
            ("EventSinkClass", ""),
            ("EventSinkData", ""),
            ("EmailInsertsFolder", ""),
            ("EmailAlias", ""),
            ("WebFullUrl", if self.place.site.is_empty() { "/" } else { &self.place.site }),
            ("WebId", &self.place.web.bare()),
            ("SendToLocation", ""),
            ("ScopeId", &self.guid.bare()),
            ("MajorVersionLimit", "0"),
            ("MajorWithMinorVersionsLimit", "0"),
            ("WorkFlowId", ""),
            ("HasUniqueScopes", "False"),
            ("AllowDeletion", "False"),
            ("AllowMultiResponses", "False"),
            ("EnableAttachments", if self.attachments { "True" } else { "False" }),
            ("EnableModeration", "False"),
            ("EnableVersioning", "False"),
            ("Hidden", if self.kind == ListKind::People { "True" } else { "False" }),
            ("MultipleDataList", "False"),
            ("Ordered", "False"),
            ("ShowUser", "True"),
            ("EnableMinorVersion", "False"),
            ("RequireCheckout", "False"),
        ] {
            out.attribute(&[name], value);
        }
    }

    fn settings(&self, out: &mut Writer, regional: Regional) {
        out.open("RegionalSettings", &[]);
        for (name, value) in [
            ("Language", regional.language.to_string().as_str()),
            ("Locale", &regional.language.to_string()),
            ("AdvanceHijri", "0"),
            ("CalendarType", "1"),
            ("Time24", "True"),
            ("TimeZone", &regional.bias.to_string()),
            ("SortOrder", "2070"),
            ("Presence", "True"),
        ] {
            out.leaf(name, value);
        }
        out.close("RegionalSettings");
        out.open("ServerSettings", &[]);
        out.leaf("ServerVersion", SERVER_VERSION);
        out.leaf("RecycleBinEnabled", "False");
        out.leaf("ServerRelativeUrl", if self.place.site.is_empty() { "/" } else { &self.place.site });
        out.close("ServerSettings");
    }
}
