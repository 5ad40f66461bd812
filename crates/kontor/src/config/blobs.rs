//! Where large bodies lie: what was set, and what the store takes.

use super::{Blobs, Config};
use kontor_model::Secret;
use kontor_store::blob::Bucket;
use kontor_store::{BlobOptions, BlobPlace};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder in the data folder that is used unless told otherwise.
const USUAL: &str = "blobs";

/// Variables that other programs read too, for buckets: they count where the key is set neither in the environment under
/// its own name, nor in the file.
pub(super) const STANDARD: &[(&str, &str)] = &[
    ("access_key", "AWS_ACCESS_KEY_ID"),
    ("secret_key", "AWS_SECRET_ACCESS_KEY"),
    ("session_token", "AWS_SESSION_TOKEN"),
    ("region", "AWS_REGION"),
];

/// What is said of large bodies.
#[derive(Clone, Debug)]
pub(crate) struct Laid {
    /// `None` is in the data folder.
    place: Option<BlobPlace>,
    keep_unused: Duration,
    patience: Duration,
}

impl Laid {
    /// Whether a place is named.
    pub(crate) fn is_named(&self) -> bool {
        self.place.is_some()
    }

    /// For a server on this data folder.
    pub(crate) fn on(&self, data: &Path) -> BlobOptions {
        let place = self.place.clone().unwrap_or_else(|| BlobPlace::Folder(data.join(USUAL)));
        let (keep_unused, patience) = (self.keep_unused, self.patience);
        BlobOptions { keep_unused, patience, ..BlobOptions::at(place) }
    }
}

impl Config {
    pub(super) fn blobs(&self) -> Result<Laid, String> {
        let from = &self.blobs;
        let keep_unused = Duration::from_secs(from.keep_unused_hours * 3600);
        let patience = Duration::from_secs(from.patience_seconds);
        Ok(Laid { place: from.place()?, keep_unused, patience })
    }
}

impl Blobs {
    fn place(&self) -> Result<Option<BlobPlace>, String> {
        if self.url.starts_with("s3://") {
            return self.bucket().map(|bucket| Some(BlobPlace::Bucket(Box::new(bucket))));
        }
        if self.url.contains("://") {
            return Err(format!("blobs.url {:?} is neither a folder nor s3://BUCKET/PREFIX", self.url));
        }
        if !self.access_key.is_empty() || !self.endpoint.is_empty() {
            let key = if self.endpoint.is_empty() { "access_key" } else { "endpoint" };
            return Err(format!(
                "blobs.{key} is for a bucket, and blobs.url names none (s3://BUCKET/PREFIX)"
            ));
        }
        Ok((!self.url.is_empty()).then(|| BlobPlace::Folder(PathBuf::from(&self.url))))
    }

    fn bucket(&self) -> Result<Bucket, String> {
        let named = Bucket::of_url(&self.url);
        let named = named.ok_or_else(|| format!("blobs.url {:?} is not s3://BUCKET/PREFIX", self.url))?;
        if self.access_key.is_empty() != self.secret_key.is_empty() {
            return Err("blobs.access_key and blobs.secret_key belong together: one is missing".into());
        }
        let endpoint = Some(self.endpoint.clone()).filter(|endpoint| !endpoint.is_empty());
        Ok(Bucket {
            region: self.region.clone(),
            // Amazon wants it so, nobody else can be told by the bucket's name.
            virtual_host: self.virtual_host || endpoint.is_none(),
            endpoint,
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.clone(),
            session_token: self.session_token.clone(),
            authorities: self.ca_file.clone(),
            allow_plain_http: self.allow_plain_http,
            ..named
        })
    }
}

impl Default for Blobs {
    fn default() -> Self {
        let usual = BlobOptions::at(BlobPlace::Folder(PathBuf::new()));
        Self {
            url: String::new(),
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            virtual_host: false,
            access_key: Secret::default(),
            access_key_file: None,
            secret_key: Secret::default(),
            secret_key_file: None,
            session_token: Secret::default(),
            session_token_file: None,
            ca_file: None,
            allow_plain_http: false,
            keep_unused_hours: usual.keep_unused.as_secs() / 3600,
            patience_seconds: usual.patience.as_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs(text: &str) -> Result<BlobPlace, String> {
        let config: Config = toml::from_str(&format!("[blobs]\n{text}")).unwrap();
        Ok(config.blobs()?.on(Path::new("/data")).place)
    }

    #[test]
    fn a_folder_or_a_bucket() {
        let folder = |text: &str| match blobs(text).unwrap() {
            BlobPlace::Folder(path) => path,
            other => panic!("{other:?}"),
        };
        assert_eq!(folder(""), Path::new("/data/blobs"));
        assert_eq!(folder("url = \"/mnt/shared\""), Path::new("/mnt/shared"));
        let BlobPlace::Bucket(bucket) = blobs("url = \"s3://b/p/q\"").unwrap() else { panic!() };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str(), bucket.virtual_host), ("b", "p/q", true));
        let keys = "url = \"s3://b\"\nendpoint = \"https://s3.example.org\"\naccess_key = \"a\"\nsecret_key = \"hush\"";
        let bucket = blobs(keys).unwrap();
        assert!(!format!("{bucket:?}").contains("hush"));
        let BlobPlace::Bucket(bucket) = bucket else { panic!() };
        assert_eq!((bucket.virtual_host, bucket.secret_key.expose()), (false, "hush"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let check = |text: &str, holds: &str| {
            let why = blobs(text).unwrap_err();
            assert!(why.contains(holds), "{why}");
        };
        check("url = \"gs://b\"", "blobs.url");
        check("url = \"s3://\"", "blobs.url");
        check("url = \"s3://b\"\naccess_key = \"a\"", "belong together");
        check("endpoint = \"https://x\"", "blobs.endpoint is for a bucket");
        check("access_key = \"x\"\nsecret_key = \"y\"", "blobs.access_key is for a bucket");
    }
}
