//! UNLOCK (RFC 4918 9.11).

use crate::call::Call;
use crate::error::Refusal;
use crate::locks::token_of;
use crate::route::Route;
use http::StatusCode;
use kontor_listen::{Body, Response};
use kontor_model::{Error, ItemName, Rule};
use kontor_wire_dav::header::LockToken;
use kontor_wire_dav::name::dav;

/// Answers UNLOCK.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    let missing = || Refusal::because(StatusCode::BAD_REQUEST, "the lock-token header is missing");
    let uri = LockToken::parse(call.header("lock-token").ok_or_else(missing)?)?;
    let (branch, owner, path, name) = match &call.route {
        Route::Item(branch, owner, path, name) => {
            (branch, owner, path, Some(ItemName::new(name).map_err(|_| Refusal::not_found())?))
        }
        Route::Collection(branch, owner, path) => (branch, owner, path, None),
        _ => return Err(Refusal::not_found()),
    };
    let place = call.session.place(*branch, owner, path).await.map_err(|error| call.refuse(error))?;
    let (office, asker) = (call.session.office(), &call.session.asker);
    let done = match token_of(&uri.0) {
        Some(token) => office.unlock(asker, &place, name.as_ref(), token).await,
        None => Err(Error::Invalid { rule: Rule::Location, detail: "no token of ours".to_owned() }),
    };
    match done {
        Ok(()) => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::NO_CONTENT;
            Ok(answer)
        }
        Err(Error::Invalid { .. }) => Err(Refusal::condition(
            StatusCode::CONFLICT,
            dav::LOCK_TOKEN_MATCHES_REQUEST_URI,
            "there is no lock of that token here",
        )),
        Err(error) => Err(call.refuse(error)),
    }
}
