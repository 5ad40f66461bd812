//! URLs to places and back. Pure: whether a place exists is for `groupware` to say.

use kontor_groupware::DRIVE;
use kontor_model::Kind;
use kontor_wire_dav::href;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Which of the trees below `/dav/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Branch {
    /// `/dav/calendars/`: calendars and task lists.
    Calendars,
    /// `/dav/addressbooks/`: address books.
    AddressBooks,
    /// `/dav/files/`: the drive of each account, and folders in it.
    Files,
}

impl Branch {
    /// The path segment.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Calendars => "calendars",
            Self::AddressBooks => "addressbooks",
            Self::Files => "files",
        }
    }

    /// The kinds of collection that live here.
    pub(crate) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Calendars => &[Kind::Calendar, Kind::Tasks],
            Self::AddressBooks => &[Kind::Contacts],
            Self::Files => &[Kind::Files],
        }
    }

    /// Where collections of that kind live.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Calendar | Kind::Tasks => Self::Calendars,
            Kind::Contacts => Self::AddressBooks,
            Kind::Files => Self::Files,
        }
    }

    fn from_segment(segment: &str) -> Option<Self> {
        [Self::Calendars, Self::AddressBooks, Self::Files]
            .into_iter()
            .find(|branch| branch.segment() == segment)
    }
}

/// What a path names. Names are decoded, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/` or `/dav/`.
    Root(&'static str),
    /// `/.well-known/caldav` and `/.well-known/carddav` (RFC 6764 5).
    WellKnown(Branch),
    /// `/dav/changes`.
    Changes,
    /// `/dav/principals/`.
    Principals,
    /// `/dav/principals/NAME/`.
    Principal(Cow<'a, str>),
    /// `/dav/calendars/`, `/dav/addressbooks/`, `/dav/files/`.
    Homes(Branch),
    /// `/dav/calendars/NAME/`, `/dav/addressbooks/NAME/`.
    Home(Branch, Cow<'a, str>),
    /// `/dav/calendars/NAME/COLLECTION/`. The collection is told by its path in the store
    /// ([`Place::path`](kontor_groupware::Place::path)): its name, but for files, where `/dav/files/NAME/` is the drive
    /// and what follows are folders in it. Which of those are folders only the office knows: a path of several names
    /// is an item until it is looked up (`Session::resolved`).
    Collection(Branch, Cow<'a, str>, Cow<'a, str>),
    /// `/dav/calendars/NAME/COLLECTION/ITEM`.
    Item(Branch, Cow<'a, str>, Cow<'a, str>, Cow<'a, str>),
}

impl<'a> Route<'a> {
    /// What `path` (still percent-encoded, without query) names; `None` if nothing can be there.
    ///
    /// A slash at the end is taken or left out anywhere, empty segments are passed over; `.`, `..`, control characters
    /// and bytes that are not UTF-8 name nothing.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/').filter(|segment| !segment.is_empty());
        match segments.next() {
            None => return Some(Self::Root("/")),
            Some("dav") => {}
            Some(".well-known") => return Self::well_known(segments.next()?, segments.next()),
            Some(_) => return None,
        }
        let Some(tree) = segments.next() else { return Some(Self::Root("/dav/")) };
        if Branch::from_segment(tree) == Some(Branch::Files) {
            return Self::files(segments);
        }
        let names = (segments.next(), segments.next(), segments.next(), segments.next());
        match (tree, names) {
            ("changes", (None, ..)) => Some(Self::Changes),
            ("principals", (None, ..)) => Some(Self::Principals),
            ("principals", (Some(name), None, ..)) => Some(Self::Principal(decode(name)?)),
            (tree, names) => Self::below(Branch::from_segment(tree)?, names),
        }
    }

    fn files(mut names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let Some(owner) = names.next() else { return Some(Self::Homes(Branch::Files)) };
        let owner = decode(owner)?;
        let mut path = DRIVE.to_owned();
        let mut last: Option<Cow<'a, str>> = None;
        for name in names {
            if let Some(above) = last.replace(composed(decode(name)?)?) {
                path.push('/');
                path.push_str(&above);
            }
        }
        match last {
            None => Some(Self::Collection(Branch::Files, owner, path.into())),
            Some(name) => Some(Self::Item(Branch::Files, owner, path.into(), name)),
        }
    }

    fn well_known(service: &str, more: Option<&str>) -> Option<Self> {
        match (service, more) {
            ("caldav", None) => Some(Self::WellKnown(Branch::Calendars)),
            ("carddav", None) => Some(Self::WellKnown(Branch::AddressBooks)),
            _ => None,
        }
    }

    fn below(branch: Branch, names: Segments<'a>) -> Option<Self> {
        match names {
            (None, ..) => Some(Self::Homes(branch)),
            (Some(owner), None, ..) => Some(Self::Home(branch, decode(owner)?)),
            (Some(owner), Some(collection), None, _) => {
                Some(Self::Collection(branch, decode(owner)?, decode(collection)?))
            }
            (Some(owner), Some(collection), Some(item), None) => {
                Some(Self::Item(branch, decode(owner)?, decode(collection)?, decode(item)?))
            }
            _ => None,
        }
    }

    /// The branch that it lies in, if any.
    pub(crate) fn branch(&self) -> Option<Branch> {
        match self {
            Self::WellKnown(branch)
            | Self::Homes(branch)
            | Self::Home(branch, _)
            | Self::Collection(branch, ..)
            | Self::Item(branch, ..) => Some(*branch),
            Self::Root(_) | Self::Changes | Self::Principals | Self::Principal(_) => None,
        }
    }
}

/// Up to four segments after the tree's name.
type Segments<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// One segment decoded; `None` if it can name nothing. Without escapes nothing is copied.
fn decode(segment: &str) -> Option<Cow<'_, str>> {
    if segment.contains('%') {
        return href::decode(segment).ok().map(Cow::Owned);
    }
    href::is_segment(segment).then_some(Cow::Borrowed(segment))
}

/// The name of a file as all clients write it who mean the same: some send what others call one letter as a letter and
/// its accent. `None` for a slash, which only a path can have.
fn composed(name: Cow<'_, str>) -> Option<Cow<'_, str>> {
    if name.contains('/') {
        return None;
    }
    Some(if name.is_ascii() || is_nfc(&name) { name } else { name.nfc().collect::<String>().into() })
}

/// `/dav/principals/NAME/`.
pub(crate) fn principal_href(name: &str) -> String {
    slashed(&["dav", "principals", name])
}

/// `/dav/calendars/NAME/`, `/dav/addressbooks/NAME/` or `/dav/files/NAME/`.
pub(crate) fn home_href(branch: Branch, owner: &str) -> String {
    slashed(&["dav", branch.segment(), owner])
}

/// `/dav/calendars/NAME/COLLECTION/`, for the path of a collection in its store.
pub(crate) fn collection_href(branch: Branch, owner: &str, path: &str) -> String {
    let mut out = home_href(branch, owner);
    // A drive is the home itself.
    let names = path.split('/').skip(usize::from(branch == Branch::Files));
    for name in names {
        href::encode_into(&mut out, name);
        out.push('/');
    }
    out
}

/// The href of an item of the collection at `collection_href`.
pub(crate) fn item_href(collection_href: &str, item: &str) -> String {
    let mut out = String::with_capacity(collection_href.len() + item.len() + 8);
    out.push_str(collection_href);
    href::encode_into(&mut out, item);
    out
}

fn slashed(segments: &[&str]) -> String {
    let mut out = String::with_capacity(64);
    out.push('/');
    for segment in segments {
        href::encode_into(&mut out, segment);
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: Option<Route<'_>>) {
        assert_eq!(Route::parse(path), expect, "{path}");
    }

    #[test]
    fn paths_name_places() {
        check("/", Some(Route::Root("/")));
        check("/dav", Some(Route::Root("/dav/")));
        check("/dav/", Some(Route::Root("/dav/")));
        check("//dav//", Some(Route::Root("/dav/")));
        check("/dav/changes", Some(Route::Changes));
        check("/.well-known/caldav", Some(Route::WellKnown(Branch::Calendars)));
        check("/.well-known/carddav/", Some(Route::WellKnown(Branch::AddressBooks)));
        check("/dav/principals", Some(Route::Principals));
        check("/dav/principals/anna%40x.org/", Some(Route::Principal("anna@x.org".into())));
        check("/dav/calendars/", Some(Route::Homes(Branch::Calendars)));
        check("/dav/addressbooks/anna", Some(Route::Home(Branch::AddressBooks, "anna".into())));
        check(
            "/dav/calendars/anna/default",
            Some(Route::Collection(Branch::Calendars, "anna".into(), "default".into())),
        );
        check(
            "/dav/calendars/anna/default/a%20b.ics",
            Some(Route::Item(Branch::Calendars, "anna".into(), "default".into(), "a b.ics".into())),
        );
        check(
            "/dav/calendars/anna/default/a/",
            Some(Route::Item(Branch::Calendars, "anna".into(), "default".into(), "a".into())),
        );
    }

    #[test]
    fn files_lie_as_deep_as_they_like() {
        let at = |path: &str| Route::Collection(Branch::Files, "anna".into(), path.to_owned().into());
        let item = |path: &str, name: &str| {
            Some(Route::Item(Branch::Files, "anna".into(), path.to_owned().into(), name.to_owned().into()))
        };
        check("/dav/files/", Some(Route::Homes(Branch::Files)));
        check("/dav/files/anna", Some(at("files")));
        check("/dav/files/anna/a", item("files", "a"));
        check("/dav/files/anna/a/b%20c/d.txt", item("files/a/b c", "d.txt"));
        check("/dav/files/anna/a//b/", item("files/a", "b"));
        // The same letters, however they are put together.
        check("/dav/files/anna/u%CC%88", item("files", "\u{fc}"));
        check("/dav/files/anna/%C3%BC", item("files", "\u{fc}"));
        for path in ["a%2Fb", "%2e%2e/b", "a%00", "a/%ff", "%c0%af", "a/../b", "."] {
            check(&format!("/dav/files/anna/{path}"), None);
        }
        for path in ["files", "files/a b", "files/\u{fc}/c/d"] {
            let href = collection_href(Branch::Files, "anna", path);
            let back = match Route::parse(&href) {
                Some(Route::Item(_, _, path, name)) => format!("{path}/{name}"),
                Some(Route::Collection(_, _, path)) => path.into_owned(),
                other => panic!("{href}: {other:?}"),
            };
            assert_eq!(back, path);
        }
    }

    #[test]
    fn other_paths_name_nothing() {
        for path in [
            "",
            "dav",
            "/other",
            "/dav/other/",
            "/dav/calendars/a/b/c/d",
            "/dav/calendars/../x",
            "/dav/calendars/%2e%2e/x",
            "/dav/calendars/a%00b/",
            "/dav/calendars/%ff/",
            "/dav/changes/x",
            "/dav/principals/a/b",
            "/.well-known/caldav/x",
            "/.well-known/other",
            "/.well-known",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn hrefs_come_back_as_the_same_place() {
        for name in ["a b", "ü&<>'\"", "100%", "a?b#c", "x;y=z,@:", "日本"] {
            let href = item_href(&collection_href(Branch::Calendars, name, name), name);
            assert!(href.bytes().all(|b| b.is_ascii_graphic() && !b"<>&'\"?#".contains(&b)), "{href}");
            check(&href, Some(Route::Item(Branch::Calendars, name.into(), name.into(), name.into())));
        }
    }
}
