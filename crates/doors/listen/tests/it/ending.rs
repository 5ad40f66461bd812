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

/// Whoever was let in before the end is answered: taken by the server and silent so far, or let in by the system alone.
#[tokio::test]
async fn who_was_let_in_before_the_end_is_answered() {
    let running = start(Limits::default()).await;
    let silent = running.connect().await;
    // One after the other is taken, so the one before is taken too.
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut idle, "hello").await;
    // The runtime has one thread, which is ours until we wait: the server learns of these and of its end together.
    let late: Vec<_> = (0..20).map(|_| std::net::TcpStream::connect(running.address).unwrap()).collect();
    let mut late: Vec<_> = late
        .into_iter()
        .map(|stream| {
            stream.set_nonblocking(true).unwrap();
            TcpStream::from_std(stream).unwrap()
        })
        .collect();
    let server = running.server.clone();
    let stopping = tokio::spawn(async move { server.stop().await });
    assert_eq!(read_to_end(&mut idle).await, "", "the end has come");
    late.push(silent);
    for stream in &mut late {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    }
    for stream in &mut late {
        let answer = read_to_end(stream).await;
        assert!(status(&answer) == 200 && answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(stopping.await.unwrap(), Drained { cut: 0 });
}
