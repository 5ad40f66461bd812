//! One field of a list (MS-WSSFO2 2.2.8.3.3).

use super::super::xml::Writer;
use super::id::id;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// One line.
    Text,
    /// Many lines.
    Note,
    /// HTML.
    Html,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A part of one, told as a percentage.
    Percent,
    /// 0 or 1.
    Boolean,
    /// A time.
    DateTime,
    /// A day.
    DateOnly,
    /// One of some words, with what Outlook calls each: a number, or nothing where words are enough.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of some words, or another.
    OpenChoice(&'static [&'static str]),
    /// Somebody.
    User,
    /// Some people.
    Users,
    /// An address, a comma, and a text.
    Url,
    /// Number of the row.
    Counter,
    /// A GUID.
    Guid,
    /// Whether there are attachments.
    Attachments,
    /// Whether it takes whole days.
    AllDay,
    /// Whether it is a series.
    Recurrence,
    /// Something about the row that the server looks up.
    Lookup,
    /// Other rows of a list of tasks.
    Tasks,
    /// Name of a file.
    File,
    /// Something about the row that the server works out.
    Computed,
    /// What sort of row.
    ContentType,
    /// Links to a workspace.
    Project,
}

/// A field as the definition of a list tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListField {
    /// Static name.
    pub name: &'static str,
    /// For people; unique within the list.
    pub title: &'static str,
    /// What it holds.
    pub holds: FieldType,
    /// Whether only the server writes it.
    pub read_only: bool,
    /// Whether people do not see it.
    pub hidden: bool,
}

/// A field that people see and change.
pub(super) const fn open(name: &'static str, title: &'static str, holds: FieldType) -> ListField {
    ListField { name, title, holds, read_only: false, hidden: false }
}

/// A field that programs change.
pub(super) const fn hidden(name: &'static str, title: &'static str, holds: FieldType) -> ListField {
    ListField { name, title, holds, read_only: false, hidden: true }
}

/// A field that only the server writes.
pub(super) const fn fixed(name: &'static str, title: &'static str, holds: FieldType) -> ListField {
    ListField { name, title, holds, read_only: true, hidden: false }
}

/// A field that only the server writes, and that people do not see.
pub(super) const fn inner(name: &'static str, title: &'static str, holds: FieldType) -> ListField {
    ListField { name, title, holds, read_only: true, hidden: true }
}

/// Fields of every list.
pub(super) const COMMON: &[ListField] = &[
    fixed("ID", "ID", FieldType::Counter),
    inner("ContentTypeId", "Content Type ID", FieldType::ContentType),
    fixed("ContentType", "Content Type", FieldType::Text),
    open("Title", "Title", FieldType::Text),
    fixed("Modified", "Modified", FieldType::DateTime),
    fixed("Created", "Created", FieldType::DateTime),
    fixed("Author", "Created By", FieldType::User),
    fixed("Editor", "Modified By", FieldType::User),
    inner("owshiddenversion", "owshiddenversion", FieldType::Integer),
    open("Attachments", "Attachments", FieldType::Attachments),
    inner("FileRef", "URL Path", FieldType::Lookup),
    inner("FSObjType", "Item Type", FieldType::Lookup),
    inner("PermMask", "Effective Permissions Mask", FieldType::Computed),
    inner("UniqueId", "Unique Id", FieldType::Lookup),
    inner("MetaInfo", "Property Bag", FieldType::Lookup),
    inner("_ModerationStatus", "Approval Status", FieldType::Integer),
    inner("_Level", "Level", FieldType::Integer),
];

impl FieldType {
    const fn word(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Note | Self::Html => "Note",
            Self::Integer => "Integer",
            Self::Number | Self::Percent => "Number",
            Self::Boolean => "Boolean",
            Self::DateTime | Self::DateOnly => "DateTime",
            Self::Choice(_) | Self::OpenChoice(_) => "Choice",
            Self::User => "User",
            Self::Users => "UserMulti",
            Self::Url => "URL",
            Self::Counter => "Counter",
            Self::Guid => "Guid",
            Self::Attachments => "Attachments",
            Self::AllDay => "AllDayEvent",
            Self::Recurrence => "Recurrence",
            Self::Lookup => "Lookup",
            Self::Tasks => "LookupMulti",
            Self::File => "File",
            Self::Computed => "Computed",
            Self::ContentType => "ContentTypeId",
            Self::Project => "CrossProjectLink",
        }
    }

    const fn attributes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Note => &[("RichText", "FALSE"), ("NumLines", "6")],
            Self::Html => &[("RichText", "TRUE"), ("RichTextMode", "FullHtml"), ("NumLines", "6")],
            Self::Percent => &[("Percentage", "TRUE"), ("Min", "0"), ("Max", "1")],
            Self::DateTime => &[("Format", "DateTime")],
            Self::DateOnly => &[("Format", "DateOnly")],
            Self::Choice(_) => &[("Format", "Dropdown"), ("FillInChoice", "FALSE")],
            Self::OpenChoice(_) => &[("Format", "Dropdown"), ("FillInChoice", "TRUE")],
            Self::User => &[("List", "UserInfo"), ("UserSelectionMode", "PeopleOnly")],
            Self::Users => &[("List", "UserInfo"), ("UserSelectionMode", "PeopleOnly"), ("Mult", "TRUE")],
            Self::Tasks => &[("List", "Self"), ("ShowField", "Title"), ("Mult", "TRUE")],
            Self::Url => &[("Format", "Hyperlink")],
            _ => &[],
        }
    }

    /// Whether values are times.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::DateTime | Self::DateOnly)
    }
}

impl ListField {
    /// `<Field>`.
    pub fn write(&self, out: &mut Writer) {
        let id = id(self.name).map(|id| format!("{{{id}}}")).unwrap_or_default();
        let mut attributes = vec![
            ("ID", &*id),
            ("Name", self.name),
            ("StaticName", self.name),
            ("DisplayName", self.title),
            ("Type", self.holds.word()),
            ("SourceID", "http://schemas.microsoft.com/sharepoint/v3"),
        ];
        attributes.retain(|(_, value)| !value.is_empty());
        attributes.extend_from_slice(self.holds.attributes());
        if self.read_only {
            attributes.push(("ReadOnly", "TRUE"));
        }
        if self.hidden {
            attributes.push(("Hidden", "TRUE"));
        }
        let choices: Vec<(&str, &str)> = match self.holds {
            FieldType::Choice(choices) => choices.to_vec(),
            FieldType::OpenChoice(choices) => choices.iter().map(|choice| (*choice, "")).collect(),
            _ => return out.empty("Field", &attributes),
        };
        out.open("Field", &attributes);
        out.open("CHOICES", &[]);
        choices.iter().for_each(|(choice, _)| out.leaf("CHOICE", choice));
        out.close("CHOICES");
        let mappings: Vec<_> = choices.iter().filter(|(_, value)| !value.is_empty()).collect();
        if !mappings.is_empty() {
            // Outlook keeps the number and cannot do without (MS-OUTSPS 3.2.4.2.4).
            out.open("MAPPINGS", &[]);
            mappings.iter().for_each(|(choice, value)| out.leaf_with("MAPPING", &[("Value", value)], choice));
            out.close("MAPPINGS");
        }
        out.close("Field");
    }
}
