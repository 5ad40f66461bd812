//! OPTIONS: what can be done at a place of that sort, whether or not something is there, so that nothing leaks. Works
//! without log-in, as clients expect when they look for a server.

use super::Method;
use crate::reply::{all_classes, classes};
use crate::route::{Branch, Route};
use http::{HeaderName, HeaderValue, header};
use kontor_listen::{Body, Response};

/// Whether a place of that sort knows the method.
pub(crate) fn knows(route: &Route<'_>, method: Method) -> bool {
    use Method as M;
    use Route::{Changes, Collection, Home, Homes, Item, Principal, Principals, Root, WellKnown};
    let kept = matches!(route, Collection(..) | Item(..));
    let files = kept && route.branch() == Some(Branch::Files);
    match method {
        M::Options => true,
        M::Get | M::Head => kept || matches!(route, WellKnown(_) | Changes | Homes(Branch::Files)),
        M::Put => matches!(route, Item(..)),
        M::Patch => matches!(route, Item(Branch::Files, ..)),
        M::Delete | M::Mkcol | M::Copy | M::Move => kept,
        M::Post | M::Acl => matches!(route, Collection(..)),
        M::Propfind => !matches!(route, Changes),
        M::Proppatch => kept || matches!(route, Principal(_) | Home(..)),
        M::Mkcalendar => match route {
            Collection(branch, ..) => *branch == Branch::Calendars,
            _ => kept && !files,
        },
        M::Report => kept || matches!(route, Root(_) | Principals | Principal(_) | Homes(_) | Home(..)),
        M::Lock | M::Unlock => files,
    }
}

/// What it knows, as the Allow header has it.
pub(crate) fn allow_header(route: &Route<'_>) -> String {
    let known = Method::ALL.into_iter().filter(|method| knows(route, *method));
    known.map(Method::name).collect::<Vec<_>>().join(", ")
}

/// The answer.
pub(crate) fn answer(route: &Route<'_>) -> Response {
    let mut answer = Response::new(Body::empty());
    match route {
        Route::Root(_) => all_classes(&mut answer),
        _ => classes(&mut answer, route.branch()),
    }
    // Quirk(ms-author-via): Office and the network drives of Windows write over WebDAV only where this is said; else they
    // try the extensions of FrontPage first.
    if matches!(route, Route::Root(_)) || route.branch() == Some(Branch::Files) {
        answer
            .headers_mut()
            .insert(HeaderName::from_static("ms-author-via"), HeaderValue::from_static("DAV"));
    }
    if knows(route, Method::Patch) {
        answer.headers_mut().extend([super::patch::accept_patch()]);
    }
    if let Ok(allow) = HeaderValue::try_from(allow_header(route)) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_of_place_tells_its_methods() {
        let item =
            "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, REPORT";
        for (path, methods) in [
            ("/", "OPTIONS, PROPFIND, REPORT"),
            ("/.well-known/caldav", "OPTIONS, GET, HEAD, PROPFIND"),
            ("/dav/changes", "OPTIONS, GET, HEAD"),
            ("/dav/principals/", "OPTIONS, PROPFIND, REPORT"),
            ("/dav/principals/anna/", "OPTIONS, PROPFIND, PROPPATCH, REPORT"),
            ("/dav/calendars/", "OPTIONS, PROPFIND, REPORT"),
            ("/dav/calendars/anna/", "OPTIONS, PROPFIND, PROPPATCH, REPORT"),
            (
                "/dav/calendars/anna/work/",
                "OPTIONS, GET, HEAD, DELETE, POST, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, REPORT, ACL",
            ),
            ("/dav/calendars/anna/work/a.ics", item),
            (
                "/dav/addressbooks/anna/all/",
                "OPTIONS, GET, HEAD, DELETE, POST, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, REPORT, ACL",
            ),
            ("/dav/addressbooks/anna/all/a.vcf", item),
            (
                "/dav/files/anna/",
                "OPTIONS, GET, HEAD, DELETE, POST, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, REPORT, ACL, LOCK, UNLOCK",
            ),
            (
                "/dav/files/anna/a.odt",
                "OPTIONS, GET, HEAD, PUT, PATCH, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, REPORT, LOCK, UNLOCK",
            ),
        ] {
            assert_eq!(allow_header(&Route::parse(path).unwrap()), methods, "{path}");
        }
    }
}
