//! Answers that are written while they are sent, so that memory does not grow with what is told.

use crate::method::options::classes;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, BodySender, Gone, Response};
use kontor_model::Error;
use kontor_wire_dav::answer::Multistatus;
use std::future::Future;

/// Pieces of about this size are handed on.
const PIECE: usize = 32 * 1024;

/// Why an answer was not finished.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Nobody reads it any more.
    Gone,
    /// The office failed half-way.
    Fault(Error),
}

impl From<Gone> for Broken {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// Where the pieces of a streamed answer go.
pub(crate) struct Sink {
    to: BodySender,
}

impl Sink {
    /// Hands on what is there.
    pub(crate) async fn send(&self, piece: impl Into<Bytes>) -> Result<(), Broken> {
        Ok(self.to.send(piece.into()).await?)
    }

    /// Hands on what was written so far, if it is worth it.
    pub(crate) async fn flush(&self, out: &mut Multistatus) -> Result<(), Broken> {
        if out.len() >= PIECE { self.send(out.take()).await } else { Ok(()) }
    }
}

/// Something that writes an answer piece by piece, after its head is on the way.
pub(crate) trait Producer: Send + 'static {
    /// Writes all of it.
    fn produce(self, sink: &Sink) -> impl Future<Output = Result<(), Broken>> + Send;
}

/// A body that `producer` makes. If it fails, the answer is cut off, so that the client does not take it for whole.
pub(crate) fn body(producer: impl Producer) -> Body {
    let (to, body) = Body::stream();
    let sink = Sink { to };
    tokio::spawn(async move {
        if let Err(broken) = producer.produce(&sink).await {
            if let Broken::Fault(error) = &broken {
                // `Internal` hides its text from `Display`; the log may have it.
                tracing::error!(fault = ?error, "an answer was cut off half-way");
            }
            sink.to.cut_off();
        }
    });
    body
}

/// A 207 answer of which all is there.
pub(crate) fn multistatus(out: Multistatus) -> Response {
    multistatus_of(Body::full(out.finish()))
}

/// A 207 answer with this body.
pub(crate) fn multistatus_of(body: Body) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::MULTI_STATUS;
    let xml = HeaderValue::from_static("application/xml; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, xml);
    classes(&mut answer);
    answer
}
