//! GET and HEAD: an item exactly as it is kept, or a whole collection as one file.

use crate::call::Call;
use crate::error::Refusal;
use crate::precondition::{Conditions, Current, Reading};
use crate::reply::text;
use crate::route::{Branch, Route};
use crate::token::Short;
use crate::{browse, checksum, date, download, past, token, whole};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::Place;
use kontor_listen::{Body, Response};
use kontor_model::{Error, Item, ItemName};
use kontor_vcard::{Card, Version};
use kontor_wire_dav::header::accepts;
use std::borrow::Cow;

/// Answers GET and HEAD.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    match &call.route {
        Route::Item(branch, owner, collection, name) => {
            let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
            let place = call.session.place_lately(*branch, owner, collection).await;
            let mut place = place.map_err(|error| call.refuse(error))?;
            if let Some(revision) = past::asked(&call)? {
                if let Some(now) = renewed(&call, &place, *branch, collection).await? {
                    place = now;
                }
                let open = past::open(&call, &place, &name, revision).await?;
                return download::opened(&call, &place, open).await;
            }
            if *branch == Branch::Files {
                if let Some(now) = renewed(&call, &place, *branch, collection).await? {
                    place = now;
                }
                if browse::versions::is_asked(&call) {
                    return browse::versions::answer(&call, &place, &name).await;
                }
                return download::answer(&call, &place, &name).await;
            }
            let mut item = call.session.office().item(&call.session.asker, &place, &name).await;
            if item.as_ref().is_err_and(|error| !matches!(error, Error::Busy { retry_after: 1.. }))
                && let Some(now) = renewed(&call, &place, *branch, collection).await?
            {
                place = now;
                item = call.session.office().item(&call.session.asker, &place, &name).await;
            }
            item_answer(&call, &place, item.map_err(|error| call.refuse(error))?)
        }
        Route::Collection(branch, owner, name) => {
            let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
            if *branch == Branch::Files {
                browse::answer(&call, place).await
            } else {
                whole::answer(&call, place).await
            }
        }
        Route::Homes(Branch::Files) => browse::drives(&call).await,
        _ => Err(Refusal::not_found()),
    }
}

/// The place as it is now, if something failed there because it was another lately.
pub(crate) async fn renewed(
    call: &Call<'_>,
    place: &Place,
    branch: Branch,
    name: &str,
) -> Result<Option<Place>, Refusal> {
    call.session.renewed(place, branch, name).await.map_err(|error| call.refuse(error))
}

/// What is told of an item, and under which tag.
struct Told {
    tag: Short,
    media_type: Cow<'static, str>,
    body: Bytes,
    converted: bool,
}

impl Told {
    fn new(call: &Call<'_>, place: &Place, item: &mut Item) -> Self {
        match other_version(call, item) {
            Some(to) => Self {
                tag: token::converted_etag(place, &item.meta, to),
                media_type: format!("text/vcard; charset=utf-8; version={}", to.as_str()).into(),
                body: kontor_vcard::convert(&item.body, to).into(),
                converted: true,
            },
            None => Self {
                tag: token::item_etag(place, &item.meta),
                media_type: std::mem::take(&mut item.meta.media_type).into(),
                body: std::mem::take(&mut item.body),
                converted: false,
            },
        }
    }
}

/// The version of a card that Accept asks for, if it leaves no room for the one that is kept (RFC 6352 5.1.1). Who can
/// do with what is kept gets that, byte for byte, under the tag that reports tell.
fn other_version(call: &Call<'_>, item: &Item) -> Option<Version> {
    let Route::Item(Branch::AddressBooks, ..) = call.route else { return None };
    let accept = call.headers("accept").filter(|accept| accept.contains("version"))?;
    let kept = Card::read(&item.body)?.version()?;
    let wants = |version: Version| {
        accepts(&accept, &[&format!("text/vcard; version={}", version.as_str())]).is_some()
    };
    if wants(kept) { None } else { [Version::V3, Version::V4].into_iter().find(|version| wants(*version)) }
}

fn item_answer(call: &Call<'_>, place: &Place, mut item: Item) -> Result<Response, Refusal> {
    let mut answer = Response::new(Body::empty());
    let told = Told::new(call, place, &mut item);
    let reading = match Conditions::of(call)? {
        Some(conditions) => conditions.read(&Current::dated(told.tag.as_str(), item.meta.modified))?,
        None => Reading::Wanted,
    };
    let headers = answer.headers_mut();
    text(headers, header::ETAG, told.tag.as_str());
    text(headers, header::LAST_MODIFIED, &date::http(item.meta.modified));
    if told.converted {
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    }
    if reading == Reading::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    text(headers, header::CONTENT_TYPE, &told.media_type);
    checksum::tell(call, headers, true, || checksum::sum(&told.body));
    if call.head.method == http::Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(told.body.len()));
    } else {
        *answer.body_mut() = Body::full(told.body);
    }
    Ok(answer)
}
