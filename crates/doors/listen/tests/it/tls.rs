//! Certificates, reload, and HTTP/2.

use crate::house::{Running, brisk, start_with};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use kontor_listen::{Listener, Settings, TcpOptions, Tls};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

struct Folder {
    _kept: tempfile::TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

fn folder() -> Folder {
    let kept = tempfile::tempdir().unwrap();
    let (certificate, key) = (kept.path().join("cert.pem"), kept.path().join("key.pem"));
    Folder { _kept: kept, certificate, key }
}

/// Writes a fresh self-signed certificate and gives it back for the client to trust.
fn issue(folder: &Folder) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&folder.certificate, made.cert.pem()).unwrap();
    std::fs::write(&folder.key, made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

async fn start(folder: &Folder) -> Running {
    let tls = Some(Tls::load(&folder.certificate, &folder.key).unwrap());
    let settings =
        Settings { certificate_check: Duration::from_millis(50), limits: brisk(), ..Settings::default() };
    start_with(settings, TcpOptions { tls, ..TcpOptions::default() }).await
}

async fn shake(
    running: &Running,
    trusted: &CertificateDer<'static>,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, running.connect().await).await
}

#[tokio::test]
async fn http_2_by_alpn() {
    let folder = folder();
    let trusted = issue(&folder);
    let running = start(&folder).await;
    let stream = shake(&running, &trusted, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    for _ in 0..3 {
        let request = http::Request::get("https://localhost/who").body(Empty::<Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&text[..], b"127.0.0.1 true Some(\"localhost\") None");
    }
    let request = http::Request::get("https://localhost/panic").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 500);
}

#[tokio::test]
async fn http_1_by_alpn() {
    let folder = folder();
    let trusted = issue(&folder);
    let running = start(&folder).await;
    let stream = shake(&running, &trusted, b"http/1.1").await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("/who").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_changed_certificate_is_shown_to_new_connections() {
    let folder = folder();
    let old = issue(&folder);
    let running = start(&folder).await;
    shake(&running, &old, b"h2").await.unwrap();
    let new = issue(&folder);
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if shake(&running, &new, b"h2").await.is_ok() {
            assert!(shake(&running, &old, b"h2").await.is_err());
            return;
        }
    }
    panic!("the new certificate never came");
}

#[tokio::test]
async fn a_broken_certificate_leaves_the_old_one_in_use() {
    let folder = folder();
    let old = issue(&folder);
    let tls = Tls::load(&folder.certificate, &folder.key).unwrap();
    assert_eq!(tls.reload_if_changed(), Ok(false));
    std::fs::write(&folder.certificate, "-----BEGIN CERTIFICATE-----\nnonsense\n").unwrap();
    assert!(tls.reload_if_changed().is_err());
    assert_eq!(tls.reload_if_changed(), Ok(false), "told once");
    let options = TcpOptions { tls: Some(tls), ..TcpOptions::default() };
    let running = start_with(Settings::default(), options).await;
    shake(&running, &old, b"h2").await.unwrap();
}

#[tokio::test]
async fn a_handshake_that_never_comes() {
    let folder = folder();
    issue(&folder);
    let running = start(&folder).await;
    let _silent = running.connect().await;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let numbers = running.server.meter().numbers();
    assert_eq!((numbers.connections_open, numbers.handshakes_failed), (0, 1));
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let folder = folder();
    let why = |certificate: &Path, key: &Path| Tls::load(certificate, key).unwrap_err().to_string();
    let missing = why(&folder.certificate, &folder.key);
    assert!(missing.contains("cert.pem") && missing.contains("No such file"), "{missing}");
    issue(&folder);
    let swapped = why(&folder.key, &folder.key);
    assert!(swapped.contains("no certificate"), "{swapped}");
    let other = self::folder();
    issue(&other);
    let mixed = why(&folder.certificate, &other.key);
    assert!(mixed.contains("cannot be used"), "{mixed}");
    let everywhere = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let open = Listener::tcp(everywhere, TcpOptions::default()).unwrap_err().to_string();
    assert!(open.contains("allow_plain_http"), "{open}");
}

/// HTTP/2 without TLS, by prior knowledge (RFC 9113 3.3), and a client that never asks for more than the first window.
#[tokio::test]
async fn an_http_2_client_that_does_not_take_its_answer() {
    let running = crate::house::start(brisk()).await;
    let stream = TokioIo::new(running.connect().await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("http://h/flood").body(Empty::<Bytes>::new()).unwrap();
    let unread = sender.send_request(request).await.unwrap();
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if running.server.meter().numbers().connections_open == 0 {
            assert_eq!(running.server.meter().numbers().connections_cut_slow, 1);
            drop(unread);
            return;
        }
    }
    panic!("still open: {:?}", running.server.meter().numbers());
}
