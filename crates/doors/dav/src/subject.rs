//! What properties are asked of: a place in the URL tree with all that its properties are made of, read beforehand.

use crate::route::{self, Branch, Route};
use kontor_groupware::{Asker, Place, Space};
use kontor_model::{Grant, Item, Principal, PropertyKey, Rights, Version};
use std::sync::Arc;

/// Sets of sorts of subject, and sets of what must be read before a property can be told.
pub(crate) type Bits = u16;

/// Sorts of subject, as bits.
pub(crate) mod on {
    use super::Bits;
    /// `/` and `/dav/`.
    pub(crate) const ROOT: Bits = 1;
    /// `/dav/principals/`.
    pub(crate) const PRINCIPALS: Bits = 2;
    /// A principal.
    pub(crate) const PRINCIPAL: Bits = 4;
    /// `/dav/calendars/`, `/dav/addressbooks/`.
    pub(crate) const HOMES: Bits = 8;
    /// All calendars of one account.
    pub(crate) const CALENDAR_HOME: Bits = 16;
    /// All address books of one account.
    pub(crate) const BOOK_HOME: Bits = 32;
    /// A calendar or task list.
    pub(crate) const CALENDAR: Bits = 64;
    /// An address book.
    pub(crate) const BOOK: Bits = 128;
    /// A calendar object.
    pub(crate) const EVENT: Bits = 256;
    /// A vCard.
    pub(crate) const CARD: Bits = 512;
    /// A drive, or a folder of files.
    pub(crate) const FOLDER: Bits = 1024;
    /// A file.
    pub(crate) const FILE: Bits = 2048;
    /// Both homes.
    pub(crate) const HOME: Bits = CALENDAR_HOME | BOOK_HOME;
    /// What holds items.
    pub(crate) const COLLECTION: Bits = CALENDAR | BOOK | FOLDER;
    /// What is in a collection.
    pub(crate) const ITEM: Bits = EVENT | CARD | FILE;
    /// Everything.
    pub(crate) const ANY: Bits = 4095;
}

/// What must be read besides the collection or item itself, as bits.
pub(crate) mod need {
    use super::Bits;
    /// The collection's change number.
    pub(crate) const VERSION: Bits = 1;
    /// Its access list.
    pub(crate) const GRANTS: Bits = 2;
    /// Properties that clients put on items.
    pub(crate) const DEAD: Bits = 4;
    /// How much room there is.
    pub(crate) const SPACE: Bits = 8;
}

/// The home of one account in one branch.
#[derive(Debug)]
pub(crate) struct HomeView {
    /// Calendars or address books.
    pub(crate) branch: Branch,
    /// Whose.
    pub(crate) owner: Arc<Principal>,
    /// Its URL.
    pub(crate) href: String,
    /// What the asker may do at the root of that store, for display.
    pub(crate) rights: Rights,
}

/// One entry of an access list with its grantee's name.
#[derive(Debug)]
pub(crate) struct NamedGrant {
    /// Name of the account granted to; `None` for the groups, which [`Grant::grantee`] tells.
    pub(crate) account: Option<String>,
    /// The entry.
    pub(crate) grant: Grant,
}

/// A collection with what was read of it.
#[derive(Debug)]
pub(crate) struct CollectionView {
    /// The branch that it lives in.
    pub(crate) branch: Branch,
    /// The collection as the asker sees it.
    pub(crate) place: Place,
    /// Its URL, with a slash at the end.
    pub(crate) href: String,
    /// Its change number, if it was [needed](need::VERSION).
    pub(crate) version: Option<Version>,
    /// Its access list, if it was [needed](need::GRANTS) and the asker may see it.
    pub(crate) grants: Option<Vec<NamedGrant>>,
    /// How much room there is, if it was [needed](need::SPACE).
    pub(crate) space: Space,
}

impl CollectionView {
    /// A view of `place` with nothing else read.
    pub(crate) fn new(place: Place) -> Self {
        let branch = Branch::of(place.collection.kind);
        let href = route::collection_href(branch, place.owner.name.as_str(), &place.path());
        Self { branch, place, href, version: None, grants: None, space: Space::default() }
    }
}

/// What properties are asked of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// `/` or `/dav/`, whichever was asked: a client looks for the URL that it asked.
    Root(&'static str),
    /// `/dav/principals/`.
    Principals,
    /// A principal.
    Principal(&'a Principal),
    /// All homes of a branch, and how much room there is in one's own, if that was [needed](need::SPACE).
    Homes(Branch, Space),
    /// One home.
    Home(&'a HomeView),
    /// A collection.
    Collection(&'a CollectionView),
    /// An item of a collection, with the properties that clients put on it.
    Item {
        /// Its collection.
        at: &'a CollectionView,
        /// The item; its body is empty unless asked for.
        item: &'a Item,
        /// Its own properties, if they were [needed](need::DEAD).
        dead: &'a [(PropertyKey, Vec<u8>)],
    },
}

impl<'a> Subject<'a> {
    /// Which sort it is, one bit of [`on`].
    pub(crate) fn sort(&self) -> Bits {
        match self {
            Self::Root(_) => on::ROOT,
            Self::Principals => on::PRINCIPALS,
            Self::Principal(_) => on::PRINCIPAL,
            Self::Homes(..) => on::HOMES,
            Self::Home(home) => home_sort(home.branch),
            Self::Collection(view) => collection_sort(view.branch),
            Self::Item { at, .. } => item_sort(at.branch),
        }
    }

    /// Its URL.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Root(href) => (*href).to_owned(),
            Self::Principals => "/dav/principals/".to_owned(),
            Self::Principal(principal) => route::principal_href(principal.name.as_str()),
            Self::Homes(branch, _) => format!("/dav/{}/", branch.segment()),
            Self::Home(home) => home.href.clone(),
            Self::Collection(view) => view.href.clone(),
            Self::Item { at, item, .. } => route::item_href(&at.href, item.meta.name.as_str()),
        }
    }

    /// What the asker may do here, for display.
    pub(crate) fn rights(&self, who: &Asker) -> Rights {
        use kontor_model::Right;
        match self {
            Self::Home(home) => home.rights,
            Self::Collection(view) => view.place.rights,
            Self::Item { at, item, .. } => at.place.rights_on(who, &item.meta),
            Self::Root(_) | Self::Principals | Self::Principal(_) | Self::Homes(..) => {
                Rights::of(&[Right::Read])
            }
        }
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> Option<&'a Principal> {
        match self {
            Self::Home(home) => Some(&home.owner),
            Self::Collection(view) | Self::Item { at: view, .. } => Some(&view.place.owner),
            Self::Principal(principal) => Some(principal),
            Self::Root(_) | Self::Principals | Self::Homes(..) => None,
        }
    }

    /// Properties that clients keep here.
    pub(crate) fn dead(&self) -> Box<dyn Iterator<Item = (&'a PropertyKey, &'a [u8])> + 'a> {
        match *self {
            Self::Collection(view) => {
                let all = view.place.collection.properties.iter();
                Box::new(
                    all.filter(|(key, _)| key.0.starts_with('{')).map(|(key, value)| (key, value.as_slice())),
                )
            }
            Self::Item { dead, .. } => Box::new(dead.iter().map(|(key, value)| (key, value.as_slice()))),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// One property that clients keep here.
    pub(crate) fn dead_value(&self, key: &PropertyKey) -> Option<&'a [u8]> {
        match *self {
            Self::Collection(view) => view.place.collection.properties.get(key).map(Vec::as_slice),
            Self::Item { dead, .. } => {
                dead.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_slice())
            }
            _ => None,
        }
    }
}

/// Which sort of subject lies at a route, one bit of [`on`]; 0 for what has no properties.
pub(crate) fn sort_of(route: &Route<'_>) -> Bits {
    match route {
        Route::Root(_) => on::ROOT,
        Route::Principals => on::PRINCIPALS,
        Route::Principal(_) => on::PRINCIPAL,
        Route::Homes(_) => on::HOMES,
        Route::Home(branch, _) => home_sort(*branch),
        Route::Collection(branch, ..) => collection_sort(*branch),
        Route::Item(branch, ..) => item_sort(*branch),
        Route::WellKnown(_) | Route::Changes => 0,
    }
}

fn home_sort(branch: Branch) -> Bits {
    match branch {
        Branch::Calendars => on::CALENDAR_HOME,
        Branch::AddressBooks => on::BOOK_HOME,
        Branch::Files => on::FOLDER,
    }
}

/// The sort of the collections of a branch.
pub(crate) fn collection_sort(branch: Branch) -> Bits {
    match branch {
        Branch::Calendars => on::CALENDAR,
        Branch::AddressBooks => on::BOOK,
        Branch::Files => on::FOLDER,
    }
}

/// The sort of the items of a branch.
pub(crate) fn item_sort(branch: Branch) -> Bits {
    match branch {
        Branch::Calendars => on::EVENT,
        Branch::AddressBooks => on::CARD,
        Branch::Files => on::FILE,
    }
}
