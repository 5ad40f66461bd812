//! What COPY and MOVE share (RFC 4918 9.8, 9.9): items and collections, within an account and between accounts.

use crate::call::Call;
use crate::error::{Refusal, Scope};
use crate::precondition::{self, Current};
use crate::route::{Branch, Route};
use crate::{past, token};
use http::StatusCode;
use kontor_listen::{Body, Response};
use kontor_model::{CollectionName, Error, ItemName};
use kontor_wire_dav::header::{Depth, Overwrite};
use kontor_wire_dav::href::Href;
use std::borrow::Cow;

/// What becomes of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// MOVE.
    Goes,
    /// COPY.
    Stays,
}

/// Answers COPY and MOVE.
pub(crate) async fn carry(call: Call<'_>, fate: Fate) -> Result<Response, Refusal> {
    let path = destination(&call)?;
    let to = Route::parse(&path).ok_or_else(|| conflict("nothing can be at the destination"))?;
    let to = call.session.resolved(to).await.map_err(|error| call.refuse(error))?;
    let overwrite = call.header("overwrite").map_or(Ok(Overwrite::Replace), Overwrite::parse)?;
    let overwrite = overwrite == Overwrite::Replace;
    if let Some(revision) = past::asked(&call)? {
        let created = past::copy(&call, &path, &to, revision, overwrite).await?;
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = if created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
        return Ok(answer);
    }
    if call.route == to {
        return Err(Refusal::because(StatusCode::FORBIDDEN, "source and destination are the same"));
    }
    // Among files, what is there is no matter of where it may go: a folder can take the place of a file.
    let (to, taken) = match to {
        Route::Collection(Branch::Files, owner, folder) => (in_folder(owner, &folder)?, true),
        to => (to, false),
    };
    let created = match (&call.route, &to) {
        (Route::Item(..), Route::Item(..)) => item(&call, &path, &to, overwrite, fate).await?,
        (Route::Collection(Branch::Files, ..), Route::Item(Branch::Files, ..)) => {
            folder(&call, &path, &to, overwrite, fate).await? && !taken
        }
        (Route::Collection(from, ..), Route::Collection(there, ..)) if from == there => {
            collection(&call, &path, &to, overwrite, fate).await?
        }
        _ => {
            // That something is there to be carried has to be known before anything is said about where.
            call.session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
            let detail = "items go into collections, collections into homes of their sort";
            return Err(Refusal::because(StatusCode::FORBIDDEN, detail));
        }
    };
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = if created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok(answer)
}

/// The place of a folder among the items of the one that it lies in. A drive lies in none.
fn in_folder<'r>(owner: Cow<'r, str>, folder: &str) -> Result<Route<'r>, Refusal> {
    match folder.rsplit_once('/') {
        Some((above, name)) => {
            Ok(Route::Item(Branch::Files, owner, above.to_owned().into(), name.to_owned().into()))
        }
        None => Err(Refusal::because(StatusCode::FORBIDDEN, "nothing takes the place of a drive")),
    }
}

/// The path in Destination; another host is 502 (RFC 4918 9.8.5).
fn destination(call: &Call<'_>) -> Result<String, Refusal> {
    let missing = || Refusal::because(StatusCode::BAD_REQUEST, "the destination header is missing");
    let href = Href::parse(call.header("destination").ok_or_else(missing)?)?;
    let here = call.peer.host.as_deref().map(bare_host);
    match (&href.authority, here) {
        (Some(there), Some(here)) if bare_host(there) != here => {
            Err(Refusal::because(StatusCode::BAD_GATEWAY, "the destination is on another server"))
        }
        _ => Ok(href.path.encode()),
    }
}

/// A host without the ports that go without saying, in lower case.
fn bare_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
    host.to_owned()
}

fn conflict(detail: &'static str) -> Refusal {
    Refusal::because(StatusCode::CONFLICT, detail)
}

/// The scope in which errors about the destination are translated.
fn there<'a>(branch: Branch, path: &'a str) -> Scope<'a> {
    Scope { branch, href: path, making: false }
}

async fn item(
    call: &Call<'_>,
    path: &str,
    to: &Route<'_>,
    overwrite: bool,
    fate: Fate,
) -> Result<bool, Refusal> {
    let Route::Item(branch, owner, collection, name) = &call.route else { return Err(Refusal::not_found()) };
    let Route::Item(to_branch, to_owner, to_collection, to_name) = to else {
        return Err(Refusal::not_found());
    };
    let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
    let place = call.session.place(*branch, owner, collection).await.map_err(|error| call.refuse(error))?;
    let expect = precondition::for_item(call, &place, &name).await?;
    // The source is looked at first: what is said about the destination must not tell of a hidden source.
    call.session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
    let scope = there(*to_branch, path);
    let to_name = ItemName::new(to_name).map_err(|error| Refusal::of(error, scope))?;
    let to_place =
        call.session.place(*to_branch, to_owner, to_collection).await.map_err(|error| match error {
            Error::NotFound => conflict("there is no collection at the destination"),
            error => Refusal::of(error, scope),
        })?;
    let office = call.session.office();
    let asker = &call.session.asker;
    let (from, to) = ((&place, &name), (&to_place, &to_name));
    let written = match fate {
        Fate::Goes => office.relocate(asker, from, expect, to, overwrite).await,
        Fate::Stays => office.copy(asker, from, expect, to, overwrite).await,
    };
    let written = written.map_err(|error| match error {
        // The source was there a moment ago: it is the collection at the destination that is not to be seen.
        Error::NotFound => conflict("there is no collection at the destination"),
        error => Refusal::of(error, scope),
    })?;
    Ok(written.created)
}

/// A folder of files; whether it came where nothing was.
async fn folder(
    call: &Call<'_>,
    path: &str,
    to: &Route<'_>,
    overwrite: bool,
    fate: Fate,
) -> Result<bool, Refusal> {
    let Route::Collection(branch, owner, from) = &call.route else { return Err(Refusal::not_found()) };
    let Route::Item(_, to_owner, above, name) = to else { return Err(Refusal::not_found()) };
    let (office, asker) = (call.session.office(), &call.session.asker);
    let place = call.session.place(*branch, owner, from).await.map_err(|error| call.refuse(error))?;
    let version = office.version(asker, &place).await.map_err(|error| call.refuse(error))?;
    let tag = token::collection_etag(&place, version);
    precondition::check(call, Some(Current::tagged(tag.as_str()))).await?;
    let scope = there(*branch, path);
    let name = CollectionName::new(name).map_err(|error| Refusal::of(error, scope))?;
    let missing = |error| match error {
        Error::NotFound => conflict("there is no folder at the destination"),
        error => Refusal::of(error, scope),
    };
    let above = call.session.place(*branch, to_owner, above).await.map_err(missing)?;
    let taken = call.session.locate(to, 0).await.is_ok();
    let alone = call.header("depth").map(Depth::parse).transpose()? == Some(Depth::Zero);
    let done = match fate {
        Fate::Goes => office.relocate_collection(asker, &place, &above, &name, overwrite).await,
        Fate::Stays if alone => office.copy_frame(asker, &place, &above, &name, overwrite).await,
        Fate::Stays => office.copy_collection(asker, &place, &above, &name, overwrite).await,
    };
    done.map_err(missing).map(|_| !taken)
}

async fn collection(
    call: &Call<'_>,
    path: &str,
    to: &Route<'_>,
    overwrite: bool,
    fate: Fate,
) -> Result<bool, Refusal> {
    let Route::Collection(branch, owner, name) = &call.route else { return Err(Refusal::not_found()) };
    let Route::Collection(_, to_owner, to_name) = to else { return Err(Refusal::not_found()) };
    let office = call.session.office();
    let asker = &call.session.asker;
    let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
    let version = office.version(asker, &place).await.map_err(|error| call.refuse(error))?;
    let tag = token::collection_etag(&place, version);
    precondition::check(call, Some(Current::tagged(tag.as_str()))).await?;
    let scope = there(*branch, path);
    let to_name = CollectionName::new(to_name).map_err(|error| Refusal::of(error, scope))?;
    let taken = call.session.place(*branch, to_owner, to_name.as_str()).await.ok();
    let alone = call.header("depth").map(Depth::parse).transpose()? == Some(Depth::Zero);
    let done = match fate {
        Fate::Goes => {
            office.relocate_collection(asker, &place, &**to_owner, &to_name, overwrite).await.map(|_| ())
        }
        Fate::Stays if alone => {
            office.copy_frame(asker, &place, &**to_owner, &to_name, overwrite).await.map(|_| ())
        }
        Fate::Stays => {
            office.copy_collection(asker, &place, &**to_owner, &to_name, overwrite).await.map(|_| ())
        }
    };
    done.map_err(|error| match error {
        Error::NotFound => conflict("there is no home at the destination"),
        error => Refusal::of(error, scope),
    })?;
    Ok(taken.is_none())
}
