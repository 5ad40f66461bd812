//! A bucket that speaks S3.

use super::fault::chain;
use super::http::Http;
use crate::blob::options::Bucket;
use kontor_model::{Error, Result};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, RetryConfig};
use std::net::IpAddr;
use std::time::Duration;

/// How often something is tried again that the bucket could not do at the moment.
const RETRIES: usize = 8;
/// Pauses between tries: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Makes ready to speak to it; nothing is sent yet.
///
/// # Errors
/// `Unsupported`, with a text for the administrator.
pub(super) fn open(bucket: &Bucket, patience: Duration) -> Result<AmazonS3> {
    let unsupported = |detail: String| Error::Unsupported { detail };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_http_connector(Http::new(bucket.authorities.as_deref(), patience)?)
        .with_retry(RetryConfig {
            backoff: BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
            max_retries: RETRIES,
            // So that the last try has its time too.
            retry_timeout: patience * 2 / 3,
        })
        // Many a server does not know how to remove several at once, and we never want to.
        .with_disable_bulk_delete(true)
        .with_virtual_hosted_style_request(bucket.virtual_host);
    if let Some(endpoint) = &bucket.endpoint {
        let plain = is_plain(endpoint).map_err(unsupported)?;
        if plain && !bucket.allow_plain_http {
            let detail = format!(
                "blobs.endpoint {endpoint} would show everything to everyone on the way: use https, or \
                 blobs.allow_plain_http in a network that you trust"
            );
            return Err(unsupported(detail));
        }
        builder = builder.with_endpoint(endpoint).with_allow_http(true);
    }
    if !bucket.access_key.is_empty() {
        builder = builder
            .with_access_key_id(bucket.access_key.expose())
            .with_secret_access_key(bucket.secret_key.expose());
    }
    if !bucket.session_token.is_empty() {
        builder = builder.with_token(bucket.session_token.expose());
    }
    builder.build().map_err(|error| unsupported(format!("{}: {}", bucket.called(), chain(&error))))
}

/// Whether an endpoint is spoken to in the clear over a network.
fn is_plain(endpoint: &str) -> std::result::Result<bool, String> {
    let uri: http::Uri =
        endpoint.parse().map_err(|error| format!("blobs.endpoint {endpoint} is no URL: {error}"))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(false),
        Some("http") => Ok(!loopback),
        _ => Err(format!("blobs.endpoint {endpoint} begins with https:// or http://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_the_clear() {
        for (endpoint, plain) in [
            ("https://s3.example.org", false),
            ("http://127.0.0.1:9000", false),
            ("http://[::1]:9000", false),
            ("http://localhost:9000", false),
            ("http://minio:9000", true),
            ("http://127.0.0.1.example.org", true),
        ] {
            assert_eq!(is_plain(endpoint), Ok(plain), "{endpoint}");
        }
        for endpoint in ["s3.example.org", "ftp://x", "", "https://a b"] {
            assert!(is_plain(endpoint).is_err(), "{endpoint}");
        }
    }
}
