//! Clients that take their time.

use crate::house::{brisk, read_until, start};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long the server keeps the connection open from now, at most 5 s.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    let mut buffer = [0; 1024];
    let reading = async { while matches!(stream.read(&mut buffer).await, Ok(count) if count > 0) {} };
    tokio::time::timeout(Duration::from_secs(5), reading).await.expect("never closed");
    begun.elapsed()
}

fn check(took: Duration, at_least: u64, at_most: u64) {
    let took = took.as_millis() as u64;
    assert!((at_least..at_most).contains(&took), "closed after {took} ms, not {at_least} to {at_most}");
}

#[tokio::test]
async fn a_client_that_says_nothing() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    check(closed_after(&mut stream).await, 250, 1500);
}

#[tokio::test]
async fn slowloris() {
    let running = start(brisk()).await;
    let stream = running.connect().await;
    let (mut read, mut write) = stream.into_split();
    let drip = tokio::spawn(async move {
        write.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n").await.unwrap();
        for number in 0.. {
            if write.write_all(format!("X-{number}: y\r\n").as_bytes()).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    });
    let begun = Instant::now();
    let mut answer = String::new();
    let _end = tokio::time::timeout(Duration::from_secs(5), read.read_to_string(&mut answer)).await.unwrap();
    check(begun.elapsed(), 250, 1500);
    assert_eq!(answer, "");
    assert_eq!(running.server.meter().numbers().connections_cut_slow, 1);
    drip.abort();
}

#[tokio::test]
async fn idle_after_a_request_then_a_slow_second_head() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut stream, "hello").await;
    check(closed_after(&mut stream).await, 450, 2000);
    assert_eq!(running.server.meter().numbers().connections_cut_slow, 0, "idle is no fault");

    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut stream, "hello").await;
    stream.write_all(b"GET /").await.unwrap();
    closed_after(&mut stream).await;
    assert_eq!(running.server.meter().numbers().connections_cut_slow, 1);
}

#[tokio::test]
async fn a_request_that_takes_long_is_not_the_clients_fault() {
    let running = start(brisk()).await;
    let answer = running.get("/wait", "").await;
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if running.server.meter().numbers().connections_open == 0 {
            return;
        }
    }
    panic!("still open: {:?}", running.server.meter().numbers());
}

#[tokio::test]
async fn an_event_stream_may_be_silent() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut stream, "first").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(running.server.meter().numbers().requests_in_flight, 1);
}
