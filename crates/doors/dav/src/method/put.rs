//! PUT: an item is kept as it was sent, and its tag is answered at once (RFC 4791 5.3.2, RFC 6352 6.3.2).

use crate::call::Call;
use crate::checksum::Promised;
use crate::error::Refusal;
use crate::part::{self, Target};
use crate::prefer::prefer_of;
use crate::reply::text;
use crate::route::{Branch, Route};
use crate::upload::{Sent, receive};
use crate::{precondition, token};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::{INLINE_BYTES, Place, Put, PutUpload, Written};
use kontor_listen::{Body, BodyError, Response};
use kontor_model::{Error, Item, ItemName};
use kontor_wire_dav::header::ContentRange;

/// Answers PUT.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let Route::Item(branch, owner, collection, name) = &call.route else { return Err(Refusal::not_found()) };
    let (branch, own) = (*branch, is_own(&call, owner));
    let name = ItemName::new(name).map_err(|error| call.refuse(error))?;
    if branch == Branch::Files && call.head.headers.contains_key(header::CONTENT_RANGE) {
        let place = call.session.place(branch, owner, collection).await;
        let place = place.map_err(|error| no_parent(&call, error, own))?;
        return Box::pin(put_part(&mut call, &place, &name)).await;
    }
    let place = call.session.place_lately(branch, owner, collection).await;
    let mut place = place.map_err(|error| no_parent(&call, error, own))?;
    let mut sent = None;
    match put(&mut call, branch, &place, &name, &mut sent).await {
        // What the server could not do does not lie in what was known of the place; and a body of which some was lost
        // is not there to be put again.
        Err(refusal) if refusal.may_be_outdated() && (sent.is_some() || call.body.is_untouched()) => {
            let Route::Item(_, _, collection, _) = &call.route else { return Err(refusal) };
            let renewed = call.session.renewed(&place, branch, collection).await;
            match renewed.map_err(|error| no_parent(&call, error, own))? {
                Some(now) => place = now,
                None => return Err(refusal),
            }
        }
        done => return done,
    }
    put(&mut call, branch, &place, &name, &mut sent).await
}

/// Puts the body at a place; it is read once its conditions hold, and kept in `sent`.
async fn put(
    call: &mut Call<'_>,
    branch: Branch,
    place: &Place,
    name: &ItemName,
    sent: &mut Option<Sent>,
) -> Result<Response, Refusal> {
    let expect = precondition::for_item(call, place, name).await?;
    let body = match sent {
        Some(body) => body.clone(),
        None => {
            refuse_parts(call)?;
            let body = match branch {
                Branch::Files => receive(call, place, name, expect).await?,
                Branch::Calendars | Branch::AddressBooks => Sent::Here(read(call, branch).await?),
            };
            sent.insert(body).clone()
        }
    };
    let media_type = call.header("content-type").unwrap_or(usual(branch));
    let (office, asker) = (call.session.office(), &call.session.asker);
    let (written, bytes) = match body {
        Sent::Here(bytes) => {
            let put = Put { media_type, bytes: bytes.clone(), expect };
            (office.put(asker, place, name, put).await, Some(bytes))
        }
        Sent::Laid(content) => {
            let put = PutUpload { media_type, content, expect, part: false };
            (office.put_upload(asker, place, name, put).await, None)
        }
    };
    match written {
        Ok(written) => Ok(done(call, place, &written, bytes, media_type)),
        Err(Error::Stale { .. }) => Err(stale(call, place, name).await),
        Err(error) => Err(call.refuse(error)),
    }
}

/// Puts the body as the part of a file that Content-Range says (RFC 9110 14.5).
async fn put_part(call: &mut Call<'_>, place: &Place, name: &ItemName) -> Result<Response, Refusal> {
    refuse_coded(call)?;
    let range = ContentRange::parse(call.header("content-range").unwrap_or_default())?;
    part::write(call, place, name, Target::Put(range)).await
}

/// The type of what is sent without saying so.
pub(crate) fn usual(branch: Branch) -> &'static str {
    match branch {
        Branch::Calendars => "text/calendar; charset=utf-8",
        Branch::AddressBooks => "text/vcard; charset=utf-8",
        Branch::Files => "application/octet-stream",
    }
}

/// In one's own home everything can be seen, so that a collection that is not there is told by the status that
/// RFC 4918 9.7.1 wants; elsewhere 404 must not tell the hidden from the missing.
pub(crate) fn no_parent(call: &Call<'_>, error: Error, own: bool) -> Refusal {
    match error {
        Error::NotFound if own => Refusal::because(StatusCode::CONFLICT, "there is no such collection"),
        error => call.refuse(error),
    }
}

/// Whether the asker is the owner of that home.
pub(crate) fn is_own(call: &Call<'_>, owner: &str) -> bool {
    call.session.asker.principal.name.as_str() == owner
}

/// Only whole bodies are taken, as they are. Parts of files went another way.
fn refuse_parts(call: &Call<'_>) -> Result<(), Refusal> {
    if call.head.headers.contains_key(header::CONTENT_RANGE) {
        let detail = "send the whole item; parts can be written of files alone";
        return Err(Refusal::because(StatusCode::BAD_REQUEST, detail));
    }
    refuse_coded(call)
}

/// What is kept is what was sent, so that it is to be sent as it is.
pub(crate) fn refuse_coded(call: &Call<'_>) -> Result<(), Refusal> {
    if call.header("content-encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(Refusal::because(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the item without content coding",
        ));
    }
    Ok(())
}

/// The body, within the size that an item may have.
pub(crate) async fn read(call: &mut Call<'_>, branch: Branch) -> Result<Bytes, Refusal> {
    refuse_parts(call)?;
    let limit = call.session.office().limits().max_item_size;
    let body = call.body.read_all(limit).await.map_err(|error| match error {
        BodyError::TooLarge => {
            Refusal::too_large(branch, format!("beyond the limit max_item_size = {limit}"))
        }
        error => Refusal::of_body(error),
    })?;
    Promised::of(call).hold_of(&body)?;
    Ok(body)
}

/// 201 or 204 with the tag, or the item if it was asked for (RFC 8144 2.2).
pub(crate) fn done(
    call: &Call<'_>,
    place: &Place,
    written: &Written,
    bytes: Option<Bytes>,
    media_type: &str,
) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    if !written.as_sent {
        return answer;
    }
    let headers = answer.headers_mut();
    text(headers, header::ETAG, token::etag_of(place, written.id, written.revision).as_str());
    // What was too large for memory is not sent back.
    if let Some(bytes) = bytes.filter(|_| prefer_of(call).representation()) {
        if !written.created {
            *answer.status_mut() = StatusCode::OK;
        }
        represent(call, call.path(), bytes, media_type, &mut answer);
    }
    answer
}

/// Puts what was written, as GET at `href` tells it, into an answer (RFC 8144 2.2).
pub(crate) fn represent(call: &Call<'_>, href: &str, bytes: Bytes, media_type: &str, answer: &mut Response) {
    let usual = usual(call.scope().branch);
    // What came under another name is kept under the usual one.
    let same = media_type.get(..8).is_some_and(|start| usual.starts_with(&start.to_ascii_lowercase()));
    let headers = answer.headers_mut();
    headers.insert("preference-applied", HeaderValue::from_static("return=representation"));
    text(headers, header::CONTENT_TYPE, if same { media_type } else { usual });
    text(headers, header::CONTENT_LOCATION, href);
    *answer.body_mut() = Body::full(bytes);
}

/// 412, with what is there now if that was asked for (RFC 8144 3).
async fn stale(call: &Call<'_>, place: &Place, name: &ItemName) -> Refusal {
    let mut refusal = call.refuse(Error::Stale { have: None });
    if prefer_of(call).representation()
        && let Some(item) = now_there(call, place, name).await
    {
        refusal.instead = Some(Box::new((place.clone(), item)));
    }
    refusal
}

/// The item as it is now; a file that is too large for memory is not told.
async fn now_there(call: &Call<'_>, place: &Place, name: &ItemName) -> Option<Item> {
    let (office, asker) = (call.session.office(), &call.session.asker);
    if call.scope().branch != Branch::Files {
        return office.item(asker, place, name).await.ok();
    }
    let open = office.open_item(asker, place, name).await.ok()?;
    let meta = open.meta().clone();
    if meta.size > INLINE_BYTES as u64 {
        return None;
    }
    let mut body = Vec::new();
    let mut reader = open.read_all();
    while let Some(piece) = reader.next().await {
        body.extend_from_slice(&piece.ok()?);
    }
    Some(Item { meta, body: body.into() })
}
