//! The unix socket tells who is at the other end.

use crate::house::Obliging;
use kontor_listen::{Listener, Routes, Server, Settings};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

#[tokio::test]
async fn the_process_at_the_other_end_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    let listener = Listener::unix(std::os::unix::net::UnixListener::bind(&path).unwrap()).unwrap();
    let facts = std::fs::metadata(&path).unwrap();
    let server = Server::new(Settings::default(), Routes::new().with("/", "test", Arc::new(Obliging)));
    let serving = server.clone();
    let done = tokio::spawn(async move { serving.serve(listener).await });
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nHost: kontor\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&format!("127.0.0.1 true Some(\"kontor\") Some({})", facts.uid())), "{answer}");
    server.stop().await;
    done.await.unwrap();
}
