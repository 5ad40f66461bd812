//! From a request to the file that answers it.

use crate::call::Call;
use crate::error::{Refusal, Scope};
use crate::method::{self, Method};
use crate::route::Route;
use crate::sign_in::{Stranger, challenge, sign_in};
use crate::{Room, Session, events, locks, method::options, past};
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, LoggedUser, Request, RequestId, Response};
use std::sync::Arc;

/// Answers a request, whatever it is.
pub(crate) async fn answer(room: &Arc<Room>, request: Request) -> Response {
    let Request { head, body, peer, id } = request;
    let Some(route) = Route::parse(head.uri.path()) else {
        return refused(nameless(head.uri.path()), id);
    };
    if head.method == http::Method::OPTIONS {
        return options::answer(&route);
    }
    if let Route::WellKnown(_) = route {
        return moved();
    }
    let session = match sign_in(room, &head, &peer).await {
        Ok(session) => session,
        Err(stranger) => {
            let stale = matches!(stranger, Stranger::Stale);
            let mut answer = refused(stranger.refuse(), id);
            if answer.status() == StatusCode::UNAUTHORIZED {
                challenge(room, &peer, stale, &mut answer);
            }
            return answer;
        }
    };
    let session = if head.headers.contains_key("if") {
        Session { asker: session.asker.showing(locks::shown(&head.headers)), ..session }
    } else {
        session
    };
    let user = LoggedUser(session.asker.principal.name.as_str().to_owned());
    let done = match session.resolved(route).await {
        Ok(route) => perform(Call { session, route, head: &head, body, peer: &peer, id }).await,
        Err(error) => Err(Refusal::of(error, Scope::of_door())),
    };
    let mut response = match done {
        Ok(response) => response,
        Err(refusal) => refused(refusal, id),
    };
    response.extensions_mut().insert(user);
    response
}

async fn perform(call: Call<'_>) -> Result<Response, Refusal> {
    let known = Method::of(&call.head.method);
    let Some(method) = known.filter(|method| options::knows(&call.route, *method)) else {
        if known == Some(Method::Mkcalendar) && matches!(call.route, Route::Collection(..)) {
            return Err(method::mkcol::misplaced_calendar());
        }
        let refusal = Refusal::because(StatusCode::METHOD_NOT_ALLOWED, "this method does nothing here");
        return Err(Refusal { allow: Some(options::allow_header(&call.route)), ..refusal });
    };
    past::is_meant(&call, method)?;
    // The rare methods are boxed, so that the futures of GET and PUT stay small.
    match method {
        Method::Get | Method::Head if call.route == Route::Changes => Box::pin(events::answer(call)).await,
        Method::Get | Method::Head => method::get::answer(call).await,
        Method::Put => method::put::answer(call).await,
        Method::Options => Ok(options::answer(&call.route)),
        Method::Patch => Box::pin(method::patch::answer(call)).await,
        Method::Delete => Box::pin(method::delete::answer(call)).await,
        Method::Post => Box::pin(method::post::answer(call)).await,
        Method::Propfind => Box::pin(method::propfind::answer(call)).await,
        Method::Proppatch => Box::pin(method::proppatch::answer(call)).await,
        Method::Mkcol => Box::pin(method::mkcol::answer(call)).await,
        Method::Mkcalendar => Box::pin(method::mkcalendar::answer(call)).await,
        Method::Copy => Box::pin(method::copy::answer(call)).await,
        Method::Move => Box::pin(method::mv::answer(call)).await,
        Method::Report => Box::pin(method::report::answer(call)).await,
        Method::Acl => Box::pin(method::acl::answer(call)).await,
        Method::Lock => Box::pin(method::lock::answer(call)).await,
        Method::Unlock => Box::pin(method::unlock::answer(call)).await,
    }
}

/// What is said of a path that can name nothing. Among files people name things as they like, so there it is told what
/// is wrong.
fn nameless(path: &str) -> Refusal {
    if !path.trim_start_matches('/').starts_with("dav/files/") {
        return Refusal::not_found();
    }
    let detail = "a name in this path cannot be: names of files are UTF-8, without slashes and control characters, and \
                  neither . nor ..";
    Refusal::because(StatusCode::BAD_REQUEST, detail)
}

/// The answer to a refusal; our own faults are logged here, once.
fn refused(refusal: Refusal, id: RequestId) -> Response {
    if let Some(secret) = &refusal.secret {
        tracing::error!(%id, fault = %secret, "the office failed a request");
    }
    refusal.answer()
}

/// Where discovery goes on (RFC 6764 5). The method is kept, so PROPFIND is sent again to the new place.
fn moved() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/dav/"));
    answer
}
