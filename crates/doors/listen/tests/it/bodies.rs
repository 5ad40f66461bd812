//! Request bodies: whole, too large, announced too large, broken, in pieces.

use crate::house::{brisk, read_to_end, read_until, start, status};
use kontor_listen::Limits;
use tokio::io::AsyncWriteExt;

fn put(length: usize, body: &str) -> String {
    format!("PUT /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn whole_bodies() {
    let running = start(Limits::default()).await;
    for length in [0, 1, 9000, 100_000] {
        let body = "y".repeat(length);
        let answer = running.send(&put(length, &body)).await;
        assert_eq!(status(&answer), 200);
        assert_eq!(answer.split("\r\n\r\n").nth(1).unwrap().len(), length);
    }
    let chunked = "PUT /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert!(running.send(chunked).await.ends_with("abcde"));
}

#[tokio::test]
async fn an_announced_length_is_refused_before_it_is_sent() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    let ask = "PUT /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(status(&answer) == 400 && answer.ends_with("TooLarge"), "{answer}");
}

/// Most clients send all of it before they look for an answer: it must reach them, whatever the size.
#[tokio::test]
async fn a_body_that_is_refused_is_heard_out_so_that_the_answer_arrives() {
    let running = start(Limits::default()).await;
    for chunked in [false, true] {
        let mut stream = running.connect().await;
        let length = 12 << 20;
        let head =
            if chunked { "Transfer-Encoding: chunked".into() } else { format!("Content-Length: {length}") };
        stream
            .write_all(format!("PUT /echo HTTP/1.1\r\nHost: h\r\n{head}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        if chunked {
            stream.write_all(format!("{length:x}\r\n").as_bytes()).await.unwrap();
        }
        for _ in 0..length >> 16 {
            stream.write_all(&[b'z'; 1 << 16]).await.expect("reset before all was sent");
        }
        let answer = read_to_end(&mut stream).await;
        assert!(status(&answer) == 400 && answer.ends_with("TooLarge"), "{answer}");
    }
    assert_eq!(running.server.meter().numbers().connections_cut_slow, 0);
}

/// But not for ever: it costs a place.
#[tokio::test]
async fn who_never_ends_a_refused_body_is_cut() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 900000000\r\n\r\n").await.unwrap();
    let answer = read_until(&mut stream, "TooLarge").await;
    assert_eq!(status(&answer), 400);
    for _ in 0..100 {
        if running.server.meter().numbers().connections_open == 0 {
            return;
        }
        let _cut_at_some_time = stream.write_all(b"more").await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("heard out for ever");
}

#[tokio::test]
async fn an_unannounced_length_is_refused_on_the_way() {
    let running = start(Limits::default()).await;
    let mut text = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    for _ in 0..30 {
        text += "1000\r\n";
        text += &"z".repeat(0x1000);
        text += "\r\n";
    }
    let answer = running.send(&(text + "0\r\n\r\n")).await;
    assert!(answer.ends_with("TooLarge"), "{answer}");
}

/// As with a 401: the door answers before the body is there, and the client asks again on the same connection.
#[tokio::test]
async fn a_body_that_no_door_reads_does_not_cost_the_connection() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    for _ in 0..3 {
        stream.write_all(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n").await.unwrap();
        let answer = read_until(&mut stream, "hello").await;
        assert!(status(&answer) == 200 && !answer.contains("connection: close"), "{answer}");
        stream.write_all(&[b'x'; 9000]).await.unwrap();
    }
    stream.write_all(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n").await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

/// A client that waits for `100 Continue` sends no body after another answer, so nothing can follow it.
#[tokio::test]
async fn a_body_that_is_never_sent_ends_the_connection_and_the_answer_says_so() {
    let running = start(Limits::default()).await;
    let ask = "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
    let answer = running.send(ask).await;
    assert!(status(&answer) == 200 && answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_dawdles_is_refused() {
    let running = start(brisk()).await;
    let mut stream = running.connect().await;
    stream.write_all(put(50, "begun").as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.ends_with("TooSlow"), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_refused() {
    let limits = Limits { body_minimum_pace: 1000, ..brisk() };
    let running = start(limits).await;
    let mut stream = running.connect().await;
    stream.write_all(put(5000, "").as_bytes()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let trickle = tokio::spawn(async move {
        // 100 bytes a second, always something
        while write.write_all(b"zz").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    let mut answer = String::new();
    let reading = tokio::io::AsyncReadExt::read_to_string(&mut read, &mut answer);
    let _end = tokio::time::timeout(std::time::Duration::from_secs(5), reading).await.expect("hangs");
    assert!(answer.ends_with("TooSlow"), "{answer}");
    trickle.abort();
}

/// Each is allowed; all together would fill the machine.
#[tokio::test]
async fn large_bodies_have_only_so_much_memory_together() {
    let running = start(Limits { body_memory: 200_000, ..Limits::default() }).await;
    let half_sent = async || {
        let mut stream = running.connect().await;
        stream.write_all(put(90_000, &"x".repeat(80_000)).as_bytes()).await.unwrap();
        stream
    };
    let (first, mut second) = (half_sent().await, half_sent().await);
    let refused = async || {
        let mut third = half_sent().await;
        let answer =
            tokio::time::timeout(std::time::Duration::from_millis(500), read_to_end(&mut third)).await;
        answer.is_ok_and(|answer| answer.ends_with("NoRoom"))
    };
    while !refused().await {} // until what was sent has been read
    assert!(
        running.send(&put(60_000, &"x".repeat(60_000))).await.starts_with("HTTP/1.1 200"),
        "small ones go on"
    );
    drop(first);
    second.write_all("x".repeat(10_000).as_bytes()).await.unwrap();
    assert_eq!(status(&read_to_end(&mut second).await), 200);
    while refused().await {} // until it is noticed that the first has left
    assert_eq!(status(&running.send(&put(90_000, &"x".repeat(90_000))).await), 200);
}

/// ... and who takes them slowly has no more.
#[tokio::test]
async fn large_answers_have_only_so_much_memory_together() {
    let running = start(Limits { body_memory: 100 << 20, ..Limits::default() }).await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    read_until(&mut slow, "xxx").await;
    let answer = running.get("/large", "").await;
    assert!(status(&answer) == 503 && answer.contains("retry-after: "), "{answer:.300}");
    drop(slow);
    for _ in 0..100 {
        if status(&running.get("/large", "").await) == 200 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("what the slow client held is not given back");
}

#[tokio::test]
async fn a_broken_body_is_told_from_a_whole_one() {
    let running = start(Limits::default()).await;
    let broken = "PUT /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n";
    let answer = running.send(broken).await;
    assert!(answer.ends_with("Broken"), "{answer}");
}

/// Nagle's algorithm on their side holds a small body back until its head is acknowledged.
#[tokio::test]
async fn clients_that_send_head_and_body_apart_do_not_wait_for_it() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.set_nodelay(false).unwrap();
    let began = std::time::Instant::now();
    for n in 0..50 {
        let body = format!("body {n:04}");
        let head = format!("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        read_until(&mut stream, &body).await;
    }
    let took = began.elapsed().as_millis();
    assert!(took < 1_000, "{took} ms for 50 requests; 40 ms each would be 2,000");
}
