//! One row of a list, which part of an item it tells, and what a translation has to know from outside.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kontor_ical::value::{When, when};
use kontor_ical::zone::Zone;

/// Fields that translations neither write nor read: the server that keeps the list adds them.
pub const SERVER_FIELDS: [&str; 12] = [
    "ID",
    "owshiddenversion",
    "UniqueId",
    "FSObjType",
    "PermMask",
    "ContentTypeId",
    "Created",
    "Modified",
    "Author",
    "Editor",
    "FileRef",
    "Attachments",
];

/// One row of a list, or the fields that a client sent for one (MS-OUTSPS 2.2.5). Names are static names, without
/// `ows_` and `MetaInfo_`; order is that of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The fields.
    pub fields: Vec<Field>,
}

/// One value. `Title` has no property; what a list keeps in its property bag is `MetaInfo` with a property, as in
/// `<Field Name="MetaInfo" Property="BusyStatus">2</Field>`, and `ows_MetaInfo_BusyStatus="2"` in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Static name of the field.
    pub name: Cow<'static, str>,
    /// Name in the property bag, if `name` is `MetaInfo`.
    pub property: Option<Cow<'static, str>>,
    /// The value as text; empty takes a value away.
    pub value: Cow<'static, str>,
}

/// The field that is the property bag.
pub const BAG: &str = "MetaInfo";

/// Whether XML or the text of an item cannot have it. A line feed ends lines, alone.
fn is_foreign(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Whether it is printable ASCII with tabs and line feeds alone, as most values are. Without early exit, so that the
/// processor looks at many bytes at once.
fn is_plain(value: &str) -> bool {
    let odd = |byte: u8| !(0x20..0x7f).contains(&byte) & (byte != b'\n') & (byte != b'\t');
    !value.bytes().fold(false, |found, byte| found | odd(byte))
}

/// A value with its lines ended by line feeds, and without characters that XML or items cannot have.
fn legible(value: Cow<'static, str>) -> Cow<'static, str> {
    match &value {
        // Our own words.
        Cow::Borrowed(_) => value,
        Cow::Owned(text) if is_plain(text) || !text.contains(is_foreign) => value,
        Cow::Owned(text) => {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(is_foreign, ""))
        }
    }
}

impl Row {
    /// An empty row.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// An empty row with room for what most rows have.
    #[must_use]
    pub fn roomy() -> Self {
        Self { fields: Vec::with_capacity(40) }
    }

    /// Adds a field. Line ends become line feeds; characters that XML cannot have are left out.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        self.fields.push(Field { name: name.into(), property: None, value: legible(value.into()) });
    }

    /// Adds a value of the property bag, as [`Row::push`] does.
    pub fn push_bag(&mut self, property: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        let property = Some(property.into());
        self.fields.push(Field { name: BAG.into(), property, value: legible(value.into()) });
    }

    /// The row with all its values legible, as if each had been pushed.
    #[must_use]
    pub fn legible(&self) -> Cow<'_, Self> {
        if !self.fields.iter().any(|field| field.value.contains(is_foreign)) {
            return Cow::Borrowed(self);
        }
        let mut row = self.clone();
        row.fields.iter_mut().for_each(|field| field.value = legible(std::mem::take(&mut field.value)));
        Cow::Owned(row)
    }

    /// The value of a field; the last one if it is there twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter().rev();
        fields.find(|field| field.property.is_none() && field.name == name).map(|field| &*field.value)
    }

    /// A value of the property bag; the last one if it is there twice.
    #[must_use]
    pub fn bag(&self, property: &str) -> Option<&str> {
        let mut fields = self.fields.iter().rev();
        fields.find(|field| field.property.as_deref() == Some(property)).map(|field| &*field.value)
    }
}

/// Which row of one item: rows are counted by item and part, and a part keeps its number for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The item itself: a single event, a series, a task, a contact.
    Whole,
    /// An occurrence that differs from its series (`EventType` 4).
    Changed(Occurrence),
    /// An occurrence that is taken out of its series (`EventType` 3).
    Deleted(Occurrence),
}

impl Part {
    /// The occurrence, unless it is the item itself. A changed and a deleted occurrence are the same row.
    #[must_use]
    pub const fn occurrence(&self) -> Option<Occurrence> {
        match self {
            Self::Whole => None,
            Self::Changed(occurrence) | Self::Deleted(occurrence) => Some(*occurrence),
        }
    }
}

/// An occurrence of a series by its start before anybody changed it, as RECURRENCE-ID or EXDATE tell it (without
/// TZID). Written as in iCalendar: `20260131`, `20260131T120000`, `20260131T120000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence(pub When);

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Occurrence {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        when(text).map(Self).ok_or(())
    }
}

/// What a translation has to know from outside the item.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The zone of the list's regional settings: floating times and whole days are told in it, and what a client
    /// makes without a zone of its own belongs to it.
    pub zone: &'a Zone,
    /// Now, in seconds since 1970: DTSTAMP, LAST-MODIFIED, REV.
    pub now: i64,
    /// The UID of what is created, unless the client sent one that may be taken. Fresh, without escapes.
    pub uid: &'a str,
    /// Who asks.
    pub asker: Option<&'a Person>,
    /// Who is who, for fields that name people.
    pub people: &'a dyn People,
    /// Other tasks of the list, for fields that name them.
    pub tasks: &'a dyn Tasks,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("now", &self.now).field("uid", &self.uid).finish_non_exhaustive()
    }
}

/// Somebody whom a User field can name: `12;#Ada Lovelace`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Number in the user list of the site.
    pub id: i64,
    /// Name for people.
    pub name: String,
    /// Name for logging in.
    pub login: String,
    /// Mail address; may be empty.
    pub mail: String,
}

/// Who is who.
pub trait People: Sync {
    /// By number.
    fn by_id(&self, id: i64) -> Option<Person>;
    /// By mail address, letter case ignored.
    fn by_mail(&self, mail: &str) -> Option<Person>;
    /// By log-in name, letter case ignored.
    fn by_login(&self, login: &str) -> Option<Person>;
}

/// A task as another one of its list names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// The number of its row.
    pub number: i64,
    /// As calendars name it.
    pub uid: String,
    /// For people.
    pub title: String,
}

/// The tasks of a list.
pub trait Tasks: Sync {
    /// By UID.
    fn by_uid(&self, uid: &str) -> Option<Task>;
    /// By the number of its row.
    fn by_number(&self, number: i64) -> Option<Task>;
}

/// Nobody is known.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl People for Nobody {
    fn by_id(&self, _: i64) -> Option<Person> {
        None
    }
    fn by_mail(&self, _: &str) -> Option<Person> {
        None
    }
    fn by_login(&self, _: &str) -> Option<Person> {
        None
    }
}

impl Tasks for Nobody {
    fn by_uid(&self, _: &str) -> Option<Task> {
        None
    }
    fn by_number(&self, _: i64) -> Option<Task> {
        None
    }
}

/// Why a row cannot be told or taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The stored text is not what its list holds.
    Unreadable(Cow<'static, str>),
    /// A value that a field cannot have, or that this item cannot take.
    Value {
        /// Which field.
        field: Cow<'static, str>,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// A field names somebody whom nobody knows.
    UnknownPerson(String),
    /// The part of the item is not there (any more).
    NoPart,
    /// The item can be read through a list and not be changed through it: what a client sends back would lose
    /// something that rows cannot say.
    ReadOnly(Cow<'static, str>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "cannot read the stored item: {why}"),
            Self::Value { field, reason } => write!(f, "cannot take the value of {field}: {reason}"),
            Self::UnknownPerson(who) => write!(f, "nobody is known as {who}; choose somebody of this office"),
            Self::NoPart => f.write_str("there is no such occurrence any more; fetch the list again"),
            Self::ReadOnly(why) => {
                write!(f, "cannot change this item from Outlook: {why}; change it elsewhere")
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_field_counts() {
        let mut row = Row::new();
        row.push("Title", "a");
        row.push_bag("BusyStatus", "2");
        row.push("Title", "b");
        assert_eq!(row.get("Title"), Some("b"));
        assert_eq!(row.bag("BusyStatus"), Some("2"));
        assert_eq!(row.get("MetaInfo"), None);
        assert_eq!(row.bag("Title"), None);
    }

    #[test]
    fn occurrences_are_written_as_in_icalendar() {
        for text in ["20260131", "20260131T120000", "20260131T120000Z"] {
            let occurrence: Occurrence = text.parse().unwrap();
            assert_eq!(occurrence.to_string(), text);
            assert_eq!(Part::Changed(occurrence).occurrence(), Part::Deleted(occurrence).occurrence());
        }
        assert!("soon".parse::<Occurrence>().is_err());
    }
}
