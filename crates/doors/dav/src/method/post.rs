//! POST to a collection: a new item under a name of our choice (RFC 5995).

use super::put::{read, represent, usual};
use crate::browse;
use crate::call::Call;
use crate::error::Refusal;
use crate::prefer::prefer_of;
use crate::reply::text;
use crate::route::{self, Branch, Route};
use crate::token;
use http::{StatusCode, header};
use kontor_groupware::{Expect, Place, Put, Written};
use kontor_listen::{Body, Response};
use kontor_model::{Error, ItemName};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Other names that are tried if one is taken.
const TRIES: u64 = 8;

/// Answers POST.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let Route::Collection(branch, owner, name) = &call.route else { return Err(Refusal::not_found()) };
    let branch = *branch;
    let place = call.session.place(branch, owner, name).await.map_err(|error| call.refuse(error))?;
    if branch == Branch::Files && browse::trash::is_asked(&call, &place) {
        return browse::trash::restore(&mut call, &place).await;
    }
    let bytes = read(&mut call, branch).await?;
    let media_type = call.header("content-type").unwrap_or(usual(branch)).to_owned();
    let put = Put { media_type: &media_type, bytes: bytes.clone(), expect: Expect::Absent };
    let (name, written) = add(&call, branch, &place, put).await.map_err(|error| call.refuse(error))?;
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::CREATED;
    let owner = place.owner.name.as_str();
    let collection = route::collection_href(branch, owner, place.collection.name.as_str());
    let href = route::item_href(&collection, name.as_str());
    text(answer.headers_mut(), header::LOCATION, &href);
    if written.as_sent {
        if prefer_of(&call).representation() {
            represent(&call, &href, bytes, &media_type, &mut answer);
        }
        text(
            answer.headers_mut(),
            header::ETAG,
            token::etag_of(&place, written.id, written.revision).as_str(),
        );
    }
    Ok(answer)
}

/// Puts under a name made of what is put and of the request's id, which is not given twice while the server runs;
/// another is tried should it be taken all the same.
async fn add(
    call: &Call<'_>,
    branch: Branch,
    place: &Place,
    put: Put<'_>,
) -> kontor_model::Result<(ItemName, Written)> {
    let ending = match branch {
        Branch::Calendars => "ics",
        Branch::AddressBooks => "vcf",
        Branch::Files => "bin",
    };
    let mut digest = DefaultHasher::new();
    put.bytes.hash(&mut digest);
    for n in 0..TRIES {
        let (digest, id) = (digest.finish(), call.id.0.wrapping_add(n));
        let name = ItemName::new(&format!("{digest:016x}{id:x}.{ending}"))?;
        match call.session.office().put(&call.session.asker, place, &name, put.clone()).await {
            Err(Error::Stale { .. }) => {}
            written => return Ok((name, written?)),
        }
    }
    Err(Error::Busy { retry_after: 1 })
}
