//! What a large body is called: in its row, and among the objects.

use bytes::{BufMut, Bytes, BytesMut};
use kontor_model::{AccountId, Error, Item, Result};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// Bodies of more bytes than this lie outside of the database, each in an object of its own.
pub const INLINE_BYTES: usize = 64 << 10;

/// No blob was ever smaller, in any version of this program: who drops a smaller body need not ask for one.
pub(crate) const LEAST_BLOB: i64 = 64 << 10;

/// Bytes of an address.
const ENCODED: usize = 8 + 32;

/// SHA-256 of all bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

impl Hash {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What stands in the row of a body instead of its bytes: which object of the account it is, and what must be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) id: i64,
    pub(crate) hash: Hash,
}

impl Address {
    pub(crate) fn encoded(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(ENCODED);
        out.put_i64(self.id);
        out.put_slice(&self.hash.0);
        out.freeze()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (id, hash) = bytes.split_first_chunk()?;
        Some(Self { id: i64::from_be_bytes(*id), hash: Hash(hash.try_into().ok()?) })
    }

    /// The address that an engine told in the place of a body: it is not as long as the body is said to be.
    ///
    /// # Errors
    /// `Internal` if it is neither the body nor an address.
    pub(crate) fn of(item: &Item) -> Result<Option<Self>> {
        if item.body.len() as u64 == item.meta.size || item.body.is_empty() {
            return Ok(None);
        }
        let damaged = || {
            let (name, size, found) = (item.meta.name.as_str(), item.meta.size, item.body.len());
            Error::Internal(format!("read the body of {name:?}: {size} bytes were put, {found} are there"))
        };
        Self::decode(&item.body).map(Some).ok_or_else(damaged)
    }
}

/// Bytes that an item takes in an answer, its body being there or yet to be fetched.
pub(crate) fn weight(item: &Item) -> usize {
    if item.body.is_empty() { 0 } else { usize::try_from(item.meta.size).unwrap_or(usize::MAX) }
}

/// Name of an object: its account first, so that one can be listed, copied or removed alone.
pub(crate) fn object_name(account: AccountId, id: i64) -> String {
    format!("{:016x}/{id:016x}", account.0)
}

/// Back from the name; `None` for what is not ours.
pub(crate) fn object_of(name: &str) -> Option<(AccountId, i64)> {
    let number = |text: &str| (text.len() == 16).then(|| i64::from_str_radix(text, 16).ok()).flatten();
    let (account, id) = name.split_once('/')?;
    let found = (AccountId(number(account)?), number(id)?);
    (object_name(found.0, found.1) == name).then_some(found)
}

/// A body that lies outside, to be put or to be read. Says nothing to anyone but the store that made it.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobRef {
    pub(crate) account: AccountId,
    pub(crate) address: Address,
    pub(crate) size: u64,
    /// Laid down just now, with the digests of its pieces; `None` if something refers to it already.
    pub(crate) fresh: Option<Arc<[u8]>>,
}

impl BlobRef {
    /// Whose it is: nobody else can refer to it.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Bytes of the body.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Name of its object within the blob store, for a person.
    pub fn object(&self) -> String {
        object_name(self.account, self.address.id)
    }

    pub(crate) fn id(&self) -> i64 {
        self.address.id
    }

    /// The column of its row.
    pub(crate) fn size_column(&self) -> i64 {
        crate::encode::size(self.size)
    }

    pub(crate) fn address(&self) -> Address {
        self.address
    }
}

impl fmt::Debug for BlobRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobRef({}, {} bytes, {:?})", self.object(), self.size, self.address.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{ItemId, ItemMeta, ItemName, Timestamp, Version};

    fn item(size: u64, body: &[u8]) -> Item {
        let at = Timestamp::from_millis(0);
        let meta = ItemMeta {
            id: ItemId(1),
            name: ItemName::new("x").unwrap(),
            version: Version(1),
            revision: Version(1),
            size,
            media_type: String::new(),
            created: at,
            modified: at,
            has_properties: false,
            creator: None,
            folder: None,
        };
        Item { meta, body: Bytes::copy_from_slice(body) }
    }

    #[test]
    fn an_address_is_told_from_a_body() {
        let address = Address { id: -7, hash: Hash::of(b"x") };
        let encoded = address.encoded();
        assert_eq!(Address::of(&item(100_000, &encoded)), Ok(Some(address)));
        assert_eq!(weight(&item(100_000, &encoded)), 100_000);
        // A body that looks like an address is one of that length.
        assert_eq!(Address::of(&item(40, &encoded)), Ok(None));
        assert_eq!(Address::of(&item(0, b"")), Ok(None));
        assert_eq!((Address::of(&item(100_000, b"")), weight(&item(100_000, b""))), (Ok(None), 0));
        assert!(Address::of(&item(100_000, b"cut off")).is_err());
    }

    #[test]
    fn names_of_objects_lead_back() {
        for (account, id) in [(1, 1), (i64::MAX, 77), (255, i64::MAX)] {
            let name = object_name(AccountId(account), id);
            assert_eq!(object_of(&name), Some((AccountId(account), id)), "{name}");
        }
        for other in [
            "kontor-store",
            "1/2",
            "000000000000000A/0000000000000001",
            "a/b/c",
            "+00000000000000a/0000000000000001",
        ] {
            assert_eq!(object_of(other), None, "{other}");
        }
        assert!(format!("{:?}", Hash::of(b"")).starts_with("e3b0c44298fc1c14"));
    }
}
