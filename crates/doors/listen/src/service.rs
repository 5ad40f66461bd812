//! One request from its head to the last byte of its answer.

use crate::body::CutOff;
use crate::connection::Connection;
use crate::door::{LoggedUser, Peer, Request, RequestId, Response};
use crate::gzip::{self, Compressor};
use crate::incoming::{Pace, RequestBody};
use crate::meter::DoorMeter;
use crate::reserve::Held;
use crate::stop::Phase;
use crate::{Answering, Body};
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_TYPE, EXPECT, HOST, HeaderName, HeaderValue, RETRY_AFTER,
};
use http::request::Parts;
use http::{Method, StatusCode, Uri, Version};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Answers one request. Never fails: whatever goes wrong becomes an answer.
///
/// Everything before the door is plain code, so that this future, of which every connection has one, stays small.
pub(crate) async fn answer(
    connection: Arc<Connection>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Outgoing>, Infallible> {
    let mut ticket = Ticket::new(connection.clone(), &request);
    let encoding = gzip::wanted(connection.shared.settings.gzip, &request);
    let mut response = match begin(&connection, request, &mut ticket) {
        Ok(answering) => match unless_panicking(answering).await {
            Some(response) => response,
            None => after_panic(&ticket),
        },
        Err(response) => *response,
    };
    if !ticket.framed && connection.shared.stop.has_begun() {
        // The connection ends after this answer, whether or not the end came before its request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if ticket.abandoned.take().is_some_and(|abandoned| abandoned.load(Relaxed)) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        connection.pulse.hear_out();
    }
    Ok(finish(response, encoding, ticket))
}

/// Finds the door and lets it begin.
fn begin<'a>(
    connection: &'a Connection,
    request: http::Request<Incoming>,
    ticket: &mut Ticket,
) -> Result<Answering<'a>, Box<Response>> {
    let refuse = |status, why| Err(Box::new(plain(status, why)));
    let (head, incoming) = request.into_parts();
    let limits = &connection.shared.settings.limits;
    let pace = Pace { grace: limits.body_grace, bytes_per_second: limits.body_minimum_pace };
    let waits = head.headers.contains_key(EXPECT);
    let body = RequestBody::from_wire(incoming, pace, waits, &connection.shared.reserve);
    ticket.abandoned = body.abandoned().filter(|_| head.version < Version::HTTP_2);
    connection.pulse.awaits_body(ticket.abandoned.is_some());
    let peer = match peer_of(connection, &head) {
        Ok(peer) => peer,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, why),
    };
    ticket.address = peer.address;
    let Some(route) = connection.shared.routes.find(head.method.as_str(), head.uri.path()) else {
        return refuse(StatusCode::NOT_FOUND, "nothing is served at this address");
    };
    ticket.door = Some(route.meter.clone());
    let request = Request { head, body, peer, id: ticket.id };
    match catch_unwind(AssertUnwindSafe(|| route.door.handle(request))) {
        Ok(answering) => Ok(answering),
        Err(_) => Err(Box::new(after_panic(ticket))),
    }
}

/// Waits for the door; `None` if it panicked.
async fn unless_panicking(mut answering: Answering<'_>) -> Option<Response> {
    // The future is dropped after a panic and never looked at again, so nothing half-changed in it can be seen.
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(response)) => Poll::Ready(Some(response)),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn after_panic(ticket: &Ticket) -> Response {
    ticket.connection.shared.meter.panics.fetch_add(1, Relaxed);
    let door = ticket.door.as_ref().map(|door| door.name);
    tracing::error!(id = %ticket.id, door, "a request panicked");
    plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::full(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn finish(
    response: Response,
    encoding: Option<gzip::Wanted>,
    mut ticket: Ticket,
) -> http::Response<Outgoing> {
    let shared = ticket.connection.shared.clone();
    let (response, held) = match shared.reserve.room_for(response.body().in_memory()) {
        Some(held) => (response, held),
        None => (plain(StatusCode::SERVICE_UNAVAILABLE, "too many large answers at once; try again"), None),
    };
    let (mut head, mut body) = response.into_parts();
    body.end_with(|| Box::pin(shared.stop.reaches(Phase::Draining)));
    if body.is_endless() {
        ticket.last_long();
    } else if ticket.framed {
        ticket.sending = true;
        ticket.connection.pulse.sending_begins();
    }
    ticket.status = head.status;
    ticket.user = head.extensions.remove::<LoggedUser>();
    ticket.head_done();
    if head.status.is_client_error() || head.status.is_server_error() {
        let id = HeaderValue::try_from(ticket.id.to_string()).ok();
        head.headers.extend(id.map(|id| (HeaderName::from_static("x-request-id"), id)));
    }
    let (body, compressor) = match encoding {
        Some(wanted) => gzip::apply(wanted, &mut head, body),
        None => (body, None),
    };
    http::Response::from_parts(head, Outgoing { body, compressor, ticket, _held: held })
}

/// Who asks; refuses requests without exactly one host (RFC 9112 3.2).
fn peer_of(connection: &Connection, head: &Parts) -> Result<Peer, &'static str> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let named = hosts.next();
    if hosts.next().is_some() || (named.is_none() && head.version == Version::HTTP_11) {
        return Err("exactly one Host is needed");
    }
    let asked = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => named.and_then(|value| value.to_str().ok()),
    };
    let origin = &connection.origin;
    let (mut address, mut secure, mut host) = (origin.address, origin.secure, asked);
    if connection.proxy {
        let forwarded = connection.shared.settings.trusted_proxies.resolve(origin.address, &head.headers);
        address = forwarded.address;
        secure = forwarded.secure.unwrap_or(secure);
        host = forwarded.host.or(asked);
    }
    let host = host.filter(|host| is_plausible_host(host)).map(str::to_owned);
    Ok(Peer { address, secure, host, uid: origin.uid })
}

/// A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port; nothing that could break out of a
/// URL or a page.
fn is_plausible_host(host: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (1..=255).contains(&host.len()) && host.bytes().all(allowed)
}

/// Follows a request for the log and the numbers; its end is the end of the request.
pub(crate) struct Ticket {
    connection: Arc<Connection>,
    address: IpAddr,
    id: RequestId,
    begun: Instant,
    method: Method,
    uri: Uri,
    door: Option<Arc<DoorMeter>>,
    status: StatusCode,
    user: Option<LoggedUser>,
    /// Whether the request came with a credential, right or wrong.
    credential: bool,
    endless: bool,
    sent: u64,
    /// Tells when the request's body was left on the wire.
    abandoned: Option<Arc<AtomicBool>>,
    /// HTTP/2.
    framed: bool,
    /// HTTP/2: the answer has an end and is being sent.
    sending: bool,
}

impl Ticket {
    fn new(connection: Arc<Connection>, request: &http::Request<Incoming>) -> Self {
        let framed = request.version() == Version::HTTP_2;
        connection.pulse.request_begins(framed);
        connection.shared.meter.in_flight.fetch_add(1, Relaxed);
        let number = connection.shared.requests.fetch_add(1, Relaxed);
        let id = RequestId(u64::from(connection.shared.settings.run) << 32 | u64::from(number));
        Self {
            address: connection.origin.address,
            connection,
            id,
            begun: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            door: None,
            // Until the door answered; seen in the log only if the client left before.
            status: StatusCode::from_u16(499).unwrap_or(StatusCode::REQUEST_TIMEOUT),
            user: None,
            credential: request.headers().contains_key(AUTHORIZATION),
            endless: false,
            sent: 0,
            abandoned: None,
            framed,
            sending: false,
        }
    }

    /// An event stream lasts for hours: keeps a copy of the path instead of the buffer that the whole head came in.
    fn last_long(&mut self) {
        self.endless = true;
        self.uri = Uri::try_from(self.uri.path().as_bytes()).unwrap_or_default();
    }

    fn head_done(&self) {
        if let Some(door) = &self.door {
            door.count(&self.method, self.status, self.begun.elapsed());
        }
    }

    fn log(&self, taken: Duration) {
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "kontor::access",
                    id = %self.id,
                    address = %self.address,
                    method = %self.method,
                    path = self.uri.path(),
                    status = self.status.as_u16(),
                    bytes = self.sent,
                    ms = u64::try_from(taken.as_millis()).unwrap_or(u64::MAX),
                    user = self.user.as_ref().map(|user| user.0.as_str()),
                    "request"
                )
            };
        }
        let slow = taken >= self.connection.shared.settings.slow_request && !self.endless;
        // Every first request of most clients comes without credentials, so that 401 is daily life; a wrong password
        // is not, and whoever bans guessers reads the log for their addresses.
        let daily = self.status == StatusCode::UNAUTHORIZED && !self.credential;
        if self.status.is_server_error() {
            line!(warn);
        } else if slow || (self.status.is_client_error() && !daily) {
            line!(info);
        } else {
            line!(debug);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.sending {
            self.connection.pulse.sending_ends();
        }
        self.connection.pulse.request_ends();
        self.connection.shared.meter.in_flight.fetch_sub(1, Relaxed);
        self.log(self.begun.elapsed());
    }
}

/// A body on its way out, compressed if wanted, followed by its ticket.
pub(crate) struct Outgoing {
    body: Body,
    compressor: Option<Compressor>,
    ticket: Ticket,
    /// Given back when the last byte is on its way.
    _held: Option<Held>,
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let this = self.get_mut();
        let frame = match &mut this.compressor {
            None => http_body::Body::poll_frame(Pin::new(&mut this.body), cx),
            Some(compressor) => compressor.poll_frame(&mut this.body, cx),
        };
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            let length = frame.data_ref().map_or(0, Bytes::len);
            this.ticket.sent = this.ticket.sent.saturating_add(length as u64);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.compressor.is_none() && http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        if self.compressor.is_some() { SizeHint::default() } else { http_body::Body::size_hint(&self.body) }
    }
}
