//! TLS to the database: who is believed, and how a connection is made to speak it.
//!
//! PostgreSQL 15, 34.19 "SSL Support", has the words of `sslmode`; what is meant by them here: `disable` never encrypts;
//! `prefer` encrypts if the server can, and believes anybody; `require` insists on it, and believes anybody;
//! `verify-ca` believes whom the authorities vouch for; `verify-full` besides that the certificate is for the name
//! asked for.

mod binding;
mod trust;

use super::PostgresOptions;
use kontor_model::{Error, Result};
use rustls::ClientConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client};

/// How much is asked of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    /// By the word of `sslmode`.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }

    /// Whether somebody has to vouch for the server.
    pub(super) fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }
}

/// Where certificates and keys lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Files {
    /// Whom to believe; nothing is the system's own list.
    pub(super) authorities: Option<PathBuf>,
    /// Who we are.
    pub(super) certificate: Option<PathBuf>,
    /// Its key.
    pub(super) key: Option<PathBuf>,
}

impl Files {
    /// As the options name them.
    pub(super) fn of(options: &PostgresOptions) -> Self {
        Self {
            authorities: options.authorities.clone(),
            certificate: options.certificate.clone(),
            key: options.key.clone(),
        }
    }
}

/// Makes connections speak TLS; nothing if they shall not.
#[derive(Clone)]
pub(super) struct Tls(Option<Arc<ClientConfig>>);

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// `Unsupported`, with a text for the administrator, if one is not there or not what it should be.
    pub(super) fn new(mode: Mode, files: &Files) -> Result<Self> {
        if mode == Mode::Disable {
            return Ok(Self(None));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let judge = trust::Judge::new(mode, files.authorities.as_deref(), &provider)?;
        let broken = |error: rustls::Error| unsupported(format!("cannot set up TLS: {error}"));
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge));
        let mut config = match (&files.certificate, &files.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificate), Some(key)) => builder
                .with_client_auth_cert(chain(certificate)?, private_key(key)?)
                .map_err(|error| unsupported(format!("cannot use {}: {error}", certificate.display())))?,
            _ => {
                return Err(unsupported(
                    "the client certificate and its key belong together: one is missing".into(),
                ));
            }
        };
        // PostgreSQL 17, 34.1.2, sslnegotiation: what it wants to hear before it speaks TLS at once.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self(Some(Arc::new(config))))
    }
}

fn unsupported(detail: String) -> Error {
    Error::Unsupported { detail }
}

/// The certificates of a file, at least one.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = |why: &dyn fmt::Display| {
        unsupported(format!("cannot read the certificates in {}: {why}", path.display()))
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
    let all = CertificateDer::pem_slice_iter(&bytes).collect::<std::result::Result<Vec<_>, _>>();
    let all = all.map_err(|error| wrong(&error))?;
    if all.is_empty() { Err(wrong(&"there is none, in PEM form")) } else { Ok(all) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    let key = PrivateKeyDer::from_pem_file(path);
    key.map_err(|error| unsupported(format!("cannot read the key in {}: {error}", path.display())))
}

/// Why a server is not talked to, for the administrator.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The handshake with one server.
pub(super) struct Handshake(Option<(TlsConnector, ServerName<'static>)>);

type Shaking<S> = Pin<Box<dyn Future<Output = std::result::Result<Encrypted<S>, Refused>> + Send>>;

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = Refused;

    fn make_tls_connect(&mut self, host: &str) -> std::result::Result<Handshake, Refused> {
        // Through a socket file there is no name, and no TLS either.
        let Some(config) = self.0.as_ref().filter(|_| !host.is_empty()) else { return Ok(Handshake(None)) };
        let name = ServerName::try_from(host.to_owned());
        let name =
            name.map_err(|_| Refused(format!("{host:?} is not a name that a certificate can have")))?;
        Ok(Handshake(Some((TlsConnector::from(Arc::clone(config)), name))))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = Refused;
    type Future = Shaking<S>;

    fn connect(self, stream: S) -> Shaking<S> {
        Box::pin(async move {
            let none = || Refused("no TLS was asked for".to_owned());
            let (connector, name) = self.0.ok_or_else(none)?;
            let host = name.to_str().into_owned();
            let shaken = connector.connect(name, stream).await;
            shaken.map(Encrypted).map_err(|error| Refused(trust::why(&host, &error)))
        })
    }
}

/// A connection that is encrypted.
pub(super) struct Encrypted<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        let shown = self.0.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let digest = shown.and_then(|certificate| binding::end_point(certificate));
        digest.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
