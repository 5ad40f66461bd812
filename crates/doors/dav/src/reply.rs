//! Header fields of answers.

use crate::route::Branch;
use http::{HeaderMap, HeaderName, HeaderValue};
use kontor_listen::Response;

/// What this door is able to do (RFC 4918 10.1, RFC 3744 7.2, RFC 4791 5.1, RFC 6352 6.1, RFC 5689 3.1).
const CLASSES: HeaderValue =
    HeaderValue::from_static("1, 3, access-control, calendar-access, addressbook, extended-mkcol");
/// The same among files, where there are locks, and parts can be written (sabre/dav's PATCH).
const OF_FILES: HeaderValue =
    HeaderValue::from_static("1, 2, 3, access-control, extended-mkcol, sabredav-partialupdate");

/// What it is able to do somewhere.
const ALL: HeaderValue =
    HeaderValue::from_static("1, 2, 3, access-control, calendar-access, addressbook, extended-mkcol");

/// Adds the DAV header of the top, where clients ask before they know where to go: Windows looks for locks there.
pub(crate) fn all_classes(answer: &mut Response) {
    answer.headers_mut().insert(HeaderName::from_static("dav"), ALL);
}

/// Adds the DAV header.
pub(crate) fn classes(answer: &mut Response, branch: Option<Branch>) {
    let able = if branch == Some(Branch::Files) { OF_FILES } else { CLASSES };
    answer.headers_mut().insert(HeaderName::from_static("dav"), able);
}

/// Adds a header if its value may be one.
pub(crate) fn text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
