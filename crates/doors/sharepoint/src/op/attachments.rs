//! GetAttachmentCollection, AddAttachment, DeleteAttachment.

use super::update::{Find, find};
use super::{Answer, Call, No};
use crate::answer::result;
use crate::fault::Refusal;
use crate::list::{List, below};
use kontor_groupware::{Expect, Place, Put};
use kontor_model::{Error, Item};
use kontor_wire_sharepoint::attach;
use kontor_wire_sharepoint::op::attachments::{
    AddAttachment, DeleteAttachment, GetAttachmentCollection, collection as written,
};
use kontor_wire_sharepoint::row;
use kontor_wire_sharepoint::soap::code;

/// How often a change is made anew on a text that changed under it.
const TRIES: usize = 8;

pub(super) async fn collection(call: &Call<'_>) -> Answer {
    let request: GetAttachmentCollection = call.read()?;
    let list = call.session.list(&request.list).await?;
    let (place, number) = row_of(&list, &request.item)?;
    let item = item(call, place, number).await?;
    let origin = &call.session.origin;
    let names = attach::names(list.kind, &item.body);
    let urls: Vec<String> =
        names.iter().map(|name| format!("{origin}{}", below(&list, number, name))).collect();
    Ok(result(call.version, call.operation, |out| written(out, &urls)))
}

pub(super) async fn add(call: &Call<'_>) -> Answer {
    let request: AddAttachment = call.read()?;
    let list = call.session.list(&request.list).await?;
    let (place, number) = row_of(&list, &request.item)?;
    let (kind, name) = (list.kind, &request.name);
    change(call, place, number, |text| match attach::add(kind, text, name, &request.bytes) {
        Ok(text) => Ok(Some(text)),
        Err(row::Error::Value { reason, .. }) if reason.ends_with("already") => Err(Refusal::new(
            code::ATTACHMENT_EXISTS,
            "The specified name is already in use. Select a different name for the attachment.",
        )),
        Err(other) => Err(other.into()),
    })
    .await?;
    let path = below(&list, number, name);
    Ok(result(call.version, call.operation, |out| out.text(path.trim_start_matches('/'))))
}

pub(super) async fn delete(call: &Call<'_>) -> Answer {
    let request: DeleteAttachment = call.read()?;
    let list = call.session.list(&request.list).await?;
    let (place, number) = row_of(&list, &request.item)?;
    let name = request.url.rsplit('/').next().unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    let gone = || Refusal::new(code::NO_ITEM, "There is no attachment of that name.");
    change(call, place, number, |text| match attach::remove(list.kind, text, &name)? {
        Some(text) => Ok(Some(text)),
        None => Err(gone()),
    })
    .await?;
    Ok(result(call.version, call.operation, |_| {}))
}

/// The row that a request names; those of the directory have no attachments.
fn row_of<'l>(list: &'l List, number: &str) -> Result<(&'l Place, i64), No> {
    let place =
        list.place().ok_or_else(|| Refusal::new(code::DENIED, "Access denied: this list is read-only."))?;
    Ok((place, number.trim().parse().map_err(|_| Refusal::no_item())?))
}

/// The item of a row.
async fn item(call: &Call<'_>, place: &Place, number: i64) -> Result<Item, Refusal> {
    match find(&call.session, place, number).await? {
        Find::Here(item) => Ok(*item),
        Find::Gone => Err(Refusal::no_item()),
    }
}

async fn change(
    call: &Call<'_>,
    place: &Place,
    number: i64,
    change: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, Refusal>,
) -> Result<(), Refusal> {
    for _ in 0..TRIES {
        let item = item(call, place, number).await?;
        let Some(text) = change(&item.body)? else { return Ok(()) };
        let expect = Expect::Exactly(item.meta.id, item.meta.revision);
        let put = Put { media_type: &item.meta.media_type, bytes: text.into(), expect };
        match call.session.office().put(&call.session.asker, place, &item.meta.name, put).await {
            Err(Error::Stale { .. }) => {}
            done => return Ok(done.map(drop)?),
        }
    }
    Err(Error::Busy { retry_after: 1 }.into())
}
