//! Whether the server is the one that was asked for.

use super::{Mode, chain, unsupported};
use kontor_model::Result;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::path::Path;

type Checked<T> = std::result::Result<T, Error>;

/// Looks at certificates the way the mode says.
#[derive(Debug)]
pub(super) struct Judge {
    mode: Mode,
    authorities: RootCertStore,
    /// What the administrator named: the server's own certificate can be among it.
    named: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Judge {
    /// One that believes the certificates in this file, else those that the system believes.
    pub(super) fn new(mode: Mode, file: Option<&Path>, provider: &CryptoProvider) -> Result<Self> {
        let algorithms = provider.signature_verification_algorithms;
        let mut judge = Self { mode, authorities: RootCertStore::empty(), named: Vec::new(), algorithms };
        if !mode.verifies() {
            return Ok(judge);
        }
        match file {
            Some(path) => {
                judge.named = chain(path)?;
                for one in &judge.named {
                    let added = judge.authorities.add(one.clone());
                    added.map_err(|error| unsupported(format!("cannot use {}: {error}", path.display())))?;
                }
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                judge.authorities.add_parsable_certificates(found.certs);
                if judge.authorities.is_empty() {
                    let detail = "the system has no list of authorities to check the database's certificate \
                                  by: install one (ca-certificates), or name a file in store.ca_file";
                    return Err(unsupported(detail.to_owned()));
                }
            }
        }
        Ok(judge)
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _stapled: &[u8],
        now: UnixTime,
    ) -> Checked<ServerCertVerified> {
        if self.mode.verifies() {
            let parsed = ParsedCertificate::try_from(shown)?;
            // The very certificate that was named needs nobody to vouch for it. The manual of PostgreSQL has people make
            // such ones, which say of themselves that they are authorities.
            if !self.named.iter().any(|one| one == shown) {
                let all = self.algorithms.all;
                verify_server_cert_signed_by_trust_anchor(&parsed, &self.authorities, between, now, all)?;
            }
            if self.mode == Mode::VerifyFull {
                verify_server_name(&parsed, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Checked<HandshakeSignatureValid> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What a failed handshake means, and what to do.
pub(super) fn why(host: &str, error: &std::io::Error) -> String {
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match cause {
        Some(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => format!(
            "its certificate is not for {host}: use the name that is in it (as subjectAltName), or say \
             sslmode=verify-ca in store.url if any server of that authority will do"
        ),
        // The latter: somebody of the same name vouches.
        Some(Error::InvalidCertificate(UnknownIssuer | BadSignature)) => {
            "nobody known vouches for its certificate: name the file of its authority in store.ca_file"
                .to_owned()
        }
        Some(Error::InvalidCertificate(Expired | ExpiredContext { .. })) => {
            "its certificate has expired: renew it there".to_owned()
        }
        Some(Error::InvalidCertificate(NotValidYet | NotValidYetContext { .. })) => {
            "its certificate is not valid yet: look at the clocks of both machines".to_owned()
        }
        Some(other) => format!("TLS failed: {other}"),
        None => format!("TLS failed: {error}"),
    }
}
