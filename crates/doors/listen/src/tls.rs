//! Certificates from PEM files, read again when they change.

use crate::StartError;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, for the listeners that use it. TLS 1.2 and 1.3, HTTP/2 offered by ALPN.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    shown: Arc<Shown>,
    stamp: Mutex<Stamp>,
    acceptor: TlsAcceptor,
}

/// A signature with SHA-256, and whose.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The certificate and those above it, in DER.
    pub chain: Vec<Vec<u8>>,
    /// RSA (PKCS #1 1.5), else ECDSA in DER.
    pub is_rsa: bool,
    /// The bytes.
    pub signature: Vec<u8>,
}

/// The certificate shown to new connections.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

/// Modification time and length of both files.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a certificate chain and its private key.
    ///
    /// # Errors
    /// A file is missing or unreadable, holds no certificate or key, or the two do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, StartError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let stamp = stamp_of(certificate, key);
        let shown = Arc::new(Shown(RwLock::new(Arc::new(read(certificate, key, &provider)?))));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StartError(format!("cannot set up TLS: {error}")))?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            shown,
            stamp: Mutex::new(stamp),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }))
    }

    /// Reads the files again if they changed since they were last looked at; new connections then get the new
    /// certificate. Returns whether they had changed.
    ///
    /// # Errors
    /// As for [`Tls::load`]; the old certificate stays in use, and the error is told once for each change of a file.
    pub fn reload_if_changed(&self) -> Result<bool, StartError> {
        let now = stamp_of(&self.certificate, &self.key);
        {
            let mut stamp = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            if *stamp == now {
                return Ok(false);
            }
            *stamp = now;
        }
        let fresh = read(&self.certificate, &self.key, self.acceptor.config().crypto_provider())?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(true)
    }

    /// Signs with the key of the certificate in use, and tells the chain: for files that shall say where they come
    /// from. `None` if the key can do neither ECDSA on P-256 nor RSA, with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Option<Signed> {
        const SCHEMES: [SignatureScheme; 2] =
            [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PKCS1_SHA256];
        let shown = self.shown.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let signer = shown.key.choose_scheme(&SCHEMES)?;
        let is_rsa = signer.scheme() == SignatureScheme::RSA_PKCS1_SHA256;
        let signature = signer.sign(message).ok()?;
        Some(Signed { chain: shown.cert.iter().map(|one| one.to_vec()).collect(), is_rsa, signature })
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

fn stamp_of(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| {
        let facts = std::fs::metadata(path).ok()?;
        Some((facts.modified().ok()?, facts.len()))
    })
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, StartError> {
    let wrong = |path: &Path, error: &dyn fmt::Display| {
        StartError(format!("cannot read the TLS file {}: {error}", path.display()))
    };
    let bytes = std::fs::read(certificate).map_err(|error| wrong(certificate, &error))?;
    let chain = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"it holds no certificate"));
    }
    let bytes = std::fs::read(key).map_err(|error| wrong(key, &error))?;
    let secret = PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| wrong(key, &error))?;
    CertifiedKey::from_der(chain, secret, provider).map_err(|error| {
        StartError(format!(
            "the TLS certificate {} and the key {} cannot be used: {error}",
            certificate.display(),
            key.display()
        ))
    })
}
