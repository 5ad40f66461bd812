//! What an app password is good for.

use kontor_model::Kind;

/// One use of a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Calendars.
    Calendar,
    /// Task lists.
    Tasks,
    /// Address books.
    Contacts,
    /// Files.
    Files,
    /// The pages for people.
    Web,
    /// Administration.
    Admin,
    /// Any of calendars, task lists, address books and files: what the DAV door asks for before it knows which.
    Dav,
}

impl Scope {
    /// The single uses, in the order in which they are told.
    const SINGLE: [Self; 6] =
        [Self::Calendar, Self::Tasks, Self::Contacts, Self::Files, Self::Web, Self::Admin];

    const fn bits(self) -> u16 {
        match self {
            Self::Calendar => 1,
            Self::Tasks => 2,
            Self::Contacts => 4,
            Self::Files => 8,
            Self::Web => 16,
            Self::Admin => 32,
            Self::Dav => 1 | 2 | 4 | 8,
        }
    }

    /// The word used in storage and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Tasks => "tasks",
            Self::Contacts => "contacts",
            Self::Files => "files",
            Self::Web => "web",
            Self::Admin => "admin",
            Self::Dav => "dav",
        }
    }

    /// The scope of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Dav].into_iter().chain(Self::SINGLE).find(|scope| scope.word() == word)
    }

    /// The use that a collection of that kind needs.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Calendar => Self::Calendar,
            Kind::Tasks => Self::Tasks,
            Kind::Contacts => Self::Contacts,
            Kind::Files => Self::Files,
        }
    }
}

/// A set of uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(u16);

impl Scopes {
    /// Every use, later ones too: a log-in with the account's own password.
    pub const ALL: Self = Self(u16::MAX);

    /// The set of these; empty means all, as it is stored.
    pub fn of(scopes: &[Scope]) -> Self {
        if scopes.is_empty() { Self::ALL } else { Self(scopes.iter().fold(0, |bits, one| bits | one.bits())) }
    }

    /// The set of these words; empty means all. Words that this version does not know add nothing, so a list of
    /// unknown words allows nothing.
    pub fn of_words(words: &[String]) -> Self {
        if words.is_empty() {
            return Self::ALL;
        }
        let known = words.iter().filter_map(|word| Scope::from_word(word));
        Self(known.fold(0, |bits, one| bits | one.bits()))
    }

    /// Whether `scope` is allowed; [`Scope::Dav`] is when any of its parts is.
    pub fn allows(self, scope: Scope) -> bool {
        self.0 & scope.bits() != 0
    }

    /// The words, for people.
    pub fn words(self) -> Vec<&'static str> {
        Scope::SINGLE.iter().filter(|one| self.allows(**one)).map(|one| one.word()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_allow_what_they_name() {
        let check = |words: &[&str], scope: Scope, allowed: bool| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(Scopes::of_words(&words).allows(scope), allowed, "{words:?} {scope:?}");
        };
        check(&[], Scope::Admin, true);
        check(&["dav"], Scope::Contacts, true);
        check(&["dav"], Scope::Admin, false);
        check(&["calendar"], Scope::Dav, true);
        check(&["calendar"], Scope::Tasks, false);
        check(&["fax"], Scope::Dav, false);
    }
}
