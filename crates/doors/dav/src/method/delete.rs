//! DELETE (RFC 4918 9.6): an item, or a collection with all that is in it.

use crate::call::Call;
use crate::error::Refusal;
use crate::method::get::renewed;
use crate::precondition::{self, Current};
use crate::route::Route;
use crate::token;
use http::StatusCode;
use kontor_groupware::Place;
use kontor_listen::{Body, Response};
use kontor_model::{Error, ItemName};
use kontor_wire_dav::header::Depth;

/// Answers DELETE.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    let office = call.session.office();
    let asker = &call.session.asker;
    match &call.route {
        Route::Item(branch, owner, collection, name) => {
            let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
            let place = call.session.place_lately(*branch, owner, collection).await;
            let place = place.map_err(|error| call.refuse(error))?;
            match remove(&call, &place, &name).await {
                Err(refusal) if refusal.may_be_outdated() => {
                    match renewed(&call, &place, *branch, collection).await? {
                        Some(now) => remove(&call, &now, &name).await?,
                        None => return Err(refusal),
                    }
                }
                done => done?,
            }
        }
        Route::Collection(branch, owner, name) => {
            if call.header("depth").is_some_and(|depth| Depth::parse(depth) != Ok(Depth::Infinity)) {
                return Err(Refusal::because(
                    StatusCode::BAD_REQUEST,
                    "a collection goes with all that is in it",
                ));
            }
            let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
            let version = office.version(asker, &place).await.map_err(|error| call.refuse(error))?;
            let tag = token::collection_etag(&place, version);
            precondition::check(&call, Some(Current::tagged(tag.as_str()))).await?;
            office.remove_collection(asker, &place).await.map_err(|error| call.refuse(error))?;
        }
        _ => return Err(Refusal::not_found()),
    }
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

async fn remove(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<(), Refusal> {
    let expect = precondition::for_item(call, place, name).await?;
    let removed = call.session.office().remove(&call.session.asker, place, name, expect).await;
    removed.map_err(|error| match error {
        // A condition on what is not there fails, but that it is not there says more.
        Error::Stale { have: None } => Refusal::not_found(),
        error => call.refuse(error),
    })
}
