//! Paths.
//!
//! - `/lists` and `/lists/OWNER` are sites: one's own lists, and the lists of OWNER. So is `/`.
//! - `SITE/_vti_bin/NAME.asmx` is a service.
//! - `/lists/OWNER/KIND/NAME` is a list, KIND one of `calendar`, `tasks`, `contacts`, `files`; `/lists/employees` and
//!   `/lists/users` are those of the directory. Below a list are `DispForm.aspx?ID=n` and
//!   `Attachments/n/FILE`.
//!
//! Words of the protocol are read in any letter case: clients differ.

use kontor_model::Kind;
use kontor_wire_sharepoint::op::Service;
use percent_encoding::percent_decode_str;

/// Path of the sites.
pub(crate) const ROOT: &str = "/lists";

/// Where a site is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// The whole host.
    Host,
    /// One's own.
    Own,
    /// Somebody's.
    Of(String),
}

impl Site {
    /// Path without slash at the end.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Host => String::new(),
            Self::Own => ROOT.to_owned(),
            Self::Of(owner) => format!("{ROOT}/{}", segment(owner)),
        }
    }
}

/// Which list a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListPath {
    /// A collection.
    Collection(String, Kind, String),
    /// Everybody, as contacts.
    Employees,
    /// Everybody, as users of the site.
    People,
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A service of a site.
    Service(Site, Service),
    /// One of the pages of a list: of a row, or of all.
    Page(ListPath),
    /// What can be connected, and how.
    Connect,
    /// The profile for Apple devices.
    Profile,
    /// An attachment: list, number of the row, name.
    Attachment(ListPath, i64, String),
}

impl Route {
    /// By the path of a URI.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let segments: Option<Vec<String>> =
            path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let segments = segments?;
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [bin, file] if is(bin, "_vti_bin") => Some(Self::Service(Site::Host, Service::of_file(file)?)),
            [root, rest @ ..] if is(root, "lists") => below(rest),
            ["connect"] => Some(Self::Connect),
            ["connect", "kontor.mobileconfig"] => Some(Self::Profile),
            _ => None,
        }
    }
}

fn below(parts: &[&str]) -> Option<Route> {
    match parts {
        [bin, file] if is(bin, "_vti_bin") => Some(Route::Service(Site::Own, Service::of_file(file)?)),
        [owner, bin, file] if is(bin, "_vti_bin") => {
            Some(Route::Service(Site::Of((*owner).to_owned()), Service::of_file(file)?))
        }
        ["employees", rest @ ..] => inside(ListPath::Employees, rest),
        ["users", rest @ ..] => inside(ListPath::People, rest),
        [owner, kind, name, rest @ ..] => {
            let kind = Kind::from_word(&kind.to_ascii_lowercase())?;
            inside(ListPath::Collection((*owner).to_owned(), kind, (*name).to_owned()), rest)
        }
        _ => None,
    }
}

fn inside(list: ListPath, rest: &[&str]) -> Option<Route> {
    match rest {
        [] => Some(Route::Page(list)),
        [page] if page.rsplit_once('.').is_some_and(|(_, ending)| is(ending, "aspx")) => {
            Some(Route::Page(list))
        }
        [attachments, number, name] if is(attachments, "attachments") => {
            Some(Route::Attachment(list, number.parse().ok()?, (*name).to_owned()))
        }
        _ => None,
    }
}

fn is(have: &str, word: &str) -> bool {
    have.eq_ignore_ascii_case(word)
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned())
}

/// A segment of a path.
pub(crate) fn segment(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

/// Path of a list, without slash at the end.
pub(crate) fn list_path(owner: &str, kind: Kind, name: &str) -> String {
    format!("{ROOT}/{}/{}/{}", segment(owner), kind.word(), segment(name))
}

/// The value of a parameter of the query, letter case of its name ignored.
pub(crate) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| is(known, name))?;
    decode(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_in_any_letter_case() {
        let service = |path: &str| match Route::parse(path) {
            Some(Route::Service(site, service)) => Some((site, service)),
            _ => None,
        };
        assert_eq!(service("/_vti_bin/Lists.asmx"), Some((Site::Host, Service::Lists)));
        assert_eq!(service("/lists/_VTI_BIN/lists.ASMX"), Some((Site::Own, Service::Lists)));
        assert_eq!(
            service("/Lists/ann/_vti_bin/Sites.asmx"),
            Some((Site::Of("ann".to_owned()), Service::Sites))
        );
        assert_eq!(service("/lists/ann/_vti_bin/other.asmx"), None);
        let list = ListPath::Collection("ann".to_owned(), Kind::Calendar, "My work".to_owned());
        assert_eq!(
            Route::parse("/lists/ann/calendar/My%20work/DispForm.aspx"),
            Some(Route::Page(list.clone()))
        );
        assert_eq!(
            Route::parse("/lists/ann/calendar/My%20work/attachments/7/a%2Fb.txt"),
            Some(Route::Attachment(list, 7, "a/b.txt".to_owned()))
        );
        assert_eq!(Route::parse("/lists/employees/AllItems.aspx"), Some(Route::Page(ListPath::Employees)));
        for none in
            ["/", "/lists", "/lists/ann", "/lists/ann/albums/x", "/lists/ann/calendar/%FF", "/dav/x/y/z"]
        {
            assert_eq!(Route::parse(none), None, "{none}");
        }
        assert_eq!(parameter(Some("a=1&id=2%30"), "ID").as_deref(), Some("20"));
    }
}
