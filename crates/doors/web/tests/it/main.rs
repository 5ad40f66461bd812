//! The door as a browser and a DAV client see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use http::Method;
use kontor_door_web::WebDoor;
use kontor_listen::{Door, Peer, Request, RequestBody, RequestId};
use std::path::Path;

struct Seen {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

async fn ask(method: &str, path: &str) -> Seen {
    let head = http::Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    let head = head.body(()).unwrap().into_parts().0;
    let peer = Peer { host: Some("office.example:8443".into()), secure: true, ..Peer::loopback() };
    let request = Request { head, body: RequestBody::empty(), peer, id: RequestId(1) };
    let door = WebDoor::new("0.0.0");
    let response = door.handle(request).await;
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(body.collect(1 << 20).await.unwrap().to_vec()).unwrap();
    Seen { status: parts.status.as_u16(), headers: parts.headers, text }
}

/// Set BLESS=1 to write the golden file anew, then read the difference.
#[tokio::test]
async fn the_page_is_the_golden_one() {
    let seen = ask("GET", "/").await;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/connect.golden.html");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&golden, &seen.text).unwrap();
    }
    let expect = std::fs::read_to_string(&golden).unwrap();
    assert!(seen.text == expect, "the page changed; look at it, then run this test with BLESS=1");
    assert_eq!(
        (seen.status, seen.headers["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    assert!(seen.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
}

#[tokio::test]
async fn every_program_is_told_its_address() {
    let page = ask("GET", "/").await.text;
    for program in ["Thunderbird", "iPhone", "iPad", "Mac", "DAVx", "Evolution", "vdirsyncer", "curl"] {
        assert!(page.contains(program), "{program}");
    }
    for address in
        ["/", "/dav/calendars/NAME/default/", "/dav/addressbooks/NAME/default/", "/dav/principals/NAME/"]
    {
        assert!(page.contains(&format!("https://office.example:8443{address}")), "{address}");
    }
    assert!(!page.contains("<script") && !page.contains("src=\"http"));
}

#[tokio::test]
async fn the_rest() {
    let check = async |method: &str, path: &str, status: u16, name: &str, value: &str| {
        let seen = ask(method, path).await;
        assert_eq!(seen.status, status, "{method} {path}");
        assert_eq!(
            seen.headers.get(name).map(|found| found.to_str().unwrap()),
            Some(value),
            "{method} {path}"
        );
    };
    check("HEAD", "/", 200, "content-type", "text/html; charset=utf-8").await;
    check("GET", "/favicon.svg", 200, "content-type", "image/svg+xml").await;
    check("GET", "/favicon.ico", 200, "content-type", "image/svg+xml").await;
    check("GET", "/robots.txt", 200, "content-type", "text/plain; charset=utf-8").await;
    check("GET", "/nothing", 404, "content-type", "text/html; charset=utf-8").await;
    check("GET", "/../etc/passwd", 404, "x-content-type-options", "nosniff").await;
    check("OPTIONS", "/", 204, "allow", "GET, HEAD, OPTIONS").await;
    check("POST", "/", 405, "allow", "GET, HEAD, OPTIONS").await;
}
