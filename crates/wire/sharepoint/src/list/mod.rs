//! What a list is: its kind, its fields, and how both are told (MS-LISTSWS 2.2.4.11, MS-OUTSPS 3.1.4.5).

mod calendar;
mod contacts;
mod definition;
mod documents;
mod field;
mod id;
mod people;
mod tasks;

pub use definition::{Definition, Place, Regional};
pub use field::{FieldType, ListField};

/// Which sort of list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Events.
    Calendar,
    /// Tasks.
    Tasks,
    /// Contacts.
    Contacts,
    /// Files, to be read.
    Documents,
    /// Who is who on the site.
    People,
}

impl ListKind {
    /// Number of the template (MS-WSSFO2 2.2.3.12).
    #[must_use]
    pub const fn template(self) -> u32 {
        match self {
            Self::Calendar => 106,
            Self::Tasks => 107,
            Self::Contacts => 105,
            Self::Documents => 101,
            Self::People => 112,
        }
    }

    /// Content type of its rows.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Calendar => "0x0102",
            Self::Tasks => "0x0108",
            Self::Contacts => "0x0106",
            Self::Documents => "0x0101",
            Self::People => "0x010A",
        }
    }

    /// Content type of a folder in a library (MS-OUTSPS 3.2.4.2.1).
    pub const FOLDER: &'static str = "0x0120";

    /// The word for it in a link (MS-STSSYN 2.2.1.1); people have none.
    #[must_use]
    pub const fn link_type(self) -> Option<&'static str> {
        match self {
            Self::Calendar => Some("calendar"),
            Self::Tasks => Some("tasks"),
            Self::Contacts => Some("contacts"),
            Self::Documents => Some("documents"),
            Self::People => None,
        }
    }

    /// Its fields, those that every list has first.
    pub fn fields(self) -> impl Iterator<Item = &'static ListField> {
        let own = match self {
            Self::Calendar => calendar::FIELDS,
            Self::Tasks => tasks::FIELDS,
            Self::Contacts => contacts::FIELDS,
            Self::Documents => documents::FIELDS,
            Self::People => people::FIELDS,
        };
        field::COMMON.iter().chain(own)
    }

    /// The field of that static name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static ListField> {
        self.fields().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_of_fields_are_unique() {
        let all =
            [ListKind::Calendar, ListKind::Tasks, ListKind::Contacts, ListKind::Documents, ListKind::People];
        for kind in all {
            let (mut names, mut titles) = (HashSet::new(), HashSet::new());
            for field in kind.fields() {
                assert!(names.insert(field.name), "{kind:?} {}", field.name);
                assert!(titles.insert(field.title), "{kind:?} {}", field.title);
            }
        }
    }
}
