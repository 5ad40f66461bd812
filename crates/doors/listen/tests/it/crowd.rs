//! Too many, too large.

use crate::house::{read_to_end, start, status};
use kontor_listen::Limits;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn too_many_connections() {
    let running = start(Limits { connections: 3, ..Limits::default() }).await;
    let held = [running.connect().await, running.connect().await, running.connect().await];
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let mut fourth = running.connect().await;
    let answer = read_to_end(&mut fourth).await;
    assert!(status(&answer) == 503 && answer.contains("Retry-After"), "{answer}");
    drop(held);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(status(&running.get("/", "").await), 200);
    assert_eq!(running.server.meter().numbers().connections_refused, 1);
}

#[tokio::test]
async fn too_many_connections_from_one_address() {
    let running = start(Limits { connections_per_address: 2, ..Limits::default() }).await;
    let _held = [running.connect().await, running.connect().await];
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(status(&read_to_end(&mut running.connect().await).await), 503);
    let elsewhere = tokio::net::TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut elsewhere = elsewhere.connect(running.address).await.unwrap();
    elsewhere.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    assert_eq!(status(&read_to_end(&mut elsewhere).await), 200);
    assert_eq!(running.server.meter().numbers().connections_refused_by_address, 1);
}

#[tokio::test]
async fn header_bombs() {
    let running = start(Limits { header_bytes: 16 * 1024, header_count: 50, ..Limits::default() }).await;
    let many: String = (0..51).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(status(&running.get("/", &many).await), 431);
    let long = format!("X: {}\r\n", "y".repeat(40 * 1024));
    let answer = running.get("/", &long).await;
    assert!(answer.is_empty() || status(&answer) == 431, "{answer}");
    let uri = format!("/{}", "z".repeat(70 * 1024));
    let answer = running.get(&uri, "").await;
    assert!(answer.is_empty() || matches!(status(&answer), 414 | 431), "{answer}");
    let fair = format!("X: {}\r\n", "y".repeat(8 * 1024));
    assert_eq!(status(&running.get("/", &fair).await), 200);
}

#[tokio::test]
async fn nonsense_is_answered_and_dropped() {
    let running = start(Limits::default()).await;
    for text in
        ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n"]
    {
        let answer = running.send(text).await;
        assert!(answer.is_empty() || status(&answer) == 400, "{text:?}: {answer}");
    }
    let smuggled = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!";
    assert_eq!(status(&running.send(smuggled).await), 400);
}
