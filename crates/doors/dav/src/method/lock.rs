//! LOCK (RFC 4918 9.10): takes a lock, or renews one.

use super::put::{is_own, no_parent};
use crate::call::Call;
use crate::error::Refusal;
use crate::locks::{shown, token_uri, told};
use crate::precondition::{self, Current};
use crate::reply::text;
use crate::route::Route;
use crate::token;
use http::{HeaderName, HeaderValue, StatusCode, header};
use kontor_groupware::{NewLock, Place};
use kontor_listen::{Body, Response};
use kontor_model::{Error, ItemName, Lock, Reach, Sharing};
use kontor_wire_dav::answer::{Condition, LockAnswer, LockScope};
use kontor_wire_dav::header::{Depth, Timeout};
use kontor_wire_dav::name::dav;
use kontor_wire_dav::request::LockInfo;
use std::time::Duration;

/// Answers LOCK.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let asked = LockInfo::parse(&body, &call.session.settings().xml)?;
    let reach = match call.header("depth").map_or(Ok(Depth::Infinity), Depth::parse)? {
        Depth::Zero => Reach::Alone,
        Depth::Infinity => Reach::Deep,
        Depth::One => {
            return Err(Refusal::because(StatusCode::BAD_REQUEST, "a lock has depth 0 or infinity"));
        }
    };
    let time = match call.headers("timeout").map(|value| Timeout::parse(&value)).transpose()? {
        Some(Timeout::Seconds(seconds)) => Duration::from_secs(seconds.into()),
        Some(Timeout::Infinite) | None => Duration::MAX,
    };
    let (place, name) = target(&call).await?;
    match asked {
        None => renew(&call, &place, name.as_ref(), time).await,
        Some(info) => {
            let sharing = match info.scope {
                LockScope::Exclusive => Sharing::Exclusive,
                LockScope::Shared => Sharing::Shared,
            };
            let about = info.owner.map(|owner| owner.xml().as_bytes().to_vec()).unwrap_or_default();
            // What is no folder has nothing in it that a lock could reach.
            let reach = if name.is_some() { Reach::Alone } else { reach };
            take(&call, &place, name.as_ref(), NewLock { sharing, reach, about, time }).await
        }
    }
}

/// What is to be locked or unlocked; its conditions are checked.
async fn target(call: &Call<'_>) -> Result<(Place, Option<ItemName>), Refusal> {
    match &call.route {
        Route::Item(branch, owner, path, name) => {
            let name = ItemName::new(name).map_err(|error| call.refuse(error))?;
            let place = call.session.place(*branch, owner, path).await;
            let place = place.map_err(|error| no_parent(call, error, is_own(call, owner)))?;
            precondition::for_item(call, &place, &name).await?;
            Ok((place, Some(name)))
        }
        Route::Collection(branch, owner, path) => {
            let place = call.session.place(*branch, owner, path).await.map_err(|error| call.refuse(error))?;
            let version = call.session.office().version(&call.session.asker, &place).await;
            let tag = token::collection_etag(&place, version.map_err(|error| call.refuse(error))?);
            precondition::check(call, Some(Current::tagged(tag.as_str()))).await?;
            Ok((place, None))
        }
        _ => Err(Refusal::not_found()),
    }
}

async fn take(
    call: &Call<'_>,
    place: &Place,
    name: Option<&ItemName>,
    new: NewLock,
) -> Result<Response, Refusal> {
    let (office, asker) = (call.session.office(), &call.session.asker);
    match office.lock(asker, place, name, new).await {
        Ok(locked) => {
            let mut answer = discovery(call, place, &locked.lock);
            if locked.created {
                *answer.status_mut() = StatusCode::CREATED;
            }
            let token = token_uri(locked.lock.token).to_string();
            text(answer.headers_mut(), HeaderName::from_static("lock-token"), &token);
            Ok(answer)
        }
        Err(Error::Locked) => Err(conflict(call, place, name).await),
        Err(error) => Err(call.refuse(error)),
    }
}

/// 423 with the locks that are in the way (RFC 4918 16: no-conflicting-lock).
async fn conflict(call: &Call<'_>, place: &Place, name: Option<&ItemName>) -> Refusal {
    let (office, asker) = (call.session.office(), &call.session.asker);
    let there = office.locks(asker, place, name).await.unwrap_or_default();
    let mut roots: Vec<String> = there.iter().map(|lock| told(&call.session, place, lock).root).collect();
    if roots.is_empty() {
        // One that lies further down.
        roots.push(call.path().to_owned());
    }
    roots.dedup();
    let condition = Some(Box::new(Condition::Hrefs(dav::NO_CONFLICTING_LOCK, roots)));
    Refusal { condition, ..Refusal::because(StatusCode::LOCKED, "somebody else holds a lock here") }
}

async fn renew(
    call: &Call<'_>,
    place: &Place,
    name: Option<&ItemName>,
    time: Duration,
) -> Result<Response, Refusal> {
    if shown(&call.head.headers).is_empty() {
        let detail = "LOCK without a body renews a lock: show its token in the if header";
        return Err(Refusal::because(StatusCode::BAD_REQUEST, detail));
    }
    let (office, asker) = (call.session.office(), &call.session.asker);
    match office.renew_lock(asker, place, name, time).await {
        Ok(lock) => Ok(discovery(call, place, &lock)),
        Err(Error::Stale { .. }) => Err(Refusal::condition(
            StatusCode::PRECONDITION_FAILED,
            dav::LOCK_TOKEN_MATCHES_REQUEST_URI,
            "there is no lock of that token here any more",
        )),
        Err(error) => Err(call.refuse(error)),
    }
}

fn discovery(call: &Call<'_>, place: &Place, lock: &Lock) -> Response {
    let mut body = Vec::with_capacity(1024);
    LockAnswer { locks: vec![told(&call.session, place, lock)] }.write(&mut body);
    let mut answer = Response::new(Body::full(body));
    let xml = HeaderValue::from_static("application/xml; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, xml);
    answer
}
