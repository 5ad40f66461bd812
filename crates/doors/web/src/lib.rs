//! Pages for people in a browser.
//!
//! One page so far: `/` tells how to connect, program by program, with the addresses filled in from the host that was
//! asked for. Beside it an icon, `robots.txt`, and a page for everything that is not there. Main type: [`WebDoor`].
//!
//! Laws: no script, nothing loaded from elsewhere, no data of the office; every value that came from outside is
//! escaped. Deliberately absent: log-in, and what DAV clients ask (their methods go to the DAV door, on `/` too).

mod page;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use kontor_listen::{Answering, Body, Door, Request, Response};

/// Answers browsers.
pub struct WebDoor {
    version: &'static str,
}

impl WebDoor {
    /// A door that names `version` at the foot of its page.
    pub fn new(version: &'static str) -> Self {
        Self { version }
    }

    fn answer(&self, request: &Request) -> Response {
        let head = &request.head;
        let path = head.uri.path();
        if head.method == Method::GET || head.method == Method::HEAD {
            return match path {
                "/" => html(StatusCode::OK, page::connect(&request.peer, self.version)),
                "/favicon.svg" | "/favicon.ico" | "/favicon" => lasting("image/svg+xml", page::ICON),
                "/robots.txt" => lasting("text/plain; charset=utf-8", page::ROBOTS),
                _ => html(StatusCode::NOT_FOUND, page::missing()),
            };
        }
        match head.method.as_str() {
            "OPTIONS" => with(StatusCode::NO_CONTENT, ALLOW, "GET, HEAD, OPTIONS"),
            _ => with(StatusCode::METHOD_NOT_ALLOWED, ALLOW, "GET, HEAD, OPTIONS"),
        }
    }
}

impl Door for WebDoor {
    fn handle(&self, request: Request) -> Answering<'_> {
        Box::pin(async move { self.answer(&request) })
    }
}

fn with(status: StatusCode, name: HeaderName, value: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn lasting(media_type: &'static str, text: &'static str) -> Response {
    let mut response = with(StatusCode::OK, CACHE_CONTROL, "public, max-age=86400");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    *response.body_mut() = Body::full(Bytes::from_static(text.as_bytes()));
    response
}

fn html(status: StatusCode, text: String) -> Response {
    // The page names the host it was asked for, so nobody may keep it for somebody else.
    let mut response = with(status, CACHE_CONTROL, "private, no-cache");
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, page::POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    *response.body_mut() = Body::full(text);
    response
}
