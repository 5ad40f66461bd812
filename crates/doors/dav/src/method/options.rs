//! OPTIONS: what can be done at a place of that sort, whether or not something is there, so that nothing leaks. Works
//! without log-in, as clients expect when they look for a server.

use super::Method;
use crate::reply::{all_classes, classes};
use crate::route::{Branch, Route};
use http::{HeaderName, HeaderValue, header};
use kontor_listen::{Body, Response};

/// The methods that a place of that sort knows.
pub(crate) fn allowed(route: &Route<'_>) -> &'static [Method] {
    use Method as M;
    match route {
        Route::Root(_) | Route::Principals | Route::Homes(_) => &[M::Options, M::Propfind, M::Report],
        Route::Principal(_) | Route::Home(..) => &[M::Options, M::Propfind, M::Proppatch, M::Report],
        Route::WellKnown(_) => &[M::Options, M::Get, M::Head, M::Propfind],
        Route::Changes => &[M::Options, M::Get, M::Head],
        Route::Collection(Branch::Calendars, ..) => &[
            M::Options,
            M::Get,
            M::Head,
            M::Delete,
            M::Post,
            M::Propfind,
            M::Proppatch,
            M::Mkcol,
            M::Mkcalendar,
            M::Copy,
            M::Move,
            M::Report,
            M::Acl,
        ],
        Route::Collection(Branch::Files, ..) => &[
            M::Options,
            M::Get,
            M::Head,
            M::Delete,
            M::Post,
            M::Propfind,
            M::Proppatch,
            M::Mkcol,
            M::Copy,
            M::Move,
            M::Report,
            M::Acl,
            M::Lock,
            M::Unlock,
        ],
        Route::Collection(Branch::AddressBooks, ..) => &[
            M::Options,
            M::Get,
            M::Head,
            M::Delete,
            M::Post,
            M::Propfind,
            M::Proppatch,
            M::Mkcol,
            M::Copy,
            M::Move,
            M::Report,
            M::Acl,
        ],
        Route::Item(Branch::Files, ..) => &[
            M::Options,
            M::Get,
            M::Head,
            M::Put,
            M::Patch,
            M::Delete,
            M::Propfind,
            M::Proppatch,
            M::Mkcol,
            M::Copy,
            M::Move,
            M::Report,
            M::Lock,
            M::Unlock,
        ],
        Route::Item(..) => &[
            M::Options,
            M::Get,
            M::Head,
            M::Put,
            M::Delete,
            M::Propfind,
            M::Proppatch,
            M::Mkcol,
            M::Mkcalendar,
            M::Copy,
            M::Move,
            M::Report,
        ],
    }
}

/// [`allowed`] as the Allow header has it.
pub(crate) fn allow_header(route: &Route<'_>) -> String {
    let names: Vec<&str> = allowed(route).iter().map(|method| method.name()).collect();
    names.join(", ")
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
    if allowed(route).contains(&Method::Patch) {
        answer.headers_mut().extend([super::patch::accept_patch()]);
    }
    if let Ok(allow) = HeaderValue::try_from(allow_header(route)) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}
