//! Folders of items of one kind.

use crate::{AccountId, CollectionId, CollectionName, Properties, PropertyKey, Timestamp};

/// What a collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Events, and whatever else [`Components`] allows.
    Calendar,
    /// Tasks only.
    Tasks,
    /// vCards.
    Contacts,
    /// Files of any sort; may have children.
    Files,
}

impl Kind {
    /// The word used in storage and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Tasks => "tasks",
            Self::Contacts => "contacts",
            Self::Files => "files",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Calendar, Self::Tasks, Self::Contacts, Self::Files]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// The component types that a calendar or task list takes: bits of [`Components::EVENT`] ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Components(pub u8);

impl Components {
    /// Events.
    pub const EVENT: Self = Self(1);
    /// Tasks.
    pub const TASK: Self = Self(2);
    /// Journal entries.
    pub const JOURNAL: Self = Self(4);
    /// Published free/busy.
    pub const FREE_BUSY: Self = Self(8);
    /// Availability (RFC 7953).
    pub const AVAILABILITY: Self = Self(16);
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether all of `other` is in `self`.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A folder of one account. Its change number is not part of it: that moves with every write, this seldom does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Whose store it is in.
    pub account: AccountId,
    /// Never reused.
    pub id: CollectionId,
    /// The collection that it lies in; `None` at the top.
    pub parent: Option<CollectionId>,
    /// Name within the parent and kind.
    pub name: CollectionName,
    /// What it holds.
    pub kind: Kind,
    /// Component types taken; [`Components::NONE`] for kinds other than calendar and tasks.
    pub components: Components,
    /// When it was made.
    pub created: Timestamp,
    /// Its properties.
    pub properties: Properties,
}

impl Collection {
    /// A property as text; `None` if unset or not UTF-8.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.properties.get(&PropertyKey::new(key)).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The name for people: the display name, else the plain name.
    pub fn title(&self) -> &str {
        self.text(PropertyKey::DISPLAY_NAME).unwrap_or(self.name.as_str())
    }
}
