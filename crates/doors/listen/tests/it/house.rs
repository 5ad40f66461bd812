//! A server with a door that does what the path says, and a client that speaks raw HTTP/1.1.

use bytes::Bytes;
use http::StatusCode;
use kontor_listen::{
    Answering, Body, Door, Limits, Listener, LoggedUser, Request, Response, Routes, Server, Settings,
    TcpOptions,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Obliging;

impl Door for Obliging {
    fn handle(&self, request: Request) -> Answering<'_> {
        Box::pin(oblige(request))
    }
}

async fn oblige(mut request: Request) -> Response {
    let path = request.head.uri.path().to_owned();
    let mut response = Response::new(Body::full("hello"));
    match path.as_str() {
        "/panic" => panic!("as asked"),
        "/who" => {
            let peer = &request.peer;
            let text = format!("{} {} {:?} {:?}", peer.address, peer.secure, peer.host, peer.uid);
            *response.body_mut() = Body::full(text);
        }
        "/wait" => tokio::time::sleep(Duration::from_millis(400)).await,
        "/forever" => std::future::pending().await,
        "/echo" => match request.body.read_all(100_000).await {
            Ok(bytes) => *response.body_mut() = Body::full(bytes),
            Err(error) => {
                *response.status_mut() = StatusCode::BAD_REQUEST;
                *response.body_mut() = Body::full(format!("{error:?}"));
            }
        },
        "/text" | "/tagged" => {
            response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            if path == "/tagged" {
                response.headers_mut().insert("etag", "\"x\"".parse().unwrap());
            }
            *response.body_mut() = Body::full("much the same, ".repeat(1000));
        }
        "/large" => *response.body_mut() = Body::full(Bytes::from(vec![b'x'; 64 << 20])),
        "/flood" => *response.body_mut() = flood(),
        "/events" => *response.body_mut() = events(),
        "/cut" | "/dies" => *response.body_mut() = broken(path == "/dies"),
        _ => {}
    }
    response.extensions_mut().insert(LoggedUser("anna".into()));
    response
}

fn events() -> Body {
    let (sender, body) = Body::events();
    tokio::spawn(async move {
        sender.send(Bytes::from_static(b"data: first\n\n")).await.unwrap();
        sender.gone().await;
    });
    body
}

fn flood() -> Body {
    let (sender, body) = Body::stream();
    tokio::spawn(async move {
        for _ in 0..2000 {
            if sender.send(Bytes::from(vec![b'x'; 64 << 10])).await.is_err() {
                return;
            }
        }
    });
    body
}

fn broken(dies: bool) -> Body {
    let (sender, body) = Body::stream();
    tokio::spawn(async move {
        sender.send(Bytes::from_static(b"half of it")).await.unwrap();
        if dies {
            panic!("as asked");
        }
        sender.cut_off();
    });
    body
}

pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
}

pub(crate) fn brisk() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_millis(600),
        handshake_timeout: Duration::from_millis(300),
        body_grace: Duration::from_millis(300),
        write_timeout: Duration::from_millis(500),
        ..Limits::default()
    }
}

pub(crate) async fn start_with(settings: Settings, options: TcpOptions) -> Running {
    let routes = Routes::new().with("/", "test", Arc::new(Obliging));
    let server = Server::new(settings, routes);
    let listener = Listener::tcp(std::net::TcpListener::bind("127.0.0.1:0").unwrap(), options).unwrap();
    let address = listener.address().unwrap();
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(listener).await });
    Running { server, address }
}

pub(crate) async fn start(limits: Limits) -> Running {
    start_with(Settings { limits, ..Settings::default() }, TcpOptions::default()).await
}

impl Running {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `text` on a fresh connection and reads all that comes until the server closes it.
    pub(crate) async fn send(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        // The server may answer and close before it has taken everything.
        let _refused = stream.write_all(text.as_bytes()).await;
        read_to_end(&mut stream).await
    }

    /// GET with further header lines (each ended by CRLF), on a connection of its own.
    pub(crate) async fn get(&self, path: &str, lines: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n{lines}\r\n"))
            .await
    }
}

/// Everything until the end, or what came within 10 s.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _ended =
        tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await.expect("hangs");
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads until `end` has come.
pub(crate) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&all).contains(end) {
        let count =
            tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(count, 0, "closed after {:?}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

pub(crate) fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no status: {answer:?}"))
}
