//! What a well-behaved client sees.

use crate::house::{read_until, start, status};
use kontor_listen::Limits;
use std::io::Read;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn many_requests_on_one_connection() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
        let answer = read_until(&mut stream, "hello").await;
        assert_eq!(status(&answer), 200);
        assert!(answer.contains("content-length: 5\r\n"), "{answer}");
    }
    let numbers = running.server.meter().numbers();
    assert_eq!(numbers.doors[0].requests, [("GET", 2, 3)]);
    assert_eq!((numbers.connections_accepted, numbers.connections_open), (1, 1));
    assert!(numbers.bytes_received > 60 && numbers.bytes_sent > 60, "{numbers:?}");
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /panic HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let answer = read_until(&mut stream, "internal error").await;
    assert_eq!(status(&answer), 500);
    assert!(answer.contains("x-request-id: "), "{answer}");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    assert_eq!(status(&read_until(&mut stream, "hello").await), 200);
    assert_eq!(running.server.meter().numbers().panics, 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    let running = start(Limits::default()).await;
    for path in ["/cut", "/dies"] {
        let answer = running.get(path, "").await;
        assert_eq!(status(&answer), 200);
        assert!(!answer.ends_with("0\r\n\r\n"), "{path} looks whole: {answer}");
    }
}

#[tokio::test]
async fn exactly_one_host() {
    let running = start(Limits::default()).await;
    assert_eq!(status(&running.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await), 400);
    assert_eq!(status(&running.get("/", "Host: other\r\n").await), 400);
    assert_eq!(status(&running.send("GET / HTTP/1.0\r\n\r\n").await), 200);
    let odd = running.send("GET /who HTTP/1.1\r\nHost: a\"><script>\r\nConnection: close\r\n\r\n").await;
    assert!(odd.ends_with("None None"), "{odd}");
}

#[tokio::test]
async fn text_is_compressed_when_it_has_no_etag() {
    let running = start(Limits::default()).await;
    let plain = running.get("/text", "").await;
    assert!(plain.ends_with("much the same, ") && !plain.contains("content-encoding"), "{plain:.200}");
    let tagged = running.get("/tagged", "Accept-Encoding: gzip\r\n").await;
    assert!(!tagged.contains("content-encoding"), "{tagged:.200}");
    let mut stream = running.connect().await;
    let ask = b"GET /text HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let border = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&answer[..border]).into_owned();
    assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{head}");
    assert!(head.contains("content-length: "), "{head}");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&answer[border..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "much the same, ".repeat(1000));
}
