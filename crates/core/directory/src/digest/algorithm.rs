//! The hash functions of HTTP Digest.

use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fmt::Write as _;

/// With which hash function somebody proves that they know their password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// MD5, for clients that know nothing else: whoever listens to the wire can try billions of passwords a second.
    Md5,
}

impl DigestAlgorithm {
    /// All, the better one first.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Md5];

    /// The word in challenges (RFC 7616 6.1).
    pub fn word(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The algorithm of that word, whatever its case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word().eq_ignore_ascii_case(word))
    }

    /// Hash of these parts, written with colons between them.
    pub(super) fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        let text = parts.join(&b':');
        match self {
            Self::Sha256 => Sha256::digest(&text).to_vec(),
            Self::Md5 => Md5::digest(&text).to_vec(),
        }
    }

    /// The same, in lower-case hexadecimal digits.
    pub(super) fn hex(self, parts: &[&[u8]]) -> String {
        hex(&self.hash(parts))
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
