//! The unix socket tells who is at the other end.

use crate::house::Obliging;
use kontor_listen::{Listener, Routes, Server, Settings};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

#[tokio::test]
async fn a_socket_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin.sock");
    std::fs::write(&path, "left over").unwrap();
    let listener = Listener::unix(&path).unwrap();
    let facts = std::fs::metadata(&path).unwrap();
    assert_eq!(facts.permissions().mode() & 0o777, 0o600);
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
    assert!(!path.exists(), "the socket goes with the server");
}
