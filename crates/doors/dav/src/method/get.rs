//! GET and HEAD: an item exactly as it is kept, or a whole collection as one file.

use crate::call::Call;
use crate::error::Refusal;
use crate::precondition::{Conditions, Current, Reading};
use crate::reply::text;
use crate::route::Route;
use crate::{date, token, whole};
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::Place;
use kontor_listen::{Body, Response};
use kontor_model::{Item, ItemName};

/// Answers GET and HEAD.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    match &call.route {
        Route::Item(branch, owner, collection, name) => {
            let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
            let place =
                call.session.place(*branch, owner, collection).await.map_err(|error| call.refuse(error))?;
            let item = call.session.office().item(&call.session.asker, &place, &name).await;
            item_answer(&call, &place, item.map_err(|error| call.refuse(error))?)
        }
        Route::Collection(branch, owner, name) => {
            let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
            whole::answer(&call, place).await
        }
        _ => Err(Refusal::not_found()),
    }
}

fn item_answer(call: &Call<'_>, place: &Place, item: Item) -> Result<Response, Refusal> {
    let mut answer = Response::new(Body::empty());
    let reading = match Conditions::of(call)? {
        Some(conditions) => conditions.read(&Current::item(place, &item.meta))?,
        None => Reading::Wanted,
    };
    let headers = answer.headers_mut();
    text(headers, header::ETAG, token::item_etag(place, &item.meta).as_str());
    text(headers, header::LAST_MODIFIED, &date::http(item.meta.modified));
    if reading == Reading::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    text(headers, header::CONTENT_TYPE, &item.meta.media_type);
    if call.head.method == http::Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(item.body.len()));
    } else {
        *answer.body_mut() = Body::full(item.body);
    }
    Ok(answer)
}
