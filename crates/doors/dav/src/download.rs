//! GET of a file: in pieces as they are read, and parts of it if those are asked for (RFC 9110 14).

use crate::call::Call;
use crate::error::Refusal;
use crate::precondition::{Conditions, Current, Reading};
use crate::reply::text;
use crate::{browse, checksum, date, token};
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::{INLINE_BYTES, OpenBody, Place};
use kontor_listen::{Body, BodySender, Response};
use kontor_model::{ItemMeta, ItemName};
use kontor_wire_dav::answer::Byteranges;
use kontor_wire_dav::header::{EntityTag, IfRange, Parts, Ranges, Span};

/// Answers GET and HEAD of a file.
pub(crate) async fn answer(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<Response, Refusal> {
    let open = call.session.office().open_item(&call.session.asker, place, name).await;
    opened(call, place, open.map_err(|error| call.refuse(error))?).await
}

/// Answers GET and HEAD of what was opened.
pub(crate) async fn opened(call: &Call<'_>, place: &Place, open: OpenBody) -> Result<Response, Refusal> {
    let meta = open.meta().clone();
    let tag = token::item_etag(place, &meta);
    let reading = match Conditions::of(call)? {
        Some(conditions) => conditions.read(&Current::dated(tag.as_str(), meta.modified))?,
        None => Reading::Wanted,
    };
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    text(headers, header::ETAG, tag.as_str());
    text(headers, header::LAST_MODIFIED, &date::http(meta.modified));
    if reading == Reading::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    text(headers, header::CONTENT_TYPE, &meta.media_type);
    browse::guard(headers, &meta.media_type);
    let parts = parts(call, &meta, tag.as_str());
    if parts != Parts::Nothing {
        checksum::tell(call, headers, parts == Parts::Whole, || open.sha256());
    }
    if call.head.method == http::Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(meta.size));
        return Ok(answer);
    }
    match parts {
        Parts::Whole => {
            let body = whole(open).await.map_err(|error| call.refuse(error))?;
            *answer.body_mut() = body;
        }
        Parts::Nothing => {
            *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            text(answer.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", meta.size));
        }
        Parts::Some(spans) => some(call, open, &spans, &mut answer),
    }
    Ok(answer)
}

/// Which parts are asked for; the whole if the file is another than the asker has parts of.
fn parts(call: &Call<'_>, meta: &ItemMeta, tag: &str) -> Parts {
    let Some(ranges) = call.header("range").and_then(Ranges::parse) else { return Parts::Whole };
    let tag = EntityTag::strong(tag.trim_matches('"'));
    let changed = date::http(meta.modified);
    let same = call.header("if-range").is_none_or(|value| IfRange::parse(value).holds(&tag, Some(&changed)));
    if same { ranges.of(meta.size) } else { Parts::Whole }
}

/// All of it; what is small at once.
async fn whole(open: OpenBody) -> kontor_model::Result<Body> {
    let size = open.meta().size;
    if size <= INLINE_BYTES as u64 {
        let mut reader = open.read_all();
        let mut all = Vec::new();
        while let Some(piece) = reader.next().await {
            let piece = piece?;
            if piece.len() as u64 == size {
                return Ok(Body::full(piece));
            }
            all.extend_from_slice(&piece);
        }
        return Ok(Body::full(all));
    }
    let (to, body) = Body::sized(size);
    tokio::spawn(send(
        open,
        vec![(String::new(), Span { first: 0, last: size.saturating_sub(1) })],
        String::new(),
        to,
    ));
    Ok(body)
}

/// 206 with one part, or several one after the other.
fn some(call: &Call<'_>, open: OpenBody, spans: &[Span], answer: &mut Response) {
    let meta = open.meta().clone();
    *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    if let [span] = spans {
        text(answer.headers_mut(), header::CONTENT_RANGE, &span.content_range(meta.size));
        let (to, body) = Body::sized(span.size());
        tokio::spawn(send(open, vec![(String::new(), *span)], String::new(), to));
        *answer.body_mut() = body;
        return;
    }
    let boundary = format!("{:032x}", call.session.office().fresh());
    let several = Byteranges { boundary, media_type: meta.media_type, whole: meta.size };
    text(answer.headers_mut(), header::CONTENT_TYPE, &several.content_type());
    let (to, body) = Body::sized(several.size(spans));
    let parts = spans.iter().map(|span| (several.head(*span), *span)).collect();
    tokio::spawn(send(open, parts, several.end(), to));
    *answer.body_mut() = body;
}

/// Hands on parts, each behind what stands before it. What cannot be read to its end is broken off, so that nobody takes
/// it for whole.
async fn send(open: OpenBody, parts: Vec<(String, Span)>, end: String, to: BodySender) {
    for (head, span) in parts {
        if to.send(head.into()).await.is_err() {
            return;
        }
        let mut reader = open.read(span.first..span.last.saturating_add(1));
        while let Some(piece) = reader.next().await {
            match piece {
                Ok(piece) => {
                    if to.send(piece).await.is_err() {
                        return;
                    }
                }
                // The store has logged it.
                Err(_) => return to.cut_off(),
            }
        }
    }
    let _ = to.send(end.into()).await;
}
