//! Compressed answers.
//!
//! Only bodies of text larger than 1 KiB, without an ETag (a compressed body would need one of its own) and without
//! an end-of-server end. Small bodies at hand are compressed at once and keep a length; large ones and streams are
//! compressed piece by piece while they are sent, so that one large answer never holds a worker thread for long.

use crate::Body;
use crate::body::{CutOff, Kind};
use bytes::{Buf, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, VARY,
};
use http::{HeaderMap, Method, StatusCode};
use http_body::{Body as _, Frame};
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bodies up to this size are sent as they are: a packet is a packet.
const SMALL: usize = 1024;
/// Bodies up to this size are compressed in one go; larger ones in pieces of it.
const AT_ONCE: usize = 64 * 1024;
/// Output is handed on in pieces of about this size.
const PIECE: usize = 16 * 1024;
/// Multistatus text shrinks to a tenth at the fastest level already; more effort buys little.
const LEVEL: Compression = Compression::fast();

/// The client accepts gzip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted;

/// Whether this request may be answered compressed.
pub(crate) fn wanted<B>(enabled: bool, request: &http::Request<B>) -> Option<Wanted> {
    (enabled && request.method() != Method::HEAD && accepts(request.headers())).then_some(Wanted)
}

/// RFC 9110 12.5.3: gzip named (or `*`) with a weight above zero.
fn accepts(headers: &HeaderMap) -> bool {
    let mut by_star = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for element in value.to_str().unwrap_or_default().split(',') {
            let (coding, parameters) = element.split_once(';').unwrap_or((element, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
            let some = weight.is_ok_and(|weight| weight > 0.0);
            match coding.trim() {
                coding if coding.eq_ignore_ascii_case("gzip") => return some,
                "*" => by_star = some,
                _ => {}
            }
        }
    }
    by_star
}

/// Compresses `body` if it is worth it, and says so in `head`.
pub(crate) fn apply(
    _wanted: Wanted,
    head: &mut http::response::Parts,
    body: Body,
) -> (Body, Option<Compressor>) {
    if !is_worth_it(head, &body) {
        return (body, None);
    }
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    head.headers.remove(http::header::CONTENT_LENGTH);
    match &body.0 {
        Kind::Full(bytes) if bytes.len() <= AT_ONCE => match squeeze(bytes) {
            Some(squeezed) => (Body::full(squeezed), None),
            None => (body, Some(Compressor::new())),
        },
        _ => (body, Some(Compressor::new())),
    }
}

fn is_worth_it(head: &http::response::Parts, body: &Body) -> bool {
    let status = head.status;
    let bodiless =
        status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED || status.is_informational();
    let headers = &head.headers;
    !bodiless
        && !body.is_endless()
        && body.length().is_none_or(|length| length > SMALL as u64)
        && !headers.contains_key(ETAG)
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && !forbids_change(headers)
        && headers.get(CONTENT_TYPE).is_some_and(is_text)
}

/// RFC 9111 5.2.2.6.
fn forbids_change(headers: &HeaderMap) -> bool {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains("no-transform")))
}

fn is_text(media_type: &HeaderValue) -> bool {
    let text = media_type.to_str().unwrap_or_default();
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || kind.ends_with("xml")
        || kind.ends_with("json")
        || kind.ends_with("javascript")
}

fn squeeze(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), LEVEL);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Compresses a body while it is sent.
pub(crate) struct Compressor {
    encoder: Option<GzEncoder<Vec<u8>>>,
    /// What is left of a piece that was larger than one step.
    waiting: Bytes,
}

impl Compressor {
    fn new() -> Self {
        Self { encoder: Some(GzEncoder::new(Vec::new(), LEVEL)), waiting: Bytes::new() }
    }

    /// Takes input, step by step, until there is a piece of output.
    pub(crate) fn poll_frame(
        &mut self,
        body: &mut Body,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        loop {
            let Some(encoder) = &mut self.encoder else { return Poll::Ready(None) };
            if self.waiting.is_empty() {
                match Pin::new(&mut *body).poll_frame(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Some(Ok(frame))) => self.waiting = frame.into_data().unwrap_or_default(),
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => return Poll::Ready(self.finish()),
                }
            }
            let step = self.waiting.len().min(AT_ONCE);
            let written = self.waiting.get(..step).map_or(Ok(()), |bytes| encoder.write_all(bytes));
            self.waiting.advance(step);
            if written.is_err() {
                return Poll::Ready(Some(Err(CutOff)));
            }
            if encoder.get_ref().len() >= PIECE {
                let output = std::mem::take(encoder.get_mut());
                return Poll::Ready(Some(Ok(Frame::data(output.into()))));
            }
        }
    }

    fn finish(&mut self) -> Option<Result<Frame<Bytes>, CutOff>> {
        let rest = self.encoder.take()?.finish();
        Some(rest.map(|rest| Frame::data(rest.into())).map_err(|_| CutOff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn check(field: &str, expect: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, field.parse().unwrap());
        assert_eq!(accepts(&headers), expect, "{field}");
    }

    #[test]
    fn who_accepts() {
        check("gzip", true);
        check("deflate, gzip;q=0.5", true);
        check("GZIP", true);
        check("gzip;q=0", false);
        check("gzip; q=0.000", false);
        check("*", true);
        check("*;q=0", false);
        check("*, gzip;q=0", false);
        check("br", false);
        check("identity", false);
    }

    fn head(fields: &[(&'static str, &'static str)]) -> http::response::Parts {
        let mut response = http::Response::new(());
        for (name, value) in fields {
            response.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        response.into_parts().0
    }

    #[test]
    fn what_is_compressed() {
        let check = |fields: &[(&'static str, &'static str)], length: usize, expect| {
            assert_eq!(
                is_worth_it(&head(fields), &Body::full(vec![0; length])),
                expect,
                "{fields:?} {length}"
            );
        };
        let xml = ("content-type", "application/xml; charset=utf-8");
        check(&[xml], 1025, true);
        check(&[xml], 1024, false);
        check(&[("content-type", "text/calendar")], 2000, true);
        check(&[("content-type", "image/png")], 2000, false);
        check(&[], 2000, false);
        check(&[xml, ("etag", "\"x\"")], 2000, false);
        check(&[xml, ("content-encoding", "br")], 2000, false);
        check(&[xml, ("cache-control", "no-transform")], 2000, false);
        assert!(!is_worth_it(&head(&[("content-type", "text/event-stream")]), &Body::events().1));
        assert!(is_worth_it(&head(&[xml]), &Body::stream().1));
    }

    async fn round_trip(body: Body) -> Vec<u8> {
        let mut parts = head(&[("content-type", "text/plain")]);
        let (mut body, compressor) = apply(Wanted, &mut parts, body);
        assert_eq!(parts.headers[CONTENT_ENCODING], "gzip");
        let squeezed = match compressor {
            None => body.collect(usize::MAX).await.unwrap(),
            Some(mut compressor) => {
                let mut all = Vec::new();
                while let Some(frame) = std::future::poll_fn(|cx| compressor.poll_frame(&mut body, cx)).await
                {
                    all.extend_from_slice(&frame.unwrap().into_data().unwrap());
                }
                all.into()
            }
        };
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*squeezed).read_to_end(&mut plain).unwrap();
        plain
    }

    #[tokio::test]
    async fn what_comes_out_is_what_went_in() {
        for length in [1025, AT_ONCE, AT_ONCE + 1, 5 * AT_ONCE + 7] {
            let text: Vec<u8> = (0..length).map(|i| (i * i % 251) as u8).collect();
            assert_eq!(round_trip(Body::full(text.clone())).await, text);
            let (sender, body) = Body::stream();
            let pieces = text.clone();
            tokio::spawn(async move {
                for piece in pieces.chunks(1000) {
                    sender.send(Bytes::copy_from_slice(piece)).await.unwrap();
                }
            });
            assert_eq!(round_trip(body).await, text);
        }
    }
}
