//! Stopping in order.

use crate::house::{read_to_end, read_until, start, start_with, status};
use kontor_listen::{Drained, Limits, Settings, TcpOptions};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test]
async fn requests_in_flight_are_finished() {
    let running = start(Limits::default()).await;
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut idle, "hello").await;
    let mut busy = running.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    let server = running.server.clone();
    let stopping = tokio::spawn(async move { server.stop().await });
    let answer = read_to_end(&mut busy).await;
    assert!(status(&answer) == 200 && answer.ends_with("hello"), "{answer}");
    assert!(answer.contains("connection: close"), "the client should know: {answer}");
    assert_eq!(read_to_end(&mut idle).await, "");
    assert_eq!(stopping.await.unwrap(), Drained { cut: 0 });
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn event_streams_end_at_once_and_in_order() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut stream, "first").await;
    let begun = Instant::now();
    assert_eq!(running.server.stop().await, Drained { cut: 0 });
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(read_to_end(&mut stream).await.ends_with("0\r\n\r\n"));
}

#[tokio::test]
async fn what_never_ends_is_cut() {
    let settings = Settings { drain: Duration::from_millis(300), ..Settings::default() };
    let running = start_with(settings, TcpOptions::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /forever HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    assert_eq!(running.server.stop().await, Drained { cut: 1 });
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(read_to_end(&mut stream).await, "");
}
