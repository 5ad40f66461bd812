//! HTTP around answers.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, BodySender, Gone, Response};
use kontor_wire_sharepoint::op::{Operation, begin_answer, end_answer};
use kontor_wire_sharepoint::soap::{Fault, Side, Version, begin, code, end};
use kontor_wire_sharepoint::xml::Writer;

/// A message of which all is there.
pub(crate) fn message(status: StatusCode, version: Version, bytes: impl Into<Bytes>) -> Response {
    with_type(status, version.media_type(), Body::full(bytes))
}

/// An answer of that type.
pub(crate) fn with_type(status: StatusCode, media_type: &'static str, body: Body) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=0"));
    // Outlook asks which SharePoint it talks to (MS-WSSHP 2.2.4).
    headers.insert("MicrosoftSharePointTeamServices", HeaderValue::from_static("12.0.0.6219"));
    answer
}

/// A fault: 500 in both versions of SOAP (SOAP 1.1 6.2), but 400 for a wrong message in the later one. Who cannot be
/// served at present is told when to come back, as SharePoint itself does when it has too much to do.
pub(crate) fn fault(version: Version, fault: &Fault) -> Response {
    let status = match (version, fault.side) {
        _ if fault.code == Some(code::BUSY) => StatusCode::SERVICE_UNAVAILABLE,
        (Version::V12, Side::Client) => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut answer = message(status, version, fault.message(version));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// An answer to an operation, with what `content` writes inside.
pub(crate) fn result(version: Version, operation: &Operation, content: impl FnOnce(&mut Writer)) -> Response {
    let mut out = Writer::new();
    head(&mut out, version, operation);
    content(&mut out);
    tail(&mut out, operation);
    message(StatusCode::OK, version, out.take())
}

/// Everything before the content.
pub(crate) fn head(out: &mut Writer, version: Version, operation: &Operation) {
    begin(out, version);
    begin_answer(out, operation);
}

/// Everything behind it.
pub(crate) fn tail(out: &mut Writer, operation: &Operation) {
    end_answer(out, operation);
    end(out);
}

/// Where the pieces of a long answer go.
pub(crate) struct Sink(pub(crate) BodySender);

impl Sink {
    /// Hands on what was written.
    pub(crate) async fn send(&self, out: &mut Writer) -> Result<(), Gone> {
        self.0.send(Bytes::from(out.take())).await
    }
}
