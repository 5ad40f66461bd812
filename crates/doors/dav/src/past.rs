//! What an item said before, by the address of the item and `?version=N`: N is the revision of the text, as DAV:version-tree
//! tells it (RFC 3253 3.7). Such a text can be read, whole and in parts, and copied back; nothing changes it.

use crate::call::Call;
use crate::error::{Refusal, Scope};
use crate::method::Method;
use crate::precondition::{self, Current};
use crate::route::Route;
use http::StatusCode;
use kontor_groupware::{OpenBody, Place, Which};
use kontor_model::{Error, ItemName, Version};
use kontor_wire_dav::name::dav;

/// The query that names a text.
pub(crate) fn query(revision: Version) -> String {
    format!("?version={}", revision.0)
}

/// The revision that is asked for; `None` if the item itself is.
///
/// # Errors
/// 404 if that is no number.
pub(crate) fn asked(call: &Call<'_>) -> Result<Option<Version>, Refusal> {
    let Route::Item(..) = call.route else { return Ok(None) };
    let query = call.head.uri.query().unwrap_or_default();
    let Some(text) = query.split('&').find_map(|pair| pair.strip_prefix("version=")) else { return Ok(None) };
    text.parse().map(|number| Some(Version(number))).map_err(|_| Refusal::not_found())
}

/// Refuses what would change a past text: the method is not for the item whose address it has.
pub(crate) fn is_meant(call: &Call<'_>, method: Method) -> Result<(), Refusal> {
    let reads =
        matches!(method, Method::Get | Method::Head | Method::Options | Method::Copy | Method::Report);
    if reads || asked(call)?.is_none() {
        return Ok(());
    }
    let detail = "a past text is read (GET) and brought back (COPY), no more; leave out ?version= for the item as it is";
    Err(Refusal::condition(StatusCode::FORBIDDEN, dav::CANNOT_MODIFY_VERSION, detail))
}

/// Opens the text of that revision, past or present.
pub(crate) async fn open(
    call: &Call<'_>,
    place: &Place,
    name: &ItemName,
    revision: Version,
) -> Result<OpenBody, Refusal> {
    let (office, asker) = (call.session.office(), &call.session.asker);
    match office.open_past(asker, place, name, Which::Revision(revision)).await {
        Ok(open) => Ok(open.body),
        Err(Error::NotFound) => {
            let open = office.open_item(asker, place, name).await.map_err(|error| call.refuse(error))?;
            if open.meta().revision == revision { Ok(open) } else { Err(Refusal::not_found()) }
        }
        Err(error) => Err(call.refuse(error)),
    }
}

/// Brings a text back by COPY: onto the item itself, or under another name beside it. Whether something new came to be.
pub(crate) async fn copy(
    call: &Call<'_>,
    path: &str,
    to: &Route<'_>,
    revision: Version,
    overwrite: bool,
) -> Result<bool, Refusal> {
    let Route::Item(branch, owner, collection, name) = &call.route else { return Err(Refusal::not_found()) };
    let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
    let place = call.session.place(*branch, owner, collection).await.map_err(|error| call.refuse(error))?;
    let beside = match to {
        Route::Item(of, whose, there, name) if (of, whose, there) == (branch, owner, collection) => name,
        _ => {
            let detail = "a past text is copied back onto its item, or under another name beside it";
            return Err(Refusal::because(StatusCode::FORBIDDEN, detail));
        }
    };
    let scope = Scope { branch: *branch, href: path, making: false };
    let beside = ItemName::new(beside).map_err(|error| Refusal::of(error, scope))?;
    // Conditions are about what is copied.
    let source = open(call, &place, &name, revision).await?;
    precondition::check(call, Some(Current::item(&place, source.meta()))).await?;
    let as_name = (beside != name).then_some(&beside);
    if as_name.is_none() && !overwrite && call.session.locate(&call.route, 0).await.is_ok() {
        return Err(Refusal::because(StatusCode::PRECONDITION_FAILED, "the item is there"));
    }
    let office = call.session.office();
    let done = office.restore(&call.session.asker, &place, &name, Which::Revision(revision), as_name).await;
    match done {
        Ok(done) => Ok(done.written.created),
        Err(Error::Exists) => Err(Refusal::because(
            StatusCode::PRECONDITION_FAILED,
            "something of that name is there: a past text comes back onto its own item, or under a free name",
        )),
        Err(error) => Err(Refusal::of(error, scope)),
    }
}
