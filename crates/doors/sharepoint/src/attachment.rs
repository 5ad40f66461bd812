//! GET of an attachment, at the address that GetAttachmentCollection tells.

use crate::answer::with_type;
use crate::fault::Refusal;
use crate::op::{Find, find};
use crate::route::ListPath;
use crate::session::Session;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, Response};
use kontor_wire_sharepoint::attach::{self, Attachment};

pub(crate) async fn answer(session: &Session, list: &ListPath, number: i64, name: &str) -> Response {
    match read(session, list, number, name).await {
        Ok(Some(attachment)) => sent(attachment),
        // Whatever the reason, nobody learns more than that it is not here.
        Ok(None) | Err(_) => with_type(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", Body::empty()),
    }
}

async fn read(
    session: &Session,
    list: &ListPath,
    number: i64,
    name: &str,
) -> Result<Option<Attachment>, Refusal> {
    let list = session.list_at(list).await?;
    let Some(place) = list.place() else { return Ok(None) };
    match find(session, place, number).await? {
        Find::Here(item) => Ok(attach::get(list.kind, &item.body, name)),
        Find::Gone => Ok(None),
    }
}

/// As a file to keep: what somebody attached must not run as a page of ours.
fn sent(attachment: Attachment) -> Response {
    let mut answer = with_type(StatusCode::OK, "application/octet-stream", Body::full(attachment.bytes));
    let headers = answer.headers_mut();
    let inert = attachment.media_type.starts_with("image/") && !attachment.media_type.contains("svg");
    if inert && let Ok(media_type) = HeaderValue::try_from(attachment.media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    answer
}
