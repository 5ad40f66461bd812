//! Where large bodies shall lie.

use kontor_model::{Chance, Clock, Secret, SystemChance, SystemClock};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long what nothing refers to is kept at least, unless told otherwise: for readers that are slow, for backups that
/// copy objects after the database, and for clocks that disagree.
const KEEP_UNUSED: Duration = Duration::from_secs(24 * 3600);

/// As long as people wait.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the blob store needs to know.
#[derive(Clone)]
pub struct BlobOptions {
    /// Where objects lie.
    pub place: BlobPlace,
    /// How long an object is kept that nothing refers to. An hour is the least that is sensible: uploads in progress
    /// say every few minutes that they are, and clocks of nodes may be five minutes apart.
    pub keep_unused: Duration,
    /// How long anything may take that is asked of the place, tries and pauses between them included, besides the time
    /// for its bytes. Then it is `Busy`.
    pub patience: Duration,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For names of objects.
    pub chance: Arc<dyn Chance>,
}

/// A place for objects.
#[derive(Clone, Debug)]
pub enum BlobPlace {
    /// A folder; made if it is not there. Several nodes need the same one.
    Folder(PathBuf),
    /// A bucket that speaks S3; has to be there.
    Bucket(Box<Bucket>),
}

/// A bucket and how to reach it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Begins the names of all objects; empty, or without slashes at its ends.
    pub prefix: String,
    /// Region that requests are signed for.
    pub region: String,
    /// `https://HOST` of the server; `None` is that of Amazon for the region.
    pub endpoint: Option<String>,
    /// Whether the bucket is named in the host rather than in the path. Amazon wants the former, most others the latter.
    pub virtual_host: bool,
    /// Who we are; empty is whoever the machine is, where its metadata service says so.
    pub access_key: Secret,
    /// What that is signed with.
    pub secret_key: Secret,
    /// For credentials that last for a while only.
    pub session_token: Secret,
    /// PEM file of the authorities that vouch for the server, if not those of the system.
    pub authorities: Option<PathBuf>,
    /// Whether `http://` may be spoken to anything but this machine.
    pub allow_plain_http: bool,
}

impl Bucket {
    /// The bucket of `s3://NAME` or `s3://NAME/PREFIX`, at Amazon until told otherwise; `None` if it is not such a URL.
    pub fn of_url(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("s3://")?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let plain = |text: &str, more: &str| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c) || more.contains(c))
        };
        let whole = prefix.is_empty() || prefix.split('/').all(|part| !matches!(part, "" | "." | ".."));
        (!name.is_empty() && plain(name, "") && plain(prefix, "/=+@") && whole).then(|| Self {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: None,
            virtual_host: true,
            access_key: Secret::default(),
            secret_key: Secret::default(),
            session_token: Secret::default(),
            authorities: None,
            allow_plain_http: false,
        })
    }

    /// How a person calls it.
    pub(crate) fn called(&self) -> String {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        format!("s3://{}{slash}{}", self.name, self.prefix)
    }
}

impl BlobOptions {
    /// The usual for a place.
    pub fn at(place: BlobPlace) -> Self {
        let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance));
        Self { place, keep_unused: KEEP_UNUSED, patience: PATIENCE, clock, chance }
    }
}

impl fmt::Debug for BlobOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (place, kept) = (&self.place, &self.keep_unused);
        f.debug_struct("BlobOptions").field("place", place).field("keep_unused", kept).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_names() {
        for (url, name, prefix) in [
            ("s3://bucket", "bucket", ""),
            ("s3://bucket/", "bucket", ""),
            ("s3://a.b-c_d/one/two/", "a.b-c_d", "one/two"),
        ] {
            let bucket = Bucket::of_url(url).unwrap();
            assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), (name, prefix), "{url}");
        }
        assert_eq!(Bucket::of_url("s3://b/p/").unwrap().called(), "s3://b/p");
        for bad in [
            "",
            "s3://",
            "s3:///x",
            "bucket",
            "https://x",
            "s3://a b",
            "s3://b/../c",
            "s3://b/a//c",
            "s3://b?x",
        ] {
            assert!(Bucket::of_url(bad).is_none(), "{bad}");
        }
    }
}
