//! Answers that are written while they are sent, so that memory does not grow with what is told.

use crate::reply::classes;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, BodySender, Gone, Response};
use kontor_model::Error;
use kontor_wire_dav::answer::Multistatus;
use std::future::Future;

/// Pieces of about this size are handed on.
const PIECE: usize = 32 * 1024;
/// Answers up to about this size are made whole before anything is sent, so that they have a length, and an error
/// that comes late is still answered as one.
const WHOLE: usize = 64 * 1024;

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

/// An answer that can be told little by little.
pub(crate) trait Telling: Send + 'static {
    /// Tells a little more; whether there is still more to come. The last call tells the end as well.
    fn more(&mut self, out: &mut Multistatus) -> impl Future<Output = kontor_model::Result<bool>> + Send;
}

/// The 207 answer that `telling` makes: at once if it is short, else while it is sent.
///
/// # Errors
/// Those of the office before the first byte is sent; later ones cut the answer off.
pub(crate) async fn told(mut telling: impl Telling) -> kontor_model::Result<Response> {
    let mut out = Multistatus::with_capacity(WHOLE / 4);
    while telling.more(&mut out).await? {
        if out.len() >= WHOLE {
            return Ok(multistatus_of(body(Rest { telling, out })));
        }
    }
    Ok(multistatus(out))
}

/// What is still to be told.
struct Rest<T> {
    telling: T,
    out: Multistatus,
}

impl<T: Telling> Producer for Rest<T> {
    async fn produce(mut self, sink: &Sink) -> Result<(), Broken> {
        sink.flush(&mut self.out).await?;
        while self.telling.more(&mut self.out).await? {
            sink.flush(&mut self.out).await?;
        }
        sink.send(self.out.finish()).await
    }
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
    classes(&mut answer, None);
    answer
}
