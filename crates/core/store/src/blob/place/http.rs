//! HTTP to a bucket: connections over TCP or TLS, and what their failures mean.
//!
//! Deliberately absent: redirects, proxies, cookies. A bucket has one address, which the administrator names.

use super::SLOWEST;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector as Tcp};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use kontor_model::{Error, Result};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
    HttpResponseBody, HttpService,
};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// Connections that nobody uses end after this.
const IDLE: Duration = Duration::from_secs(30);

/// Speaks to one bucket.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client<Connect, HttpRequestBody>,
    /// How long an answer may take to begin, besides the time for what is sent.
    patience: Duration,
}

impl Http {
    /// Believes the authorities of that PEM file, else those of the system.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator.
    pub(super) fn new(authorities: Option<&Path>, patience: Duration) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let failed = |error: rustls::Error| Error::Internal(format!("make ready for TLS: {error}"));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(roots(authorities)?)
            .with_no_client_auth();
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        // Two tries that come to nothing leave time for a third.
        let (connecting, patience) = (patience / 4, patience * 2 / 5);
        let connect = Connect { tcp, tls: TlsConnector::from(Arc::new(config)), patience: connecting };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connect);
        Ok(Self { client, patience })
    }
}

fn roots(file: Option<&Path>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let unsupported = |detail: String| Error::Unsupported { detail };
    let Some(path) = file else {
        // Without TLS nobody asks for them; with TLS the handshake tells that there are none.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let cannot = |why: &dyn std::fmt::Display| unsupported(format!("cannot use {}: {why}", path.display()));
    for one in CertificateDer::pem_file_iter(path).map_err(|error| cannot(&error))? {
        let one = one.map_err(|error| cannot(&error))?;
        roots.add(one).map_err(|error| cannot(&error))?;
    }
    if roots.is_empty() { Err(cannot(&"there is no certificate in it")) } else { Ok(roots) }
}

impl HttpConnector for Http {
    fn connect(&self, _options: &object_store::ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Http {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let bytes = request.body().content_length() as u64;
        let patience = self.patience + Duration::from_millis(bytes.saturating_mul(1_000) / SLOWEST);
        Box::pin(async move {
            match timeout(patience, self.client.request(request)).await {
                Ok(Ok(answer)) => {
                    let (head, body) = answer.into_parts();
                    let body = http_body_util::BodyExt::map_err(body, |error| {
                        HttpError::new(HttpErrorKind::Interrupted, error)
                    });
                    Ok(HttpResponse::from_parts(head, HttpResponseBody::new(body)))
                }
                Ok(Err(error)) => Err(HttpError::new(kind(&error), error)),
                Err(late) => Err(HttpError::new(HttpErrorKind::Timeout, late)),
            }
        })
    }
}

fn kind(error: &ClientError) -> HttpErrorKind {
    if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request }
}

/// Makes connections.
#[derive(Clone)]
struct Connect {
    tcp: Tcp,
    tls: TlsConnector,
    /// How long that may take, TLS included.
    patience: Duration,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connect")
    }
}

impl Service<Uri> for Connect {
    type Response = Wire;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (mut tcp, tls, patience) = (self.tcp.clone(), self.tls.clone(), self.patience);
        Box::pin(async move {
            let connecting = async {
                let stream = tcp.call(to.clone()).await.map_err(io::Error::other)?.into_inner();
                if to.scheme_str() != Some("https") {
                    return Ok(Wire(TokioIo::new(Box::new(stream) as Box<dyn Bytes>)));
                }
                let host = to.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(host).map_err(io::Error::other)?;
                let stream = tls.connect(name, stream).await?;
                Ok(Wire(TokioIo::new(Box::new(stream) as Box<dyn Bytes>)))
            };
            let late = |_| io::Error::new(io::ErrorKind::TimedOut, "connecting takes too long");
            timeout(patience, connecting).await.map_err(late)?
        })
    }
}

/// What bytes go over.
trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A connection, encrypted or not.
struct Wire(TokioIo<Box<dyn Bytes>>);

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
